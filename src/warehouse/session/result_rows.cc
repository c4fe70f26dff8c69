// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/result_rows.h"

#include <algorithm>
#include <deque>
#include <set>

#include "sql/bind/coercion.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;

/// A batch whose columns are what queries hold.
class HeldBatch {
 public:
  HeldBatch(const std::vector<ResultColumn>& columns, const BatchView& view) : held_(view) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!HasTravelForm(columns[i])) continue;
      std::vector<int64_t>& values = values_.emplace_back();
      for (int64_t row = 0; row < view.rows; ++row) {
        const bool null = view.columns[i].is_null(row);
        values.push_back(null ? 0 : MicrosecondsAt(columns[i], view.columns[i], row));
      }
      held_.columns[i] = {.rows = view.rows,
                          .validity = view.columns[i].validity,
                          .values = reinterpret_cast<const uint8_t*>(values.data()),
                          .values_bytes = values.size() * sizeof(int64_t)};
    }
  }

  bool is_converted() const { return !values_.empty(); }
  std::shared_ptr<std::vector<uint8_t>> Encode() const {
    auto bytes = std::make_shared<std::vector<uint8_t>>();
    EncodeBatch(held_, *bytes);
    return bytes;
  }

 private:
  BatchView held_;
  std::deque<std::vector<int64_t>> values_;
};

Type HeldCarrier(const ResultColumn& column, int32_t& next_id) {
  Type carrier = HasTravelForm(column) ? sql::CarrierOf(column.type) : column.carrier;
  for (tarn::Field& child : carrier.children) child.id = FieldId(next_id++);
  return carrier;
}

/// The name, or the first of NAME_1, NAME_2 … that is free.
std::string Unique(const std::string& name, std::set<std::string>& taken) {
  std::string unique = name;
  for (int32_t n = 1; !taken.insert(unique).second; ++n) unique = fmt::format("{}_{}", name, n);
  return unique;
}

MadeRows SummaryRows(const StatementSummary& summary) {
  std::vector<MadeColumn> columns;
  std::vector<Value> row;
  for (const RowCount& count : summary.counts) {
    columns.push_back({count.label, {.kind = DataTypeKind::kNumber, .precision = 38}});
    row.emplace_back(count.rows);
  }
  if (columns.empty()) {
    columns.push_back({"status", sql::VarcharType()});
    row.emplace_back(summary.status);
  }
  return MakeRows(columns, {row});
}

}  // namespace

StatementResult<MadeRows> RowsOf(const std::shared_ptr<const StoredResult>& stored) {
  if (stored->columns.empty()) return SummaryRows(stored->summary);
  MadeRows made;
  auto fields = std::make_shared<std::vector<tarn::Field>>();
  std::vector<Type> travelling;
  std::vector<Type> held;
  std::set<std::string> taken;
  int32_t next_id = 1;
  for (const ResultColumn& column : stored->columns) {
    tarn::Field field{.id = FieldId(next_id++), .name = Unique(column.name, taken)};
    field.type = HeldCarrier(column, next_id);
    travelling.push_back(column.carrier);
    held.push_back(field.type);
    made.columns.push_back({.name = field.name, .type = column.type, .field = field});
    fields->push_back(std::move(field));
  }
  int64_t rows = 0;
  for (const std::vector<uint8_t>& batch : stored->batches) {
    STATEMENT_ASSIGN(const BatchView view, DecodeBatch(batch, travelling));
    const HeldBatch converted(stored->columns, view);
    std::shared_ptr<const std::vector<uint8_t>> owner(stored, &batch);
    if (converted.is_converted()) owner = converted.Encode();
    STATEMENT_ASSIGN(BatchView decoded, DecodeBatch(*owner, held));
    made.rows.batches.push_back({.owner = std::move(owner),
                                 .view = std::move(decoded),
                                 .fields = fields,
                                 .first_ordinal = rows});
    rows += view.rows;
  }
  if (rows > 0) made.rows.visible.push_back({.begin = 0, .end = rows});
  return made;
}

}  // namespace tarn::warehouse
