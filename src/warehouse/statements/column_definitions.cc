// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/column_definitions.h"

#include <algorithm>

#include "sql/bind/coercion.h"
#include "sql/bind/data_type_name.h"
#include "sql/syntax/print.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/managed_tables/counted_values.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr int32_t kMicroseconds = 6;

bool HasSubquery(const sql::bound::Expression& expression) {
  return expression.kind == sql::bound::ExpressionKind::kSubquery ||
         std::ranges::any_of(expression.arguments, HasSubquery);
}

/// `seq.NEXTVAL`: the sequence.
std::optional<syntax::ObjectName> SequenceIn(const syntax::Expression& value) {
  const auto* column = syntax::As<syntax::ColumnReference>(value);
  if (column == nullptr || column->name.parts.size() < 2) return std::nullopt;
  if (!column->name.parts.back().Is("NEXTVAL")) return std::nullopt;
  syntax::ObjectName sequence = column->name;
  sequence.parts.pop_back();
  return sequence;
}

StatementResult<> RefuseClauses(const syntax::ColumnDefinition& column) {
  if (column.collation) return UnsupportedFeature("COLLATE of a column");
  if (column.computed) return UnsupportedFeature("computed columns");
  if (!column.policies.empty()) return UnsupportedFeature("policies of columns");
  if (!column.tags.empty()) return UnsupportedFeature("tags of columns in their definition");
  return {};
}

StatementResult<sql::DataType> TypeOf(const syntax::ColumnDefinition& column,
                                      const sql::DataType* absent, bool iceberg) {
  if (!column.type) {
    if (absent != nullptr) return *absent;
    return CompilationError("001003", "42000",
                            fmt::format("column '{}' has no data type", column.name.Canonical()));
  }
  auto resolved = sql::ResolveDataType(*column.type);
  if (!resolved) return std::unexpected(FromSql(std::move(resolved).error()));
  const bool plain = column.type->arguments.empty() && sql::IsTemporal(*resolved) &&
                     resolved->kind != sql::DataTypeKind::kDate;
  if (plain && iceberg) resolved->precision = kMicroseconds;
  return *std::move(resolved);
}

StatementResult<int64_t> Whole(const StatementContext& context,
                               const std::optional<syntax::Expression>& value) {
  if (!value) return 1;
  STATEMENT_ASSIGN(const auto bound, BindStatementConstant(context.query(), *value));
  if (const auto* number = std::get_if<int32_t>(&bound.constant)) return *number;
  if (const auto* number = std::get_if<int64_t>(&bound.constant)) return *number;
  return CompilationError("001003", "42000", "AUTOINCREMENT takes whole numbers");
}

StatementResult<> SetIdentity(const StatementContext& context, const syntax::AutoIncrement& written,
                              Column& column) {
  if (column.type.kind != sql::DataTypeKind::kNumber || column.type.scale != 0) {
    return CompilationError("002261", "42601",
                            fmt::format("column '{}' of type {} cannot be AUTOINCREMENT",
                                        column.name, sql::ToString(column.type)));
  }
  Identity identity{.start = 1, .increment = 1, .ordered = written.order == "ORDER"};
  STATEMENT_ASSIGN(identity.start, Whole(context, written.start));
  STATEMENT_ASSIGN(identity.increment, Whole(context, written.step));
  if (identity.increment == 0) {
    return CompilationError("002216", "22023", "The increment of a column cannot be zero.");
  }
  column.identity = identity;
  return {};
}

StatementResult<std::vector<std::string>> NamesOf(const std::vector<syntax::Identifier>& names,
                                                  const std::vector<Column>& columns) {
  std::vector<std::string> result;
  for (const syntax::Identifier& name : names) {
    result.push_back(name.Canonical());
    if (std::ranges::find(columns, result.back(), &Column::name) == columns.end()) {
      return CompilationError("000904", "42000",
                              fmt::format("invalid identifier '{}'", result.back()));
    }
  }
  return result;
}

StatementResult<> PointTo(const StatementContext& context, const syntax::Constraint& written,
                          Constraint& constraint) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *written.referenced_table));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
  STATEMENT_ASSIGN(const ObjectHead head, Resolve(*moment.snapshot, moment.caller, authority,
                                                  ObjectKind::kTable, name, "CREATE TABLE"));
  STATEMENT_TRY(authority.RequireAnyOf(head, {"REFERENCES", kOwnership}));
  constraint.referenced_table = head.id;
  STATEMENT_ASSIGN(const auto table, moment.snapshot->Find<Table>(head.id));
  if (!table) return NoSuchObject(head.name);
  if (!written.referenced_columns.empty()) {
    STATEMENT_ASSIGN(constraint.referenced_columns,
                     NamesOf(written.referenced_columns, table->columns));
    return {};
  }
  const auto key =
      std::ranges::find(table->constraints, ConstraintKind::kPrimaryKey, &Constraint::kind);
  if (key == table->constraints.end()) {
    return CompilationError("002270", "42601",
                            fmt::format("table '{}' has no primary key", head.name));
  }
  constraint.referenced_columns = key->columns;
  return {};
}

}  // namespace

