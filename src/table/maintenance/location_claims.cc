// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/location_claims.h"

#include "iceberg/fsck/fsck.h"
#include "table/ownership.h"

namespace tarn::table {
namespace {

bool LiesIn(std::string_view inner, std::string_view outer) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

Result<bool> HoldsMetadata(storage::Storage& storage, const std::string& directory) {
  const std::string folder = directory + "/metadata/";
  bool found = false;
  const auto listed = storage.List(folder, [&](const storage::ObjectInfo& object) -> Result<> {
    const bool here = object.location.find('/', folder.size()) == std::string::npos;
    found = found || (here && iceberg::IsMetadataFile(object.location));
    return {};
  });
  // Beyond what this storage may look at is nothing of its tables.
  if (!listed && listed.error().kind == ErrorKind::kPermissionDenied) return false;
  TARN_TRY(listed);
  return found;
}

}  // namespace

std::unexpected<Error> SharedLocation(const std::string& location, std::string detail) {
  return std::unexpected(Error{ErrorKind::kPermissionDenied,
                               fmt::format("location \"{}\" is not one table's alone", location),
                               std::move(detail),
                               "Nothing tells whose the files are that this table does not know."});
}

Result<> CheckAlone(storage::Storage& storage, const std::string& location,
                    const std::vector<std::string>& other_locations) {
  const auto owner = ReadOwner(storage, location);
  if (owner || owner.error().kind != ErrorKind::kNotFound) {
    TARN_TRY(owner);
    return std::unexpected(
        Error{ErrorKind::kPermissionDenied,
              fmt::format("location \"{}\" belongs to {}", location, owner->holder),
              fmt::format("Its owner is node {}.", owner->node.ToString()),
              "Its owner removes what is left over."});
  }
  for (std::string other : other_locations) {
    while (other.ends_with('/')) other.pop_back();
    if (LiesIn(other, location) || LiesIn(location, other)) {
      return SharedLocation(location, fmt::format("Another table is at \"{}\".", other));
    }
  }
  const size_t root = location.find("://") == std::string::npos ? 0 : location.find("://") + 3;
  for (size_t slash = location.rfind('/'); slash != std::string::npos && slash > root;
       slash = location.rfind('/', slash - 1)) {
    const std::string parent = location.substr(0, slash);
    TARN_ASSIGN(const bool is_table, HoldsMetadata(storage, parent));
    if (is_table) return SharedLocation(location, fmt::format("A table is at \"{}\".", parent));
  }
  return {};
}

Result<> CheckNotNested(const std::string& location, std::string_view name) {
  constexpr std::string_view kFolder = "/metadata/";
  const size_t folder = name.rfind(kFolder);
  const bool within = folder != std::string_view::npos && iceberg::IsMetadataFile(name) &&
                      name.find('/', folder + kFolder.size()) == std::string_view::npos;
  if (!within) return {};
  return SharedLocation(location,
                        fmt::format("A table is at \"{}/{}\".", location, name.substr(0, folder)));
}

}  // namespace tarn::table
