// SPDX-License-Identifier: Apache-2.0
// SHOW and DESCRIBE.
#include <algorithm>
#include <array>

#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/show/describe.h"
#include "warehouse/show/show.h"
#include "warehouse/show/show_grants.h"
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

ShowFacts FactsFor(const StatementContext& context) {
  ShowFacts facts;
  facts.current_warehouse = context.session->warehouse;
  return facts;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::Show& show) {
  if (show.what == "GRANTS" || show.what == "FUTURE GRANTS") return ShowGrants(context, show);
  if (show.what == "PARAMETERS") return ShowSessionParameters(context, show);
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
  return ToldRows(Show(*moment.snapshot, moment.caller, found->subject, filter, FactsFor(context)));
}

Outcome Act(StatementContext& context, const syntax::Describe& describe) {
  if (describe.result) return UnsupportedFeature("DESCRIBE RESULT");
  STATEMENT_ASSIGN(const ObjectKind kind,
                   RequireKind(describe.kind.value_or(syntax::ObjectKind::kTable), "DESCRIBE"));
  STATEMENT_ASSIGN(ObjectName name, NameOf(context, describe.name, kind));
  if (describe.has_signature) {
    STATEMENT_ASSIGN(name.signature, SignatureOf(describe.signature));
  }
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  return ToldRows(Describe(*moment.snapshot, moment.caller, kind, name, FactsFor(context)));
}

}  // namespace tarn::warehouse
