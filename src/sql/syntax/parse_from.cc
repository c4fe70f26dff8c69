// SPDX-License-Identifier: Apache-2.0
// FROM items and joins.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

TableExpression Grammar::MakeTable(uint32_t begin, TableExpressionValue value) {
  return TableExpression(TableExpressionNode{
      .span = Since(begin), .value = std::move(value), .alias = {}, .sample = {}});
}

/// A FROM item with the joins that follow it.
TableExpression Grammar::ParseTableExpression() {
  const Level level(*this);
  const uint32_t begin = Begin();
  TableExpression left = ParseTableFactor();
  while (AtJoin()) {
    left = ParseJoin(begin, std::move(left));
    Grow();
  }
  return left;
}

bool Grammar::AtJoin() const {
  if (AtAny({"JOIN", "INNER", "CROSS", "NATURAL", "LEFT", "RIGHT", "FULL"})) return true;
  return AtAny({"ASOF", "DIRECTED"}) && IsWord(1, "JOIN");
}

TableExpression Grammar::ParseJoin(uint32_t begin, TableExpression left) {
  Join join{.left = std::move(left), .right = MakeTable(begin, PipedResult{})};
  join.natural = Accept("NATURAL");
  if (Accept("LEFT")) {
    join.kind = JoinKind::kLeft;
  } else if (Accept("RIGHT")) {
    join.kind = JoinKind::kRight;
  } else if (Accept("FULL")) {
    join.kind = JoinKind::kFull;
  } else if (Accept("CROSS")) {
    join.kind = JoinKind::kCross;
  } else if (Accept("ASOF")) {
    join.kind = JoinKind::kAsof;
  } else {
    (void)Accept("INNER");
  }
  (void)Accept("OUTER");
  join.directed = Accept("DIRECTED");
  Expect("JOIN");
  join.right = ParseTableFactor();
  ParseJoinCondition(join);
  return MakeTable(begin, std::move(join));
}

void Grammar::ParseJoinCondition(Join& join) {
  if (join.kind == JoinKind::kAsof) {
    Expect("MATCH_CONDITION");
    Expect(TokenKind::kLeftParenthesis);
    join.match_condition = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  }
  if (join.kind == JoinKind::kCross || join.natural) return;
  if (Accept("ON")) {
    join.on = ParseExpression();
  } else if (Accept("USING")) {
    join.columns = ParseColumnNames();
  } else {
    return;
  }
  if (join.directed && AtAny({"FIRST", "LAST"}) && IsKind(1, TokenKind::kLeftParenthesis)) {
    join.read_order = TakeUpperWord();
    Take();
    join.read_order_alias = TakeIdentifier();
    Expect(TokenKind::kRightParenthesis);
  }
}

/// One item with everything that belongs to it alone: pivots, alias, sample.
TableExpression Grammar::ParseTableFactor() {
  const uint32_t begin = Begin();
  TableExpression table = ParseTablePrimary();
  ParseTableAlias(*table);
  while (true) {
    if (At("PIVOT") && IsKind(1, TokenKind::kLeftParenthesis)) {
      table = ParsePivot(begin, std::move(table));
    } else if (At("UNPIVOT") && (IsKind(1, TokenKind::kLeftParenthesis) || IsWord(2, "NULLS"))) {
      table = ParseUnpivot(begin, std::move(table));
    } else {
      break;
    }
    ParseTableAlias(*table);
    Grow();
  }
  if (AtAny({"SAMPLE", "TABLESAMPLE"})) table->sample = ParseSample();
  table->span = Since(begin);
  return table;
}

TableExpression Grammar::ParseTablePrimary() {
  const uint32_t begin = Begin();
  const bool lateral = Accept("LATERAL");
  if (At(TokenKind::kLeftParenthesis)) return ParseParenthesizedTable(lateral);
  if (lateral && !At("TABLE") && !AtLateralCall()) FailHere();
  if (At(TokenKind::kPositional)) {
    return MakeTable(begin, PipedResult{std::string(Text(Take()).substr(1))});
  }
  if (At(TokenKind::kStage) || At(TokenKind::kString)) return ParseStagedFiles();
  if (At("VALUES")) {
    Query query{.body = ParseValues()};
    query.span = Since(begin);
    return MakeTable(begin, DerivedTable{Box<Query>(std::move(query))});
  }
  if (IsKind(1, TokenKind::kLeftParenthesis)) {
    if (At("TABLE")) return ParseTableFunction(lateral);
    if (At("DIRECTORY")) return ParseDirectory();
    for (const Keyword refused : {Keyword("SEMANTIC_VIEW"), Keyword("ERROR_TABLE")}) {
      if (At(refused)) Refuse(refused.text);
    }
  }
  if (Peek().word_class == WordClass::kNoTable && At(TokenKind::kWord)) FailHere();
  ObjectName name = ParseObjectName();
  if (At(TokenKind::kLeftParenthesis) || At(TokenKind::kBang)) {
    Expression call = ParseCall(begin, std::move(name));
    return MakeTable(
        begin, TableFunction{.call = std::move(call), .lateral = lateral, .table_keyword = false});
  }
  NamedTable table{std::move(name), {}, {}};
  ParseTimeTravelClauses(table);
  return MakeTable(begin, std::move(table));
}

