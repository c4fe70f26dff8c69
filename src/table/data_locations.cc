// SPDX-License-Identifier: Apache-2.0
#include "table/data_locations.h"

#include <array>

#include "iceberg/model/table_properties.h"
#include "iceberg/values/bucket_hash.h"

namespace tarn::table {
namespace {

/// Of 255 bytes that names of files have.
constexpr size_t kPartBytesMax = 200;
/// Bits of the hash that become directories: three of four, and the rest.
constexpr int kHashBits = 20;
constexpr int kDirectoryBits = 4;
constexpr int kDirectories = 3;

/// Not in the middle of an escape.
std::string_view CutPart(std::string_view part) {
  if (part.size() <= kPartBytesMax) return part;
  part = part.substr(0, kPartBytesMax);
  const size_t escape = part.rfind('%');
  constexpr size_t kEscapeBytes = 3;
  if (escape != std::string_view::npos && escape + kEscapeBytes > part.size()) {
    part = part.substr(0, escape);
  }
  return part;
}

std::string CutPath(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (!result.empty()) result += '/';
    result += CutPart(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return result;
}

/// "0101/0110/1001/10110010".
std::string HashPath(std::string_view name) {
  const auto hash = static_cast<uint32_t>(iceberg::HashBytes(name));
  std::string path;
  for (int bit = kHashBits - 1; bit >= 0; --bit) {
    path += (hash >> bit & 1U) != 0 ? '1' : '0';
    const int written = kHashBits - bit;
    if (written % kDirectoryBits == 0 && written <= kDirectories * kDirectoryBits) path += '/';
  }
  return path;
}

}  // namespace

Result<DataLocations> DataLocations::Make(const iceberg::TableMetadata& table, const Uuid& writer,
                                          int32_t first_ordinal) {
  DataLocations result;
  result.directory_ = table.location + "/data";
  result.writer_ = writer.ToString();
  result.ordinal_ = first_ordinal;
  constexpr std::array kPaths = {"write.data.path", "write.object-storage.path",
                                 "write.folder-storage.path"};
  for (const char* property : kPaths) {
    const auto found = table.properties.find(property);
    if (found == table.properties.end()) continue;
    std::string path = found->second;
    while (path.ends_with('/')) path.pop_back();
    if (path != result.directory_ && !path.starts_with(result.directory_ + "/")) {
      return std::unexpected(
          Error{ErrorKind::kInvalidArgument,
                fmt::format("table property \"{}\" leads to \"{}\", out of the table's own data",
                            property, found->second),
                {},
                fmt::format("Choose a place below \"{}/data\", or remove the property.",
                            table.location)});
    }
    result.directory_ = std::move(path);
    break;
  }
  result.hashed_ = iceberg::BoolProperty(table, "write.object-storage.enabled", false);
  result.partitioned_paths_ =
      iceberg::BoolProperty(table, "write.object-storage.partitioned-paths", true);
  return result;
}

std::string DataLocations::Next(std::string_view partition_path, std::string_view suffix) {
  std::string name = fmt::format("{}-{:05}{}", writer_, ordinal_++, suffix);
  if (!partition_path.empty() && (!hashed_ || partitioned_paths_)) {
    name = CutPath(partition_path) + "/" + name;
  }
  if (!hashed_) return fmt::format("{}/{}", directory_, name);
  return fmt::format("{}/{}/{}", directory_, HashPath(name), name);
}

}  // namespace tarn::table
