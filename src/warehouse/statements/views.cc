// SPDX-License-Identifier: Apache-2.0
// CREATE VIEW (Snowflake, "CREATE VIEW").
#include <algorithm>
#include <set>

#include "warehouse/objects/object_errors.h"
#include "warehouse/session/query.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// Clauses that would change what a view shows, and that nobody follows.
StatementResult<> RefuseClauses(const syntax::CreateView& create) {
  if (create.head.kind != syntax::ObjectKind::kView) {
    return UnsupportedFeature(fmt::format("CREATE {}", syntax::ToString(create.head.kind)));
  }
  STATEMENT_TRY(AllowModifiers(create.head, {"SECURE"}));
  if (!create.cluster_by.empty()) return UnsupportedFeature("CREATE VIEW with CLUSTER BY");
  if (!create.policies.empty()) return UnsupportedFeature("CREATE VIEW with policies");
  for (const syntax::ColumnDefinition& column : create.columns) {
    const bool plain = !column.type && !column.collation && !column.default_value &&
                       !column.auto_increment && !column.computed &&
                       column.nullability == syntax::Nullability::kUnspecified &&
                       column.constraints.empty() && column.policies.empty() && column.tags.empty();
    if (!plain) return UnsupportedFeature("columns of views with more than name and comment");
  }
  return {};
}

/// The query is read as later readers of the view will: relative to the schema that it lies in, and
/// without the session's variables and parameters. What is the session's own is read by views that
/// are so themselves.
StatementResult<std::vector<ResultColumn>> ColumnsOfQuery(const StatementContext& context,
                                                          const CreateRequest& request,
                                                          const syntax::Query& query) {
  const ObjectName& name = request.name;
  SessionState session = *context.session;
  session.variables.clear();
  if (!request.temporary) session.id = Uuid::Random();
  if (name.database) session.database = *name.database;
  if (name.schema) session.schema = name.schema->empty() ? "PUBLIC" : *name.schema;
  QueryContext reading = context.query();
  reading.session = &session;
  reading.transaction = nullptr;
  reading.parameters.clear();
  STATEMENT_ASSIGN(BoundStatement bound, BindStatementQuery(reading, query));
  return std::move(bound.columns);
}

StatementResult<std::vector<Column>> NamedColumns(const syntax::CreateView& create,
                                                  const std::vector<ResultColumn>& shown) {
  if (!create.columns.empty() && create.columns.size() != shown.size()) {
    return CompilationError("002026", "42601", "Invalid column definition list");
  }
  std::vector<Column> columns;
  std::set<std::string> names;
  for (size_t i = 0; i < shown.size(); ++i) {
    Column column{.name = shown[i].name, .type = shown[i].type, .nullable = shown[i].nullable};
    if (!create.columns.empty()) {
      column.name = create.columns[i].name.Canonical();
      column.comment = create.columns[i].comment.value_or("");
    }
    if (!names.insert(column.name).second) {
      return CompilationError("002025", "42S21",
                              fmt::format("duplicate column name '{}'", column.name));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateView& create) {
  STATEMENT_TRY(RefuseClauses(create));
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "VIEW", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  request.copy_grants = options.Flag("COPY GRANTS");
  View view;
  view.change_tracking = options.Bool("CHANGE_TRACKING").value_or(false);
  STATEMENT_TRY(options.Finish());
  view.secure = HasModifier(create.head, "SECURE");
  view.text = context.text;
  const syntax::Span span = create.query.span;
  view.query = context.text.substr(span.begin, span.end - span.begin);
  STATEMENT_ASSIGN(const auto shown, ColumnsOfQuery(context, request, create.query));
  STATEMENT_ASSIGN(view.columns, NamedColumns(create, shown));
  request.definition = std::move(view);
  return CreateAndTell(context, request);
}

}  // namespace tarn::warehouse