StatementResult<std::string> DefaultText(const StatementContext& context,
                                         const syntax::Expression& value,
                                         const sql::DataType& type) {
  if (const auto sequence = SequenceIn(value)) {
    if (type.kind != sql::DataTypeKind::kNumber || type.scale != 0) {
      return UnsupportedFeature("sequences as defaults of columns that are no whole numbers");
    }
    STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *sequence));
    STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
    return CountedDefault(*moment.snapshot, moment.caller, name);
  }
  std::string text = syntax::Print(value);
  STATEMENT_ASSIGN(const auto bound, BindDefault(context.query(), text));
  if (HasSubquery(bound)) return UnsupportedFeature("subqueries in DEFAULT");
  if (!sql::CanConvert(bound.type, type)) {
    return CompilationError(
        "002023", "22000",
        fmt::format("Expression type does not match column data type, expecting {} but got {} for "
                    "column DEFAULT",
                    sql::ToString(type), sql::ToString(bound.type)));
  }
  return text;
}

StatementResult<> AddConstraint(const StatementContext& context, const syntax::Constraint& written,
                                WrittenColumns& columns) {
  Constraint constraint;
  constraint.name = written.name ? written.name->Canonical() : "";
  switch (written.kind) {
    case syntax::ConstraintKind::kPrimaryKey:
      constraint.kind = ConstraintKind::kPrimaryKey;
      break;
    case syntax::ConstraintKind::kUnique:
      constraint.kind = ConstraintKind::kUnique;
      break;
    case syntax::ConstraintKind::kForeignKey:
      constraint.kind = ConstraintKind::kForeignKey;
      break;
    case syntax::ConstraintKind::kCheck:
      return UnsupportedFeature("CHECK constraints");
  }
  STATEMENT_ASSIGN(constraint.columns, NamesOf(written.columns, columns.columns));
  if (written.referenced_table) STATEMENT_TRY(PointTo(context, written, constraint));
  if (constraint.kind == ConstraintKind::kPrimaryKey) {
    const auto same = [](const Constraint& other) {
      return other.kind == ConstraintKind::kPrimaryKey;
    };
    if (std::ranges::any_of(columns.constraints, same)) {
      return CompilationError("002200", "42601", "a table has one primary key");
    }
    for (Column& column : columns.columns) {
      const bool in_key =
          std::ranges::find(constraint.columns, column.name) != constraint.columns.end();
      if (in_key) column.nullable = false;
    }
  }
  columns.constraints.push_back(std::move(constraint));
  return {};
}

StatementResult<WrittenColumns> ReadColumns(
    const StatementContext& context, const std::vector<syntax::ColumnDefinition>& definitions,
    const std::vector<sql::DataType>& types, bool iceberg) {
  WrittenColumns written;
  for (size_t i = 0; i < definitions.size(); ++i) {
    const syntax::ColumnDefinition& definition = definitions[i];
    STATEMENT_TRY(RefuseClauses(definition));
    Column& column = written.columns.emplace_back();
    column.name = definition.name.Canonical();
    column.nullable = definition.nullability != syntax::Nullability::kNotNull;
    column.comment = definition.comment.value_or("");
    STATEMENT_ASSIGN(column.type,
                     TypeOf(definition, i < types.size() ? &types[i] : nullptr, iceberg));
    if (definition.default_value) {
      STATEMENT_ASSIGN(column.default_sql,
                       DefaultText(context, *definition.default_value, column.type));
    }
    if (definition.auto_increment) {
      STATEMENT_TRY(SetIdentity(context, *definition.auto_increment, column));
    }
    if (column.default_sql && column.identity) {
      return CompilationError("001003", "42000", "a column has a default or AUTOINCREMENT");
    }
  }
  for (const syntax::ColumnDefinition& definition : definitions) {
    for (syntax::Constraint constraint : definition.constraints) {
      if (constraint.columns.empty()) constraint.columns.push_back(definition.name);
      STATEMENT_TRY(AddConstraint(context, constraint, written));
    }
  }
  return written;
}

}  // namespace tarn::warehouse
