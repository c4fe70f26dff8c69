// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/table_layout.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace tarn::capture {
namespace {

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::unexpected<Error> BadColumn(const SourceTable& table, const std::string& column,
                                 std::string detail) {
  return std::unexpected(Error{ErrorKind::kInvalidArgument,
                               fmt::format("column \"{}\" of table \"{}.{}\" cannot be replicated",
                                           column, table.name.schema, table.name.table),
                               std::move(detail),
                               "Rename the column, or leave it out with ADD_TABLE_WITH_COLUMNS."});
}

Result<> CheckName(const SourceTable& table, const std::string& column, const std::string& target,
                   CaptureMode mode) {
  if (column.find('"') != std::string::npos) {
    return BadColumn(table, column, "Its name has a double quote.");
  }
  if (mode == CaptureMode::kMirror) return {};
  if (target == kInsertedAt || target == kUpdatedAt || target == kDeleted) {
    return BadColumn(table, column, "Its name is one of the connector's own columns.");
  }
  if (target.ends_with(kDroppedSuffix)) {
    return BadColumn(table, column,
                     fmt::format("Names ending in {} are the connector's.", kDroppedSuffix));
  }
  return {};
}

/// What a column becomes; the connector's three likewise.
TargetColumn Timestamp(std::string_view name) {
  return {.name = std::string(name), .type = {.kind = TargetKind::kTimestamp}};
}

std::optional<size_t> FieldNamed(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  if (found == fields.end()) return std::nullopt;
  return static_cast<size_t>(found - fields.begin());
}

Result<size_t> FieldOf(const SourceTable& source, const SourceColumn& column,
                       const std::vector<Field>& fields, std::span<const ColumnBinding> bindings,
                       CaptureMode mode) {
  const auto bound =
      std::ranges::find(bindings, column.attribute_number, &ColumnBinding::attribute_number);
  if (bound != bindings.end()) {
    const auto field = std::ranges::find(fields, bound->field, &Field::id);
    if (field != fields.end()) return static_cast<size_t>(field - fields.begin());
  }
  if (const auto named = FieldNamed(fields, TargetColumnName(column.name, mode))) return *named;
  return Fail(ErrorKind::kInvalidArgument, "the destination of \"{}.{}\" has no column for \"{}\"",
              source.name.schema, source.name.table, column.name);
}

Result<size_t> OwnField(const std::vector<Field>& fields, std::string_view name) {
  if (const auto found = FieldNamed(fields, name)) return *found;
  return Fail(ErrorKind::kInvalidArgument, "the destination's table has no column {}", name);
}

}  // namespace

std::string TargetColumnName(std::string_view source, CaptureMode mode) {
  std::string name(source);
  if (mode == CaptureMode::kMirror) return name;
  for (char& letter : name) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return name;
}

Result<SourceTable> SelectColumns(SourceTable table, const TableRequest& request) {
  const auto& included = request.included_columns;
  const auto& excluded = request.excluded_columns;
  for (const std::string& name : included) {
    if (Has(excluded, name)) {
      return Fail(ErrorKind::kInvalidArgument,
                  "column \"{}\" of table \"{}.{}\" is both included and excluded", name,
                  table.name.schema, table.name.table);
    }
  }
  SourceTable selected = table;
  selected.columns.clear();
  std::vector<std::optional<size_t>> place(table.columns.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& name = table.columns[i].name;
    const bool in_key = std::ranges::find(table.key(), i) != table.key().end() ||
                        std::ranges::find(table.primary_key, i) != table.primary_key.end();
    const bool wanted = included.empty() ? !Has(excluded, name) : Has(included, name);
    if (!wanted && !in_key) continue;
    place[i] = selected.columns.size();
    selected.columns.push_back(table.columns[i]);
  }
  for (auto* columns : {&selected.primary_key, &selected.identity}) {
    std::vector<size_t> moved;
    for (const size_t column : *columns) {
      if (place[column]) moved.push_back(*place[column]);
    }
    *columns = std::move(moved);
  }
  return selected;
}

