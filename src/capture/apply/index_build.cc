// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/index_build.h"

#include <algorithm>

#include "engine/engine.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::capture {

Result<KeyIndex> BuildIndex(const table::TableContext& context, const TableLayout& layout,
                            const iceberg::LoadedTable& table, KeyHasher hasher) {
  KeyIndex index;
  TARN_ASSIGN(const iceberg::ScanPlan plan,
              iceberg::PlanScan(MakeCommitContext(context, Uuid()), table.metadata, {}));
  if (plan.files.empty()) return index;
  engine::ScanRequest request{.plan = plan, .row_numbers = true, .keep_order = false};
  std::vector<Type> types;
  for (const size_t field : layout.key) {
    request.columns.push_back({.field = layout.fields[field], .default_value = {}});
    types.push_back(layout.types[field]);
  }
  types.push_back(Type::Primitive(TypeKind::kLong));
  index.Reserve(static_cast<size_t>(plan.planned_rows));
  std::vector<IndexedFile> numbers;
  for (const iceberg::ScanFile& file : plan.files) {
    numbers.push_back(index.NumberOf(file.file().file_path));
  }
  TARN_ASSIGN(const auto stream, context.engine->OpenScan(std::move(request)));
  std::vector<uint8_t> bytes;
  int64_t rows = 0;
  while (true) {
    TARN_TRY(stream->Next(bytes));
    if (bytes.empty()) break;
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
  if (static_cast<size_t>(rows) != index.size()) {
    return Fail(ErrorKind::kCorruption, "the destination of \"{}.{}\" has {} rows of {} keys",
                layout.source.name.schema, layout.source.name.table, rows, index.size());
  }
  return index;
}

}  // namespace tarn::capture
