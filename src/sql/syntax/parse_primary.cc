// SPDX-License-Identifier: Apache-2.0
// Operands: literals, names, variables, parentheses, constants of arrays and objects, CASE, CAST,
// EXTRACT.
#include "sql/syntax/grammar.h"
#include "sql/syntax/lexer.h"

namespace tarn::sql::syntax {

Expression Grammar::ParsePrimary() {
  const uint32_t begin = Begin();
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kNumber:
      return Make(begin, Literal{LiteralKind::kNumber, std::string(Text(Take()))});
    case TokenKind::kString:
    case TokenKind::kDollarString:
      return Make(begin, Literal{LiteralKind::kString, TakeString()});
    case TokenKind::kBinary: {
      const std::string_view raw = Text(Take());
      return Make(begin, Literal{LiteralKind::kBinary, std::string(raw.substr(2, raw.size() - 3))});
    }
    case TokenKind::kStage:
      return Make(begin, ParseStage());
    case TokenKind::kSessionVariable:
    case TokenKind::kPositional:
    case TokenKind::kQuestion:
    case TokenKind::kColon:
      return ParseVariable();
    case TokenKind::kLeftParenthesis:
      return ParseParenthesized();
    case TokenKind::kLeftBracket:
      return ParseArray();
    case TokenKind::kLeftBrace:
      return ParseObject();
    case TokenKind::kDoubleStar: {
      Take();
      return Make(begin, Unary{UnaryOperator::kSpread, ParseBinary(kUnaryLevel)});
    }
    case TokenKind::kQuotedWord:
      return ParseNameOrCall();
    case TokenKind::kWord:
      return ParseWordOperand();
    default:
      FailHere();
  }
}

Expression Grammar::ParseVariable() {
  const uint32_t begin = Begin();
  const Token& token = Take();
  const std::string_view text = Text(token);
  switch (token.kind) {
    case TokenKind::kSessionVariable:
      return Make(begin, SessionVariable{{token.span, std::string(text.substr(1)), false}});
    case TokenKind::kPositional:
      return Make(begin, PositionalColumn{{}, std::string(text.substr(1))});
    case TokenKind::kQuestion:
      return Make(begin, BindVariable{});
    default:  // a colon
      break;
  }
  if (At(TokenKind::kNumber)) {
    const std::string_view number = Text(Peek());
    if (number.find_first_not_of("0123456789") != std::string_view::npos) FailHere();
    Take();
    return Make(begin, BindVariable{std::string(number), {}});
  }
  BindVariable bind;
  bind.name.push_back(TakeAnyWord());
  while (At(TokenKind::kDot) && AtIdentifier(1)) {  // :row.column
    Take();
    bind.name.push_back(TakeIdentifier());
  }
  return Make(begin, std::move(bind));
}

namespace {

std::string_view LocationOf(std::string_view text) { return text.substr(1); }

}  // namespace

StageReference Grammar::ParseStage() {
  if (At(TokenKind::kStage)) return {std::string(LocationOf(Text(Take()))), false};
  const size_t index = Index();
  const std::string text = TakeString();
  if (text.size() < 2 || text.front() != '@') FailAt(index);
  return {std::string(LocationOf(text)), true};
}

/// `(e)`, `(a, b)`, `(query)`, `(a, b) -> e`.
Expression Grammar::ParseParenthesized() {
  const uint32_t begin = Begin();
  if (Peek().partner != 0 && TokenAt(Peek().partner + 1).kind == TokenKind::kArrow)
    return ParseLambda();
  Take();
  if (AtQueryStart()) {
    Query query = ParseQuery();
    Expect(TokenKind::kRightParenthesis);
    return Make(begin, ScalarSubquery{Box<Query>(std::move(query))});
  }
  Expression first = ParseExpression();
  if (auto* inner = std::get_if<ScalarSubquery>(&first->value);
      inner != nullptr && AtQueryContinuation()) {
    // ((SELECT …) UNION (SELECT …)): what looked like an operand is the first part of a query.
    Query query = ContinueQuery(std::move(*inner->query));
    Expect(TokenKind::kRightParenthesis);
    return Make(begin, ScalarSubquery{Box<Query>(std::move(query))});
  }
  if (Accept(TokenKind::kRightParenthesis)) return first;
  Row row;
  row.elements.push_back(std::move(first));
  while (Accept(TokenKind::kComma)) row.elements.push_back(ParseExpression());
  Expect(TokenKind::kRightParenthesis);
  if (row.elements.size() < 2) FailHere();
  return Make(begin, std::move(row));
}

