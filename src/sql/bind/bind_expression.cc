// SPDX-License-Identifier: Apache-2.0
// Names, literals and what holds expressions together; operators and calls have their own sources.
#include <algorithm>
#include <charconv>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/bind/data_type_name.h"
#include "sql/syntax/lexer.h"

namespace tarn::sql {

using bound::Expression;

void Binder::FailAt(syntax::Span span, std::string code, std::string sqlstate,
                    std::string message) const {
  throw BindFailure{.code = std::move(code),
                    .sqlstate = std::move(sqlstate),
                    .message = std::move(message),
                    .span = span,
                    .says_position = true};
}

std::string Binder::NameOf(const syntax::Identifier& identifier) const {
  return request_.quoted_identifiers_ignore_case ? syntax::UpperCase(identifier.text)
                                                 : identifier.Canonical();
}

std::vector<std::string> Binder::NamesOf(const syntax::ObjectName& name) {
  std::vector<std::string> result;
  for (const syntax::Identifier& part : name.parts) result.push_back(NameOf(part));
  if (!name.dynamic) return result;
  const Scope nothing;
  const Expression value = Bind(*name.dynamic, nothing);
  const auto* text = std::get_if<std::string>(&value.constant);
  if (value.kind != bound::ExpressionKind::kConstant || text == nullptr) {
    FailAt(name.span, "001003", "42000", "IDENTIFIER wants a text that is known at compile time");
  }
  // Dots part it, quotes keep them.
  std::string part;
  bool quoted = false;
  for (size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < text->size() && (*text)[i + 1] == '"';
      if (doubled) {
        part.push_back('"');
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (c == '.' && !quoted) {
      result.push_back(std::exchange(part, {}));
    } else {
      part += quoted ? std::string(1, c) : syntax::UpperCase(std::string_view(&c, 1));
    }
  }
  result.push_back(std::move(part));
  return result;
}

DataType Binder::BindType(const syntax::DataType& type) {
  auto resolved = ResolveDataType(type);
  if (resolved) return *std::move(resolved);
  std::string message = resolved.error().error.message;
  constexpr std::string_view kPrefix = "SQL compilation error:\n";
  if (message.starts_with(kPrefix)) message.erase(0, kPrefix.size());
  FailAt(type.span, resolved.error().code, resolved.error().sqlstate, std::move(message));
}

// --- Names ---------------------------------------------------------------------------------------

namespace {

/// Whether a qualifier as written denotes an item: `t` and `s.t` both mean db.s.t.
bool Denotes(const std::vector<std::string>& written, const std::vector<std::string>& item) {
  if (written.size() > item.size()) return false;
  return std::equal(written.rbegin(), written.rend(), item.rbegin(),
                    [](const std::string& a, const std::string& b) {
                      return a == b || (a.empty() && b == "PUBLIC");
                    });
}

}  // namespace

std::optional<Expression> Binder::FindColumn(const std::vector<std::string>& parts,
                                             const Scope& scope, syntax::Span span) {
  const std::string& name = parts.back();
  const std::vector<std::string> qualifier(parts.begin(), parts.end() - 1);
  std::vector<const ScopeColumn*> found;
  const auto look = [&](const std::vector<ScopeColumn>& columns) {
    for (const ScopeColumn& column : columns) {
      if (column.name == name) found.push_back(&column);
    }
  };
  if (qualifier.empty()) {
    look(scope.from.visible);
  } else {
    for (const ScopeItem& item : scope.from.items) {
      if (Denotes(qualifier, item.qualifier)) look(item.columns);
    }
  }
  if (found.empty() && request_.row_numbers && name == kRowNumberName) {
    for (const ScopeItem& item : scope.from.items) {
      if (item.table_relation < 0 || !Denotes(qualifier, item.qualifier)) continue;
      Expression number = IntegerConstant(0);
      number.kind = bound::ExpressionKind::kColumn;
      number.column = {item.table_relation, bound::ColumnId::kRowNumber};
      return number;
    }
  }
  if (found.size() > 1) {
    FailAt(span, "002028", "42601", fmt::format("ambiguous column name '{}'", name));
  }
  if (found.empty()) return std::nullopt;
  return found[0]->value;
}

Expression Binder::BindColumn(const syntax::ColumnReference& reference, const Scope& scope,
                              syntax::Span span) {
  const std::vector<std::string> parts = NamesOf(reference.name);
  for (const Scope* around = &scope; around != nullptr; around = around->outer) {
    if (auto column = FindColumn(parts, *around, span)) return *std::move(column);
    if (parts.size() > 1) continue;
    if (const auto variable = around->variables.find(parts[0]);
        variable != around->variables.end()) {
      return variable->second;
    }
    const auto alias = around->aliases.find(parts[0]);
    if (alias == around->aliases.end()) continue;
    if (alias->second.size() > 1) {
      FailAt(span, "002028", "42601", fmt::format("ambiguous column name '{}'", parts[0]));
    }
    const Expression& value = alias->second[0];
    // The alias stands for its expression, which would take other numbers.
    if (TakesNumbers(value)) FailUnsupported("a second use of NEXTVAL by its alias {}", parts[0]);
    if (!clause_.aggregates_allowed && !clause_.in_aggregate &&
        std::string_view(clause_.clause) == "WHERE" && value.call == bound::CallKind::kAggregate) {
      FailAt(span, "002035", "42601",
             fmt::format("Invalid aggregate function in where clause [{}]", parts[0]));
    }
    return value;
  }
  if (parts.size() == 1) {
    if (auto argument = ArgumentNamed(parts[0])) return *std::move(argument);
  }
  if (auto number = BindNextValue(parts, span)) return *std::move(number);
  std::string name;
  for (const std::string& part : parts) name += (name.empty() ? "" : ".") + part;
  if (request_.bare_variables) {
    for (const auto& [known, value] : request_.named_parameters) {
      if (name == known) return value;
    }
  }
  FailAt(span, "000904", "42000", fmt::format("invalid identifier '{}'", name));
}

Expression Binder::BindPositional(const syntax::PositionalColumn& column, const Scope& scope,
                                  syntax::Span span) {
  size_t place = 0;
  std::from_chars(column.number.data(), column.number.data() + column.number.size(), place);
  std::vector<std::string> qualifier;
  for (const syntax::Identifier& part : column.qualifier) qualifier.push_back(NameOf(part));
  const std::vector<ScopeColumn>* columns = &scope.from.visible;
  for (const ScopeItem& item : scope.from.items) {
    if (!qualifier.empty() && Denotes(qualifier, item.qualifier)) columns = &item.columns;
  }
  if (place < 1 || place > columns->size()) {
    FailAt(span, "000904", "42000", fmt::format("invalid identifier '${}'", column.number));
  }
  return (*columns)[place - 1].value;
}

namespace {

/// LIKE of names: % and _, in any case.
bool MatchesIlike(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (MatchesIlike(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
  return !text.empty() && (pattern[0] == '_' || upper(pattern[0]) == upper(text[0])) &&
         MatchesIlike(pattern.substr(1), text.substr(1));
}

}  // namespace

void Binder::ExpandStar(const syntax::Star& star, const Scope& scope, syntax::Span span,
                        std::vector<ScopeColumn>& columns) {
  std::vector<std::string> qualifier;
  for (const syntax::Identifier& part : star.qualifier) qualifier.push_back(NameOf(part));
  std::vector<ScopeColumn> all;
  if (qualifier.empty()) {
    all = scope.from.visible;
  } else {
    bool known = false;
    for (const ScopeItem& item : scope.from.items) {
      if (!Denotes(qualifier, item.qualifier)) continue;
      known = true;
      all.insert(all.end(), item.columns.begin(), item.columns.end());
    }
    if (!known) {
      FailAt(span, "000904", "42000", fmt::format("invalid identifier '{}'", qualifier.back()));
    }
  }
  const auto require = [&](const syntax::Identifier& name) {
    const std::string wanted = NameOf(name);
    const auto found = std::ranges::find(all, wanted, &ScopeColumn::name);
    if (found == all.end()) {
      FailAt(name.span, "000904", "42000", fmt::format("invalid identifier '{}'", wanted));
    }
    return found;
  };
  if (star.ilike) {
    std::erase_if(
        all, [&](const ScopeColumn& column) { return !MatchesIlike(*star.ilike, column.name); });
  }
  for (const syntax::Identifier& name : star.exclude) all.erase(require(name));
  for (const syntax::StarReplacement& replacement : star.replace) {
    const auto column = require(replacement.name);
    column->value = Bind(replacement.value, scope);
    column->table = -1;
  }
  for (const syntax::StarRename& rename : star.rename)
    require(rename.from)->name = NameOf(rename.to);
  if (all.empty()) {
    FailAt(span, "001080", "42601", "SELECT with no columns");
  }
  columns.insert(columns.end(), std::make_move_iterator(all.begin()),
                 std::make_move_iterator(all.end()));
}

// --- Literals ------------------------------------------------------------------------------------

namespace {

struct NumberLiteral {
  Int128 unscaled = 0;
  int32_t precision = 0;
  int32_t scale = 0;
};

/// The exact number of a literal; nothing if it has more than 38 digits.
std::optional<NumberLiteral> ExactNumber(std::string_view text) {
  NumberLiteral result;
  std::string digits;
  int64_t exponent = 0;
  int64_t scale = 0;
  bool point = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      point = true;
    } else if (text[i] == 'e' || text[i] == 'E') {
      std::string_view rest = text.substr(i + 1);
      if (rest.starts_with('+')) rest.remove_prefix(1);
      std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
      break;
    } else {
      digits.push_back(text[i]);
      if (point) ++scale;
    }
  }
  scale -= exponent;
  if (exponent > 0 && scale < 0 && scale >= -38) {
    digits.append(static_cast<size_t>(-scale), '0');
    scale = 0;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  const auto precision = std::max<int64_t>(static_cast<int64_t>(digits.size()), 1);
  if (scale < 0 || scale > 37 || std::max(precision, scale) > 38) return std::nullopt;
  for (const char c : digits) result.unscaled = result.unscaled * 10 + (c - '0');
  result.scale = static_cast<int32_t>(scale);
  result.precision = static_cast<int32_t>(std::max({precision, scale, int64_t{1}}));
  return result;
}

Expression NumberConstant(std::string_view text) {
  const auto exact = ExactNumber(text);
  if (!exact) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return Constant(value, FloatType(), CarrierOf(FloatType()));
  }
  const DataType type = NumberType(exact->precision, exact->scale);
  if (exact->scale > 0 || exact->precision > 18) {
    return Constant(exact->unscaled, type, Type::Decimal(exact->precision, exact->scale));
  }
  if (exact->precision <= 9) {
    return Constant(static_cast<int32_t>(exact->unscaled), type, Type::Primitive(TypeKind::kInt));
  }
  return Constant(static_cast<int64_t>(exact->unscaled), type, Type::Primitive(TypeKind::kLong));
}

std::string BytesOfHex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    int value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

}  // namespace

Expression Binder::BindLiteral(const syntax::Literal& literal, syntax::Span) {
  switch (literal.kind) {
    case syntax::LiteralKind::kNull:
      return NullConstant();
    case syntax::LiteralKind::kTrue:
    case syntax::LiteralKind::kFalse:
      return Constant(literal.kind == syntax::LiteralKind::kTrue, BooleanType(),
                      CarrierOf(BooleanType()));
    case syntax::LiteralKind::kNumber:
      return NumberConstant(literal.text);
    case syntax::LiteralKind::kString:
      return TextConstant(literal.text);
    case syntax::LiteralKind::kBinary: {
      std::string bytes = BytesOfHex(literal.text);
      const auto length = static_cast<int64_t>(bytes.size());
      return Constant(std::move(bytes), {.kind = DataTypeKind::kBinary, .length = length},
                      Type::Primitive(TypeKind::kBinary));
    }
  }
  return NullConstant();
}

// --- Nodes ---------------------------------------------------------------------------------------

std::vector<Expression> Binder::BindAll(const std::vector<syntax::Expression>& expressions,
                                        const Scope& scope) {
  std::vector<Expression> result;
  for (const syntax::Expression& expression : expressions)
    result.push_back(Bind(expression, scope));
  return result;
}

Expression Binder::Bind(const syntax::Expression& expression, const Scope& scope) {
  try {
    return BindNode(*expression, scope);
  } catch (BindFailure& failure) {
    // The innermost expression is the place.
    if (!failure.span) failure.span = expression->span;
    throw;
  }
}

/// One overload for each kind of node.
struct ExpressionBinder {
  Binder& binder;
  const Scope& scope;
  syntax::Span span;

  Expression operator()(const syntax::Literal& node) { return binder.BindLiteral(node, span); }
  Expression operator()(const syntax::TypedLiteral& node) {
    syntax::DataType written{.name = {.span = span, .parts = {{.span = span, .text = node.type}}}};
    return Convert(TextConstant(node.text), binder.BindType(written), CastMode::kExplicit);
  }
  Expression operator()(const syntax::IntervalLiteral&) {
    FailBinding("001003", "42000", "an interval stands only beside + or - and a date");
  }
  Expression operator()(const syntax::ColumnReference& node) {
    return binder.BindColumn(node, scope, span);
  }
  Expression operator()(const syntax::PositionalColumn& node) {
    return binder.BindPositional(node, scope, span);
  }
  Expression operator()(const syntax::SessionVariable& node) {
    const std::string name = binder.NameOf(node.name);
    auto value = binder.request_.names->Variable(name);
    if (value) return *std::move(value);
    binder.FailAt(span, "000904", "42000",
                  fmt::format("Session variable '${}' does not exist", name));
  }
  /// Of a `?` among those of its statement, from 1: clauses are bound in another order than they
  /// stand, and some more than once.
  size_t PlaceOf(syntax::Span question) {
    auto& placeholders = binder.counters_.placeholders;
    if (!placeholders) {
      placeholders.emplace();
      const auto tokens = syntax::Tokenize(binder.request_.text);
      size_t place = 0;
      for (const syntax::Token& token : tokens ? *tokens : std::vector<syntax::Token>()) {
        if (token.kind == syntax::TokenKind::kSemicolon) place = 0;
        if (token.kind != syntax::TokenKind::kQuestion) continue;
        placeholders->emplace_back(token.span.begin, ++place);
      }
    }
    const auto found = std::ranges::lower_bound(*placeholders, question.begin, {},
                                                &std::pair<uint32_t, size_t>::first);
    return found == placeholders->end() ? 0 : found->second;
  }
  Expression operator()(const syntax::BindVariable& node) {
    if (!node.name.empty()) {
      std::string name;
      for (const syntax::Identifier& part : node.name) {
        name += (name.empty() ? "" : ".") + binder.NameOf(part);
      }
      for (const auto& [known, value] : binder.request_.named_parameters) {
        if (name == known) return value;
      }
      binder.FailAt(span, "002049", "42601", fmt::format("Bind variable :{} not set.", name));
    }
    size_t place = 0;
    if (node.number.empty()) {
      place = PlaceOf(span);
    } else {
      std::from_chars(node.number.data(), node.number.data() + node.number.size(), place);
    }
    const auto& values = binder.request_.parameters;
    if (place < 1 || place > values.size()) {
      binder.FailAt(
          span, "002049", "42601",
          fmt::format("Bind variable {} not set.", node.number.empty() ? "?" : ":" + node.number));
    }
    return values[place - 1];
  }
  Expression operator()(const syntax::StageReference&) { FailUnsupported("a stage as a value"); }
  Expression operator()(const syntax::DefaultValue&) {
    FailBinding("001003", "42000", "DEFAULT stands only in VALUES and SET");
  }
  Expression operator()(const syntax::Unary& node) {
    switch (node.op) {
      case syntax::UnaryOperator::kNegate:
        return Negate(binder.Bind(node.operand, scope));
      case syntax::UnaryOperator::kPlus:
        return ToNumeric(binder.Bind(node.operand, scope));
      case syntax::UnaryOperator::kNot:
        return Not(binder.Bind(node.operand, scope));
      default:
        FailUnsupported("PRIOR, CONNECT_BY_ROOT and ** in expressions");
    }
  }
  Expression operator()(const syntax::Binary& node) { return binder.BindBinary(node, scope); }
  Expression operator()(const syntax::Logical& node) {
    auto operands = binder.BindAll(node.operands, scope);
    return node.op == syntax::LogicalOperator::kAnd ? And(std::move(operands))
                                                    : Or(std::move(operands));
  }
  Expression operator()(const syntax::IsTest& node) {
    Expression operand = binder.Bind(node.operand, scope);
    if (node.truth != syntax::Truth::kNull) operand = Convert(std::move(operand), BooleanType());
    const char* word = node.truth == syntax::Truth::kNull   ? "NULL"
                       : node.truth == syntax::Truth::kTrue ? "TRUE"
                                                            : "FALSE";
    const std::string op = fmt::format("IS {}{}", node.negated ? "NOT " : "", word);
    Expression result = Call(op, "({0} " + op + ")", {std::move(operand)}, BooleanType());
    result.nullable = false;
    return result;
  }
  Expression operator()(const syntax::DistinctFrom& node) {
    return Compare(node.negated ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM",
                   binder.Bind(node.left, scope), binder.Bind(node.right, scope));
  }
  Expression operator()(const syntax::PatternMatch& node) {
    return binder.BindPattern(node, scope);
  }
  Expression operator()(const syntax::Between& node) {
    Expression operand = binder.Bind(node.operand, scope);
    std::vector<Expression> both;
    both.push_back(Compare(">=", operand, binder.Bind(node.low, scope)));
    both.push_back(Compare("<=", std::move(operand), binder.Bind(node.high, scope)));
    Expression result = And(std::move(both));
    return node.negated ? Not(std::move(result)) : result;
  }
  Expression operator()(const syntax::InList& node) { return binder.BindIn(node, scope); }
  Expression operator()(const syntax::InQuery& node) { return binder.BindInQuery(node, scope); }
  Expression operator()(const syntax::QuantifiedComparison& node) {
    return binder.BindQuantified(node, scope);
  }
  Expression operator()(const syntax::Cast& node) {
    Expression operand = binder.Bind(node.operand, scope);
    const DataType type = binder.BindType(node.type);
    if (node.try_cast && operand.type.kind != DataTypeKind::kVarchar &&
        operand.type.kind != DataTypeKind::kNull) {
      FailBinding("001065", "22023",
                  "Function TRY_CAST cannot be used with arguments of types {} and {}",
                  ToString(operand.type), ToString(type));
    }
    Expression result =
        Convert(std::move(operand), type, node.try_cast ? CastMode::kTry : CastMode::kExplicit);
    if (node.try_cast) result.nullable = true;
    return result;
  }
  Expression operator()(const syntax::Collate& node) {
    if (!node.collation.empty() && node.collation != "utf8") {
      FailUnsupported("collation '{}'", node.collation);
    }
    return binder.Bind(node.operand, scope);
  }
  Expression operator()(const syntax::Extract& node) {
    FunctionContext context = binder.request_.session;
    context.name = "DATE_PART";
    return BindFunction(context, {TextConstant(node.part), binder.Bind(node.operand, scope)});
  }
  Expression operator()(const syntax::Path& node) { return binder.BindPath(node, scope); }
  Expression operator()(const syntax::OuterMark& node) { return binder.Bind(node.column, scope); }
  Expression operator()(const syntax::Case& node) { return binder.BindCase(node, scope); }
  Expression operator()(const syntax::Row&) {
    FailBinding("001003", "42000", "a row stands only in comparisons");
  }
  Expression operator()(const syntax::ArrayConstant& node) { return binder.BindArray(node, scope); }
  Expression operator()(const syntax::ObjectConstant& node) {
    return binder.BindObject(node, scope);
  }
  Expression operator()(const syntax::Star&) {
    FailBinding("001003", "42000", "* stands only in lists and COUNT");
  }
  Expression operator()(const syntax::Lambda&) {
    FailBinding("001003", "42000",
                "a lambda expression stands only in FILTER, TRANSFORM and REDUCE");
  }
  Expression operator()(const syntax::ScalarSubquery& node) {
    return binder.BindSubquery("subquery", "({q})", *node.query, {}, scope, true);
  }
  Expression operator()(const syntax::Exists& node) {
    return binder.BindSubquery("EXISTS", "EXISTS ({q})", *node.query, {}, scope, false);
  }
  Expression operator()(const syntax::TableArgument&) { FailUnsupported("TABLE() as a value"); }
  Expression operator()(const syntax::Box<syntax::FunctionCall>& node) {
    return binder.BindCall(*node, scope, span);
  }
};

Expression Binder::BindNode(const syntax::ExpressionNode& node, const Scope& scope) {
  return std::visit(ExpressionBinder{*this, scope, node.span}, node.value);
}

}  // namespace tarn::sql
