// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/function.h"

namespace tarn::sql {

using bound::Expression;

namespace {

struct Parameter {
  char letter = 'x';
  bool optional = false;
  bool repeated = false;
};

std::vector<Parameter> ParametersOf(std::string_view text) {
  std::vector<Parameter> result;
  for (const char c : text) {
    if (c == '?') {
      result.back().optional = true;
    } else if (c == '*') {
      result.back().repeated = true;
    } else {
      result.push_back({.letter = c});
    }
  }
  return result;
}

struct Arity {
  size_t min = 0;
  size_t max = 0;
};

Arity ArityOf(const Function& function) {
  constexpr size_t kAny = 1000;
  if (function.bind != nullptr) {
    return {static_cast<size_t>(function.arguments_min),
            function.arguments_max < 0 ? kAny : static_cast<size_t>(function.arguments_max)};
  }
  Arity arity;
  for (const Parameter& parameter : ParametersOf(function.parameters)) {
    arity.max = parameter.repeated ? kAny : arity.max + 1;
    if (!parameter.optional && !parameter.repeated) ++arity.min;
  }
  return arity;
}

const Parameter& ParameterAt(const std::vector<Parameter>& parameters, size_t index) {
  return parameters[std::min(index, parameters.size() - 1)];
}

/// How well an argument fits: 0 not at all, 1 by conversion, 2 as it is.
int Fit(char letter, const DataType& type) {
  const auto converts = [&](const DataType& target) {
    return type.kind == target.kind ? 2 : CanConvert(type, target) ? 1 : 0;
  };
  if (type.kind == DataTypeKind::kNull) return 1;
  switch (letter) {
    case 's':
      return converts(VarcharType());
    case 'n':
    case 'i':
      return converts(NumberType(38, 0));
    case 'f':
      return converts(FloatType());
    case 'N':
      return type.kind == DataTypeKind::kFloat ? 2 : converts(NumberType(38, 0));
    case 'b':
      return converts(BooleanType());
    case 'd':
      return converts(DateType());
    case 't':
      return converts(TypeOfKind(DataTypeKind::kTimestampNtz, 9));
    case 'T':
      if (type.kind == DataTypeKind::kDate || IsTimestamp(type)) return 2;
      return type.kind == DataTypeKind::kVarchar ? 1 : 0;
    case 'm':
      return converts(TypeOfKind(DataTypeKind::kTime, 9));
    case 'B':
      return type.kind == DataTypeKind::kBinary ? 2 : 0;
    case 'v':
      return type.kind == DataTypeKind::kVariant ? 2 : 1;
    case 'V':
      return IsSemistructured(type) ? 2 : 0;
    case 'A':
      return converts(ArrayType());
    case 'O':
      return type.kind == DataTypeKind::kMap ? 1 : converts(ObjectType());
    default:
      return 1;
  }
}

Expression Fitted(char letter, Expression value) {
  switch (letter) {
    case 's':
      return Convert(std::move(value), VarcharType());
    case 'n':
      value = ToNumeric(std::move(value));
      return value.type.kind == DataTypeKind::kNumber
                 ? value
                 : Convert(std::move(value), NumberType(38, 0));
    case 'N':
      return ToNumeric(std::move(value));
    case 'i':
      return WithCarrier(Convert(ToNumeric(std::move(value)), NumberType(18, 0)),
                         Type::Primitive(TypeKind::kLong));
    case 'f':
      return Convert(std::move(value), FloatType());
    case 'b':
      return Convert(std::move(value), BooleanType());
    case 'd':
      return Convert(std::move(value), DateType());
    case 't':
      return Convert(std::move(value), TypeOfKind(DataTypeKind::kTimestampNtz, 9));
    case 'T':
      if (value.type.kind == DataTypeKind::kVarchar || value.type.kind == DataTypeKind::kNull) {
        return Convert(std::move(value), TypeOfKind(DataTypeKind::kTimestampNtz, 9));
      }
      return value;
    case 'm':
      return Convert(std::move(value), TypeOfKind(DataTypeKind::kTime, 9));
    case 'v':
    case 'V':
      return ToVariant(std::move(value));
    case 'A':
      return Convert(std::move(value), ArrayType());
    case 'O':
      return value.type.kind == DataTypeKind::kMap ? value
                                                   : Convert(std::move(value), ObjectType());
    default:
      return value;
  }
}

/// `{1|text}` becomes `{1}` or the text.
std::string Completed(std::string_view pattern, size_t arguments) {
  std::string result;
  for (size_t at = 0; at < pattern.size();) {
    const size_t open = pattern.find('{', at);
    result.append(pattern.substr(at, open - at));
    if (open == std::string_view::npos) break;
    const size_t close = pattern.find('}', open);
    const std::string_view key = pattern.substr(open + 1, close - open - 1);
    at = close + 1;
    const size_t bar = key.find('|');
    size_t index = 0;
    std::from_chars(key.data(), key.data() + key.size(), index);
    if (bar == std::string_view::npos) {
      result.append("{").append(key).append("}");
    } else if (index < arguments) {
      result.append("{").append(key.substr(0, bar)).append("}");
    } else {
      result.append(key.substr(bar + 1));
    }
  }
  return result;
}

/// Of a result; nothing: it is an argument's.
std::optional<DataType> TypeOfLetter(char letter) {
  switch (letter) {
    case 's':
      return VarcharType();
    case 'f':
      return FloatType();
    case 'b':
      return BooleanType();
    case 'd':
      return DateType();
    case 't':
      return TypeOfKind(DataTypeKind::kTimestampNtz, 9);
    case 'm':
      return TypeOfKind(DataTypeKind::kTime, 9);
    case 'i':
      return NumberType(18, 0);
    case 'I':
      return NumberType(38, 0);
    case 'B':
      return DataType{.kind = DataTypeKind::kBinary, .length = kBinaryLengthDefault};
    case 'v':
      return VariantType();
    case 'A':
      return ArrayType();
    case 'O':
      return ObjectType();
    default:
      return std::nullopt;
  }
}

Expression BindEntry(const FunctionContext& context, const Function& function,
                     std::vector<Expression> arguments) {
  Expression result;
  if (function.bind != nullptr) {
    result = function.bind(context, std::move(arguments));
  } else {
    const auto parameters = ParametersOf(function.parameters);
    std::vector<Expression> common;
    for (size_t i = 0; i < arguments.size(); ++i) {
      const char letter = ParameterAt(parameters, i).letter;
      if (letter == 'a') {
        common.push_back(std::move(arguments[i]));
      } else {
        arguments[i] = Fitted(letter, std::move(arguments[i]));
      }
    }
    Unify(common);
    size_t next = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (ParameterAt(parameters, i).letter == 'a') arguments[i] = std::move(common[next++]);
    }
    DataType type;
    Type carrier;
    const char letter = function.result[0];
    size_t source = letter >= '0' && letter <= '9' ? static_cast<size_t>(letter - '0') : 0;
    for (; letter == 'a' && ParameterAt(parameters, source).letter != 'a'; ++source) {
    }
    const auto fixed = TypeOfLetter(letter);
    type = fixed ? *fixed : arguments.at(source).type;
    carrier = letter == 'a' || (letter >= '0' && letter <= '9') ? arguments.at(source).carrier
                                                                : CarrierOf(type);
    std::string pattern = Completed(function.pattern, arguments.size());
    result = Call(std::string(function.names.substr(0, function.names.find(' '))),
                  std::move(pattern), std::move(arguments), std::move(type), std::move(carrier));
    result.nullable = true;
  }
  if (function.kind != bound::CallKind::kScalar) result.call = function.kind;
  result.is_volatile |= function.is_volatile;
  return result;
}

const std::multimap<std::string_view, const Function*>& Index() {
  static const auto kIndex = [] {
    std::multimap<std::string_view, const Function*> index;
    for (int category = 0; category <= static_cast<int>(FunctionCategory::kGeneration);
         ++category) {
      for (const Function& function : FunctionsOf(static_cast<FunctionCategory>(category))) {
        for (std::string_view names = function.names; !names.empty();) {
          const size_t blank = names.find(' ');
          index.emplace(names.substr(0, blank), &function);
          names = blank == std::string_view::npos ? "" : names.substr(blank + 1);
        }
      }
    }
    return index;
  }();
  return kIndex;
}

int FitOf(const Function& function, const std::vector<Expression>& arguments) {
  if (function.bind != nullptr) return 1;
  const auto parameters = ParametersOf(function.parameters);
  int sum = 1;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const int fit = Fit(ParameterAt(parameters, i).letter, arguments[i].type);
    if (fit == 0) return 0;
    sum += fit;
  }
  return sum;
}

