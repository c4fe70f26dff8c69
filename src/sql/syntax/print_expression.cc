// SPDX-License-Identifier: Apache-2.0
// Expressions but for calls.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

namespace {

// As the grammar's levels (parse_expression.cc).
constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kNot = 3;
constexpr int kPredicate = 4;
constexpr int kAdditive = 5;
constexpr int kMultiplicative = 6;
constexpr int kUnary = 7;
constexpr int kPostfix = 8;
constexpr int kPrimary = 9;

struct BinarySpelling {
  std::string_view text;
  int level;
};

BinarySpelling SpellingOf(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kAdd:
      return {"+", kAdditive};
    case BinaryOperator::kSubtract:
      return {"-", kAdditive};
    case BinaryOperator::kConcatenate:
      return {"||", kAdditive};
    case BinaryOperator::kMultiply:
      return {"*", kMultiplicative};
    case BinaryOperator::kDivide:
      return {"/", kMultiplicative};
    case BinaryOperator::kModulo:
      return {"%", kMultiplicative};
    case BinaryOperator::kEqual:
      return {"=", kPredicate};
    case BinaryOperator::kNotEqual:
      return {"<>", kPredicate};
    case BinaryOperator::kLess:
      return {"<", kPredicate};
    case BinaryOperator::kLessEqual:
      return {"<=", kPredicate};
    case BinaryOperator::kGreater:
      return {">", kPredicate};
    case BinaryOperator::kGreaterEqual:
      return {">=", kPredicate};
  }
  return {"?", kPrimary};
}

/// How tightly an expression holds together when it is an operand.
struct LevelOf {
  int operator()(const Unary& node) const { return node.op == UnaryOperator::kNot ? kNot : kUnary; }
  int operator()(const Binary& node) const { return SpellingOf(node.op).level; }
  int operator()(const Logical& node) const { return node.op == LogicalOperator::kOr ? kOr : kAnd; }
  int operator()(const IsTest&) const { return kPredicate; }
  int operator()(const DistinctFrom&) const { return kPredicate; }
  int operator()(const PatternMatch&) const { return kPredicate; }
  int operator()(const Between&) const { return kPredicate; }
  int operator()(const InList&) const { return kPredicate; }
  int operator()(const InQuery&) const { return kPredicate; }
  int operator()(const QuantifiedComparison&) const { return kPredicate; }
  int operator()(const Cast& node) const {
    return node.try_cast || !node.modifiers.empty() ? kPrimary : kPostfix;
  }
  int operator()(const Collate&) const { return kPostfix; }
  int operator()(const Path&) const { return kPostfix; }
  int operator()(const OuterMark&) const { return kPostfix; }
  int operator()(const StageReference&) const { return kUnary; }  // its path would go on
  int operator()(const auto&) const { return kPrimary; }
};

}  // namespace

void Printer::WriteOperand(const Expression& expression, int least) {
  const bool parentheses = std::visit(LevelOf(), expression->value) < least;
  if (parentheses) Put("(");
  std::visit([this](const auto& node) { Write(node); }, expression->value);
  if (parentheses) Put(")");
}

void Printer::Write(const Literal& literal) {
  switch (literal.kind) {
    case LiteralKind::kNull:
      return Put("NULL");
    case LiteralKind::kTrue:
      return Put("TRUE");
    case LiteralKind::kFalse:
      return Put("FALSE");
    case LiteralKind::kNumber:
      return Put(literal.text);
    case LiteralKind::kString:
      return PutString(literal.text);
    case LiteralKind::kBinary:
      Put("X'");
      Put(literal.text);
      return Put("'");
  }
}

void Printer::Write(const TypedLiteral& literal) {
  Put(literal.type);
  Put(" ");
  PutString(literal.text);
}

void Printer::Write(const IntervalLiteral& literal) {
  Put("INTERVAL ");
  PutString(literal.text);
  if (!literal.qualifier.empty()) Put(" ");
  Put(literal.qualifier);
}

void Printer::Write(const ColumnReference& column) { Write(column.name); }

void Printer::Write(const PositionalColumn& column) {
  WriteParts(column.qualifier);
  if (!column.qualifier.empty()) Put(".");
  Put("$");
  Put(column.number);
}

void Printer::Write(const SessionVariable& variable) {
  Put("$");
  Put(variable.name.text);
}

void Printer::Write(const BindVariable& bind) {
  if (bind.number.empty() && bind.name.empty()) return Put("?");
  Put(":");
  Put(bind.number);
  WriteParts(bind.name);
}

void Printer::Write(const DefaultValue&) { Put("DEFAULT"); }

// --- Operators
// ----------------------------------------------------------------------------------------------

void Printer::Write(const Unary& node) {
  switch (node.op) {
    case UnaryOperator::kNot:
      Put("NOT ");
      return WriteOperand(node.operand, kNot);
    case UnaryOperator::kPrior:
      Put("PRIOR ");
      break;
    case UnaryOperator::kConnectByRoot:
      Put("CONNECT_BY_ROOT ");
      break;
    case UnaryOperator::kSpread:
      Put("** ");
      break;
    case UnaryOperator::kPlus:
      Put("+");
      break;
    case UnaryOperator::kNegate:
      Put("-");
      break;
  }
  // Two signs would be a comment.
  const auto* inner = As<Unary>(node.operand);
  if (out_.ends_with('-') && inner != nullptr && inner->op == UnaryOperator::kNegate) Put(" ");
  WriteOperand(node.operand, kUnary);
}

