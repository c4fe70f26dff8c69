// SPDX-License-Identifier: Apache-2.0
#include "table/maintenance/sort_keys.h"

#include <algorithm>

namespace tarn::table {
namespace {

using iceberg::SortField;
using iceberg::TransformKind;

bool KeepsOrder(TransformKind kind) {
  return kind == TransformKind::kTruncate || kind == TransformKind::kYear ||
         kind == TransformKind::kMonth || kind == TransformKind::kDay ||
         kind == TransformKind::kHour;
}

}  // namespace

Result<std::vector<engine::SortKey>> DefaultSortKeys(const iceberg::TableMetadata& table) {
  std::vector<engine::SortKey> keys;
  const iceberg::SortOrder* order = table.FindSortOrder(table.default_sort_order_id);
  if (order == nullptr) return keys;
  for (size_t i = 0; i < order->fields.size(); ++i) {
    const SortField& field = order->fields[i];
    const TransformKind kind = field.transform.kind;
    if (kind == TransformKind::kVoid) continue;  // all rows are equal to it
    const bool is_last = i + 1 == order->fields.size();
    const FieldId source = field.source_ids.front();
    const auto& columns = table.current_schema().fields;
    const bool is_column = std::ranges::find(columns, source, &Field::id) != columns.end();
    if (!is_column || field.source_ids.size() > 1 ||
        !(kind == TransformKind::kIdentity || (is_last && KeepsOrder(kind)))) {
      return Fail(ErrorKind::kUnsupported,
                  "table \"{}\" is sorted by {} of column {}, which is not supported",
                  table.location, field.transform.ToString(), source.value());
    }
    keys.push_back({.field = source,
                    .descending = field.descending,
                    .nulls_first = field.null_order == iceberg::NullOrder::kNullsFirst});
  }
  return keys;
}

}  // namespace tarn::table
