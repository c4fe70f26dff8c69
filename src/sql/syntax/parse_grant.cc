// SPDX-License-Identifier: Apache-2.0
// GRANT and REVOKE.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseGrant() {
  Grant grant;
  grant.revoke = TakeUpperWord() == "REVOKE";
  if (grant.revoke) grant.grant_option_for = AcceptAll({"GRANT", "OPTION", "FOR"});
  if (AtRoleGrant()) {
    grant.role_kind = TakeRoleKind();
    grant.role = ParseObjectName();
  } else {
    do {
      grant.privileges.push_back(ParsePrivilege());
    } while (Accept(TokenKind::kComma));
    Expect("ON");
    grant.target = ParseGrantTarget();
  }
  Expect(grant.revoke ? Keyword("FROM") : Keyword("TO"));
  ParseGrantee(grant);
  return grant;
}

bool Grammar::AtRoleGrant() const {
  if (At("ROLE")) return true;
  return AtAny({"DATABASE", "APPLICATION"}) && IsWord(1, "ROLE");
}

std::string Grammar::TakeRoleKind() {
  std::string kind = TakeUpperWord();
  if (kind != "ROLE") kind += " " + TakeUpperWord();
  return kind;
}

/// Words up to a comma, ON, or what ends the list.
std::string Grammar::ParsePrivilege() {
  std::string privilege;
  while (At(TokenKind::kWord) && !AtAny({"ON", "STARTS", "LIMIT", "FROM"})) {
    if (!privilege.empty()) privilege += " ";
    privilege += TakeUpperWord();
    while (Accept(TokenKind::kDot)) privilege += "." + TakeUpperWord();  // CREATE a.b.class
  }
  if (privilege.empty()) FailHere();
  return privilege == "ALL PRIVILEGES" ? "ALL" : privilege;
}

GrantTarget Grammar::ParseGrantTarget() {
  GrantTarget target;
  if (AtAny({"ALL", "FUTURE"})) {
    target.scope = TakeUpperWord() == "ALL" ? GrantScope::kAll : GrantScope::kFuture;
    const auto kind = TryPluralKind();
    if (!kind) FailHere();
    target.kind = ToString(*kind);
    Expect("IN");
    target.container = Accept("DATABASE") ? "DATABASE" : "SCHEMA";
    if (target.container == "SCHEMA") Expect("SCHEMA");
    target.name = ParseObjectName();
    return target;
  }
  target.scope = GrantScope::kObject;
  const ObjectKind kind = ParseObjectKind();
  target.kind = ToString(kind);
  if (kind == ObjectKind::kAccount) return target;
  target.name = ParseObjectName();
  if (At(TokenKind::kLeftParenthesis)) {
    target.has_signature = true;
    target.signature = ParseSignature();
  }
  return target;
}

void Grammar::ParseGrantee(Grant& grant) {
  if (AtRoleGrant()) {
    grant.grantee_kind = TakeRoleKind();
  } else if (AcceptAll({"APPLICATION", "PACKAGE"})) {
    grant.grantee_kind = "APPLICATION PACKAGE";
  } else if (AtAny({"USER", "SHARE", "APPLICATION"}) && AtIdentifier(1)) {
    grant.grantee_kind = TakeUpperWord();
  }
  grant.grantee = ParseObjectName();
  grant.with_grant_option = AcceptAll({"WITH", "GRANT", "OPTION"});
  if (AtAny({"COPY", "REVOKE"}) && IsWord(1, "CURRENT")) {
    grant.current_grants = TakeUpperWord();
    ExpectAll({"CURRENT", "GRANTS"});
  }
  if (AtAny({"CASCADE", "RESTRICT"})) grant.behaviour = TakeUpperWord();
}

}  // namespace tarn::sql::syntax
