// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE of every kind, CREATE VIEW.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseCreateTable(CreateHead head) {
  CreateTable table{.head = std::move(head)};
  while (ParseTableClause(table)) {
  }
  return table;
}

/// One clause; they may stand in any order, but for AS and REFRESH USING, which are the last.
bool Grammar::ParseTableClause(CreateTable& table) {
  if (At(TokenKind::kLeftParenthesis) && table.columns.empty() && table.constraints.empty()) {
    ParseTableElements(table);
  } else if (Accept("AS")) {
    table.query = ParseQuery();
    return false;
  } else if (AcceptAll({"USING", "TEMPLATE"})) {
    Refuse("CREATE TABLE ... USING TEMPLATE");
  } else if (At("FROM") && (IsWord(1, "ARCHIVE") || IsWord(1, "BACKUP") || IsWord(1, "SNAPSHOT"))) {
    Refuse("CREATE TABLE ... FROM ARCHIVE OF, BACKUP SET or SNAPSHOT SET");
  } else if (AtAny({"CLONE", "LIKE"})) {
    table.copy_of = ParseCopySource();
  } else if (AcceptAll({"CLUSTER", "BY"})) {
    table.cluster_by = ParseClusterKeys();
  } else if (AcceptAll({"PARTITION", "BY"})) {
    table.partition_by = ParseClusterKeys();
  } else if (AtPolicy()) {
    table.policies.push_back(ParsePolicy());
  } else if (AcceptAll({"FROZEN", "WHERE"}) || AcceptAll({"IMMUTABLE", "WHERE"})) {
    Expect(TokenKind::kLeftParenthesis);
    table.frozen_where = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  } else if (AcceptAll({"BACKFILL", "FROM"})) {
    table.backfill_from = ParseObjectName();
  } else if (At("START") && IsWord(1, "AT")) {
    Take();
    table.start_at = ParseTimeTravel();
  } else if (AcceptAll({"EXECUTE", "AS", "USER"})) {
    table.execute_as_user = ParseObjectName();
    if (AcceptAll({"USE", "SECONDARY", "ROLES"})) {
      do {
        table.secondary_roles.push_back(ParseOptionName());
      } while (Accept(TokenKind::kComma));
    }
  } else if (AcceptAll({"REFRESH", "USING"})) {
    Expect(TokenKind::kLeftParenthesis);
    table.refresh_using = Box<Statement>(ParseStatement());
    Expect(TokenKind::kRightParenthesis);
    return false;
  } else {
    return ParseTableOption(table.options);
  }
  return true;
}

/// KEY = value, TAG (…), or words alone.
bool Grammar::ParseTableOption(std::vector<Option>& options) {
  static constexpr std::string_view kFlags[] = {"COPY GRANTS", "COPY TAGS", "REQUIRE USER",
                                                "READ ONLY"};
  const uint32_t begin = Begin();
  for (const std::string_view flag : kFlags) {
    if (AcceptPhrase(flag)) {
      options.push_back(FlagOption(begin, std::string(flag)));
      return true;
    }
  }
  if (auto tags = TryTagOption()) {
    options.push_back(*std::move(tags));
    return true;
  }
  std::vector<Option> more = ParseOptions();
  for (Option& option : more) options.push_back(std::move(option));
  return !more.empty();
}

CopySource Grammar::ParseCopySource() {
  CopySource source;
  const std::string word = TakeUpperWord();
  source.kind = word == "CLONE"  ? CopyKind::kClone
                : word == "LIKE" ? CopyKind::kLike
                                 : CopyKind::kFork;
  source.name = ParseObjectName();
  if (AtTimeTravel()) source.time_travel = ParseTimeTravel();
  return source;
}

std::vector<Expression> Grammar::ParseClusterKeys() {
  (void)Accept("LINEAR");
  Expect(TokenKind::kLeftParenthesis);
  std::vector<Expression> keys = ParseExpressions();
  Expect(TokenKind::kRightParenthesis);
  return keys;
}

StatementValue Grammar::ParseCreateView(CreateHead head) {
  CreateView view{.head = std::move(head),
                  .columns = {},
                  .cluster_by = {},
                  .policies = {},
                  .options = {},
                  .query = {.body = Values{}}};
  while (!Accept("AS")) {
    if (At(TokenKind::kLeftParenthesis) && view.columns.empty()) {
      Take();
      do {
        view.columns.push_back(ParseColumnDefinition());
      } while (Accept(TokenKind::kComma));
      Expect(TokenKind::kRightParenthesis);
    } else if (AcceptAll({"CLUSTER", "BY"})) {
      view.cluster_by = ParseClusterKeys();
    } else if (AtPolicy()) {
      view.policies.push_back(ParsePolicy());
    } else if (!ParseTableOption(view.options)) {
      FailHere();
    }
  }
  view.query = ParseQuery();
  return view;
}

}  // namespace tarn::sql::syntax
