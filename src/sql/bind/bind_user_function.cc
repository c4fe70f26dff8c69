// SPDX-License-Identifier: Apache-2.0
// Functions that users write in SQL. A call becomes the bound body, in which the names of the
// arguments are the bound values of the call: no text is put into another.
#include <algorithm>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/bind/overload.h"
#include "sql/bind/select_binder.h"
#include "sql/bound/volatility.h"
#include "sql/functions/function.h"
#include "sql/syntax/lexer.h"
#include "sql/syntax/parser.h"

namespace tarn::sql {

using bound::Expression;

namespace {

/// Functions within functions.
constexpr size_t kFunctionDepthMax = 16;
/// A value takes the place of an argument wherever a body names it: what a statement may grow to by
/// that, in nodes of expressions.
constexpr size_t kArgumentNodesMax = 200'000;
/// What a subquery counts for.
constexpr size_t kSubqueryNodes = 20;

bool HasColumn(const Expression& expression) {
  return expression.kind == bound::ExpressionKind::kColumn || expression.query != nullptr ||
         std::ranges::any_of(expression.arguments, HasColumn);
}

size_t NodesOf(const Expression& expression) {
  size_t nodes = expression.query == nullptr ? 1 : kSubqueryNodes;
  for (const Expression& argument : expression.arguments) nodes += NodesOf(argument);
  return nodes;
}

std::string WholeName(const NamedFunction& function) {
  std::string types;
  for (const NamedParameter& parameter : function.parameters) {
    types += (types.empty() ? "" : ", ") + ToString(parameter.type);
  }
  return fmt::format("{}.{}.{}({})", function.database, function.schema, function.name, types);
}

/// A body is a query, or else an expression.
struct FunctionBody {
  std::optional<syntax::Query> query;
  std::optional<syntax::Expression> expression;
};

/// As the parser words it, without code and heading.
[[noreturn]] void FailParsing(const Error& error) {
  std::string message = error.message;
  constexpr std::string_view kHeading = "SQL compilation error:\n";
  if (const size_t heading = message.find(kHeading); heading != std::string::npos) {
    message.erase(0, heading + kHeading.size());
  }
  throw BindFailure{.code = "001003", .sqlstate = "42000", .message = std::move(message)};
}

bool BeginsAsQuery(const std::string& text) {
  const auto tokens = syntax::Tokenize(text);
  if (!tokens || tokens->empty()) return false;
  const std::string_view word = syntax::TextOf(text, tokens->front().span);
  return syntax::SameWord(word, "SELECT") || syntax::SameWord(word, "WITH");
}

FunctionBody ParseFunctionBody(const std::string& text, bool table) {
  FunctionBody body;
  auto query = syntax::ParseQuery(text);
  if (query) {
    body.query = *std::move(query);
    return body;
  }
  if (table || BeginsAsQuery(text)) FailParsing(query.error());
  auto expression = syntax::ParseExpression(text);
  if (!expression) FailParsing(expression.error());
  body.expression = *std::move(expression);
  return body;
}

/// The one expression of a SELECT that has nothing else: it needs no subquery.
const syntax::Expression* OnlyItem(const syntax::Query& query) {
  const auto* boxed = std::get_if<syntax::Box<syntax::Select>>(&query.body);
  if (boxed == nullptr || !query.with.empty() || !query.order_by.empty() || query.order_by_all ||
      query.limit.limit || query.limit.offset) {
    return nullptr;
  }
  const syntax::Select& select = **boxed;
  const bool plain = select.from.empty() && !select.distinct && !select.top &&
                     select.into.empty() && !select.where && !select.hierarchy &&
                     !select.group_by_all && select.group_by.empty() && !select.group_by_nothing &&
                     !select.having && !select.qualify && select.items.size() == 1;
  if (!plain || syntax::As<syntax::Star>(select.items[0].value) != nullptr) return nullptr;
  return &select.items[0].value;
}

/// Lengths, precision and scale of a declaration do not count ("SQL UDF limitations").
Expression ToDeclared(Expression value, const DataType& type) {
  const bool same = value.type.kind == type.kind &&
                    (type.kind == DataTypeKind::kNumber || type.kind == DataTypeKind::kVarchar);
  return same ? std::move(value) : Convert(std::move(value), type);
}

bool IsDeclared(const DataType& actual, const DataType& type) { return CanConvert(actual, type); }

Expression IsNotNull(const Expression& value) {
  Expression test = Call("IS NOT NULL", "({0} IS NOT NULL)", {value}, BooleanType());
  test.nullable = false;
  return test;
}

/// One failure of a body: where in its text says nothing to the caller.
void TellOf(BindFailure& failure, const NamedFunction& function) {
  failure.span.reset();
  failure.says_position = false;
  failure.message =
      fmt::format("Compilation of SQL UDF '{}' failed: {}", function.name, failure.message);
}

/// While it lives, the function is being expanded.
class Expansion {
 public:
  Expansion(BindCounters& counters, const NamedFunction& function) : counters_(counters) {
    auto& open = counters_.functions;
    if (std::ranges::find(open, function.id) != open.end() || open.size() >= kFunctionDepthMax) {
      FailBinding("002036", "42601",
                  "Function '{}' refers to itself, or its calls are nested too deeply",
                  function.name);
    }
    open.push_back(function.id);
    counters_.Add({.function = function.id,
                   .name = WholeName(function),
                   .text = function.body,
                   .immutable = function.immutable});
  }
  ~Expansion() { counters_.functions.pop_back(); }
  Expansion(const Expansion&) = delete;
  Expansion& operator=(const Expansion&) = delete;

