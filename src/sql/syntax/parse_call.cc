// SPDX-License-Identifier: Apache-2.0
// Names, calls of functions, stars, windows.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

ObjectName Grammar::ParseObjectName() {
  ObjectName name;
  const uint32_t begin = Begin();
  if (At("IDENTIFIER") && IsKind(1, TokenKind::kLeftParenthesis)) {
    Take();
    Take();
    name.dynamic = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  } else {
    name.parts.push_back(TakeIdentifier());
    while (At(TokenKind::kDot)) {
      if (IsKind(1, TokenKind::kDot)) {  // db..t
        Take();
        name.parts.push_back({{Begin(), Begin()}, {}, false});
      } else if (IsKind(1, TokenKind::kWord) || IsKind(1, TokenKind::kQuotedWord)) {
        Take();
        name.parts.push_back(TakeAnyWord());
      } else {
        break;
      }
    }
  }
  name.span = Since(begin);
  return name;
}

std::vector<ObjectName> Grammar::ParseObjectNames() {
  std::vector<ObjectName> names;
  do {
    names.push_back(ParseObjectName());
  } while (Accept(TokenKind::kComma));
  return names;
}

std::vector<Identifier> Grammar::ParseColumnNames() {
  std::vector<Identifier> columns;
  Expect(TokenKind::kLeftParenthesis);
  do {
    columns.push_back(TakeIdentifier());
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParenthesis);
  return columns;
}

/// A column, a call, or a word that is a call without parentheses.
Expression Grammar::ParseNameOrCall() {
  const uint32_t begin = Begin();
  if (At(TokenKind::kWord) && IsKind(1, TokenKind::kLeftParenthesis) && AtReservedFunction()) {
    ObjectName name;
    name.parts.push_back(TakeAnyWord());
    name.span = Since(begin);
    return ParseCall(begin, std::move(name));
  }
  if (Peek().word_class == WordClass::kNoColumn && At(TokenKind::kWord)) FailHere();
  ObjectName name = ParseObjectName();
  if (At(TokenKind::kDot) && IsKind(1, TokenKind::kPositional)) {
    Take();
    return Make(begin,
                PositionalColumn{std::move(name.parts), std::string(Text(Take()).substr(1))});
  }
  if (At(TokenKind::kLeftParenthesis) &&
      !(IsKind(1, TokenKind::kPlus) && IsKind(2, TokenKind::kRightParenthesis))) {
    return ParseCall(begin, std::move(name));
  }
  if (At(TokenKind::kBang)) return ParseCall(begin, std::move(name));
  if (name.parts.size() == 1 && !name.parts[0].quoted && IsBareFunction(name.parts[0])) {
    FunctionCall call;
    call.name = std::move(name);
    call.bare = true;
    return Make(begin, Box<FunctionCall>(std::move(call)));
  }
  return Make(begin, ColumnReference{std::move(name)});
}

/// Reserved words that are names of functions, too.
bool Grammar::AtReservedFunction() const {
  return AtAny({"INSERT", "LIKE", "ILIKE", "RLIKE", "REGEXP", "GROUPING", "ROW", "ANY", "SAMPLE"});
}

/// Functions of the standard that stand without parentheses; columns may not have their names.
bool Grammar::IsBareFunction(const Identifier& word) {
  for (const std::string_view name : {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
                                      "CURRENT_USER", "LOCALTIME", "LOCALTIMESTAMP"}) {
    if (word.Is(name)) return true;
  }
  return false;
}

Expression Grammar::ParseCall(uint32_t begin, ObjectName name) {
  FunctionCall call;
  call.name = std::move(name);
  if (Accept(TokenKind::kBang)) call.method = TakeAnyWord();
  const bool position = call.name.parts.size() == 1 && call.name.parts[0].Is("POSITION");
  Expect(TokenKind::kLeftParenthesis);
  if (Accept("DISTINCT")) {
    call.distinct = true;
  } else if (At("ALL") && !IsKind(1, TokenKind::kRightParenthesis) &&
             !IsKind(1, TokenKind::kComma)) {
    Take();
  }
  while (!At(TokenKind::kRightParenthesis)) {
    if (position && call.arguments.empty()) {
      call.arguments.push_back({{}, ParsePositionNeedle()});
      if (Accept("IN")) continue;
    } else {
      call.arguments.push_back(ParseArgument());
    }
    if (!Accept(TokenKind::kComma)) break;
  }
  ParseNullTreatment(call);
  Expect(TokenKind::kRightParenthesis);
  ParseCallClauses(call);
  return Make(begin, Box<FunctionCall>(std::move(call)));
}

