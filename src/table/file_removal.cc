// SPDX-License-Identifier: Apache-2.0
#include "table/file_removal.h"

#include <algorithm>

namespace tarn::table {
namespace {

int RankOf(const std::string& location) {
  if (location.ends_with(".metadata.json")) return 0;
  if (!location.ends_with(".avro")) return 3;
  return location.find("/snap-") != std::string::npos ? 1 : 2;
}

}  // namespace

Result<> RemoveFiles(storage::Storage& storage, std::vector<std::string> locations) {
  std::ranges::stable_sort(locations, {}, RankOf);
  Result<> result;
  for (const std::string& location : locations) {
    const auto deleted = storage.Delete(location);
    if (!deleted && result) result = deleted;
    // While a metadata file is there, what it reaches stays.
    if (!deleted && RankOf(location) == 0) return result;
  }
  return result;
}

Result<std::vector<std::string>> FindFilesOfWriter(storage::Storage& storage,
                                                   const std::string& table_location,
                                                   const Uuid& writer) {
  const std::string uuid = writer.ToString();
  std::vector<std::string> found;
  for (const char* folder : {"/metadata/", "/data/"}) {
    TARN_TRY(
        storage.List(table_location + folder, [&](const storage::ObjectInfo& object) -> Result<> {
          const size_t slash = object.location.rfind('/');
          if (object.location.find(uuid, slash) != std::string::npos)
            found.push_back(object.location);
          return {};
        }));
  }
  return found;
}

}  // namespace tarn::table
