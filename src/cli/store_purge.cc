// SPDX-License-Identifier: Apache-2.0
#include "cli/store_purge.h"

#include <algorithm>
#include <vector>

#include "provision/lake_files.h"
#include "storage/s3/s3_storage.h"
#include "storage/s3/stores_file.h"
#include "table/ownership.h"

namespace tarn::cli {
namespace {

Result<> Remove(storage::Storage& storage, const std::string& table, const std::string& owner) {
  std::vector<std::string> files;
  TARN_TRY(storage.List(table, [&](const storage::ObjectInfo& object) -> Result<> {
    if (object.location != owner) files.push_back(object.location);
    return {};
  }));
  TARN_TRY(storage.DeleteAll(files));
  return storage.Delete(owner);
}

Result<int> PurgeBucket(storage::Storage& storage, const std::string& bucket,
                        const std::vector<std::string>& nodes) {
  const std::string suffix = std::string("/") + provision::kOwnerFile;
  std::vector<std::string> tables;
  TARN_TRY(storage.List("s3://" + bucket + "/", [&](const storage::ObjectInfo& object) -> Result<> {
    if (object.location.ends_with(suffix)) {
      tables.push_back(object.location.substr(0, object.location.size() - suffix.size()));
    }
    return {};
  }));
  int removed = 0;
  for (const std::string& table : tables) {
    const auto owner = table::ReadOwner(storage, table);
    // Where nobody can tell whose it is, it must not be left behind as somebody else's.
    const bool unreadable = !owner && owner.error().kind != ErrorKind::kNotFound &&
                            owner.error().kind != ErrorKind::kCorruption;
    if (unreadable) return std::unexpected(owner.error());
    if (!owner || std::ranges::find(nodes, owner->node.ToString()) == nodes.end()) continue;
    TARN_TRY(Remove(storage, table + "/", table::OwnerFileLocation(table)));
    ++removed;
  }
  return removed;
}

}  // namespace

Result<int> PurgeObjectStores(provision::Instances& instances, const std::string& name) {
  const auto& directory = instances.directory();
  TARN_ASSIGN(const auto stores,
              storage::ReadStoresFile(storage::StoresFileOf(directory.buckets().string())));
  int removed = 0;
  if (stores.empty()) return removed;
  TARN_TRY(instances.Get(name));
  TARN_TRY(instances.Stop(name, true));
  const provision::InstanceFolder folder{directory.instances() / name};
  TARN_ASSIGN(const auto nodes, provision::NodeIds(folder.cluster()));
  if (nodes.empty()) return removed;
  for (const auto& [bucket, store] : stores) {
    const auto storage = storage::OpenBucket(bucket, store);
    TARN_ASSIGN(const int purged, PurgeBucket(*storage, bucket, nodes));
    removed += purged;
  }
  return removed;
}

}  // namespace tarn::cli