/// Whether a call follows LATERAL: FLATTEN(…), db.s.f(…).
bool Grammar::AtLateralCall() const {
  size_t ahead = 0;
  while (IsKind(ahead + 1, TokenKind::kDot)) ahead += 2;
  return AtIdentifier() &&
         (IsKind(ahead + 1, TokenKind::kLeftParenthesis) || IsKind(ahead + 1, TokenKind::kBang));
}

void Grammar::ParseTimeTravelClauses(NamedTable& table) {
  if (AtTimeTravel()) table.time_travel = ParseTimeTravel();
  if (At("CHANGES") && IsKind(1, TokenKind::kLeftParenthesis)) {
    table.changes = ParseChanges();
    if (!table.time_travel && AtTimeTravel()) table.time_travel = ParseTimeTravel();
  }
  for (const Keyword refused : {Keyword("MATCH_RECOGNIZE"), Keyword("RESAMPLE")}) {
    if (At(refused) && IsKind(1, TokenKind::kLeftParenthesis)) Refuse(refused.text);
  }
}

/// `(query)`, `(table JOIN …)`; which of both shows only behind the inner parentheses.
TableExpression Grammar::ParseParenthesizedTable(bool lateral) {
  const Level level(*this);
  const uint32_t begin = Begin();
  Expect(TokenKind::kLeftParenthesis);
  if (AtQueryStart()) {
    Query query = ParseQuery();
    Expect(TokenKind::kRightParenthesis);
    return MakeTable(begin, DerivedTable{Box<Query>(std::move(query)), lateral});
  }
  TableExpression table = ParseTableExpression();
  auto* inner = std::get_if<DerivedTable>(&table->value);
  if (inner != nullptr && !table->alias && !table->sample && AtQueryContinuation()) {
    Query query = ContinueQuery(std::move(*inner->query));
    table = MakeTable(begin, DerivedTable{Box<Query>(std::move(query)), lateral});
  } else if (inner != nullptr && lateral) {
    inner->lateral = true;
  }
  Expect(TokenKind::kRightParenthesis);
  table->span = Since(begin);
  return table;
}

TableExpression Grammar::ParseStagedFiles() {
  const uint32_t begin = Begin();
  StagedFiles files{ParseStage(), {}};
  if (At(TokenKind::kLeftParenthesis)) files.options = ParseArgumentList();
  return MakeTable(begin, std::move(files));
}

TableExpression Grammar::ParseDirectory() {
  const uint32_t begin = Begin();
  Expect("DIRECTORY");
  Expect(TokenKind::kLeftParenthesis);
  DirectoryTable table{ParseStage()};
  Expect(TokenKind::kRightParenthesis);
  return MakeTable(begin, std::move(table));
}

/// TABLE(f(…) [OVER (PARTITION BY … ORDER BY …)]), TABLE('t'), TABLE($v).
TableExpression Grammar::ParseTableFunction(bool lateral) {
  const uint32_t begin = Begin();
  Expect("TABLE");
  Expect(TokenKind::kLeftParenthesis);
  TableFunction function{.call = ParseExpression(), .lateral = lateral};
  if (auto* call = std::get_if<Box<FunctionCall>>(&function.call->value);
      call != nullptr && (*call)->over) {
    WindowSpecification window = std::move(**(*call)->over);
    (*call)->over.reset();
    function.partition_by = std::move(window.partition_by);
    function.order_by = std::move(window.order_by);
  }
  Expect(TokenKind::kRightParenthesis);
  return MakeTable(begin, std::move(function));
}

void Grammar::ParseTableAlias(TableExpressionNode& table) {
  if (table.alias) return;
  if (Accept("AS")) {
    table.alias = TableAlias{TakeIdentifier(), {}};
  } else if (AtTableAlias()) {
    table.alias = TableAlias{TakeIdentifier(), {}};
  } else {
    return;
  }
  if (At(TokenKind::kLeftParenthesis)) table.alias->columns = ParseColumnNames();
}

/// Whether a name follows that is no clause: some clauses begin with words that are free.
bool Grammar::AtTableAlias() const {
  if (!AtIdentifier()) return false;
  if (At(TokenKind::kQuotedWord)) return true;
  if (AtClauseWord() || AtAny({"ASOF", "MATCH_CONDITION", "WHEN"})) return false;
  if (At("DIRECTED") && IsWord(1, "JOIN")) return false;
  if (IsKind(1, TokenKind::kLeftParenthesis)) {
    return !AtAny({"PIVOT", "UNPIVOT", "AT", "BEFORE", "CHANGES", "MATCH_RECOGNIZE", "RESAMPLE",
                   "END", "FIRST", "LAST"});
  }
  return !(At("UNPIVOT") && IsWord(2, "NULLS"));
}

