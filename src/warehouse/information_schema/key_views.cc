// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.TABLE_CONSTRAINTS, REFERENTIAL_CONSTRAINTS and TABLE_PRIVILEGES.
#include <unordered_map>

#include "warehouse/information_schema/information_views.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/objects/privilege.h"
#include "warehouse/objects/table.h"
#include "warehouse/show/show_keys.h"

namespace tarn::warehouse {
namespace {

template <typename Noun>
StatementResult<> AddPrivileges(const InformationPlace& place, InformationRows& rows) {
  const ShowContext& context = place.objects;
  STATEMENT_ASSIGN(const auto relations, context.lister().List<Noun>());
  for (const auto& [head, relation] : relations) {
    const std::string schema(context.lister().SchemaName(head));
    const auto add = [&, &head = head](ObjectId grantor, ObjectId grantee, std::string privilege,
                                       bool grantable, int64_t created_ms) {
      rows.push_back({TextOrNothing(context.NameOf(grantor)), context.NameOf(grantee),
                      context.OwnerTypeOf(grantee), place.database.name, schema, head.name,
                      std::move(privilege), YesOrNo(grantable), YesOrNo(false),
                      TimeValue(created_ms)});
    };
    if (head.owner != ObjectId()) {
      add(head.owner, head.owner, std::string(kOwnership), true, head.created_ms);
    }
    STATEMENT_ASSIGN(const auto grants, GrantsOn(context.snapshot(), head.id));
    for (const Grant& grant : grants) {
      add(grant.grantor, grant.grantee, grant.privilege, grant.with_grant_option, grant.created_ms);
    }
  }
  return {};
}

}  // namespace

std::vector<MadeColumn> TableConstraintsColumns() {
  return {TextColumn("CONSTRAINT_CATALOG"),
          TextColumn("CONSTRAINT_SCHEMA"),
          TextColumn("CONSTRAINT_NAME"),
          TextColumn("TABLE_CATALOG"),
          TextColumn("TABLE_SCHEMA"),
          TextColumn("TABLE_NAME"),
          TextColumn("CONSTRAINT_TYPE"),
          TextColumn("IS_DEFERRABLE"),
          TextColumn("INITIALLY_DEFERRED"),
          TextColumn("ENFORCED"),
          TextColumn("COMMENT"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED"),
          TextColumn("RELY")};
}

StatementResult<InformationRows> TableConstraintsRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto tables, place.objects.lister().List<Table>());
  InformationRows rows;
  for (const Object<Table>& table : tables) {
    const std::string schema(place.objects.lister().SchemaName(table.head));
    for (size_t i = 0; i < table.value.constraints.size(); ++i) {
      rows.push_back({place.database.name, schema, NameOfKey(table, i), place.database.name, schema,
                      table.head.name, std::string(ToString(table.value.constraints[i].kind)),
                      YesOrNo(false), YesOrNo(false), YesOrNo(false), Value(),
                      TimeValue(table.head.created_ms), TimeValue(table.head.altered_ms),
                      YesOrNo(false)});
    }
  }
  return rows;
}

std::vector<MadeColumn> ReferentialConstraintsColumns() {
  return {TextColumn("CONSTRAINT_CATALOG"),
          TextColumn("CONSTRAINT_SCHEMA"),
          TextColumn("CONSTRAINT_NAME"),
          TextColumn("UNIQUE_CONSTRAINT_CATALOG"),
          TextColumn("UNIQUE_CONSTRAINT_SCHEMA"),
          TextColumn("UNIQUE_CONSTRAINT_NAME"),
          TextColumn("MATCH_OPTION"),
          TextColumn("UPDATE_RULE"),
          TextColumn("DELETE_RULE"),
          TextColumn("COMMENT"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED")};
}

StatementResult<InformationRows> ReferentialConstraintsRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto tables, place.objects.lister().List<Table>());
  // Keys may point into other databases.
  STATEMENT_ASSIGN(const auto targets, place.accounts.lister().List<Table>());
  std::unordered_map<ObjectId, const Object<Table>*> seen;
  for (const Object<Table>& target : targets) seen.emplace(target.head.id, &target);
  const Lister& lister = place.accounts.lister();
  InformationRows rows;
  for (const Object<Table>& table : tables) {
    for (size_t i = 0; i < table.value.constraints.size(); ++i) {
      const Constraint& key = table.value.constraints[i];
      const auto found = key.referenced_table ? seen.find(*key.referenced_table) : seen.end();
      if (found == seen.end()) continue;
      const Object<Table>& target = *found->second;
      rows.push_back({place.database.name, std::string(lister.SchemaName(table.head)),
                      NameOfKey(table, i), std::string(lister.DatabaseName(target.head)),
                      std::string(lister.SchemaName(target.head)), NameOfTarget(target, key),
                      std::string("FULL"), std::string("NO ACTION"), std::string("NO ACTION"),
                      Value(), TimeValue(table.head.created_ms), TimeValue(table.head.altered_ms)});
    }
  }
  return rows;
}

std::vector<MadeColumn> TablePrivilegesColumns() {
  return {TextColumn("GRANTOR"),        TextColumn("GRANTEE"),      TextColumn("GRANTED_TO"),
          TextColumn("TABLE_CATALOG"),  TextColumn("TABLE_SCHEMA"), TextColumn("TABLE_NAME"),
          TextColumn("PRIVILEGE_TYPE"), TextColumn("IS_GRANTABLE"), TextColumn("WITH_HIERARCHY"),
          TimeColumn("CREATED")};
}

StatementResult<InformationRows> TablePrivilegesRows(const InformationPlace& place) {
  InformationRows rows;
  STATEMENT_TRY(AddPrivileges<Table>(place, rows));
  STATEMENT_TRY(AddPrivileges<DynamicTable>(place, rows));
  STATEMENT_TRY(AddPrivileges<View>(place, rows));
  return rows;
}

}  // namespace tarn::warehouse
