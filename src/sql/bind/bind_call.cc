// SPDX-License-Identifier: Apache-2.0
// Calls of functions, aggregates and window functions.
#include <algorithm>
#include <array>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/functions/unsupported_functions.h"

namespace tarn::sql {

using bound::Expression;

namespace {

/// Which argument of a function is a part of a date: a bare word there is no column.
struct PartArgument {
  std::string_view function;
  size_t argument;
};

constexpr std::array kPartArguments = {
    PartArgument{"DATEADD", 0},    PartArgument{"TIMEADD", 0},    PartArgument{"TIMESTAMPADD", 0},
    PartArgument{"DATEDIFF", 0},   PartArgument{"TIMEDIFF", 0},   PartArgument{"TIMESTAMPDIFF", 0},
    PartArgument{"DATE_PART", 0},  PartArgument{"DATE_TRUNC", 0}, PartArgument{"LAST_DAY", 1},
    PartArgument{"TIME_SLICE", 2}, PartArgument{"TRUNC", 1},
};

bool IsPartArgument(std::string_view function, size_t argument) {
  return std::ranges::any_of(kPartArguments, [&](const PartArgument& part) {
    return part.function == function && part.argument == argument;
  });
}

/// Functions whose window is the whole partition unless a frame is written.
bool WantsWholePartition(std::string_view name) {
  return name == "FIRST_VALUE" || name == "LAST_VALUE" || name == "NTH_VALUE";
}

bool TakesLambda(std::string_view name) {
  return name == "FILTER" || name == "TRANSFORM" || name == "REDUCE";
}

/// Table functions of the binder (bind_from.cc, bind_semistructured.cc).
constexpr std::array<std::string_view, 5> kTableFunctions = {
    "FLATTEN", "GENERATOR", "GETNEXTVAL", "SPLIT_TO_TABLE", "STRTOK_SPLIT_TO_TABLE"};

/// `{i}` of a pattern is where DuckDB wants IGNORE NULLS.
void PlaceNullTreatment(std::string& pattern, bool ignore) {
  const size_t place = pattern.find("{i}");
  if (place != std::string::npos) pattern.replace(place, 3, ignore ? " IGNORE NULLS" : "");
}

}  // namespace

bool IsReservedFunctionName(std::string_view name) {
  return KindOfFunction(name) || name == "COUNT" || TakesLambda(name) ||
         IsUnsupportedFunction(name) ||
         std::ranges::find(kTableFunctions, name) != kTableFunctions.end();
}

Expression Binder::BindCount(const syntax::FunctionCall& call, const Scope& scope) {
  std::vector<Expression> arguments;
  for (const syntax::Argument& argument : call.arguments) {
    const auto* star = syntax::As<syntax::Star>(argument.value);
    if (star == nullptr) {
      arguments.push_back(Bind(argument.value, scope));
      continue;
    }
    if (star->qualifier.empty() && call.arguments.size() == 1 && !call.distinct) continue;
    std::vector<ScopeColumn> columns;
    ExpandStar(*star, scope, argument.value->span, columns);
    for (ScopeColumn& column : columns) arguments.push_back(std::move(column.value));
  }
  std::string pattern = "count(*){w}";
  if (arguments.size() == 1) {
    pattern = "count({d}{0}){w}";
  } else if (arguments.size() > 1) {
    std::string known;
    for (size_t i = 0; i < arguments.size(); ++i) {
      known += fmt::format("{}{{{}}} IS NOT NULL", i > 0 ? " AND " : "", i);
    }
    pattern = "count({d}CASE WHEN " + known + " THEN row({*}) END){w}";
  }
  Expression result = Call("COUNT", std::move(pattern), std::move(arguments), NumberType(18, 0));
  result.nullable = false;
  result.call = bound::CallKind::kAggregate;
  return result;
}

std::optional<Expression> Binder::BindSystemCall(const syntax::FunctionCall& call,
                                                 const std::string& name, const Scope& scope,
                                                 syntax::Span span) {
  if (request_.names == nullptr || !request_.names->MayBeSystemFunction(name)) {
    if (IsUnsupportedFunction(name)) FailUnsupported("function {}", name);
    return std::nullopt;
  }
  std::vector<Expression> arguments;
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.name) FailUnsupported("named arguments of {}", name);
    arguments.push_back(Bind(argument.value, scope));
    if (TakesNumbers(arguments.back())) FailUnsupported("NEXTVAL as an argument of {}", name);
  }
  auto value = request_.names->SystemFunction(name, arguments);
  if (value) return *std::move(value);
  throw BindFailure{.code = value.error().code,
                    .sqlstate = value.error().sqlstate,
                    .message = value.error().error.message,
                    .span = span,
                    .kind = value.error().error.kind};
}

