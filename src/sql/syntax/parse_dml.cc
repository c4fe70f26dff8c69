// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE, DELETE, MERGE, TRUNCATE.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseInsert() {
  Expect("INSERT");
  const bool overwrite = Accept("OVERWRITE");
  if (AtAny({"ALL", "FIRST"})) return ParseMultiTableInsert(overwrite);
  Expect("INTO");
  (void)Accept("TABLE");
  Insert insert{.overwrite = overwrite,
                .table = ParseObjectName(),
                .columns = {},
                .by_name = false,
                .source = {.body = Values{}}};
  if (At(TokenKind::kLeftParenthesis) && !AtParenthesizedQuery())
    insert.columns = ParseColumnNames();
  insert.by_name = AcceptAll({"BY", "NAME"});
  insert.source = ParseQuery();
  return insert;
}

StatementValue Grammar::ParseMultiTableInsert(bool overwrite) {
  MultiTableInsert insert{
      .overwrite = overwrite, .first = At("FIRST"), .branches = {}, .source = {.body = Values{}}};
  Take();
  if (At("INTO")) {
    insert.branches.push_back({{}, ParseInsertTargets()});
  } else {
    do {
      Expect("WHEN");
      Expression condition = ParseExpression();
      Expect("THEN");
      insert.branches.push_back({std::move(condition), ParseInsertTargets()});
    } while (At("WHEN"));
    if (Accept("ELSE")) insert.branches.push_back({{}, ParseInsertTargets()});
  }
  insert.source = ParseQuery();
  return insert;
}

std::vector<InsertTarget> Grammar::ParseInsertTargets() {
  std::vector<InsertTarget> targets;
  if (!At("INTO")) FailHere();
  while (Accept("INTO")) {
    InsertTarget target{ParseObjectName(), {}, {}};
    if (At(TokenKind::kLeftParenthesis) && !AtParenthesizedQuery())
      target.columns = ParseColumnNames();
    if (Accept("VALUES")) {
      Expect(TokenKind::kLeftParenthesis);
      target.values = ParseRowValues();
      Expect(TokenKind::kRightParenthesis);
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::optional<TableAlias> Grammar::TryTargetAlias() {
  if (Accept("AS")) return TableAlias{TakeIdentifier(), {}};
  if (AtIdentifier() && !(At(TokenKind::kWord) && Peek().word_class != WordClass::kFree)) {
    return TableAlias{TakeIdentifier(), {}};
  }
  return std::nullopt;
}

ColumnAssignment Grammar::ParseColumnAssignment() {
  ColumnAssignment assignment{{}, NullExpression()};
  assignment.column.push_back(TakeIdentifier());
  while (Accept(TokenKind::kDot)) assignment.column.push_back(TakeAnyWord());
  Expect(TokenKind::kEqual);
  assignment.value = ParseValueOrDefault();
  return assignment;
}

StatementValue Grammar::ParseUpdate() {
  Expect("UPDATE");
  Update update;
  update.table = ParseObjectName();
  update.alias = TryTargetAlias();
  Expect("SET");
  do {
    update.assignments.push_back(ParseColumnAssignment());
  } while (Accept(TokenKind::kComma));
  if (Accept("FROM")) {
    do {
      update.from.push_back(ParseTableExpression());
    } while (Accept(TokenKind::kComma));
  }
  if (Accept("WHERE")) update.where = ParseExpression();
  return update;
}

StatementValue Grammar::ParseDelete() {
  Expect("DELETE");
  Expect("FROM");
  Delete statement;
  statement.table = ParseObjectName();
  statement.alias = TryTargetAlias();
  if (Accept("USING")) {
    do {
      statement.from.push_back(ParseTableExpression());
    } while (Accept(TokenKind::kComma));
  }
  if (Accept("WHERE")) statement.where = ParseExpression();
  return statement;
}

StatementValue Grammar::ParseMerge() {
  ExpectAll({"MERGE", "INTO"});
  const uint32_t begin = Begin();
  Merge merge{.table = ParseObjectName(),
              .alias = {},
              .source = MakeTable(begin, PipedResult{}),
              .on = NullExpression(),
              .clauses = {}};
  merge.alias = TryTargetAlias();
  Expect("USING");
  merge.source = ParseTableExpression();
  Expect("ON");
  merge.on = ParseExpression();
  do {
    merge.clauses.push_back(ParseMergeClause());
  } while (At("WHEN"));
  return merge;
}

MergeClause Grammar::ParseMergeClause() {
  const uint32_t begin = Begin();
  MergeClause clause;
  Expect("WHEN");
  const bool missing = Accept("NOT");
  Expect("MATCHED");
  if (At("BY")) Refuse("WHEN NOT MATCHED BY SOURCE");
  if (Accept("AND")) clause.condition = ParseExpression();
  Expect("THEN");
  if (missing) {
    clause.action = MergeAction::kInsert;
    Expect("INSERT");
    clause.all_by_name = AcceptAll({"ALL", "BY", "NAME"});
    if (!clause.all_by_name) {
      if (At(TokenKind::kLeftParenthesis)) clause.columns = ParseColumnNames();
      Expect("VALUES");
      Expect(TokenKind::kLeftParenthesis);
      clause.values = ParseRowValues();
      Expect(TokenKind::kRightParenthesis);
    }
  } else if (Accept("DELETE")) {
    clause.action = MergeAction::kDelete;
  } else {
    Expect("UPDATE");
    clause.all_by_name = AcceptAll({"ALL", "BY", "NAME"});
    if (!clause.all_by_name) {
      Expect("SET");
      do {
        clause.assignments.push_back(ParseColumnAssignment());
      } while (Accept(TokenKind::kComma));
    }
  }
  clause.span = Since(begin);
  return clause;
}

StatementValue Grammar::ParseTruncate() {
  Expect("TRUNCATE");
  (void)Accept("TABLE");
  Truncate truncate;
  truncate.if_exists = AcceptAll({"IF", "EXISTS"});
  truncate.table = ParseObjectName();
  return truncate;
}

}  // namespace tarn::sql::syntax
