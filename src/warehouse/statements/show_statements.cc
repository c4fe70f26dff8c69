// SPDX-License-Identifier: Apache-2.0
// SHOW and DESCRIBE.
#include <algorithm>
#include <array>

#include "warehouse/objects/object_errors.h"
#include "warehouse/scripting/evaluation.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/session/session_state.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/show/describe.h"
#include "warehouse/show/show.h"
#include "warehouse/show/show_grants.h"
#include "warehouse/show/show_keys.h"
#include "warehouse/show/shown_size.h"
#include "warehouse/statements/grant_target.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

struct Subject {
  std::string_view what;
  ShowSubject subject;
};

constexpr auto kSubjects = std::to_array<Subject>({
    {"DATABASES", ShowSubject::kDatabases},
    {"SCHEMAS", ShowSubject::kSchemas},
    {"WAREHOUSES", ShowSubject::kWarehouses},
    {"ROLES", ShowSubject::kRoles},
    {"USERS", ShowSubject::kUsers},
    {"TABLES", ShowSubject::kTables},
    {"ICEBERG TABLES", ShowSubject::kIcebergTables},
    {"DYNAMIC TABLES", ShowSubject::kDynamicTables},
    {"VIEWS", ShowSubject::kViews},
    {"OBJECTS", ShowSubject::kObjects},
    {"COLUMNS", ShowSubject::kColumns},
    {"SEQUENCES", ShowSubject::kSequences},
    {"FILE FORMATS", ShowSubject::kFileFormats},
    {"USER FUNCTIONS", ShowSubject::kUserFunctions},
    {"FUNCTIONS", ShowSubject::kUserFunctions},
    {"PROCEDURES", ShowSubject::kProcedures},
    {"USER PROCEDURES", ShowSubject::kProcedures},
    {"STAGES", ShowSubject::kStages},
    {"STREAMS", ShowSubject::kStreams},
    {"TASKS", ShowSubject::kTasks},
    {"POSTGRES INSTANCES", ShowSubject::kPostgresInstances},
    {"NETWORK RULES", ShowSubject::kNetworkRules},
    {"NETWORK POLICIES", ShowSubject::kNetworkPolicies},
    {"INTEGRATIONS", ShowSubject::kIntegrations},
    {"STORAGE INTEGRATIONS", ShowSubject::kStorageIntegrations},
    {"CATALOG INTEGRATIONS", ShowSubject::kCatalogIntegrations},
    {"EXTERNAL VOLUMES", ShowSubject::kExternalVolumes},
    {"TAGS", ShowSubject::kTags},
    {"APPLICATIONS", ShowSubject::kApplications},
});

struct Keys {
  std::string_view what;
  ShownKeys kind;
};

constexpr auto kKeys = std::to_array<Keys>({
    {"PRIMARY KEYS", ShownKeys::kPrimary},
    {"UNIQUE KEYS", ShownKeys::kUnique},
    {"IMPORTED KEYS", ShownKeys::kImported},
    {"EXPORTED KEYS", ShownKeys::kExported},
});

/// `IN name` means a schema, or a database where the subject lives in databases (SCHEMAS).
StatementResult<> ReadScope(const StatementContext& context, const syntax::Show& show,
                            ListFilter& filter) {
  for (const syntax::ShowScope& scope : show.scopes) {
    if (scope.relation != "IN") return UnsupportedFeature("SHOW with " + scope.relation);
    const bool schemas = show.what == "SCHEMAS";
    const bool in_database = scope.kind == "DATABASE" || (scope.kind.empty() && schemas);
    if (scope.name) {
      STATEMENT_ASSIGN(
          filter.place,
          NameOf(context, *scope.name, in_database ? ObjectKind::kDatabase : ObjectKind::kSchema));
    }
    if (scope.kind == "ACCOUNT") {
      filter.scope = ListScope::kAccount;
    } else if (in_database) {
      filter.scope = ListScope::kDatabase;
    } else if (scope.kind == "SCHEMA" || scope.kind.empty()) {
      filter.scope = ListScope::kSchema;
    } else {
      return UnsupportedFeature("SHOW … IN " + scope.kind);
    }
  }
  return {};
}

