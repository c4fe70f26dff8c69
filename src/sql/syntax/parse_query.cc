// SPDX-License-Identifier: Apache-2.0
// Queries: WITH, set operators, SELECT, VALUES, ORDER BY, LIMIT.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

bool Grammar::AtQueryStart() const { return AtAny({"SELECT", "WITH", "VALUES"}); }

bool Grammar::AtSetOperator() const { return AtAny({"UNION", "EXCEPT", "MINUS", "INTERSECT"}); }

bool Grammar::AtQueryContinuation() const {
  return AtSetOperator() || AtAny({"ORDER", "LIMIT", "OFFSET", "FETCH"});
}

/// Whether a query stands in the parentheses that open here, directly or in more of them.
bool Grammar::AtParenthesizedQuery() const {
  size_t ahead = 0;
  while (IsKind(ahead, TokenKind::kLeftParenthesis)) ++ahead;
  return ahead > 0 && (IsWord(ahead, "SELECT") || IsWord(ahead, "WITH") || IsWord(ahead, "VALUES"));
}

Query Grammar::ParseParenthesizedQuery() {
  Expect(TokenKind::kLeftParenthesis);
  Query query = ParseQuery();
  Expect(TokenKind::kRightParenthesis);
  return query;
}

Query Grammar::ParseQuery() {
  const Level level(*this);
  const uint32_t begin = Begin();
  std::vector<CommonTable> with;
  bool recursive = false;
  if (Accept("WITH")) {
    recursive = Accept("RECURSIVE");
    do {
      with.push_back(ParseCommonTable());
    } while (Accept(TokenKind::kComma));
  }
  Query query = ParseQueryTail(begin, ParseSetOperand());
  if (!with.empty()) {
    if (!query.with.empty()) query = Nest(std::move(query));
    query.with = std::move(with);
    query.recursive = recursive;
  }
  query.span = Since(begin);
  return query;
}

/// `first` was read as an operand in parentheses; what follows makes it a part of a larger query.
Query Grammar::ContinueQuery(Query first) {
  const Level level(*this);
  const uint32_t begin = first.span.begin;
  return ParseQueryTail(begin, std::move(first));
}

CommonTable Grammar::ParseCommonTable() {
  const uint32_t begin = Begin();
  CommonTable table{.span = {},
                    .name = TakeIdentifier(),
                    .columns = {},
                    .query = Box<Query>(Query{.body = Values{}})};
  if (At(TokenKind::kLeftParenthesis)) table.columns = ParseColumnNames();
  Expect("AS");
  table.query = Box<Query>(ParseParenthesizedQuery());
  table.span = Since(begin);
  return table;
}

bool Grammar::HasClauses(const Query& query) {
  return !query.with.empty() || !query.order_by.empty() || query.order_by_all ||
         query.limit.limit || query.limit.offset || !query.for_update.empty();
}

/// The query as the body of another one, so that the other can have clauses of its own.
Query Grammar::Nest(Query query) {
  const Span span = query.span;
  return {.span = span, .body = NestedQuery{Box<Query>(std::move(query))}};
}

/// SELECT, VALUES, or a query in parentheses.
Query Grammar::ParseSetOperand() {
  const uint32_t begin = Begin();
  if (At(TokenKind::kLeftParenthesis)) {
    Query query = ParseParenthesizedQuery();
    query.span = Since(begin);
    return query;
  }
  Query query{.body = Values{}};
  if (At("VALUES")) {
    query.body = ParseValues();
  } else {
    query.body = Box<Select>(ParseSelect());
  }
  query.span = Since(begin);
  return query;
}

Query Grammar::ParseQueryTail(uint32_t begin, Query first) {
  Query query = ParseSetChain(begin, std::move(first));
  if (!AtAny({"ORDER", "LIMIT", "OFFSET", "FETCH"}) && !(At("FOR") && IsWord(1, "UPDATE")))
    return query;
  if (HasClauses(query)) query = Nest(std::move(query));
  ParseQueryClauses(query);
  query.span = Since(begin);
  return query;
}

/// UNION and EXCEPT from left to right; INTERSECT binds tighter.
Query Grammar::ParseSetChain(uint32_t begin, Query left) {
  left = ParseIntersections(begin, std::move(left));
  while (AtAny({"UNION", "EXCEPT", "MINUS"})) {
    const SetOperation words = ParseSetWords();
    const uint32_t right_begin = Begin();
    left =
        Combine(begin, words, std::move(left), ParseIntersections(right_begin, ParseSetOperand()));
  }
  return left;
}

