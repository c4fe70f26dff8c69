// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/target_columns.h"

#include <algorithm>
#include <string>

#include "warehouse/managed_tables/stored_columns.h"

namespace tarn::warehouse {
namespace {

using capture::TargetColumn;
using capture::TargetKind;

constexpr int32_t kSecondDigits = 9;  ///< as types that say nothing have them
constexpr int32_t kMicroseconds = 6;
constexpr int32_t kIntegerDigits = 10, kLongDigits = 19;
constexpr int64_t kBinaryBytesMax = 67'108'864;

Result<> CheckThere(const std::vector<Column>& columns, const std::string& name) {
  if (std::ranges::find(columns, name, &Column::name) != columns.end()) return {};
  return Fail(ErrorKind::kNotFound, "there is no column \"{}\" to be altered", name);
}

Result<> CheckNames(const std::vector<Column>& columns,
                    const capture::Destination::Alteration& alteration) {
  for (const std::string& name : alteration.dropped) TARN_TRY(CheckThere(columns, name));
  for (const auto& [name, to] : alteration.renamed) TARN_TRY(CheckThere(columns, name));
  for (const auto& [name, to] : alteration.retyped) TARN_TRY(CheckThere(columns, name));
  return {};
}

void Rename(const std::string& name, const std::map<std::string, std::string>& renamed,
            std::string& now) {
  if (const auto found = renamed.find(name); found != renamed.end()) now = found->second;
}

Result<> AlterThose(const capture::Destination::Alteration& alteration, AlteredTable& altered) {
  const auto is_dropped = [&](const Column& column) {
    return std::ranges::find(alteration.dropped, column.name) != alteration.dropped.end();
  };
  std::vector<Column> kept;
  for (Column& column : altered.definition.columns) {
    const auto field =
        std::ranges::find(altered.fields, FieldId(column.field_id), &::tarn::Field::id);
    if (field == altered.fields.end()) {
      return Fail(ErrorKind::kCorruption, "column \"{}\" is not in its table's metadata",
                  column.name);
    }
    if (is_dropped(column)) {
      altered.fields.erase(field);
      continue;
    }
    if (const auto type = alteration.retyped.find(column.name); type != alteration.retyped.end()) {
      column.type = SqlTypeOf(type->second);
      if (const auto stored = MirrorStorage(type->second)) field->type = *stored;
    }
    Rename(column.name, alteration.renamed, field->name);
    Rename(column.name, alteration.renamed, column.name);
    kept.push_back(std::move(column));
  }
  altered.definition.columns = std::move(kept);
  return {};
}

/// Constraints are told of columns that are there.
void AlterConstraints(const capture::Destination::Alteration& alteration, Table& table) {
  const auto is_dropped = [&](const std::string& name) {
    return std::ranges::find(alteration.dropped, name) != alteration.dropped.end();
  };
  for (Constraint& constraint : table.constraints) {
    if (std::ranges::any_of(constraint.columns, is_dropped)) constraint.columns.clear();
    for (std::string& column : constraint.columns) {
      Rename(std::string(column), alteration.renamed, column);
    }
    if (alteration.primary_key && constraint.kind == ConstraintKind::kPrimaryKey) {
      constraint.columns = *alteration.primary_key;
    }
  }
  std::erase_if(table.constraints,
                [](const Constraint& constraint) { return constraint.columns.empty(); });
}

}  // namespace

sql::DataType SqlTypeOf(const capture::TargetType& type) {
  using Kind = sql::DataTypeKind;
  switch (type.kind) {
    case TargetKind::kNumber:
      return {.kind = Kind::kNumber, .precision = type.precision, .scale = type.scale};
    case TargetKind::kFloat:
      return {.kind = Kind::kFloat};
    case TargetKind::kText:
      return {.kind = Kind::kVarchar,
              .length = type.length > 0 ? type.length : sql::kVarcharLengthMax};
    case TargetKind::kBinary:
      return {.kind = Kind::kBinary, .length = type.length > 0 ? type.length : kBinaryBytesMax};
    case TargetKind::kBoolean:
      return {.kind = Kind::kBoolean};
    case TargetKind::kDate:
      return {.kind = Kind::kDate};
    case TargetKind::kTime:
      return {.kind = Kind::kTime, .precision = kSecondDigits};
    case TargetKind::kTimestamp:
      return {.kind = Kind::kTimestampNtz, .precision = kSecondDigits};
    case TargetKind::kTimestampTz:
      return {.kind = Kind::kTimestampTz, .precision = kSecondDigits};
    case TargetKind::kInteger:
      return {.kind = Kind::kNumber, .precision = kIntegerDigits};
    case TargetKind::kLong:
      return {.kind = Kind::kNumber, .precision = kLongDigits};
    case TargetKind::kReal:
      return {.kind = Kind::kFloat};
    case TargetKind::kInstant:
      return {.kind = Kind::kTimestampLtz, .precision = kMicroseconds};
    case TargetKind::kUuid:
      return {.kind = Kind::kUuid};
    case TargetKind::kVariant:
      break;
  }
  return {.kind = Kind::kVariant};
}

std::vector<Column> ColumnsFor(const std::vector<TargetColumn>& targets) {
  std::vector<Column> columns;
  for (const TargetColumn& target : targets) {
    columns.push_back(
        {.name = target.name, .type = SqlTypeOf(target.type), .nullable = !target.required});
  }
  return columns;
}

void StoreAsSource(const capture::TargetType& type, Type& stored) {
  const bool differs = type.kind == TargetKind::kInteger || type.kind == TargetKind::kLong ||
                       type.kind == TargetKind::kReal;
  if (!differs) return;
  if (const auto own = MirrorStorage(type)) stored = *own;
}

Result<AlteredTable> ApplyAlteration(const Table& before, const iceberg::TableMetadata& metadata,
                                     const capture::Destination::Alteration& alteration) {
  AlteredTable altered{.definition = before, .fields = metadata.current_schema().fields};
  std::vector<Column>& columns = altered.definition.columns;
  TARN_TRY(CheckNames(columns, alteration));
  TARN_TRY(AlterThose(alteration, altered));
  AlterConstraints(alteration, altered.definition);
  int32_t next_id = metadata.last_column_id.value() + 1;
  for (const TargetColumn& added : alteration.added) {
    Column column = ColumnsFor({added}).front();
    // Files that are there do not have it.
    column.nullable = true;
    column.field_id = next_id++;
    auto field = FieldOf(column, next_id);
    if (!field) return std::unexpected(std::move(field).error().error);
    StoreAsSource(added.type, field->type);
    if (added.missing) {
      field->initial_default = capture::InitialDefault(*added.missing, added.type, field->type);
    }
    altered.fields.push_back(*std::move(field));
    columns.push_back(std::move(column));
  }
  for (const Column& column : columns) {
    if (std::ranges::count(columns, column.name, &Column::name) == 1) continue;
    return Fail(ErrorKind::kInvalidArgument, "there are two columns \"{}\"", column.name);
  }
  return altered;
}

}  // namespace tarn::warehouse
