// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/index_build.h"

#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::capture {
namespace {

/// Puts the rows of the plan's files into the index; how many they are.
Result<int64_t> IndexFiles(const table::TableContext& context, const TableLayout& layout,
                           iceberg::ScanPlan plan, KeyHasher& hasher, KeyIndex& index) {
  engine::ScanRequest request{.row_numbers = true, .keep_order = false};
  std::vector<Type> types;
  for (const size_t field : layout.key) {
    request.columns.push_back({.field = layout.fields[field], .default_value = {}});
    types.push_back(layout.types[field]);
  }
  types.push_back(Type::Primitive(TypeKind::kLong));
  std::vector<IndexedFile> numbers;
  for (const iceberg::ScanFile& file : plan.files) {
    numbers.push_back(index.NumberOf(file.file().file_path));
  }
  request.plan = plan;
  TARN_ASSIGN(const auto stream, context.engine->OpenScan(std::move(request)));
  std::vector<uint8_t> bytes;
  int64_t rows = 0;
  while (true) {
    TARN_TRY(stream->Next(bytes));
    if (bytes.empty()) return rows;
    TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
    const auto* const row_numbers = reinterpret_cast<const int64_t*>(batch.columns.back().values);
    for (int64_t row = 0; row < batch.rows; ++row) {
      const auto file = std::ranges::upper_bound(plan.files, row_numbers[row], {},
                                                 &iceberg::ScanFile::first_row) -
                        1;
      index.Put(hasher.HashKey(batch.columns, row),
                {numbers[static_cast<size_t>(file - plan.files.begin())],
                 static_cast<uint32_t>(row_numbers[row] - file->first_row)});
    }
    rows += batch.rows;
  }
}

Result<iceberg::ScanPlan> PlanAll(const table::TableContext& context,
                                  const iceberg::LoadedTable& table) {
  return iceberg::PlanScan(MakeCommitContext(context, Uuid()), table.metadata, {});
}

}  // namespace

Result<KeyIndex> BuildIndex(const table::TableContext& context, const TableLayout& layout,
                            const iceberg::LoadedTable& table, KeyHasher hasher) {
  KeyIndex index;
  TARN_ASSIGN(iceberg::ScanPlan plan, PlanAll(context, table));
  if (plan.files.empty()) return index;
  index.Reserve(static_cast<size_t>(plan.planned_rows));
  TARN_ASSIGN(const int64_t rows, IndexFiles(context, layout, std::move(plan), hasher, index));
  if (static_cast<size_t>(rows) != index.size()) {
    return Fail(ErrorKind::kCorruption, "the destination of \"{}.{}\" has {} rows of {} keys",
                layout.source.name.schema, layout.source.name.table, rows, index.size());
  }
  return index;
}

Result<> IndexNewFiles(const table::TableContext& context, const TableLayout& layout,
                       const iceberg::LoadedTable& table, KeyHasher hasher, KeyIndex& index) {
  TARN_ASSIGN(iceberg::ScanPlan plan, PlanAll(context, table));
  std::erase_if(plan.files,
                [&](const iceberg::ScanFile& file) { return index.Knows(file.file().file_path); });
  if (plan.files.empty()) return {};
  TARN_TRY(IndexFiles(context, layout, std::move(plan), hasher, index));
  return {};
}

bool FollowsAlone(const iceberg::TableMetadata& before, const iceberg::TableMetadata& after) {
  if (after.current_snapshot_id == before.current_snapshot_id) return true;
  if (!after.current_snapshot_id) return false;
  const iceberg::Snapshot* const snapshot = after.FindSnapshot(*after.current_snapshot_id);
  return snapshot != nullptr && snapshot->parent_id == before.current_snapshot_id;
}

}  // namespace tarn::capture