bool Grammar::AtLambda() const {
  if (At(TokenKind::kLeftParenthesis)) {
    return Peek().partner != 0 && TokenAt(Peek().partner + 1).kind == TokenKind::kArrow;
  }
  if (!AtIdentifier()) return false;
  if (IsKind(1, TokenKind::kArrow)) return true;
  if (!IsKind(1, TokenKind::kWord)) return false;
  if (IsKind(2, TokenKind::kArrow)) return true;  // x INT -> e
  return IsKind(2, TokenKind::kLeftParenthesis) && Peek(2).partner != 0 &&
         TokenAt(Peek(2).partner + 1).kind == TokenKind::kArrow;
}

Expression Grammar::ParseLambda() {
  const uint32_t begin = Begin();
  Lambda lambda{.parameters = {}, .body = NullExpression()};
  const bool list = Accept(TokenKind::kLeftParenthesis);
  while (!At(TokenKind::kRightParenthesis)) {
    LambdaParameter parameter{TakeIdentifier(), {}};
    if (At(TokenKind::kWord)) parameter.type = ParseDataType();
    lambda.parameters.push_back(std::move(parameter));
    if (!list || !Accept(TokenKind::kComma)) break;
  }
  if (list) Expect(TokenKind::kRightParenthesis);
  Expect(TokenKind::kArrow);
  lambda.body = ParseExpression();
  return Make(begin, std::move(lambda));
}

Expression Grammar::ParseArray() {
  const uint32_t begin = Begin();
  Expect(TokenKind::kLeftBracket);
  ArrayConstant array;
  while (!At(TokenKind::kRightBracket)) {
    array.elements.push_back(ParseExpression());
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightBracket);
  return Make(begin, std::move(array));
}

Expression Grammar::ParseObject() {
  const uint32_t begin = Begin();
  Expect(TokenKind::kLeftBrace);
  ObjectConstant object;
  while (!At(TokenKind::kRightBrace)) {
    if (AtStar()) {
      object.entries.push_back({{}, ParseStar()});
    } else if (At(TokenKind::kDoubleStar)) {
      object.entries.push_back({{}, ParseExpression()});
    } else {
      const uint32_t key_begin = Begin();
      std::string name = AtString() ? TakeString() : TakeAnyWord().text;
      Expression key = Make(key_begin, Literal{LiteralKind::kString, std::move(name)});
      Expect(TokenKind::kColon);
      object.entries.push_back({std::move(key), ParseExpression()});
    }
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightBrace);
  return Make(begin, std::move(object));
}

namespace {

struct ConstantWord {
  Keyword word;
  LiteralKind kind;
};

}  // namespace

/// An operand that begins with an unquoted word.
Expression Grammar::ParseWordOperand() {
  const uint32_t begin = Begin();
  static constexpr ConstantWord kConstants[] = {
      {"NULL", LiteralKind::kNull}, {"TRUE", LiteralKind::kTrue}, {"FALSE", LiteralKind::kFalse}};
  for (const ConstantWord& constant : kConstants) {
    if (Accept(constant.word)) return Make(begin, Literal{constant.kind, {}});
  }
  if (IsKind(1, TokenKind::kString) || IsKind(1, TokenKind::kDollarString)) {
    if (auto literal = TryTypedLiteral()) return *std::move(literal);
  }
  if (At("CASE")) return ParseCase();
  if (IsKind(1, TokenKind::kLeftParenthesis)) {
    if (AtAny({"CAST", "TRY_CAST"})) return ParseCast();
    if (At("EXTRACT")) return ParseExtract();
    if (At("TABLE")) return ParseTableArgument();
    if (Accept("EXISTS")) {
      Query query = ParseParenthesizedQuery();
      return Make(begin, Exists{Box<Query>(std::move(query))});
    }
  } else {
    if (Accept("PRIOR")) return Make(begin, Unary{UnaryOperator::kPrior, ParseBinary(kUnaryLevel)});
    if (Accept("CONNECT_BY_ROOT")) {
      return Make(begin, Unary{UnaryOperator::kConnectByRoot, ParseBinary(kUnaryLevel)});
    }
  }
  return ParseNameOrCall();
}