void Printer::Write(const Binary& node) {
  const BinarySpelling spelling = SpellingOf(node.op);
  WriteOperand(node.left, spelling.level);
  Put(" ");
  Put(spelling.text);
  Put(" ");
  WriteOperand(node.right, spelling.level + 1);
}

void Printer::Write(const Logical& node) {
  const bool is_or = node.op == LogicalOperator::kOr;
  for (size_t i = 0; i < node.operands.size(); ++i) {
    if (i > 0) Put(is_or ? " OR " : " AND ");
    WriteOperand(node.operands[i], is_or ? kAnd : kNot);
  }
}

void Printer::Write(const IsTest& node) {
  WriteOperand(node.operand, kPredicate);
  Put(node.negated ? " IS NOT " : " IS ");
  Put(node.truth == Truth::kNull ? "NULL" : node.truth == Truth::kTrue ? "TRUE" : "FALSE");
}

void Printer::Write(const DistinctFrom& node) {
  WriteOperand(node.left, kPredicate);
  Put(node.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
  WriteOperand(node.right, kAdditive);
}

void Printer::Write(const PatternMatch& node) {
  WriteOperand(node.operand, kPredicate);
  if (node.negated) Put(" NOT");
  Put(node.kind == PatternKind::kLike    ? " LIKE "
      : node.kind == PatternKind::kIlike ? " ILIKE "
                                         : " RLIKE ");
  if (node.quantifier == Quantifier::kNone) {
    WriteOperand(node.patterns.at(0), kAdditive);
  } else {
    Put(node.quantifier == Quantifier::kAny ? "ANY " : "ALL ");
    WriteParenthesized(node.patterns);
  }
  if (node.escape) {
    Put(" ESCAPE ");
    WriteOperand(*node.escape, kAdditive);
  }
}

void Printer::Write(const Between& node) {
  WriteOperand(node.operand, kPredicate);
  Put(node.negated ? " NOT BETWEEN " : " BETWEEN ");
  WriteOperand(node.low, kAdditive);
  Put(" AND ");
  WriteOperand(node.high, kAdditive);
}

void Printer::Write(const InList& node) {
  WriteOperand(node.operand, kPredicate);
  Put(node.negated ? " NOT IN " : " IN ");
  WriteParenthesized(node.values);
}

void Printer::Write(const InQuery& node) {
  WriteOperand(node.operand, kPredicate);
  Put(node.negated ? " NOT IN " : " IN ");
  WriteQuery(*node.query);
}

void Printer::Write(const QuantifiedComparison& node) {
  WriteOperand(node.operand, kPredicate);
  Put(" ");
  Put(SpellingOf(node.op).text);
  Put(node.quantifier == Quantifier::kAll ? " ALL " : " ANY ");
  WriteQuery(*node.query);
}

void Printer::Write(const Cast& node) {
  if (!node.try_cast && node.modifiers.empty()) {
    WriteOperand(node.operand, kPostfix);
    Put("::");
    return Write(node.type);
  }
  Put(node.try_cast ? "TRY_CAST(" : "CAST(");
  Write(node.operand);
  Put(" AS ");
  Write(node.type);
  if (!node.modifiers.empty()) Put(" ");
  Put(node.modifiers);
  Put(")");
}

void Printer::Write(const Collate& node) {
  WriteOperand(node.operand, kPostfix);
  Put(" COLLATE ");
  PutString(node.collation);
}

void Printer::Write(const Extract& node) {
  Put("EXTRACT(");
  Write(Identifier{{}, node.part, false});
  Put(" FROM ");
  Write(node.operand);
  Put(")");
}

namespace {

bool IsWord(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9') || text[0] == '$') return false;
  for (const char c : text) {
    const bool part = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '$';
    if (!part) return false;
  }
  return true;
}

}  // namespace

void Printer::Write(const Path& node) {
  WriteOperand(node.base, kPostfix);
  bool first = true;
  for (const PathStep& step : node.steps) {
    if (step.index) {
      Put("[");
      Write(*step.index);
      Put("]");
    } else {
      Put(first ? ":" : ".");
      // A key's case counts, so that quotes say nothing but which characters it has.
      if (IsWord(step.key)) {
        Put(step.key);
      } else {
        Write(Identifier{{}, step.key, true});
      }
    }
    first = false;
  }
}

void Printer::Write(const OuterMark& node) {
  Write(node.column);
  Put("(+)");
}

// --- Composites
// ---------------------------------------------------------------------------------------------

void Printer::Write(const Case& node) {
  Put("CASE");
  WriteClause(" ", node.operand);
  for (const CaseBranch& branch : node.branches) {
    Put(" WHEN ");
    Write(branch.when);
    Put(" THEN ");
    Write(branch.then);
  }
  WriteClause(" ELSE ", node.otherwise);
  Put(" END");
}

void Printer::Write(const Row& node) { WriteParenthesized(node.elements); }

void Printer::Write(const ArrayConstant& node) {
  Put("[");
  WriteList(node.elements);
  Put("]");
}

void Printer::Write(const ObjectConstant& node) {
  Put("{");
  WriteList(node.entries);
  Put("}");
}

void Printer::Write(const ObjectEntry& entry) {
  if (entry.key) {
    Write(*entry.key);
    Put(": ");
  }
  Write(entry.value);
}

void Printer::WriteQuery(const Query& query) {
  Put("(");
  Write(query);
  Put(")");
}

void Printer::Write(const ScalarSubquery& node) { WriteQuery(*node.query); }

void Printer::Write(const Exists& node) {
  Put("EXISTS ");
  WriteQuery(*node.query);
}

void Printer::Write(const TableArgument& node) {
  Put("TABLE(");
  Write(node.value);
  Put(")");
}

}  // namespace tarn::sql::syntax
