// SPDX-License-Identifier: Apache-2.0
// Operators. From the loosest to the tightest: OR, AND, NOT, comparisons and predicates (one level,
// from left to right), + - ||, * / %, the signs, and what follows an operand: COLLATE, ::, [], :
// and .
#include "sql/syntax/grammar.h"
#include "sql/syntax/lexer.h"

namespace tarn::sql::syntax {

namespace {

constexpr int kOrLevel = 1;
constexpr int kAndLevel = 2;
constexpr int kNotLevel = 3;
constexpr int kPredicateLevel = 4;
constexpr int kAdditiveLevel = 5;
constexpr int kMultiplicativeLevel = 6;

struct OperatorToken {
  TokenKind kind;
  BinaryOperator op;
  int level;
};

constexpr OperatorToken kOperators[] = {
    {TokenKind::kPlus, BinaryOperator::kAdd, kAdditiveLevel},
    {TokenKind::kMinus, BinaryOperator::kSubtract, kAdditiveLevel},
    {TokenKind::kConcatenate, BinaryOperator::kConcatenate, kAdditiveLevel},
    {TokenKind::kStar, BinaryOperator::kMultiply, kMultiplicativeLevel},
    {TokenKind::kSlash, BinaryOperator::kDivide, kMultiplicativeLevel},
    {TokenKind::kPercent, BinaryOperator::kModulo, kMultiplicativeLevel},
    {TokenKind::kEqual, BinaryOperator::kEqual, kPredicateLevel},
    {TokenKind::kNotEqual, BinaryOperator::kNotEqual, kPredicateLevel},
    {TokenKind::kLess, BinaryOperator::kLess, kPredicateLevel},
    {TokenKind::kLessEqual, BinaryOperator::kLessEqual, kPredicateLevel},
    {TokenKind::kGreater, BinaryOperator::kGreater, kPredicateLevel},
    {TokenKind::kGreaterEqual, BinaryOperator::kGreaterEqual, kPredicateLevel},
};

const OperatorToken* FindOperator(TokenKind kind) {
  for (const OperatorToken& candidate : kOperators) {
    if (candidate.kind == kind) return &candidate;
  }
  return nullptr;
}

}  // namespace

Expression Grammar::Make(uint32_t begin, ExpressionValue value) {
  return Expression(ExpressionNode{Since(begin), std::move(value)});
}

Expression Grammar::NullExpression() const { return Expression(ExpressionNode{}); }

Expression Grammar::ParseExpression() {
  const Level level(*this);
  return ParseBinary(kOrLevel);
}

Expression Grammar::ParsePrefix(int least) {
  const uint32_t begin = Begin();
  if (At(TokenKind::kMinus) || At(TokenKind::kPlus)) {
    const Level level(*this);
    const UnaryOperator op =
        Take().kind == TokenKind::kMinus ? UnaryOperator::kNegate : UnaryOperator::kPlus;
    return Make(begin, Unary{op, ParsePrefix(kUnaryLevel)});
  }
  if (least <= kNotLevel && Accept("NOT")) {
    const Level level(*this);
    return Make(begin, Unary{UnaryOperator::kNot, ParseBinary(kNotLevel)});
  }
  return ParsePostfix(begin, ParsePrimary());
}

Expression Grammar::ParseBinary(int least) {
  const Operand operand(*this);
  const uint32_t begin = Begin();
  Expression left = ParsePrefix(least);
  while (true) {
    const Token& token = Peek();
    if (const OperatorToken* found = FindOperator(token.kind)) {
      if (found->level < least) return left;
      left = found->level == kPredicateLevel
                 ? ParseComparison(begin, std::move(left), found->op)
                 : ParseArithmetic(begin, std::move(left), found->op, found->level);
    } else if (token.kind != TokenKind::kWord) {
      return left;
    } else if (least <= kPredicateLevel && AtPredicate()) {
      left = ParsePredicate(begin, std::move(left));
    } else if (least <= kAndLevel && At("AND")) {
      left = ParseLogical(begin, std::move(left), LogicalOperator::kAnd, "AND", kNotLevel);
    } else if (least <= kOrLevel && At("OR")) {
      left = ParseLogical(begin, std::move(left), LogicalOperator::kOr, "OR", kAndLevel);
    } else {
      return left;
    }
    Grow();
  }
}

Expression Grammar::ParseArithmetic(uint32_t begin, Expression left, BinaryOperator op, int level) {
  Take();
  Expression right = ParseBinary(level + 1);
  return Make(begin, Binary{op, std::move(left), std::move(right)});
}

Expression Grammar::ParseLogical(uint32_t begin, Expression left, LogicalOperator op, Keyword word,
                                 int level) {
  Logical chain{op, {}};
  chain.operands.push_back(std::move(left));
  while (Accept(word)) chain.operands.push_back(ParseBinary(level));
  return Make(begin, std::move(chain));
}

Expression Grammar::ParseComparison(uint32_t begin, Expression left, BinaryOperator op) {
  Take();
  if (AtAny({"ANY", "ALL", "SOME"}) && IsKind(1, TokenKind::kLeftParenthesis)) {
    const Quantifier quantifier = TakeUpperWord() == "ALL" ? Quantifier::kAll : Quantifier::kAny;
    Query query = ParseParenthesizedQuery();
    return Make(
        begin, QuantifiedComparison{op, quantifier, std::move(left), Box<Query>(std::move(query))});
  }
  Expression right = ParseBinary(kAdditiveLevel);
  return Make(begin, Binary{op, std::move(left), std::move(right)});
}

bool Grammar::AtPredicate() const {
  const size_t ahead = At("NOT") ? 1 : 0;
  if (ahead == 0 && At("IS")) return true;
  return IsWord(ahead, "IN") || IsWord(ahead, "BETWEEN") || IsWord(ahead, "LIKE") ||
         IsWord(ahead, "ILIKE") || IsWord(ahead, "RLIKE") || IsWord(ahead, "REGEXP");
}

Expression Grammar::ParsePredicate(uint32_t begin, Expression operand) {
  if (Accept("IS")) return ParseIs(begin, std::move(operand));
  const bool negated = Accept("NOT");
  if (Accept("BETWEEN")) {
    Expression low = ParseBinary(kAdditiveLevel);
    Expect("AND");
    Expression high = ParseBinary(kAdditiveLevel);
    return Make(begin, Between{std::move(operand), std::move(low), std::move(high), negated});
  }
  if (Accept("IN")) return ParseIn(begin, std::move(operand), negated);
  return ParsePatternMatch(begin, std::move(operand), negated);
}

Expression Grammar::ParseIs(uint32_t begin, Expression operand) {
  const bool negated = Accept("NOT");
  if (Accept("DISTINCT")) {
    Expect("FROM");
    Expression right = ParseBinary(kAdditiveLevel);
    return Make(begin, DistinctFrom{std::move(operand), std::move(right), negated});
  }
  if (Accept("NULL")) return Make(begin, IsTest{std::move(operand), Truth::kNull, negated});
  if (Accept("TRUE")) return Make(begin, IsTest{std::move(operand), Truth::kTrue, negated});
  Expect("FALSE");
  return Make(begin, IsTest{std::move(operand), Truth::kFalse, negated});
}

/// The parentheses hold a list, a query, or a query that begins with a parenthesis itself.
Expression Grammar::ParseIn(uint32_t begin, Expression operand, bool negated) {
  Expect(TokenKind::kLeftParenthesis);
  if (AtQueryStart()) {
    Query query = ParseQuery();
    Expect(TokenKind::kRightParenthesis);
    return Make(begin, InQuery{std::move(operand), Box<Query>(std::move(query)), negated});
  }
  InList list{std::move(operand), {}, negated};
  do {
    list.values.push_back(ParseExpression());
  } while (Accept(TokenKind::kComma));
  auto* query =
      list.values.size() == 1 ? std::get_if<ScalarSubquery>(&list.values[0]->value) : nullptr;
  if (query != nullptr) {
    Query whole =
        AtQueryContinuation() ? ContinueQuery(std::move(*query->query)) : std::move(*query->query);
    Expect(TokenKind::kRightParenthesis);
    return Make(begin, InQuery{std::move(list.operand), Box<Query>(std::move(whole)), negated});
  }
  Expect(TokenKind::kRightParenthesis);
  return Make(begin, std::move(list));
}

Expression Grammar::ParsePatternMatch(uint32_t begin, Expression operand, bool negated) {
  PatternMatch match{.operand = std::move(operand)};
  match.negated = negated;
  const std::string word = TakeUpperWord();
  match.kind = word == "LIKE"    ? PatternKind::kLike
               : word == "ILIKE" ? PatternKind::kIlike
                                 : PatternKind::kRlike;
  if (match.kind != PatternKind::kRlike && AtAny({"ANY", "ALL"})) {
    match.quantifier = TakeUpperWord() == "ALL" ? Quantifier::kAll : Quantifier::kAny;
    Expect(TokenKind::kLeftParenthesis);
    do {
      match.patterns.push_back(ParseExpression());
    } while (Accept(TokenKind::kComma));
    Expect(TokenKind::kRightParenthesis);
  } else {
    match.patterns.push_back(ParseBinary(kAdditiveLevel));
  }
  if (Accept("ESCAPE")) match.escape = ParseBinary(kAdditiveLevel);
  return Make(begin, std::move(match));
}

// --- After an operand
// ---------------------------------------------------------------------------------------

Expression Grammar::ParsePostfix(uint32_t begin, Expression operand) {
  while (true) {
    if (Accept(TokenKind::kDoubleColon)) {
      operand = Make(begin, Cast{std::move(operand), ParseDataType(), false, {}});
    } else if (AtPathStep(operand)) {
      operand = ParsePath(begin, std::move(operand));
    } else if (At("COLLATE") && IsKind(1, TokenKind::kString)) {
      Take();
      operand = Make(begin, Collate{std::move(operand), TakeString()});
    } else if (At(TokenKind::kLeftParenthesis) && IsKind(1, TokenKind::kPlus) &&
               IsKind(2, TokenKind::kRightParenthesis) && As<ColumnReference>(operand) != nullptr) {
      for (int i = 0; i < 3; ++i) Take();
      operand = Make(begin, OuterMark{std::move(operand)});
    } else {
      return operand;
    }
    Grow();
  }
}

/// A path begins with `:` or `[`; `.` continues one, or what is no name itself.
bool Grammar::AtPathStep(const Expression& operand) const {
  if (At(TokenKind::kLeftBracket)) return true;
  if (At(TokenKind::kColon))
    return IsKind(1, TokenKind::kWord) || IsKind(1, TokenKind::kQuotedWord);
  return At(TokenKind::kDot) && As<Path>(operand) != nullptr &&
         (IsKind(1, TokenKind::kWord) || IsKind(1, TokenKind::kQuotedWord));
}

Expression Grammar::ParsePath(uint32_t begin, Expression operand) {
  auto* known = std::get_if<Path>(&operand->value);  // (c:a):b
  Path path = known != nullptr ? std::move(*known) : Path{std::move(operand), {}};
  while (true) {
    const uint32_t step_begin = Begin();
    PathStep step;
    if (At(TokenKind::kLeftBracket)) {
      Take();
      step.index = ParseExpression();
      Expect(TokenKind::kRightBracket);
    } else if ((At(TokenKind::kColon) || (At(TokenKind::kDot) && !path.steps.empty())) &&
               (IsKind(1, TokenKind::kWord) || IsKind(1, TokenKind::kQuotedWord))) {
      Take();
      step.key = TakeAnyWord().text;
    } else {
      break;
    }
    step.span = Since(step_begin);
    path.steps.push_back(std::move(step));
  }
  return Make(begin, std::move(path));
}

}  // namespace tarn::sql::syntax
