// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE beyond what every object has (Snowflake, "ALTER TABLE", "ALTER TABLE … ALTER
// COLUMN").
#include <algorithm>
#include <map>

#include "sql/bind/data_type_name.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/print.h"
#include "warehouse/managed_tables/filling_default.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/change_tracking.h"
#include "warehouse/statements/changed_table.h"
#include "warehouse/statements/column_definitions.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// Iceberg's, that has values for rows of before.
constexpr int32_t kDefaultsVersion = 3;

bool HasRows(const iceberg::TableMetadata& metadata) {
  if (!metadata.current_snapshot_id) return false;
  const iceberg::Snapshot* const snapshot = metadata.FindSnapshot(*metadata.current_snapshot_id);
  if (snapshot == nullptr) return false;
  const auto total = snapshot->summary.find("total-data-files");
  return total == snapshot->summary.end() || total->second != "0";
}

/// One ALTER TABLE: first the columns become others, then the schema follows.
class TableAlteration {
 public:
  TableAlteration(StatementContext& context, const PinnedTable& table)
      : context_(context), table_(table), next_(table.definition) {}

  StatementResult<> operator()(const syntax::AddColumns& add) {
    STATEMENT_ASSIGN(WrittenColumns written,
                     ReadColumns(context_, add.columns, {}, next_.declared_iceberg));
    if (!written.constraints.empty()) return UnsupportedFeature("constraints in ADD COLUMN");
    int32_t id = table_.loaded.metadata->last_column_id.value();
    for (const Column& column : next_.columns) id = std::max(id, column.field_id);
    for (Column& column : written.columns) {
      if (Find(column.name) != next_.columns.end()) {
        if (add.if_not_exists) continue;
        return CompilationError("001430", "42601",
                                fmt::format("column '{}' already exists", column.name));
      }
      column.field_id = ++id;
      if (HasRows(*table_.loaded.metadata)) STATEMENT_TRY(Fill(column));
      next_.columns.push_back(std::move(column));
    }
    return {};
  }

  StatementResult<> operator()(const syntax::DropColumns& drop) {
    for (const syntax::Identifier& name : drop.columns) {
      const auto column = Find(name.Canonical());
      if (column == next_.columns.end()) {
        if (drop.if_exists) continue;
        return NoColumn(name);
      }
      if (next_.columns.size() == 1) {
        return CompilationError("001003", "42000", "a table has columns");
      }
      const std::string& dropped = column->name;
      std::erase_if(next_.constraints, [&](const Constraint& constraint) {
        return std::ranges::find(constraint.columns, dropped) != constraint.columns.end();
      });
      next_.columns.erase(column);
    }
    return {};
  }

  StatementResult<> operator()(const syntax::RenameColumn& rename) {
    const auto column = Find(rename.from.Canonical());
    if (column == next_.columns.end()) return NoColumn(rename.from);
    const std::string name = rename.to.Canonical();
    if (Find(name) != next_.columns.end()) {
      return CompilationError("001430", "42601", fmt::format("column '{}' already exists", name));
    }
    for (Constraint& constraint : next_.constraints) {
      std::ranges::replace(constraint.columns, column->name, name);
    }
    column->name = name;
    return {};
  }

  StatementResult<> operator()(const syntax::AlterColumns& alter) {
    for (const syntax::ColumnChange& change : alter.changes) {
      const auto column = Find(change.column.Canonical());
      if (column == next_.columns.end()) return NoColumn(change.column);
      STATEMENT_TRY(Change(change, *column));
    }
    return {};
  }

  template <typename Action>
  StatementResult<> operator()(const Action&) {
    return UnsupportedFeature("ALTER TABLE with this clause");
  }

  /// Whether a column may have been given nulls before, which must be looked for.
  const std::vector<std::string>& newly_required() const { return newly_required_; }

  StatementResult<> Commit() {
    if (next_ == table_.definition) return {};
    STATEMENT_ASSIGN(std::vector<::tarn::Field> fields, Fields());
    if (!fillings_.empty() && table_.loaded.metadata->format_version < kDefaultsVersion) {
      if (next_.declared_iceberg) {
        return UnsupportedFeature(
            "ADD COLUMN with a default to a table of Iceberg version 2 that has rows");
      }
      context_.transaction->NumberRows(table_);
    }
    return context_.transaction->Alter(table_, std::move(fields), next_);
  }