Query Grammar::ParseIntersections(uint32_t begin, Query left) {
  while (At("INTERSECT")) {
    const SetOperation words = ParseSetWords();
    left = Combine(begin, words, std::move(left), ParseSetOperand());
  }
  return left;
}

SetOperation Grammar::ParseSetWords() {
  SetOperation words;
  const std::string word = TakeUpperWord();
  words.op = word == "UNION"       ? SetOperator::kUnion
             : word == "INTERSECT" ? SetOperator::kIntersect
                                   : SetOperator::kExcept;
  words.all = Accept("ALL");
  if (!words.all) (void)Accept("DISTINCT");
  words.by_name = AcceptAll({"BY", "NAME"});
  return words;
}

/// Chains of one operator are one node, unless parentheses say otherwise.
Query Grammar::Combine(uint32_t begin, const SetOperation& words, Query left, Query right) {
  auto* chain = std::get_if<SetOperation>(&left.body);
  const bool extends = chain != nullptr && chain_open_ == left.span.end && !HasClauses(left) &&
                       chain->op == words.op && chain->all == words.all &&
                       chain->by_name == words.by_name;
  if (extends) {
    chain->operands.push_back(std::move(right));
  } else {
    Grow();
    SetOperation fresh = words;
    fresh.operands.push_back(std::move(left));
    fresh.operands.push_back(std::move(right));
    left = Query{.body = std::move(fresh)};
  }
  left.span = Since(begin);
  chain_open_ = left.span.end;
  return left;
}

Values Grammar::ParseValues() {
  Expect("VALUES");
  Values values;
  do {
    Expect(TokenKind::kLeftParenthesis);
    values.rows.push_back(ParseRowValues());
    Expect(TokenKind::kRightParenthesis);
  } while (Accept(TokenKind::kComma));
  return values;
}

std::vector<Expression> Grammar::ParseRowValues() {
  std::vector<Expression> row;
  do {
    row.push_back(ParseValueOrDefault());
  } while (Accept(TokenKind::kComma));
  return row;
}

Expression Grammar::ParseValueOrDefault() {
  const bool last = IsKind(1, TokenKind::kComma) || IsKind(1, TokenKind::kRightParenthesis) ||
                    IsKind(1, TokenKind::kEnd) || IsWord(1, "WHERE") || IsWord(1, "FROM") ||
                    IsWord(1, "WHEN");
  if (last && At("DEFAULT")) {
    const uint32_t begin = Begin();
    Take();
    return Make(begin, DefaultValue{});
  }
  return ParseExpression();
}

void Grammar::ParseQueryClauses(Query& query) {
  if (Accept("ORDER")) {
    Expect("BY");
    if (At("ALL")) {
      Take();
      query.order_by_all.emplace();
      ParseOrderDirection(query.order_by_all->descending, query.order_by_all->nulls);
    } else {
      query.order_by = ParseOrderItems();
    }
  }
  if (Accept("LIMIT")) {
    query.limit.limit = ParseExpression();
    if (Accept("OFFSET")) ParseOffset(query.limit);
  } else {
    if (Accept("OFFSET")) ParseOffset(query.limit);
    if (Accept("FETCH")) {
      if (!Accept("FIRST")) (void)Accept("NEXT");
      query.limit.limit = ParseExpression();
      if (!Accept("ROWS")) (void)Accept("ROW");
      (void)Accept("ONLY");
    } else if (Accept("LIMIT")) {
      query.limit.limit = ParseExpression();
    }
  }
  if (At("FOR") && IsWord(1, "UPDATE")) {
    Take();
    Take();
    query.for_update = "FOR UPDATE";
    if (Accept("NOWAIT")) query.for_update += " NOWAIT";
    if (Accept("WAIT")) query.for_update += " WAIT " + std::string(Text(Take()));
  }
}

void Grammar::ParseOffset(RowLimit& limit) {
  limit.offset = ParseExpression();
  if (!Accept("ROWS")) (void)Accept("ROW");
}

// --- SELECT
// -------------------------------------------------------------------------------------------------

Select Grammar::ParseSelect() {
  Expect("SELECT");
  Select select;
  if (Accept("DISTINCT")) {
    select.distinct = true;
  } else {
    (void)Accept("ALL");
  }
  if (At("TOP") && (IsKind(1, TokenKind::kNumber) || IsKind(1, TokenKind::kQuestion) ||
                    IsKind(1, TokenKind::kSessionVariable) || IsKind(1, TokenKind::kColon))) {
    Take();
    select.top = ParsePrimary();
  }
  ParseSelectList(select);
  if (Accept("INTO")) select.into = ParseTargets();
  if (Accept("FROM")) {
    do {
      select.from.push_back(ParseTableExpression());
    } while (Accept(TokenKind::kComma));
  }
  if (Accept("WHERE")) select.where = ParseExpression();
  ParseHierarchy(select);
  if (Accept("GROUP")) ParseGroupBy(select);
  if (Accept("HAVING")) select.having = ParseExpression();
  if (Accept("WINDOW")) ParseNamedWindows(select);
  if (Accept("QUALIFY")) select.qualify = ParseExpression();
  if (At("WINDOW") && select.windows.empty() && Accept("WINDOW")) ParseNamedWindows(select);
  return select;
}

