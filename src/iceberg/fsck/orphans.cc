// SPDX-License-Identifier: Apache-2.0
#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

/// Files that belong to a table without being part of its state.
bool IsBesideTheTable(std::string_view name) {
  return name == "metadata/tarn-owner.json" || name == "metadata/version-hint.text" ||
         name.starts_with("metadata/tarn-pins/");
}

}  // namespace

void FindOrphans(Run& run) {
  std::string root = run.metadata.location;
  while (root.ends_with('/')) root.pop_back();
  for (const std::string folder : {"data/", "metadata/"}) {
    const std::string prefix = fmt::format("{}/{}", root, folder);
    const auto listed =
        run.storage.List(prefix, [&](const storage::ObjectInfo& object) -> Result<> {
          const std::string_view name = std::string_view(object.location).substr(root.size() + 1);
          if (!run.reachable.contains(object.location) && !IsBesideTheTable(name)) {
            run.Note("orphan-file", object.location, "nothing in the table reaches it");
          }
          return {};
        });
    if (!listed) run.Note("orphans-unknown", prefix, "{}", listed.error().message);
  }
}

}  // namespace tarn::iceberg::fsck
