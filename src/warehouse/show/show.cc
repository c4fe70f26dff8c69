// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show.h"

#include "warehouse/catalogue/names.h"
#include "warehouse/show/show_parts.h"

namespace tarn::warehouse {
namespace {

ShownRows ShowSubjectOf(const ShowContext& context, ShowSubject subject, const ListFilter& filter) {
  switch (subject) {
    case ShowSubject::kDatabases:
      return ShowDatabases(context, filter);
    case ShowSubject::kSchemas:
      return ShowSchemas(context, filter);
    case ShowSubject::kWarehouses:
      return ShowWarehouses(context);
    case ShowSubject::kRoles:
      return ShowRoles(context, filter);
    case ShowSubject::kUsers:
      return ShowUsers(context, filter);
    case ShowSubject::kTables:
      return ShowTables(context, filter);
    case ShowSubject::kIcebergTables:
      return ShowIcebergTables(context, filter);
    case ShowSubject::kDynamicTables:
      return ShowDynamicTables(context, filter);
    case ShowSubject::kViews:
      return ShowViews(context, filter);
    case ShowSubject::kObjects:
      return ShowRelations(context, filter);
    case ShowSubject::kColumns:
      return ShowColumns(context, filter);
    case ShowSubject::kSequences:
      return ShowSequences(context);
    case ShowSubject::kFileFormats:
      return ShowFileFormats(context);
    case ShowSubject::kUserFunctions:
      return ShowUserFunctions(context);
    case ShowSubject::kProcedures:
      return ShowProcedures(context);
    case ShowSubject::kStages:
      return ShowStages(context);
    case ShowSubject::kStreams:
      return ShowStreams(context);
    case ShowSubject::kTasks:
      return ShowTasks(context, filter);
    case ShowSubject::kPostgresInstances:
      return ShowPostgresInstances(context);
    case ShowSubject::kNetworkRules:
      return ShowNetworkRules(context);
    case ShowSubject::kNetworkPolicies:
      return ShowNetworkPolicies(context);
    case ShowSubject::kIntegrations:
      return ShowIntegrations(context, true, true);
    case ShowSubject::kStorageIntegrations:
      return ShowIntegrations(context, true, false);
    case ShowSubject::kCatalogIntegrations:
      return ShowIntegrations(context, false, true);
    case ShowSubject::kExternalVolumes:
      return ShowExternalVolumes(context);
    case ShowSubject::kTags:
      return ShowTags(context);
    case ShowSubject::kApplications:
      return ShowApplications(context);
  }
  return RowSet{};
}

}  // namespace

ShownRows Show(const Snapshot& snapshot, const Caller& caller, ShowSubject subject,
               const ListFilter& filter, const ShowFacts& facts) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  // Names of columns are filtered, not those of their tables.
  ListFilter listed = filter;
  if (subject == ShowSubject::kColumns) listed.like.reset();
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, listed));
  const ShowContext context(snapshot, caller, authority, lister, facts);
  STATEMENT_ASSIGN(RowSet set, ShowSubjectOf(context, subject, filter));
  if (context.failure()) return std::unexpected(AsStatementError(*context.failure()));
  return set;
}

ShownRows ShowColumnsOf(const Snapshot& snapshot, const Caller& caller, const ObjectName& relation,
                        const std::optional<std::string>& like) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  const ListFilter everything{.scope = ListScope::kAccount};
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, everything));
  const ShowFacts facts;
  const ShowContext context(snapshot, caller, authority, lister, facts);
  STATEMENT_ASSIGN(const ObjectHead head,
                   ResolveRelation(snapshot, caller, authority, relation, "SHOW COLUMNS"));
  STATEMENT_ASSIGN(const Definition definition, snapshot.DefinitionOf(head));
  RowSet set = EmptyColumnRows();
  std::visit(
      [&]<typename Noun>(const Noun& noun) {
        if constexpr (requires { noun.columns; }) {
          AddColumnRows(context, head, noun.columns, like, set);
        }
      },
      definition);
  return set;
}

}  // namespace tarn::warehouse