StatementResult<ListFilter> FilterOf(const StatementContext& context, const syntax::Show& show) {
  ListFilter filter{.like = show.like,
                    .starts_with = show.starts_with,
                    .limit = std::nullopt,
                    .from = show.limit_from,
                    .history = show.history,
                    .terse = show.terse};
  if (show.limit) {
    STATEMENT_ASSIGN(const std::string text, ConstantText(context, *show.limit));
    filter.limit = std::strtoll(text.c_str(), nullptr, 10);
    if (*filter.limit < 1 || *filter.limit > kShownRowsMax) {
      return InvalidParameterValue("LIMIT", text);
    }
  }
  if (!show.with_privileges.empty()) return UnsupportedFeature("SHOW … WITH PRIVILEGES");
  STATEMENT_TRY(ReadScope(context, show, filter));
  return filter;
}

Outcome ToldRows(StatementResult<RowSet> rows) {
  if (!rows) return std::unexpected(std::move(rows).error());
  return StatementOutcome{.status = {}, .counts = {}, .rows = *std::move(rows)};
}

Outcome ShowSessionParameters(const StatementContext& context, const syntax::Show& show) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  if (show.scopes.empty() || show.scopes[0].kind == "SESSION") {
    STATEMENT_ASSIGN(RowSet rows, ShowParameters(*moment.snapshot, context.session->user_id,
                                                 SessionParameters(), show.like));
    for (std::vector<Value>& row : rows.rows) {
      const auto set = context.session->parameters.find(std::get<std::string>(row[0]));
      if (set == context.session->parameters.end()) continue;
      row[1] = set->second;
      row[3] = std::string("SESSION");
    }
    return ToldRows(std::move(rows));
  }
  const syntax::ShowScope& scope = show.scopes[0];
  if (scope.kind == "ACCOUNT") {
    return ToldRows(ShowParameters(*moment.snapshot, kAccountId, SessionParameters(), show.like));
  }
  return UnsupportedFeature("SHOW PARAMETERS IN " + scope.kind);
}

Outcome ShowGrants(const StatementContext& context, const syntax::Show& show) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  const Snapshot& snapshot = *moment.snapshot;
  if (show.scopes.empty()) return ToldRows(ShowGrantsToUser(snapshot, moment.caller, std::nullopt));
  const syntax::ShowScope& scope = show.scopes[0];
  ObjectName name;
  if (scope.name) {
    const bool schema = scope.kind == "SCHEMA";
    STATEMENT_ASSIGN(
        name, NameOf(context, *scope.name, schema ? ObjectKind::kSchema : ObjectKind::kTable));
  }
  const bool future = show.what == "FUTURE GRANTS";
  if (scope.relation == "OF") return ToldRows(ShowGrantsOf(snapshot, name.name));
  if (scope.relation == "TO" && future) return ToldRows(ShowFutureGrantsTo(snapshot, name.name));
  if (scope.relation == "TO" && scope.kind == "USER") {
    return ToldRows(ShowGrantsToUser(snapshot, moment.caller, name.name));
  }
  if (scope.relation == "TO") return ToldRows(ShowGrantsToRole(snapshot, name.name));
  STATEMENT_ASSIGN(const GrantTarget target, ShownGrantTarget(scope, name, future));
  return ToldRows(ShowGrantsOn(snapshot, moment.caller, target));
}

/// Whose keys or indexes a SHOW lists: `IN name` means a table, `IN TABLE` alone the current
/// schema.
struct TableScope {
  ListFilter filter;
  std::optional<ObjectName> table;
};
StatementResult<TableScope> TableScopeOf(const StatementContext& context,
                                         const syntax::Show& show) {
  TableScope scope;
  const bool in_table =
      show.scopes.size() == 1 && show.scopes[0].relation == "IN" &&
      (show.scopes[0].kind == "TABLE" || (show.scopes[0].kind.empty() && show.scopes[0].name));
  if (!in_table) {
    STATEMENT_ASSIGN(scope.filter, FilterOf(context, show));
    return scope;
  }
  if (show.scopes[0].name) {
    STATEMENT_ASSIGN(scope.table, NameOf(context, *show.scopes[0].name));
  }
  scope.filter = {.like = show.like,
                  .scope = ListScope::kSchema,
                  .starts_with = show.starts_with,
                  .terse = show.terse};
  return scope;
}

