// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/definition_text.h"

#include "sql/syntax/name.h"
#include "sql/syntax/print.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/routine.h"
#include "warehouse/objects/table.h"

namespace tarn::warehouse {
namespace {

using sql::syntax::QuoteName;
using sql::syntax::QuoteString;

std::string Names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += QuoteName(name);
  }
  return text;
}

class DefinitionWriter {
 public:
  DefinitionWriter(const Snapshot& snapshot, const Authority& authority, const ObjectHead& head,
                   bool qualified)
      : snapshot_(snapshot), authority_(authority), head_(head), qualified_(qualified) {}

  StatementResult<std::string> Write(const Table& table) {
    if (table.declared_iceberg) return UnsupportedFeature("GET_DDL of Iceberg tables");
    STATEMENT_ASSIGN(const std::string name, NameText(head_, qualified_));
    const char* const kind = head_.is_temporary() ? "TEMPORARY "
                             : table.transient    ? "TRANSIENT "
                                                  : "";
    std::string text = fmt::format("create or replace {}TABLE {} (", kind, name);
    std::string separator = "\n\t";
    for (const Column& column : table.columns) {
      text += std::exchange(separator, ",\n\t") + ColumnText(column);
    }
    for (const Constraint& constraint : table.constraints) {
      STATEMENT_ASSIGN(const std::string key, KeyText(constraint));
      if (!key.empty()) text += ",\n\t" + key;
    }
    text += "\n)";
    if (table.change_tracking) text += "CHANGE_TRACKING=TRUE";
    return text + CommentText() + "\n;";
  }

  StatementResult<std::string> Write(const View& view) {
    STATEMENT_ASSIGN(const std::string name, NameText(head_, qualified_));
    return fmt::format("create or replace {}{}{}view {}{}{} as {};", view.secure ? "secure " : "",
                       head_.is_temporary() ? "temporary " : "", view.recursive ? "recursive " : "",
                       name, ColumnList(view.columns), CommentText(), view.query);
  }