/// The first operand of POSITION(a IN b) must not take the IN.
Expression Grammar::ParsePositionNeedle() {
  const Level level(*this);
  return ParseBinary(kOperandLevel);
}

Argument Grammar::ParseArgument() {
  if ((At(TokenKind::kWord) || At(TokenKind::kQuotedWord)) && IsKind(1, TokenKind::kFatArrow)) {
    Argument argument{TakeAnyWord(), NullExpression()};
    Take();
    argument.value = ParseArgumentValue();
    return argument;
  }
  return {{}, ParseArgumentValue()};
}

Expression Grammar::ParseArgumentValue() {
  if (AtStar()) return ParseStar();
  if (AtLambda()) {
    const Level level(*this);
    return ParseLambda();
  }
  if (AtQueryStart()) {  // f(SELECT …), as TABLE functions take it
    const uint32_t begin = Begin();
    Query query = ParseQuery();
    return Make(begin, ScalarSubquery{Box<Query>(std::move(query))});
  }
  return ParseExpression();
}

std::vector<Argument> Grammar::ParseArgumentList() {
  std::vector<Argument> arguments;
  Expect(TokenKind::kLeftParenthesis);
  while (!At(TokenKind::kRightParenthesis)) {
    arguments.push_back(ParseArgument());
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightParenthesis);
  return arguments;
}

void Grammar::ParseNullTreatment(FunctionCall& call) {
  if (AcceptAll({"IGNORE", "NULLS"})) {
    call.nulls = NullTreatment::kIgnore;
  } else if (AcceptAll({"RESPECT", "NULLS"})) {
    call.nulls = NullTreatment::kRespect;
  }
}

void Grammar::ParseCallClauses(FunctionCall& call) {
  // NTH_VALUE(x, 2) FROM LAST …, not a FROM clause with a table of that name.
  if (At("FROM") && (IsWord(1, "FIRST") || IsWord(1, "LAST")) &&
      (IsWord(2, "OVER") || IsWord(2, "IGNORE") || IsWord(2, "RESPECT"))) {
    Take();
    call.from_last = TakeUpperWord() == "LAST";
  }
  ParseNullTreatment(call);
  if (AcceptAll({"WITHIN", "GROUP"})) {
    Expect(TokenKind::kLeftParenthesis);
    ExpectAll({"ORDER", "BY"});
    call.within_group = ParseOrderItems();
    Expect(TokenKind::kRightParenthesis);
  }
  if (At("OVER") && (IsKind(1, TokenKind::kLeftParenthesis) || AtIdentifier(1))) {
    Take();
    call.over = Box<WindowSpecification>(ParseWindow());
  }
}

// --- Stars
// --------------------------------------------------------------------------------------------------

/// `*`, `t.*`, `a.b.t.*`.
bool Grammar::AtStar() const {
  if (At(TokenKind::kStar)) return true;
  size_t ahead = 0;
  while ((IsKind(ahead, TokenKind::kWord) || IsKind(ahead, TokenKind::kQuotedWord)) &&
         IsKind(ahead + 1, TokenKind::kDot)) {
    if (IsKind(ahead + 2, TokenKind::kStar)) return true;
    ahead += 2;
  }
  return false;
}