 private:
  std::vector<Column>::iterator Find(const std::string& name) {
    return std::ranges::find(next_.columns, name, &Column::name);
  }
  static StatementFailure NoColumn(const syntax::Identifier& name) {
    return CompilationError("000904", "42000",
                            fmt::format("invalid identifier '{}'", name.Canonical()));
  }

  /// What rows that are there have of it.
  StatementResult<> Fill(const Column& column) {
    if (column.default_sql || column.identity) {
      int32_t member_id = column.field_id + 1;
      STATEMENT_ASSIGN(const Type stored, StoredTypeOf(column.type, member_id));
      STATEMENT_ASSIGN(auto value, FillingDefault(context_.query(), column, stored));
      if (value) {
        fillings_.emplace(column.field_id, *std::move(value));
        return {};
      }
    }
    if (column.nullable) return {};
    return CompilationError(
        "002259", "22000",
        fmt::format("Non-nullable column '{}' cannot be added to non-empty table unless it has a "
                    "non-null default value.",
                    column.name));
  }

  StatementResult<> Change(const syntax::ColumnChange& change, Column& column) {
    using Kind = syntax::ColumnChangeKind;
    switch (change.kind) {
      case Kind::kSetType:
        return SetType(*change.type, column);
      case Kind::kSetNotNull:
        if (column.nullable) newly_required_.push_back(column.name);
        column.nullable = false;
        return {};
      case Kind::kDropNotNull:
        column.nullable = true;
        return {};
      case Kind::kDropDefault:
        column.default_sql.reset();
        column.identity.reset();
        return {};
      case Kind::kSetDefault: {
        STATEMENT_ASSIGN(std::string text, DefaultText(context_, *change.value, column.type));
        column.default_sql = std::move(text);
        if (IsCounted(column)) return {};
        return UnsupportedFeature("Alter Column Set Default");
      }
      case Kind::kSetComment:
        column.comment = change.comment.value_or("");
        return {};
      case Kind::kUnsetComment:
        column.comment.clear();
        return {};
      default:
        return UnsupportedFeature("ALTER COLUMN with policies or tags");
    }
  }

  static StatementResult<> SetType(const syntax::DataType& written, Column& column) {
    auto resolved = sql::ResolveDataType(written);
    if (!resolved) return std::unexpected(FromSql(std::move(resolved).error()));
    const sql::DataType& from = column.type;
    const sql::DataType& to = *resolved;
    const bool number = to.kind == sql::DataTypeKind::kNumber;
    const bool sized =
        to.kind == sql::DataTypeKind::kVarchar || to.kind == sql::DataTypeKind::kBinary;
    const bool wider = number ? to.scale == from.scale && to.precision >= from.precision
                              : sized && to.length >= from.length;
    if (to != from && (to.kind != from.kind || !wider)) {
      return CompilationError("040052", "22000",
                              fmt::format("cannot change column {} from type {} to {}", column.name,
                                          sql::ToString(from), sql::ToString(to)));
    }
    column.type = to;
    return {};
  }

  /// Of the table's schema afterwards. A column that was nullable stays so in files.
  StatementResult<std::vector<::tarn::Field>> Fields() {
    const iceberg::Schema& schema = table_.loaded.metadata->current_schema();
    int32_t next_id = table_.loaded.metadata->last_column_id.value() + 1;
    for (const Column& column : next_.columns) next_id = std::max(next_id, column.field_id + 1);
    std::vector<::tarn::Field> fields;
    for (const Column& column : next_.columns) {
      const ::tarn::Field* const old = schema.FindField(FieldId(column.field_id));
      if (old == nullptr) {
        STATEMENT_ASSIGN(::tarn::Field field, FieldOf(column, next_id));
        const auto filling = fillings_.find(column.field_id);
        // Files that are there do not have it.
        field.required = filling != fillings_.end() && !column.nullable;
        if (filling != fillings_.end()) field.initial_default = filling->second;
        fields.push_back(std::move(field));
        continue;
      }
      ::tarn::Field field = *old;
      field.name = column.name;
      field.required = old->required && !column.nullable;
      if (!column.comment.empty()) field.doc = column.comment;
      if (column.type.kind == sql::DataTypeKind::kNumber && old->type.kind == TypeKind::kDecimal) {
        field.type = Type::Decimal(column.type.precision, column.type.scale);
      }
      fields.push_back(std::move(field));
    }
    return fields;
  }