  StatementResult<std::string> Write(const DynamicTable& table) {
    if (table.declared_iceberg) return UnsupportedFeature("GET_DDL of Iceberg tables");
    STATEMENT_ASSIGN(const std::string name, NameText(head_, qualified_));
    const std::string lag = table.target_lag_seconds
                                ? fmt::format("'{} seconds'", *table.target_lag_seconds)
                                : "DOWNSTREAM";
    std::string warehouse;
    if (table.warehouse) {
      STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*table.warehouse));
      if (head) warehouse = " warehouse = " + QuoteName(head->name);
    }
    return fmt::format(
        "create or replace {}dynamic table {}{} target_lag = {} refresh_mode = {} "
        "initialize = {}{}{} as {};",
        table.transient ? "transient " : "", name, ColumnList(table.columns), lag,
        table.refresh_mode, table.initialize, warehouse, CommentText(), table.query);
  }

  StatementResult<std::string> Write(const Function& function) {
    std::string text =
        fmt::format("CREATE OR REPLACE {}FUNCTION ", function.secure ? "SECURE " : "");
    STATEMENT_ASSIGN(const std::string name, NameText(head_, qualified_, Always));
    text += name + "(";
    for (size_t i = 0; i < function.arguments.size(); ++i) {
      const Argument& argument = function.arguments[i];
      text += (i > 0 ? ", " : "") + Always(argument.name) + " " + sql::ToString(argument.type);
      if (argument.default_sql) text += " DEFAULT " + *argument.default_sql;
    }
    text += ")\nRETURNS " + ReturnsText(function) + (function.returns_not_null ? " NOT NULL" : "");
    text += "\nLANGUAGE SQL";
    if (function.strict) text += "\nRETURNS NULL ON NULL INPUT";
    if (function.immutable) text += "\nIMMUTABLE";
    if (function.memoizable) text += "\nMEMOIZABLE";
    if (!head_.comment.empty()) text += "\nCOMMENT=" + QuoteString(head_.comment);
    return text + "\nAS " + QuoteString(function.body) + ";";
  }

 private:
  /// In quotes, also where it need not be.
  static std::string Always(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
  }

  static std::string ReturnsText(const Function& function) {
    if (!function.returns_table) return sql::ToString(function.returns);
    std::string text = "TABLE (";
    for (size_t i = 0; i < function.returns_table->size(); ++i) {
      const Column& column = (*function.returns_table)[i];
      text += (i > 0 ? ", " : "") + Always(column.name) + " " + sql::ToString(column.type);
    }
    return text + ")";
  }

  StatementResult<std::string> NameText(const ObjectHead& head, bool qualified,
                                        std::string (*quote)(std::string_view) = QuoteName) {
    std::string text = quote(head.name);
    ObjectId container = head.container;
    while (qualified && container != kAccountId) {
      STATEMENT_ASSIGN(const auto place, snapshot_.FindHead(container));
      if (!place) return NoSuchObject(head.name);
      text = quote(place->name) + "." + text;
      container = place->container;
    }
    return text;
  }

  static std::string ColumnText(const Column& column) {
    std::string text = QuoteName(column.name) + " " + sql::ToString(column.type);
    if (!column.nullable) text += " NOT NULL";
    if (column.default_sql) text += " DEFAULT " + *column.default_sql;
    if (column.identity) {
      text +=
          fmt::format(" AUTOINCREMENT START {} INCREMENT {} {}", column.identity->start,
                      column.identity->increment, column.identity->ordered ? "ORDER" : "NOORDER");
    }
    if (!column.comment.empty()) text += " COMMENT " + QuoteString(column.comment);
    return text;
  }

  static std::string ColumnList(const std::vector<Column>& columns) {
    std::string text = "(";
    for (const Column& column : columns) {
      text += (text.size() > 1 ? ",\n\t" : "\n\t") + QuoteName(column.name);
      if (!column.comment.empty()) text += " COMMENT " + QuoteString(column.comment);
    }
    return text + "\n)";
  }

  /// "" for a key that points to a table that is gone, or that the caller may not know of.
  StatementResult<std::string> KeyText(const Constraint& key) {
    std::string text;
    if (!key.name.empty()) text = fmt::format("constraint {} ", QuoteName(key.name));
    if (key.kind != ConstraintKind::kForeignKey) {
      const char* const words = key.kind == ConstraintKind::kPrimaryKey ? "primary key" : "unique";
      return fmt::format("{}{} ({})", text, words, Names(key.columns));
    }
    if (!key.referenced_table) return std::string();
    STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*key.referenced_table));
    if (!head || head->dropped_ms) return std::string();
    STATEMENT_ASSIGN(const bool known, authority_.Reaches(*head));
    if (!known) return std::string();
    STATEMENT_ASSIGN(const std::string target, NameText(*head, true));
    return fmt::format("{}foreign key ({}) references {}({})", text, Names(key.columns), target,
                       Names(key.referenced_columns));
  }

  std::string CommentText() const {
    return head_.comment.empty() ? "" : " COMMENT=" + QuoteString(head_.comment);
  }

  const Snapshot& snapshot_;
  const Authority& authority_;
  const ObjectHead& head_;
  const bool qualified_;
};

StatementResult<std::string> FunctionText(const Snapshot& snapshot, const Caller& caller,
                                          const ObjectName& name, bool qualified) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(
      const ObjectHead head,
      Resolve(snapshot, caller, authority, ObjectKind::kFunction, name, "GET_DDL", NameUse::kTell));
  STATEMENT_ASSIGN(const auto function, snapshot.Find<Function>(head.id));
  if (!function || (function->secure && !authority.Owns(head))) {
    return DoesNotExist(ObjectKind::kFunction, name.Written());
  }
  return DefinitionWriter(snapshot, authority, head, qualified).Write(*function);
}

}  // namespace

StatementResult<std::string> DefinitionText(const Snapshot& snapshot, const Caller& caller,
                                            std::string_view type, const ObjectName& name,
                                            bool qualified) {
  const std::string upper = sql::syntax::UpperCase(type);
  if (upper == "FUNCTION") return FunctionText(snapshot, caller, name, qualified);
  if (upper != "TABLE" && upper != "VIEW" && upper != "DYNAMIC_TABLE") {
    return UnsupportedFeature(fmt::format("GET_DDL of {}", upper));
  }
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   ResolveRelation(snapshot, caller, authority, name, "GET_DDL"));
  STATEMENT_ASSIGN(const Definition definition, snapshot.DefinitionOf(head));
  DefinitionWriter writer(snapshot, authority, head, qualified);
  if (const auto* table = std::get_if<Table>(&definition)) return writer.Write(*table);
  if (const auto* dynamic = std::get_if<DynamicTable>(&definition)) return writer.Write(*dynamic);
  const auto* const view = std::get_if<View>(&definition);
  const bool hidden = view != nullptr && view->secure && !authority.Owns(head);
  if (view == nullptr || hidden) return DoesNotExist(ObjectKind::kView, name.Written());
  return writer.Write(*view);
}

}  // namespace tarn::warehouse