Expression Binder::BindCall(const syntax::FunctionCall& call, const Scope& scope,
                            syntax::Span span) {
  if (call.method) FailUnsupported("methods of objects");
  const std::vector<std::string> parts = NamesOf(call.name);
  const std::string& name = parts.back();
  const auto kind = KindOfFunction(name);
  if (parts.size() == 1 && !kind) {
    if (auto value = BindSystemCall(call, name, scope, span)) return *std::move(value);
  }
  if (parts.size() > 1 || (!kind && name != "COUNT" && !TakesLambda(name))) {
    return BindUserCall(call, parts, scope, span);
  }
  const bool aggregate = name == "COUNT" || kind == bound::CallKind::kAggregate;
  const bool over = call.over.has_value();
  if (aggregate && !over) {
    if (clause_.in_aggregate) {
      FailAt(span, "002032", "42601",
             fmt::format("aggregate functions cannot be nested: [{}]", name));
    }
    if (!clause_.aggregates_allowed) {
      FailAt(span, "002035", "42601",
             fmt::format("Invalid aggregate function in {} clause [{}]",
                         std::string_view(clause_.clause).empty() ? "this" : clause_.clause, name));
    }
  }
  if (over && !clause_.windows_allowed) {
    FailAt(span, "002303", "42601",
           fmt::format("Window function [{}] not allowed in {} clause.", name, clause_.clause));
  }
  if (kind == bound::CallKind::kWindow && !over) {
    FailAt(span, "002303", "42601",
           fmt::format("Missing over clause for window function [{}]", name));
  }
  const ClauseState clause = clause_;
  if (aggregate && !over) clause_.in_aggregate = true;
  if (over) clause_.windows_allowed = false;
  Expression result;
  if (name == "COUNT") {
    result = BindCount(call, scope);
  } else if (TakesLambda(name)) {
    result = BindLambdaCall(name, call, scope);
  } else {
    std::vector<Expression> arguments;
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const syntax::Argument& argument = call.arguments[i];
      if (argument.name) FailUnsupported("named arguments of {}", name);
      const auto* word = syntax::As<syntax::ColumnReference>(argument.value);
      if (IsPartArgument(name, i) && word != nullptr && word->name.parts.size() == 1 &&
          DatePart(word->name.parts[0].text)) {
        arguments.push_back(TextConstant(word->name.parts[0].text));
        continue;
      }
      if (const auto* star = syntax::As<syntax::Star>(argument.value)) {
        AppendStarFields(*star, scope, argument.value->span, arguments);
        continue;
      }
      arguments.push_back(Bind(argument.value, scope));
    }
    FunctionContext context = request_.session;
    context.name = name;
    // WITHIN GROUP of percentiles is an argument to us.
    if ((name == "PERCENTILE_CONT" || name == "PERCENTILE_DISC") && call.within_group.size() == 1) {
      arguments.push_back(Bind(call.within_group[0].value, scope));
    }
    result = BindFunction(context, std::move(arguments));
  }
  BindCallClauses(call, scope, result);
  clause_ = clause;
  return result;
}

void Binder::BindCallClauses(const syntax::FunctionCall& call, const Scope& scope,
                             Expression& result) {
  if (result.is_volatile) ++counters_.volatile_calls;
  PlaceNullTreatment(result.pattern, call.nulls == syntax::NullTreatment::kIgnore);
  result.distinct = call.distinct;
  if (!call.within_group.empty()) result.order = BindOrderItems(call.within_group, scope);
  if (!call.over) return;
  result.window = BindWindow(**call.over, scope, result);
}