 private:
  BindCounters& counters_;
};

std::string TypesOf(const std::vector<NamedArgument>& arguments) {
  std::string types;
  for (const NamedArgument& argument : arguments) {
    types += (types.empty() ? "" : ", ") + ToString(argument.value.type);
  }
  return types;
}

const NamedFunction& Chosen(const std::vector<NamedFunction>& functions,
                            const std::vector<NamedArgument>& arguments) {
  const NamedFunction* const function = ChooseOverload(functions, arguments);
  if (function != nullptr) return *function;
  FailBinding("001044", "42P13", "Invalid argument types for function '{}': ({})",
              functions[0].name, TypesOf(arguments));
}

}  // namespace

std::vector<NamedFunction> Binder::UserFunctions(const std::vector<std::string>& parts,
                                                 syntax::Span span) const {
  if (request_.names == nullptr) return {};
  auto functions = request_.names->Functions(parts);
  if (functions) return *std::move(functions);
  throw BindFailure{.code = functions.error().code,
                    .sqlstate = functions.error().sqlstate,
                    .message = functions.error().error.message,
                    .span = span,
                    .kind = functions.error().error.kind};
}

std::vector<NamedArgument> Binder::BindArguments(const syntax::FunctionCall& call,
                                                 const Scope& scope,
                                                 std::vector<bool>& is_volatile) {
  std::vector<NamedArgument> arguments;
  for (const syntax::Argument& argument : call.arguments) {
    const int32_t before = counters_.volatile_calls;
    Expression value = Bind(argument.value, scope);
    is_volatile.push_back(counters_.volatile_calls != before || IsVolatile(value));
    std::string name = argument.name ? NameOf(*argument.name) : std::string();
    if (name.empty() && !arguments.empty() && !arguments.back().name.empty()) {
      FailAt(argument.value->span, "001003", "42000",
             "arguments without a name stand before those with one");
    }
    arguments.push_back({.name = std::move(name), .value = std::move(value)});
  }
  return arguments;
}

BindRequest Binder::RequestOf(const NamedFunction& function, std::string_view text) const {
  BindRequest request{.text = text,
                      .names = function.names.get(),
                      .session = request_.session,
                      .parameters = {},
                      .named_parameters = {},
                      .output_types = std::nullopt,
                      .nulls_last = request_.nulls_last,
                      .quoted_identifiers_ignore_case = request_.quoted_identifiers_ignore_case};
  // CURRENT_DATABASE and CURRENT_SCHEMA tell where the function is.
  request.session.database = function.database;
  request.session.schema = function.schema;
  return request;
}

Expression Binder::DefaultOf(const NamedFunction& function, const NamedParameter& parameter) {
  const std::string& text = *parameter.default_sql;
  const BindRequest request = RequestOf(function, text);
  Binder binder(request, counters_);
  try {
    auto parsed = syntax::ParseExpression(text);
    if (!parsed) FailParsing(parsed.error());
    const Scope nothing;
    return binder.Bind(*parsed, nothing);
  } catch (BindFailure& failure) {
    TellOf(failure, function);
    throw;
  }
}

ArgumentValues Binder::ValuesOf(const NamedFunction& function, std::vector<NamedArgument> arguments,
                                const std::vector<bool>& is_volatile) {
  const auto places = MatchArguments(function, arguments);
  ArgumentValues values{.function = function.name, .values = {}};
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const NamedParameter& parameter = function.parameters[i];
    const std::optional<size_t> place = (*places)[i];
    Expression value = place ? std::move(arguments[*place].value) : DefaultOf(function, parameter);
    value = ToDeclared(std::move(value), parameter.type);
    const bool of_group = HasAggregate(value) || HasWindow(value);
    const bool differs = place ? is_volatile[*place] : IsVolatile(value);
    const size_t nodes = NodesOf(value);
    values.values.push_back({.name = parameter.name,
                             .value = std::move(value),
                             .nodes = nodes,
                             .is_volatile = differs,
                             .of_group = of_group});
  }
  return values;
}