  StatementContext& context_;
  const PinnedTable& table_;
  Table next_;
  std::vector<std::string> newly_required_;
  std::map<int32_t, std::string> fillings_;  ///< initial-default, by field id
};

StatementResult<int64_t> CountOf(const StatementContext& context, const std::string& text) {
  auto query = syntax::ParseQuery(text);
  if (!query) return std::unexpected(FromSyntax(std::move(query).error()));
  QueryContext reading = context.query();
  reading.text = text;
  reading.parameters.clear();
  reading.named_parameters.clear();
  STATEMENT_ASSIGN(const BoundStatement bound, BindStatementQuery(reading, *query));
  STATEMENT_ASSIGN(auto tables, PlanTables(reading, bound.query));
  int64_t count = 0;
  STATEMENT_TRY(ForEachBatch(reading, std::move(tables), bound.query,
                             [&](const BatchView& batch) -> StatementResult<> {
                               count = *reinterpret_cast<const int64_t*>(batch.columns[0].values);
                               return {};
                             }));
  return count;
}

/// Under the lock: nobody adds a null meanwhile.
StatementResult<> LookForNulls(const StatementContext& context, const PinnedTable& table,
                               const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    const std::string text =
        fmt::format("SELECT COUNT(*) FROM {}.{}.{} WHERE {} IS NULL",
                    syntax::QuoteName(table.database), syntax::QuoteName(table.schema),
                    syntax::QuoteName(table.head.name), syntax::QuoteName(column));
    STATEMENT_ASSIGN(const int64_t nulls, CountOf(context, text));
    if (nulls == 0) continue;
    return CompilationError(
        "002262", "22000",
        fmt::format("column {} contains null values. Not null constraint cannot be added.",
                    column));
  }
  return {};
}

/// What is no column's: SET and UNSET.
StatementResult<> AlterOptions(StatementContext& context, Alteration& alteration, Table& table,
                               const syntax::AlterAction& action) {
  if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
    if (unset->keys != std::vector<std::string>{"CHANGE_TRACKING"}) {
      return UnsupportedFeature("ALTER TABLE … UNSET of these");
    }
    table.change_tracking = false;
    return {};
  }
  const auto* set = std::get_if<syntax::SetOptions>(&action);
  if (set == nullptr) return UnsupportedFeature("ALTER TABLE with this clause");
  OptionReader options(context, "TABLE", set->options);
  alteration.comment = options.Text("COMMENT");
  alteration.parameters = TableParameters(options);
  table.change_tracking = options.Bool("CHANGE_TRACKING").value_or(table.change_tracking);
  return options.Finish();
}

bool IsOfOptions(const syntax::AlterAction& action) {
  return std::holds_alternative<syntax::SetOptions>(action) ||
         std::holds_alternative<syntax::UnsetOptions>(action);
}

}  // namespace

Outcome AlterTable(StatementContext& context, const syntax::AlterObject& alter) {
  if (std::ranges::any_of(alter.actions, IsOfOptions)) {
    bool tracks = false;
    STATEMENT_ASSIGN(
        const StatementOutcome outcome,
        AlterByActions<Table>(context, alter,
                              [&](Alteration& alteration, Table& table,
                                  const syntax::AlterAction& action) -> StatementResult<> {
                                STATEMENT_TRY(AlterOptions(context, alteration, table, action));
                                tracks = table.change_tracking && table.kind == TableKind::kManaged;
                                return {};
                              }));
    if (tracks) {
      STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *alter.name));
      STATEMENT_TRY(TrackChanges(context, name, nullptr));
    }
    return outcome;
  }
  SessionTransaction transaction(*context.account, TransactionExtent::kTransaction);
  context.transaction = &transaction;
  auto changed = OpenToChange(context, *alter.name, {kOwnership}, nullptr);
  if (!changed) {
    const bool gone = changed.error().error.kind == ErrorKind::kNotFound;
    if (gone && alter.if_exists) return Executed();
    return std::unexpected(std::move(changed).error());
  }
  TableAlteration alteration(context, *changed->table);
  for (const syntax::AlterAction& action : alter.actions) {
    STATEMENT_TRY(std::visit(alteration, action));
  }
  STATEMENT_TRY(LookForNulls(context, *changed->table, alteration.newly_required()));
  STATEMENT_TRY(alteration.Commit());
  STATEMENT_TRY(transaction.Commit(*context.session, context.run));
  return Executed();
}

}  // namespace tarn::warehouse