std::optional<Expression> Grammar::TryTypedLiteral() {
  const uint32_t begin = Begin();
  if (Accept("INTERVAL")) {
    IntervalLiteral interval{TakeString(), {}};
    interval.qualifier = ParseIntervalQualifier();
    return Make(begin, std::move(interval));
  }
  if (!AtAny({"DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ",
              "DATETIME"})) {
    return std::nullopt;
  }
  std::string type = TakeUpperWord();
  return Make(begin, TypedLiteral{std::move(type), TakeString()});
}

/// YEAR [TO MONTH], DAY(2) TO SECOND(6), … as upper-case text; empty if none stands here.
std::string Grammar::ParseIntervalQualifier() {
  std::string qualifier;
  const auto unit = [&] {
    qualifier += TakeUpperWord();
    if (At(TokenKind::kLeftParenthesis) && IsKind(1, TokenKind::kNumber)) {
      Take();
      qualifier += "(" + std::string(Text(Take())) + ")";
      Expect(TokenKind::kRightParenthesis);
    }
  };
  if (!AtAny({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"})) return qualifier;
  unit();
  if (Accept("TO")) {
    qualifier += " TO ";
    unit();
  }
  return qualifier;
}

Expression Grammar::ParseCase() {
  const uint32_t begin = Begin();
  Expect("CASE");
  Case node;
  if (!At("WHEN")) node.operand = ParseExpression();
  do {
    Expect("WHEN");
    Expression when = ParseExpression();
    Expect("THEN");
    node.branches.push_back({std::move(when), ParseExpression()});
  } while (At("WHEN"));
  if (Accept("ELSE")) node.otherwise = ParseExpression();
  Expect("END");
  return Make(begin, std::move(node));
}

Expression Grammar::ParseCast() {
  const uint32_t begin = Begin();
  const bool try_cast = Accept("TRY_CAST");
  if (!try_cast) Expect("CAST");
  Expect(TokenKind::kLeftParenthesis);
  Expression operand = ParseExpression();
  Expect("AS");
  Cast cast{std::move(operand), ParseDataType(), try_cast, {}};
  while (AtAny({"RENAME", "ADD"}) && IsWord(1, "FIELDS")) {
    if (!cast.modifiers.empty()) cast.modifiers += " ";
    cast.modifiers += TakeUpperWord() + " FIELDS";
    Take();
  }
  Expect(TokenKind::kRightParenthesis);
  return Make(begin, std::move(cast));
}

Expression Grammar::ParseExtract() {
  const uint32_t begin = Begin();
  Expect("EXTRACT");
  Expect(TokenKind::kLeftParenthesis);
  std::string part = AtString() ? TakeString() : TakeAnyWord().text;
  for (char& c : part) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (!Accept("FROM")) Expect(TokenKind::kComma);
  Extract extract{std::move(part), ParseExpression()};
  Expect(TokenKind::kRightParenthesis);
  return Make(begin, std::move(extract));
}

Expression Grammar::ParseTableArgument() {
  const uint32_t begin = Begin();
  Expect("TABLE");
  Expect(TokenKind::kLeftParenthesis);
  if (AtQueryStart()) {
    const uint32_t query_begin = Begin();
    Query query = ParseQuery();
    Expression subquery = Make(query_begin, ScalarSubquery{Box<Query>(std::move(query))});
    Expect(TokenKind::kRightParenthesis);
    return Make(begin, TableArgument{std::move(subquery)});
  }
  Expression value = ParseExpression();
  Expect(TokenKind::kRightParenthesis);
  return Make(begin, TableArgument{std::move(value)});
}

}  // namespace tarn::sql::syntax