std::optional<Expression> Binder::ArgumentNamed(const std::string& name) {
  if (arguments_ == nullptr) return std::nullopt;
  const auto found = std::ranges::find(arguments_->values, name, &ArgumentValues::Value::name);
  if (found == arguments_->values.end()) return std::nullopt;
  ++found->uses;
  if (found->is_volatile && (found->uses > 1 || query_depth_ > 0)) {
    FailUnsupported(
        "a volatile argument {} of function {}, which reads it more than once: compute it in a "
        "subquery of FROM, and give the column",
        name, arguments_->function);
  }
  if (found->of_group && query_depth_ > 0) {
    FailUnsupported(
        "an aggregate or a window function as argument {} of function {}, whose body is a query: "
        "compute it in a subquery of FROM, and give the column",
        name, arguments_->function);
  }
  counters_.argument_nodes += found->nodes;
  if (counters_.argument_nodes > kArgumentNodesMax) {
    throw BindFailure{.code = "000603",
                      .sqlstate = "54001",
                      .message = fmt::format("calls of function {} within each other become too "
                                             "large",
                                             arguments_->function),
                      .kind = ErrorKind::kResourceExhausted};
  }
  return found->value;
}

// --- Scalar functions ----------------------------------------------------------------------------

Expression Binder::ExpandScalar(const NamedFunction& function, ArgumentValues& values) {
  const Expansion expansion(counters_, function);
  const BindRequest request = RequestOf(function, function.body);
  Binder body(request, counters_);
  body.arguments_ = &values;
  Expression value;
  try {
    const FunctionBody parsed = ParseFunctionBody(function.body, false);
    const Scope nothing;
    const syntax::Expression* only = parsed.query ? OnlyItem(*parsed.query) : &*parsed.expression;
    value = only != nullptr
                ? body.Bind(*only, nothing)
                : body.BindSubquery("subquery", "({q})", *parsed.query, {}, nothing, true);
    if (!IsDeclared(value.type, function.returns)) {
      FailBinding("002023", "22000",
                  "Declared return type '{}' is incompatible with actual return type '{}'",
                  ToString(function.returns), ToString(value.type));
    }
    value = ToDeclared(std::move(value), function.returns);
  } catch (BindFailure& failure) {
    TellOf(failure, function);
    throw;
  }
  if (!function.strict) return value;
  std::vector<Expression> known;
  for (const auto& argument : values.values) {
    if (argument.is_volatile) {
      FailUnsupported("a volatile argument of function {}, which is STRICT", function.name);
    }
    if (argument.value.nullable) known.push_back(IsNotNull(argument.value));
  }
  if (known.empty()) return value;
  std::vector<Expression> branches;
  branches.push_back(std::move(value));
  std::vector<Expression> conditions;
  conditions.push_back(And(std::move(known)));
  return CaseWhen(std::move(conditions), std::move(branches));
}

Expression Binder::BindUserCall(const syntax::FunctionCall& call,
                                const std::vector<std::string>& parts, const Scope& scope,
                                syntax::Span span) {
  const std::vector<NamedFunction> functions = UserFunctions(parts, span);
  if (functions.empty()) {
    FailAt(span, parts.size() > 1 ? "002141" : "002140", "42601",
           fmt::format("Unknown {}function {}", parts.size() > 1 ? "user-defined " : "",
                       parts.back()));
  }
  if (call.over || call.distinct || !call.within_group.empty()) {
    FailAt(span, "002303", "42601",
           fmt::format("Function [{}] is no aggregate and no window function", parts.back()));
  }
  std::vector<bool> is_volatile;
  std::vector<NamedArgument> arguments = BindArguments(call, scope, is_volatile);
  const NamedFunction& function = Chosen(functions, arguments);
  if (function.returns_table) {
    FailAt(span, "002141", "42601",
           fmt::format("Function {} returns a table: it stands in FROM TABLE(…)", function.name));
  }
  ArgumentValues values = ValuesOf(function, std::move(arguments), is_volatile);
  std::vector<Expression> given;
  for (const auto& argument : values.values) given.push_back(argument.value);
  for (const ExpandedCall& known : counters_.calls) {
    if (known.function == function.id &&
        std::ranges::equal(known.arguments, given, bound::SameValue)) {
      return known.value;
    }
  }
  const int32_t before = counters_.volatile_calls;
  Expression value = ExpandScalar(function, values);
  if (counters_.volatile_calls == before) {
    counters_.calls.push_back(
        {.function = function.id, .arguments = std::move(given), .value = value});
  }
  return value;
}