bool Grammar::AtTimeTravel() const {
  return AtAny({"AT", "BEFORE"}) && IsKind(1, TokenKind::kLeftParenthesis);
}

TimeTravel Grammar::ParseTimeTravel() {
  const uint32_t begin = Begin();
  TimeTravel point{.value = NullExpression()};
  const std::string word = TakeUpperWord();
  point.kind = word == "AT"       ? TimeTravelKind::kAt
               : word == "BEFORE" ? TimeTravelKind::kBefore
                                  : TimeTravelKind::kEnd;
  Expect(TokenKind::kLeftParenthesis);
  if (!AtAny({"TIMESTAMP", "OFFSET", "STATEMENT", "STREAM", "VERSION"})) FailHere();
  point.point = TakeUpperWord();
  Expect(TokenKind::kFatArrow);
  point.value = ParseExpression();
  Expect(TokenKind::kRightParenthesis);
  point.span = Since(begin);
  return point;
}

Changes Grammar::ParseChanges() {
  Expect("CHANGES");
  Expect(TokenKind::kLeftParenthesis);
  Expect("INFORMATION");
  Expect(TokenKind::kFatArrow);
  Changes changes{.start = {.value = NullExpression()}, .end = {}};
  changes.append_only = Accept("APPEND_ONLY");
  if (!changes.append_only) Expect("DEFAULT");
  Expect(TokenKind::kRightParenthesis);
  if (!AtTimeTravel()) FailHere();
  changes.start = ParseTimeTravel();
  if (At("END") && IsKind(1, TokenKind::kLeftParenthesis)) changes.end = ParseTimeTravel();
  return changes;
}

Sample Grammar::ParseSample() {
  Take();
  Sample sample{.amount = NullExpression()};
  if (AtAny({"BERNOULLI", "ROW"})) {
    Take();
    sample.method = SampleMethod::kRow;
  } else if (AtAny({"SYSTEM", "BLOCK"})) {
    Take();
    sample.method = SampleMethod::kBlock;
  }
  Expect(TokenKind::kLeftParenthesis);
  sample.amount = ParseExpression();
  sample.rows = Accept("ROWS");
  Expect(TokenKind::kRightParenthesis);
  if (AtAny({"SEED", "REPEATABLE"}) && IsKind(1, TokenKind::kLeftParenthesis)) {
    Take();
    Take();
    sample.seed = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  }
  return sample;
}

// --- PIVOT and UNPIVOT
// --------------------------------------------------------------------------------------

PivotValue Grammar::ParsePivotValue() {
  PivotValue value{ParseExpression(), {}};
  if (Accept("AS")) {
    if (At(TokenKind::kString)) {
      const Span span = Peek().span;
      value.alias = Identifier{span, TakeString(), true};
    } else {
      value.alias = TakeIdentifier();
    }
  } else if (AtIdentifier() && !At("FOR")) {
    value.alias = TakeIdentifier();
  }
  return value;
}

TableExpression Grammar::ParsePivot(uint32_t begin, TableExpression input) {
  Expect("PIVOT");
  Expect(TokenKind::kLeftParenthesis);
  Pivot pivot{.input = std::move(input)};
  do {
    pivot.aggregates.push_back(ParsePivotValue());
  } while (Accept(TokenKind::kComma));
  Expect("FOR");
  pivot.column = ParseObjectName();
  Expect("IN");
  Expect(TokenKind::kLeftParenthesis);
  if (Accept("ANY")) {
    pivot.domain = PivotDomain::kAny;
    if (AcceptAll({"ORDER", "BY"})) pivot.any_order = ParseOrderItems();
  } else if (AtQueryStart()) {
    pivot.domain = PivotDomain::kQuery;
    pivot.query = Box<Query>(ParseQuery());
  } else {
    do {
      pivot.values.push_back(ParsePivotValue());
    } while (Accept(TokenKind::kComma));
  }
  Expect(TokenKind::kRightParenthesis);
  if (AcceptAll({"DEFAULT", "ON", "NULL"})) {
    Expect(TokenKind::kLeftParenthesis);
    pivot.default_on_null = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  }
  Expect(TokenKind::kRightParenthesis);
  return MakeTable(begin, std::move(pivot));
}

TableExpression Grammar::ParseUnpivot(uint32_t begin, TableExpression input) {
  Expect("UNPIVOT");
  Unpivot unpivot{.input = std::move(input)};
  if (AcceptAll({"INCLUDE", "NULLS"})) {
    unpivot.include_nulls = true;
  } else {
    (void)AcceptAll({"EXCLUDE", "NULLS"});
  }
  Expect(TokenKind::kLeftParenthesis);
  unpivot.value = TakeIdentifier();
  Expect("FOR");
  unpivot.name = TakeIdentifier();
  Expect("IN");
  Expect(TokenKind::kLeftParenthesis);
  do {
    unpivot.columns.push_back(ParsePivotValue());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParenthesis);
  Expect(TokenKind::kRightParenthesis);
  return MakeTable(begin, std::move(unpivot));
}

}  // namespace tarn::sql::syntax
