// SPDX-License-Identifier: Apache-2.0
// CURRENT_AVAILABLE_ROLES, IS_ROLE_IN_SESSION and the like.
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/session/system_functions.h"

namespace tarn::warehouse {
namespace {

using sql::bound::Expression;

/// ["A", "B"], as a text. Names are exact; quotes in them are escaped.
std::string JsonList(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    text += text.size() > 1 ? ", \"" : " \"";
    for (const char c : name) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + (names.empty() ? "]" : " ]");
}

/// Of the session, also within a view, whose names its owner looks for.
StatementResult<Caller> SessionCaller(const SystemCall& call) {
  return CallerOf(*call.moment.snapshot, *call.moment.session);
}

StatementResult<std::vector<std::string>> NamesOfRoles(const SystemCall& call,
                                                       const Caller& caller) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*call.moment.snapshot, caller));
  std::vector<std::string> names;
  for (const ObjectId role : authority.roles()) {
    STATEMENT_ASSIGN(const auto head, call.moment.snapshot->FindHead(role));
    // Roles of applications are not roles of the session, whatever they give it.
    if (head && head->container == kAccountId) names.push_back(head->name);
  }
  std::ranges::sort(names);
  return names;
}

/// Every role of the user, whether it is active or not.
StatementResult<Expression> AvailableRoles(const SystemCall& call) {
  STATEMENT_ASSIGN(Caller caller, SessionCaller(call));
  caller.all_secondary_roles = true;
  STATEMENT_ASSIGN(const auto names, NamesOfRoles(call, caller));
  return sql::TextConstant(JsonList(names));
}

StatementResult<Expression> SecondaryRoles(const SystemCall& call) {
  const bool all = call.moment.session->all_secondary_roles;
  return sql::TextConstant(all ? R"({"roles":"","value":"ALL"})" : R"({"roles":"","value":""})");
}

StatementResult<Expression> IsRoleInSession(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string role, TextArgument(call, 0));
  STATEMENT_ASSIGN(const Caller caller, SessionCaller(call));
  STATEMENT_ASSIGN(const auto names, NamesOfRoles(call, caller));
  return BooleanConstant(std::ranges::binary_search(names, role));
}

StatementResult<Expression> AccountName(const SystemCall&) { return sql::TextConstant("TARN"); }

StatementResult<Expression> OrganizationName(const SystemCall&) {
  return sql::TextConstant("TARN");
}

StatementResult<Expression> RoleType(const SystemCall&) { return sql::TextConstant("ROLE"); }

/// ["DB.SCHEMA"], where unqualified names are looked for.
StatementResult<Expression> Schemas(const SystemCall& call) {
  const SessionState& session = *call.moment.session;
  std::vector<std::string> names;
  if (!session.schema.empty()) names.push_back(session.database + "." + session.schema);
  return sql::TextConstant(JsonList(names));
}

/// Statements of a session run one after the other: none of its others is under way when this one
/// runs.
StatementResult<Expression> CancelAllQueries(const SystemCall&) {
  return sql::TextConstant("0 statements were cancelled.");
}

constexpr std::array kFunctions = {
    SystemFunction{"SYSTEM$CANCEL_ALL_QUERIES", 1, 1, CancelAllQueries},
    SystemFunction{"CURRENT_AVAILABLE_ROLES", 0, 0, AvailableRoles},
    SystemFunction{"CURRENT_SECONDARY_ROLES", 0, 0, SecondaryRoles},
    SystemFunction{"IS_ROLE_IN_SESSION", 1, 1, IsRoleInSession},
    SystemFunction{"CURRENT_ACCOUNT_NAME", 0, 0, AccountName},
    SystemFunction{"CURRENT_ORGANIZATION_NAME", 0, 0, OrganizationName},
    SystemFunction{"CURRENT_ROLE_TYPE", 0, 0, RoleType},
    SystemFunction{"CURRENT_SCHEMAS", 0, 0, Schemas},
};

}  // namespace

std::span<const SystemFunction> ContextFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
