// SPDX-License-Identifier: Apache-2.0
#include "engine/deleted_rows.h"

#include <utility>

#include "engine/delete_resolution.h"
#include "engine/duckdb_error.h"
#include "engine/file_scan.h"

namespace tarn::engine {

Result<std::vector<PositionsPtr>> FindDeletedRows(Database& database, DeleteStore& store,
                                                  const iceberg::ScanPlan& plan) {
  std::vector<FileScan::File> files;
  for (const iceberg::ScanFile& source : plan.files) {
    const iceberg::DataFile& file = source.file();
    files.push_back({.location = file.file_path,
                     .record_count = file.record_count,
                     .first_row = source.first_row,
                     .source = &source,
                     .deletes = source.deletes});
    if (source.entry->sequence_number) {
      files.back().sequence_number = *source.entry->sequence_number;
    }
  }
  std::vector<FileScan::File*> pointers;
  for (FileScan::File& file : files) pointers.push_back(&file);
  std::shared_ptr<const iceberg::NameMapping> names;
  if (plan.metadata != nullptr) {
    TARN_ASSIGN(names, iceberg::NameMappingOf(plan.metadata->properties));
  }
  return Guarded([&]() -> Result<std::vector<PositionsPtr>> {
    auto connection = database.Borrow();
    TARN_TRY(ResolveDeletes(*connection->context, store, plan, names, pointers));
    std::vector<PositionsPtr> deleted;
    for (const FileScan::File& file : files) {
      TARN_ASSIGN(PositionsPtr positions, DeletedPositions(&store, file));
      deleted.push_back(std::move(positions));
    }
    return deleted;
  });
}

}  // namespace tarn::engine