Expression Grammar::ParseStar() {
  const uint32_t begin = Begin();
  Star star;
  while (!At(TokenKind::kStar)) {
    star.qualifier.push_back(TakeAnyWord());
    Expect(TokenKind::kDot);
  }
  Take();
  if (Accept("ILIKE")) star.ilike = TakeString();
  if (At("EXCLUDE") && (IsKind(1, TokenKind::kLeftParenthesis) || AtIdentifier(1))) {
    Take();
    if (At(TokenKind::kLeftParenthesis)) {
      star.exclude = ParseColumnNames();
    } else {
      star.exclude.push_back(TakeIdentifier());
    }
  }
  if (At("REPLACE") && IsKind(1, TokenKind::kLeftParenthesis)) ParseStarReplacements(star);
  if (At("RENAME") && (IsKind(1, TokenKind::kLeftParenthesis) || AtIdentifier(1))) {
    Take();
    const bool list = Accept(TokenKind::kLeftParenthesis);
    do {
      Identifier from = TakeIdentifier();
      Expect("AS");
      star.rename.push_back({std::move(from), TakeIdentifier()});
    } while (list && Accept(TokenKind::kComma));
    if (list) Expect(TokenKind::kRightParenthesis);
  }
  return Make(begin, std::move(star));
}

void Grammar::ParseStarReplacements(Star& star) {
  Expect("REPLACE");
  Expect(TokenKind::kLeftParenthesis);
  do {
    Expression value = ParseExpression();
    Expect("AS");
    star.replace.push_back({std::move(value), TakeIdentifier()});
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParenthesis);
}

// --- Windows
// ------------------------------------------------------------------------------------------------

std::vector<OrderItem> Grammar::ParseOrderItems() {
  std::vector<OrderItem> items;
  do {
    OrderItem item{ParseExpression()};
    ParseOrderDirection(item.descending, item.nulls);
    items.push_back(std::move(item));
  } while (Accept(TokenKind::kComma));
  return items;
}

void Grammar::ParseOrderDirection(bool& descending, NullOrder& nulls) {
  if (Accept("DESC")) {
    descending = true;
  } else {
    (void)Accept("ASC");
  }
  if (AcceptAll({"NULLS", "FIRST"})) {
    nulls = NullOrder::kFirst;
  } else if (AcceptAll({"NULLS", "LAST"})) {
    nulls = NullOrder::kLast;
  }
}

WindowSpecification Grammar::ParseWindow() {
  WindowSpecification window;
  if (!Accept(TokenKind::kLeftParenthesis)) {
    window.base = TakeIdentifier();
    window.name_only = true;
    return window;
  }
  if (AtIdentifier() && !AtAny({"PARTITION", "RANGE"})) window.base = TakeIdentifier();
  if (AcceptAll({"PARTITION", "BY"})) window.partition_by = ParseExpressions();
  if (AcceptAll({"ORDER", "BY"})) window.order_by = ParseOrderItems();
  if (AtAny({"ROWS", "RANGE"})) window.frame = ParseFrame();
  Expect(TokenKind::kRightParenthesis);
  return window;
}

std::vector<Expression> Grammar::ParseExpressions() {
  std::vector<Expression> expressions;
  do {
    expressions.push_back(ParseExpression());
  } while (Accept(TokenKind::kComma));
  return expressions;
}

WindowFrame Grammar::ParseFrame() {
  WindowFrame frame;
  frame.unit = TakeUpperWord() == "ROWS" ? FrameUnit::kRows : FrameUnit::kRange;
  if (Accept("BETWEEN")) {
    frame.start = ParseFrameEdge();
    Expect("AND");
    frame.end = ParseFrameEdge();
  } else {
    frame.start = ParseFrameEdge();
  }
  return frame;
}

FrameEdge Grammar::ParseFrameEdge() {
  if (AcceptAll({"CURRENT", "ROW"})) return {FrameBound::kCurrentRow, {}};
  FrameEdge edge;
  const bool unbounded = Accept("UNBOUNDED");
  if (!unbounded) {
    const Level level(*this);
    edge.offset = ParseBinary(kOperandLevel);
  }
  const bool preceding = Accept("PRECEDING");
  if (!preceding) Expect("FOLLOWING");
  edge.bound = unbounded
                   ? (preceding ? FrameBound::kUnboundedPreceding : FrameBound::kUnboundedFollowing)
                   : (preceding ? FrameBound::kPreceding : FrameBound::kFollowing);
  return edge;
}

}  // namespace tarn::sql::syntax