// --- Table functions -----------------------------------------------------------------------------

namespace {

/// The columns as they are declared.
std::vector<bound::OutputColumn> DeclaredColumns(const NamedFunction& function,
                                                 const bound::Query& query) {
  const auto& declared = *function.returns_table;
  if (declared.size() != query.columns.size()) {
    FailBinding("002020", "21S01", "the function returns {} columns, and its query gives {}",
                declared.size(), query.columns.size());
  }
  std::vector<bound::OutputColumn> columns = query.columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& [name, type] = declared[i];
    if (!IsDeclared(columns[i].type, type)) {
      FailBinding("002023", "22000",
                  "Declared type '{}' of column {} is incompatible with actual type '{}'",
                  ToString(type), name, ToString(columns[i].type));
    }
    Expression value{.kind = bound::ExpressionKind::kColumn};
    value.type = columns[i].type;
    value.carrier = columns[i].carrier;
    value = ToDeclared(std::move(value), type);
    columns[i].name = name;
    columns[i].type = value.type;
    columns[i].carrier = value.carrier;
    columns[i].table = -1;
  }
  return columns;
}

}  // namespace

bound::Query Binder::ExpandTable(const NamedFunction& function, ArgumentValues& values) {
  const Expansion expansion(counters_, function);
  const BindRequest request = RequestOf(function, function.body);
  Binder body(request, counters_);
  body.arguments_ = &values;
  bound::Query result;
  try {
    const FunctionBody parsed = ParseFunctionBody(function.body, true);
    bound::Query query = body.BindQuery(*parsed.query, nullptr);
    const std::vector<bound::OutputColumn> columns = DeclaredColumns(function, query);
    result = *WithColumns(std::move(query), columns);
    result.columns = columns;
  } catch (BindFailure& failure) {
    TellOf(failure, function);
    throw;
  }
  if (!function.strict || values.values.empty()) return result;
  std::vector<bound::OutputColumn> columns = result.columns;
  BoundFrom from = DerivedFrom(std::move(result), false);
  std::vector<Expression> known;
  for (const auto& argument : values.values) known.push_back(IsNotNull(argument.value));
  bound::Select select;
  for (ScopeColumn& column : from.scope.visible) select.items.push_back(std::move(column.value));
  select.from = std::move(from.relation);
  select.where = And(std::move(known));
  bound::Query strict;
  strict.body = std::move(select);
  strict.columns = std::move(columns);
  return strict;
}

Binder::BoundFrom Binder::BindUserTable(const std::vector<NamedFunction>& functions,
                                        const syntax::FunctionCall& call, const Scope& scope) {
  if (call.over) FailUnsupported("partitions of a table function in SQL");
  std::vector<bool> is_volatile;
  std::vector<NamedArgument> arguments = BindArguments(call, scope, is_volatile);
  const NamedFunction& function = Chosen(functions, arguments);
  if (!function.returns_table) {
    FailAt(call.name.span, "002141", "42601",
           fmt::format("Function {} returns a value: it stands in no FROM", function.name));
  }
  ArgumentValues values = ValuesOf(function, std::move(arguments), is_volatile);
  const bool lateral =
      !scope.from.items.empty() &&
      std::ranges::any_of(values.values, [](const auto& each) { return HasColumn(each.value); });
  BoundFrom from = DerivedFrom(ExpandTable(function, values), lateral);
  from.scope.items[0].qualifier = {function.name};
  return from;
}

// --- CREATE FUNCTION -----------------------------------------------------------------------------

SqlResult<std::vector<ExpandedText>> CheckFunction(const NamedFunction& function,
                                                   const BindRequest& request) {
  BindCounters counters;
  try {
    Binder binder(request, counters);
    ArgumentValues values{.function = function.name, .values = {}};
    for (const NamedParameter& parameter : function.parameters) {
      if (parameter.default_sql) {
        (void)ToDeclared(binder.DefaultOf(function, parameter), parameter.type);
      }
      Expression value{.kind = bound::ExpressionKind::kColumn};
      value.column = {counters.next_relation++, 0};
      value.type = parameter.type;
      value.carrier = CarrierOf(parameter.type);
      values.values.push_back({.name = parameter.name, .value = std::move(value)});
    }
    if (function.returns_table) {
      (void)binder.ExpandTable(function, values);
    } else {
      (void)binder.ExpandScalar(function, values);
    }
    std::erase_if(counters.expanded,
                  [&](const ExpandedText& text) { return text.function == function.id; });
    return std::move(counters.expanded);
  } catch (const BindFailure& failure) {
    return std::unexpected(ToSqlError(failure, request.text));
  }
}

}  // namespace tarn::sql