void Grammar::ParseSelectList(Select& select) {
  do {
    // A comma may stand behind the last item.
    if (!select.items.empty() && (At("FROM") || AtEnd() || At(TokenKind::kRightParenthesis))) break;
    const uint32_t begin = Begin();
    SelectItem item{.span = {}, .value = AtStar() ? ParseStar() : ParseExpression(), .alias = {}};
    item.span = Since(begin);
    const bool star = As<Star>(item.value) != nullptr;
    if (!star && (Accept("AS") || (AtIdentifier() && !AtClauseWord())))
      item.alias = TakeIdentifier();
    select.items.push_back(std::move(item));
  } while (Accept(TokenKind::kComma));
}

/// Words that are free as names but begin a clause where an alias without AS could stand.
bool Grammar::AtClauseWord() const {
  if (!At(TokenKind::kWord)) return false;
  if (Peek().word_class == WordClass::kNoTable) return true;
  return AtAny({"LIMIT", "OFFSET", "FETCH", "EXCEPT"});
}

std::vector<Expression> Grammar::ParseTargets() {
  std::vector<Expression> targets;
  do {
    const uint32_t begin = Begin();
    if (At(TokenKind::kColon)) {
      targets.push_back(ParseVariable());
    } else {
      targets.push_back(Make(begin, ColumnReference{ParseObjectName()}));
    }
  } while (Accept(TokenKind::kComma));
  return targets;
}

void Grammar::ParseHierarchy(Select& select) {
  if (!AtAny({"START", "CONNECT"})) return;
  Hierarchy hierarchy{{}, NullExpression()};
  if (AcceptAll({"START", "WITH"})) hierarchy.start_with = ParseExpression();
  ExpectAll({"CONNECT", "BY"});
  hierarchy.connect_by = ParseExpression();
  if (!hierarchy.start_with && AcceptAll({"START", "WITH"}))
    hierarchy.start_with = ParseExpression();
  select.hierarchy = std::move(hierarchy);
}

void Grammar::ParseGroupBy(Select& select) {
  Expect("BY");
  if (Accept("ALL")) {
    select.group_by_all = true;
    return;
  }
  if (At(TokenKind::kLeftParenthesis) && IsKind(1, TokenKind::kRightParenthesis)) {
    Take();
    Take();
    select.group_by_nothing = true;
    return;
  }
  do {
    select.group_by.push_back(ParseGroupingElement());
  } while (Accept(TokenKind::kComma));
}

GroupingElement Grammar::ParseGroupingElement() {
  GroupingElement element;
  if (At("ROLLUP") && IsKind(1, TokenKind::kLeftParenthesis)) {
    element.kind = GroupingKind::kRollup;
  } else if (At("CUBE") && IsKind(1, TokenKind::kLeftParenthesis)) {
    element.kind = GroupingKind::kCube;
  } else if (At("GROUPING") && IsWord(1, "SETS")) {
    element.kind = GroupingKind::kSets;
    Take();
  } else {
    element.groups.emplace_back().push_back(ParseExpression());
    return element;
  }
  Take();
  Expect(TokenKind::kLeftParenthesis);
  do {
    std::vector<Expression>& group = element.groups.emplace_back();
    if (At(TokenKind::kLeftParenthesis) && IsGroupInParentheses()) {
      Take();
      if (!At(TokenKind::kRightParenthesis)) group = ParseExpressions();
      Expect(TokenKind::kRightParenthesis);
    } else {
      group.push_back(ParseExpression());
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParenthesis);
  return element;
}

/// `(a, b)` as a whole group, not `(a) + 1`.
bool Grammar::IsGroupInParentheses() const {
  if (Peek().partner == 0) return true;
  const TokenKind next = TokenAt(Peek().partner + 1).kind;
  return next == TokenKind::kComma || next == TokenKind::kRightParenthesis;
}

void Grammar::ParseNamedWindows(Select& select) {
  do {
    Identifier name = TakeIdentifier();
    Expect("AS");
    select.windows.push_back({std::move(name), ParseWindow()});
  } while (Accept(TokenKind::kComma));
}

}  // namespace tarn::sql::syntax
