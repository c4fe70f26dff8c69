// SPDX-License-Identifier: Apache-2.0
#include "table/row_partitioner.h"

#include <functional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::table {
namespace {

using iceberg::TransformedColumn;

/// The way to a field through columns and their structs. Lists and maps have no single value.
bool FindPath(const std::vector<Field>& fields, FieldId id, std::vector<size_t>& path,
              const Field*& found) {
  for (size_t i = 0; i < fields.size(); ++i) {
    path.push_back(i);
    if (fields[i].id == id) {
      found = &fields[i];
      return true;
    }
    const bool inside = fields[i].type.kind == TypeKind::kStruct;
    if (inside && FindPath(fields[i].type.children, id, path, found)) return true;
    path.pop_back();
  }
  return false;
}

template <typename T>
struct GroupedValue {
  uint32_t group;  ///< by the fields before
  bool null;
  T value;
  bool operator==(const GroupedValue&) const = default;
};

struct GroupedValueHash {
  template <typename T>
  size_t operator()(const GroupedValue<T>& key) const {
    size_t hash = 0;
    if constexpr (std::is_same_v<T, Int128>) {
      hash = std::hash<uint64_t>()(static_cast<uint64_t>(key.value) ^
                                   static_cast<uint64_t>(key.value >> 64));
    } else {
      hash = std::hash<T>()(key.value);
    }
    constexpr size_t kOddMultiplier = 0x9e3779b97f4a7c15;
    return (hash ^ key.group) * kOddMultiplier ^ static_cast<size_t>(key.null);
  }
};

/// Splits groups by one more field: rows are numbered by distinct (group, value).
template <typename T>
void Refine(const TransformedColumn& column, const std::vector<T>& values,
            std::vector<uint32_t>& groups) {
  std::unordered_map<GroupedValue<T>, uint32_t, GroupedValueHash> numbers;
  GroupedValue<T> last{};
  uint32_t last_number = 0;
  for (size_t row = 0; row < groups.size(); ++row) {
    const bool null = column.is_null(row);
    const GroupedValue<T> key{groups[row], null, null ? T() : values[row]};
    if (row == 0 || key != last) {
      last = key;
      last_number = numbers.try_emplace(key, static_cast<uint32_t>(numbers.size())).first->second;
    }
    groups[row] = last_number;
  }
}

void RefineBy(const TransformedColumn& column, std::vector<uint32_t>& groups) {
  if (column.all_null) return;
  if (!column.numbers.empty()) return Refine(column, column.numbers, groups);
  if (!column.wide_numbers.empty()) return Refine(column, column.wide_numbers, groups);
  Refine(column, column.texts, groups);
}

}  // namespace

Result<RowPartitioner::Source> RowPartitioner::FindSource(const iceberg::Schema& schema,
                                                          const iceberg::PartitionField& field,
                                                          const std::vector<Field>& columns) {
  Source source{.transform = field.transform};
  const FieldId id = field.source_ids.front();
  const Field* declared = schema.FindField(id);
  // Void alone does without its source; PartitionTypes has told.
  if (declared == nullptr || field.transform.kind == iceberg::TransformKind::kVoid) return source;
  source.type = declared->type;
  const Field* column = nullptr;
  if (!FindPath(columns, id, source.path, column)) {
    if (declared->initial_default) {
      TARN_ASSIGN(const Value initial,
                  iceberg::DecodeSingleValueJson(declared->type, *declared->initial_default));
      TARN_ASSIGN(source.constant, field.transform.Apply(declared->type, initial));
    }
    return source;
  }
  if (column->type != declared->type) {
    return Fail(ErrorKind::kInvalidArgument,
                "rows have partition column \"{}\" in another type than the table", column->name);
  }
  return source;
}

Result<RowPartitioner> RowPartitioner::Make(const iceberg::Schema& schema,
                                            const iceberg::PartitionSpec& spec,
                                            const std::vector<Field>& columns) {
  TARN_TRY(iceberg::PartitionTypes(schema, spec));
  RowPartitioner partitioner;
  for (const iceberg::PartitionField& field : spec.fields) {
    if (field.transform.kind == iceberg::TransformKind::kUnknown || field.source_ids.size() != 1) {
      return Fail(ErrorKind::kUnsupported,
                  "rows cannot be written by partition field \"{}\" with transform {}", field.name,
                  field.transform.ToString());
    }
    TARN_ASSIGN(Source source, FindSource(schema, field, columns));
    partitioner.sources_.push_back(std::move(source));
  }
  return partitioner;
}

Result<TransformedColumn> RowPartitioner::Transform(const Source& source, const BatchView& batch) {
  const ColumnView* column = &batch.columns[source.path.front()];
  std::vector<uint8_t> present;
  for (size_t i = 1; i < source.path.size(); ++i) {
    present = iceberg::PresentRows(std::move(present), *column);
    column = &column->children[source.path[i]];
  }
  return iceberg::TransformColumn(source.transform, source.type, *column, std::move(present));
}

Result<std::vector<PartitionRows>> RowPartitioner::Split(const BatchView& batch) const {
  std::vector<TransformedColumn> columns(sources_.size());
  std::vector<uint32_t> groups(static_cast<size_t>(batch.rows), 0);
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].path.empty()) continue;
    TARN_ASSIGN(columns[i], Transform(sources_[i], batch));
    RefineBy(columns[i], groups);
  }
  std::vector<PartitionRows> parts;
  for (size_t row = 0; row < groups.size(); ++row) {
    // Groups are numbered by their first rows.
    if (groups[row] == parts.size()) {
      PartitionRows& part = parts.emplace_back();
      for (size_t i = 0; i < sources_.size(); ++i) {
        part.tuple.push_back(sources_[i].path.empty() ? sources_[i].constant
                                                      : columns[i].ValueAt(row));
      }
    }
    parts[groups[row]].rows.push_back(static_cast<int32_t>(row));
  }
  return parts;
}

}  // namespace tarn::table