/// TERSE has no effect, as documented.
Outcome ShowKeysOf(const StatementContext& context, const syntax::Show& show, ShownKeys kind) {
  if (show.history || show.like || show.starts_with || show.limit) {
    return UnsupportedFeature(fmt::format("SHOW {} with clauses other than IN", show.what));
  }
  STATEMENT_ASSIGN(const TableScope scope, TableScopeOf(context, show));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  return ToldRows(ShowKeys(*moment.snapshot, moment.caller, kind, scope.filter, scope.table));
}

Outcome ShowIndexesOf(const StatementContext& context, const syntax::Show& show) {
  STATEMENT_ASSIGN(const TableScope scope, TableScopeOf(context, show));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  return ToldRows(ShowIndexes(*moment.snapshot, moment.caller, scope.filter, scope.table));
}

Outcome DescribeResultOf(StatementContext& context, const syntax::Expression& id) {
  STATEMENT_ASSIGN(const auto value,
                   EvaluateWith(context, id, context.text, context.named_parameters, std::nullopt));
  const auto* const text = std::get_if<std::string>(&value.constant);
  if (text == nullptr) return InvalidParameterValue("DESCRIBE RESULT", "the argument");
  STATEMENT_ASSIGN(const auto stored, context.session->log->ResultOf(*text));
  std::vector<Column> columns;
  for (const ResultColumn& column : stored->columns) {
    columns.push_back({.name = column.name, .type = column.type, .nullable = column.nullable});
  }
  return ToldRows(DescribeResult(columns));
}

/// REQUIRES: `snapshot` outlives them.
ShowFacts FactsFor(const StatementContext& context, const Snapshot& snapshot) {
  ShowFacts facts;
  facts.current_warehouse = context.session->warehouse;
  facts.table_size = SizesOf(context.account->tables(), snapshot);
  return facts;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::Show& show) {
  if (show.what == "GRANTS" || show.what == "FUTURE GRANTS") return ShowGrants(context, show);
  if (show.what == "PARAMETERS") return ShowSessionParameters(context, show);
  const auto* const keys = std::ranges::find(kKeys, show.what, &Keys::what);
  if (keys != kKeys.end()) return ShowKeysOf(context, show, keys->kind);
  if (show.what == "INDEXES") return ShowIndexesOf(context, show);
  const auto* const found = std::ranges::find(kSubjects, show.what, &Subject::what);
  if (found == kSubjects.end()) return UnsupportedFeature("SHOW " + show.what);
  if (found->subject == ShowSubject::kColumns && !show.scopes.empty() && show.scopes[0].name &&
      (show.scopes[0].kind == "TABLE" || show.scopes[0].kind == "VIEW" ||
       show.scopes[0].kind.empty())) {
    STATEMENT_ASSIGN(const ObjectName relation, NameOf(context, *show.scopes[0].name));
    STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
    return ToldRows(ShowColumnsOf(*moment.snapshot, moment.caller, relation, show.like));
  }
  STATEMENT_ASSIGN(const ListFilter filter, FilterOf(context, show));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  return ToldRows(Show(*moment.snapshot, moment.caller, found->subject, filter,
                       FactsFor(context, *moment.snapshot)));
}

Outcome Act(StatementContext& context, const syntax::Describe& describe) {
  if (describe.result) return DescribeResultOf(context, *describe.result);
  STATEMENT_ASSIGN(const ObjectKind kind,
                   RequireKind(describe.kind.value_or(syntax::ObjectKind::kTable), "DESCRIBE"));
  STATEMENT_ASSIGN(ObjectName name, NameOf(context, describe.name, kind));
  if (describe.has_signature) {
    STATEMENT_ASSIGN(name.signature, SignatureOf(describe.signature));
  }
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  return ToldRows(
      Describe(*moment.snapshot, moment.caller, kind, name, FactsFor(context, *moment.snapshot)));
}

}  // namespace tarn::warehouse
