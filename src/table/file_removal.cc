// SPDX-License-Identifier: Apache-2.0
#include "table/file_removal.h"

#include <algorithm>
#include <span>

namespace tarn::table {
namespace {

int RankOf(const std::string& location) {
  if (location.ends_with(".metadata.json")) return 0;
  if (!location.ends_with(".avro")) return 3;
  return location.find("/snap-") != std::string::npos ? 1 : 2;
}

}  // namespace

Result<> RemoveFiles(storage::Storage& storage, std::vector<std::string> locations) {
  const auto others = std::ranges::stable_partition(
      locations, [](const std::string& location) { return RankOf(location) == 0; });
  const std::span all(locations);
  const size_t metadata_files = all.size() - others.size();
  // While a metadata file is there, what it reaches stays.
  if (metadata_files > 0) TARN_TRY(storage.DeleteAll(all.first(metadata_files)));
  std::ranges::stable_sort(others, {}, RankOf);
  return others.empty() ? Result<>() : storage.DeleteAll(all.subspan(metadata_files));
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