std::vector<bound::OrderKey> Binder::BindOrderItems(const std::vector<syntax::OrderItem>& items,
                                                    const Scope& scope) {
  std::vector<bound::OrderKey> keys;
  for (const syntax::OrderItem& item : items) {
    keys.push_back({.value = Bind(item.value, scope),
                    .descending = item.descending,
                    .nulls_first = NullsFirst(item)});
  }
  return keys;
}

namespace {

bound::FrameBound EdgeOf(syntax::FrameBound edge) {
  switch (edge) {
    case syntax::FrameBound::kUnboundedPreceding:
      return bound::FrameBound::kUnboundedPreceding;
    case syntax::FrameBound::kPreceding:
      return bound::FrameBound::kPreceding;
    case syntax::FrameBound::kCurrentRow:
      return bound::FrameBound::kCurrentRow;
    case syntax::FrameBound::kFollowing:
      return bound::FrameBound::kFollowing;
    case syntax::FrameBound::kUnboundedFollowing:
      return bound::FrameBound::kUnboundedFollowing;
  }
  return bound::FrameBound::kCurrentRow;
}

}  // namespace

std::shared_ptr<const bound::Window> Binder::BindWindow(const syntax::WindowSpecification& window,
                                                        const Scope& scope, const Expression& of) {
  bound::Window result;
  if (window.base) {
    const std::string name = NameOf(*window.base);
    const auto found = windows_ == nullptr
                           ? std::vector<syntax::NamedWindow>::const_iterator{}
                           : std::ranges::find_if(*windows_, [&](const syntax::NamedWindow& named) {
                               return NameOf(named.name) == name;
                             });
    if (windows_ == nullptr || found == windows_->end()) {
      FailAt(window.base->span, "000904", "42000", fmt::format("invalid identifier '{}'", name));
    }
    result = *BindWindow(found->window, scope, of);
    if (!window.frame && window.order_by.empty() && window.partition_by.empty()) {
      return std::make_shared<const bound::Window>(std::move(result));
    }
    result.unit.clear();
  }
  for (Expression& key : BindAll(window.partition_by, scope)) {
    result.partition.push_back(std::move(key));
  }
  for (bound::OrderKey& key : BindOrderItems(window.order_by, scope)) {
    result.order.push_back(std::move(key));
  }
  if (of.call == bound::CallKind::kWindow && result.order.empty() && of.name != "RATIO_TO_REPORT") {
    FailBinding("002303", "42601", "Missing order by clause for window function [{}]", of.name);
  }
  if (window.frame) {
    constexpr const char* kUnits[] = {"ROWS", "RANGE", "GROUPS"};
    const syntax::WindowFrame& frame = *window.frame;
    result.unit = kUnits[static_cast<size_t>(frame.unit)];
    result.start = EdgeOf(frame.start.bound);
    const auto offset = [&](const syntax::FrameEdge& edge, std::vector<Expression>& out) {
      if (!edge.offset) return;
      Expression value = Bind(*edge.offset, scope);
      if (frame.unit != syntax::FrameUnit::kRange) {
        value = WithCarrier(Convert(ToNumeric(std::move(value)), NumberType(18, 0)),
                            Type::Primitive(TypeKind::kLong));
      }
      out.push_back(std::move(value));
    };
    offset(frame.start, result.start_offset);
    if (frame.end) {
      result.end = EdgeOf(frame.end->bound);
      offset(*frame.end, result.end_offset);
    }
  } else if (WantsWholePartition(of.name)) {
    result.unit = "ROWS";
    result.end = bound::FrameBound::kUnboundedFollowing;
  }
  if (of.name == "RATIO_TO_REPORT") result.order.clear();
  if (of.name == "CONDITIONAL_TRUE_EVENT") {
    result.unit = "ROWS";
    result.end = bound::FrameBound::kCurrentRow;
  }
  return std::make_shared<const bound::Window>(std::move(result));
}

}  // namespace tarn::sql
