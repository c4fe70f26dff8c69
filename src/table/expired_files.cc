// SPDX-License-Identifier: Apache-2.0
#include "table/expired_files.h"

#include <utility>

namespace tarn::table {

std::function<Result<>(const TableChange&, const iceberg::PreparedTable&)> JournalExpired(
    Journal& journal, Writer writer) {
  return [&journal, writer = std::move(writer)](
             const TableChange&, const iceberg::PreparedTable& prepared) -> Result<> {
    if (prepared.expired_manifest_lists.empty() && prepared.expired_metadata_files.empty()) {
      return {};
    }
    return journal.AddExpired(writer, {{.location = prepared.table.metadata->location,
                                        .metadata_location = prepared.table.metadata_location,
                                        .manifest_lists = prepared.expired_manifest_lists,
                                        .metadata_files = prepared.expired_metadata_files,
                                        .holder = ""}});
  };
}

}  // namespace tarn::table