Result<TargetTable> PlanTarget(const SourceTable& source, CaptureMode mode) {
  // Under FULL, rows without a key may be alike.
  if (source.key().empty() || source.replica_identity == ReplicaIdentity::kNothing ||
      (source.primary_key.empty() && source.replica_identity == ReplicaIdentity::kFull)) {
    return std::unexpected(Error{
        ErrorKind::kInvalidArgument,
        fmt::format("table \"{}.{}\" has no key", source.name.schema, source.name.table),
        "Without a primary key, or an index as replica identity, nothing tells which row a change "
        "is of.",
        "Give it a primary key: ALTER TABLE … ADD PRIMARY KEY (…), and ALTER TABLE … REPLICA "
        "IDENTITY DEFAULT."});
  }
  TargetTable target{.name = source.name, .columns = {}, .primary_key = {}};
  std::set<std::string> names;
  for (const SourceColumn& column : source.columns) {
    const std::string name = TargetColumnName(column.name, mode);
    TARN_TRY(CheckName(source, column.name, name, mode));
    if (!names.insert(name).second) {
      return BadColumn(source, column.name, "Another column has the same name in upper case.");
    }
    TARN_ASSIGN(const TargetType type, TargetTypeOf(column.type, mode));
    target.columns.push_back({.name = name, .type = type});
  }
  for (const size_t column : source.key()) {
    target.primary_key.push_back(target.columns[column].name);
  }
  if (mode == CaptureMode::kMirror) return target;
  target.columns.push_back(Timestamp(kInsertedAt));
  target.columns.push_back(Timestamp(kUpdatedAt));
  target.columns.push_back({.name = std::string(kDeleted), .type = {.kind = TargetKind::kBoolean}});
  return target;
}

std::vector<ColumnBinding> TableLayout::Bindings() const {
  std::vector<ColumnBinding> bindings;
  for (size_t i = 0; i < source.columns.size(); ++i) {
    bindings.push_back({source.columns[i].attribute_number, fields[field_of[i]].id});
  }
  bindings.insert(bindings.end(), gone.begin(), gone.end());
  return bindings;
}

Result<std::shared_ptr<const TableLayout>> BindLayout(SourceTable source,
                                                      const iceberg::Schema& schema,
                                                      std::span<const ColumnBinding> bindings,
                                                      CaptureMode mode,
                                                      std::vector<ColumnBinding> gone) {
  auto layout = std::make_shared<TableLayout>();
  layout->mode = mode;
  layout->gone = std::move(gone);
  layout->fields = schema.fields;
  for (const Field& field : schema.fields) layout->types.push_back(field.type);
  for (const SourceColumn& column : source.columns) {
    TARN_ASSIGN(const size_t field, FieldOf(source, column, layout->fields, bindings, mode));
    TARN_ASSIGN(const TargetType type, TargetTypeOf(column.type, mode));
    TARN_ASSIGN(auto decoder, MakeValueDecoder(column.type, type));
    layout->field_of.push_back(field);
    if (std::ranges::find(layout->replicated, field) == layout->replicated.end()) {
      layout->replicated.push_back(field);
    }
    layout->decoders.push_back(std::move(decoder));
  }
  for (const size_t column : source.key()) layout->key.push_back(layout->field_of[column]);
  if (mode == CaptureMode::kConnector) {
    OwnFields& own = layout->own.emplace();
    TARN_ASSIGN(own.inserted_at, OwnField(layout->fields, kInsertedAt));
    TARN_ASSIGN(own.updated_at, OwnField(layout->fields, kUpdatedAt));
    TARN_ASSIGN(own.deleted, OwnField(layout->fields, kDeleted));
  }
  layout->source = std::move(source);
  return layout;
}

}  // namespace tarn::capture
