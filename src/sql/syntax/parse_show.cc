// SPDX-License-Identifier: Apache-2.0
// SHOW and DESCRIBE.
#include <algorithm>

#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

namespace {

/// What SHOW lists besides the kinds of objects.
constexpr std::string_view kShownThings[] = {"FUTURE GRANTS",     "GRANTS",
                                             "PARAMETERS",        "VARIABLES",
                                             "TRANSACTIONS",      "LOCKS",
                                             "PRIMARY KEYS",      "IMPORTED KEYS",
                                             "EXPORTED KEYS",     "UNIQUE KEYS",
                                             "INDEXES",           "OBJECTS",
                                             "REGIONS",           "DELEGATED AUTHORIZATIONS",
                                             "USER FUNCTIONS",    "USER PROCEDURES",
                                             "BUILTIN FUNCTIONS", "ORGANIZATION ACCOUNTS",
                                             "MANAGED ACCOUNTS",  "CLASSES"};

}  // namespace

StatementValue Grammar::ParseShow() {
  Expect("SHOW");
  Show show;
  show.terse = Accept("TERSE");
  if (const auto kind = TryPluralKind()) {
    show.what = PluralOf(*kind);
    show.kind = kind;
  } else {
    for (const std::string_view thing : kShownThings) {
      if (AcceptPhrase(thing)) {
        show.what = thing;
        break;
      }
    }
    if (show.what.empty()) {
      size_t matched = 0;
      for (const ObjectKindWords& words : ObjectKinds())
        matched = std::max(matched, MatchedWords(words.plural));
      FailAt(Index() + matched);
    }
  }
  show.history = Accept("HISTORY");
  ParseShowClauses(show);
  return show;
}

void Grammar::ParseShowClauses(Show& show) {
  while (true) {
    if (Accept("LIKE")) {
      show.like = TakeString();
    } else if (AtAny({"IN", "ON", "TO", "OF", "FOR"})) {
      show.scopes.push_back(ParseShowScope());
    } else if (AcceptAll({"STARTS", "WITH"})) {
      show.starts_with = TakeString();
    } else if (Accept("LIMIT")) {
      show.limit = ParseExpression();
      if (Accept("FROM")) show.limit_from = TakeString();
    } else if (AcceptAll({"WITH", "PRIVILEGES"})) {
      do {
        show.with_privileges.push_back(ParsePrivilege());
      } while (Accept(TokenKind::kComma));
    } else {
      return;
    }
  }
}

ShowScope Grammar::ParseShowScope() {
  ShowScope scope;
  scope.relation = TakeUpperWord();
  if (const auto kind = TryObjectKind()) {
    scope.kind = ToString(*kind);
  }
  const bool name_follows = (AtIdentifier() && !AtAny({"STARTS", "LIMIT"})) || At("IDENTIFIER");
  if (name_follows) scope.name = ParseObjectName();
  if (!scope.name && scope.kind.empty()) FailHere();
  if (scope.name && At(TokenKind::kLeftParenthesis)) {
    scope.has_signature = true;
    scope.signature = ParseSignature();
  }
  return scope;
}

StatementValue Grammar::ParseDescribe() {
  Take();
  Describe describe;
  if (Accept("RESULT")) {
    describe.result = ParseExpression();
    return describe;
  }
  if (!IsKind(1, TokenKind::kEnd) && !IsKind(1, TokenKind::kDot)) describe.kind = TryObjectKind();
  describe.name = ParseObjectName();
  if (At(TokenKind::kLeftParenthesis)) {
    describe.has_signature = true;
    describe.signature = ParseSignature();
  }
  if (Accept("TYPE")) {
    Expect(TokenKind::kEqual);
    describe.aspect = TakeUpperWord();
  }
  return describe;
}

}  // namespace tarn::sql::syntax