std::string TypesOf(const std::vector<Expression>& arguments) {
  std::string types;
  for (const Expression& argument : arguments) {
    types += (types.empty() ? "" : ", ") + ToString(argument.type);
  }
  return types;
}

}  // namespace

std::string_view ToString(FunctionCategory category) {
  constexpr std::array<std::string_view, 12> kNames = {
      "Aggregate",   "Window",  "Conditional", "Bitwise", "Numeric",         "Conversion",
      "Date & time", "Context", "String",      "Regex",   "Semi-structured", "Generation"};
  return kNames.at(static_cast<size_t>(category));
}

std::optional<bound::CallKind> KindOfFunction(std::string_view name) {
  const auto found = Index().find(name);
  if (found == Index().end()) return std::nullopt;
  return found->second->kind;
}

Expression BindFunction(const FunctionContext& context, std::vector<Expression> arguments) {
  const auto [begin, end] = Index().equal_range(context.name);
  if (begin == end) FailBinding("002140", "42601", "Unknown function {}", context.name);
  const Function* best = nullptr;
  int best_fit = 0;
  size_t fewest = SIZE_MAX;
  size_t most = 0;
  bool arity = false;
  for (auto entry = begin; entry != end; ++entry) {
    const Arity range = ArityOf(*entry->second);
    fewest = std::min(fewest, range.min);
    most = std::max(most, range.max);
    if (arguments.size() < range.min || arguments.size() > range.max) continue;
    arity = true;
    const int fit = FitOf(*entry->second, arguments);
    if (fit > best_fit) {
      best_fit = fit;
      best = entry->second;
    }
  }
  if (!arity && arguments.size() < fewest) {
    FailBinding("000938", "22023",
                "not enough arguments for function [{}({})], expected {}, got {}", context.name,
                TypesOf(arguments), fewest, arguments.size());
  }
  if (!arity) {
    FailBinding("000939", "22023", "too many arguments for function [{}({})] expected {}, got {}",
                context.name, TypesOf(arguments), most, arguments.size());
  }
  if (best == nullptr) {
    FailBinding("001044", "42P13", "Invalid argument types for function '{}': ({})", context.name,
                TypesOf(arguments));
  }
  return BindEntry(context, *best, std::move(arguments));
}

}  // namespace tarn::sql
