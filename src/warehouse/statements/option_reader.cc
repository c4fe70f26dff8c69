// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/option_reader.h"

#include <algorithm>
#include <charconv>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;
using sql::syntax::UpperCase;

std::string DecimalText(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  std::string digits;
  for (Int128 rest = negative ? -unscaled : unscaled; rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  const auto places = static_cast<size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return negative ? "-" + digits : digits;
}

std::string ValueText(const Type& carrier, const Value& value) {
  return std::visit(
      [&]<typename V>(const V& held) -> std::string {
        if constexpr (std::is_same_v<V, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<V, bool>) {
          return held ? "TRUE" : "FALSE";
        } else if constexpr (std::is_same_v<V, std::string>) {
          return held;
        } else if constexpr (std::is_same_v<V, Int128>) {
          return DecimalText(held, carrier.scale);
        } else {
          return fmt::format("{}", held);
        }
      },
      value);
}

}  // namespace

StatementResult<std::string> ConstantText(const StatementContext& context,
                                          const syntax::Expression& expression) {
  STATEMENT_ASSIGN(const sql::bound::Expression bound,
                   BindStatementConstant(context.query(), expression));
  if (bound.kind != sql::bound::ExpressionKind::kConstant) {
    return CompilationError("001003", "42000", "a constant is expected here");
  }
  return ValueText(bound.carrier, bound.constant);
}

OptionReader::OptionReader(const StatementContext& context, std::string_view subject,
                           const std::vector<syntax::Option>& options)
    : context_(context), subject_(subject), options_(options) {}

void OptionReader::Fail(StatementError error) {
  if (!failure_) failure_ = std::move(error);
}

void OptionReader::FailValue(std::string_view key, std::string_view value) {
  Fail(InvalidParameterValue(key, value).error());
}

bool OptionReader::Has(std::string_view key) {
  read_.emplace(key);
  return std::ranges::find(options_, key, &syntax::Option::key) != options_.end();
}

const syntax::OptionValueNode* OptionReader::Find(std::string_view key) {
  read_.emplace(key);
  const auto found = std::ranges::find(options_, key, &syntax::Option::key);
  if (found == options_.end()) return nullptr;
  if (!found->value) {
    FailValue(key, "");
    return nullptr;
  }
  return &**found->value;
}

std::string OptionReader::TextOf(std::string_view key, const syntax::OptionValueNode& value) {
  if (const auto* expression = std::get_if<syntax::Expression>(&value.value)) {
    auto text = ConstantText(context_, *expression);
    if (text) return *std::move(text);
    Fail(std::move(text).error());
    return "";
  }
  if (const auto* name = std::get_if<syntax::ObjectName>(&value.value)) {
    if (!name->dynamic) {
      std::string text;
      for (const syntax::Identifier& part : name->parts) {
        text += (text.empty() ? "" : ".") + part.Canonical();
      }
      return text;
    }
  }
  FailValue(key, "");
  return "";
}

std::optional<std::string> OptionReader::Text(std::string_view key) {
  const auto* value = Find(key);
  if (value == nullptr) return std::nullopt;
  return TextOf(key, *value);
}

std::string OptionReader::RequiredText(std::string_view key) {
  auto text = Text(key);
  if (!text) Fail(MissingOption(key).error());
  return text.value_or("");
}

std::optional<std::string> OptionReader::Word(std::string_view key,
                                              const std::vector<std::string_view>& words) {
  auto text = Text(key);
  if (!text) return std::nullopt;
  std::string upper = UpperCase(*text);
  if (std::ranges::find(words, upper) == words.end()) FailValue(key, *text);
  return upper;
}

std::optional<bool> OptionReader::Bool(std::string_view key) {
  const auto text = Text(key);
  if (!text) return std::nullopt;
  const std::string upper = UpperCase(*text);
  if (upper != "TRUE" && upper != "FALSE") FailValue(key, *text);
  return upper == "TRUE";
}

std::optional<int64_t> OptionReader::Integer(std::string_view key, int64_t least, int64_t most) {
  const auto text = Text(key);
  if (!text) return std::nullopt;
  int64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
  if (!whole || number < least || number > most) FailValue(key, *text);
  return number;
}

std::optional<std::vector<std::string>> OptionReader::Texts(std::string_view key) {
  const auto* value = Find(key);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  if (const auto* list = std::get_if<syntax::OptionList>(&value->value)) {
    for (const syntax::OptionValue& each : list->values) texts.push_back(TextOf(key, *each));
  } else {
    texts.push_back(TextOf(key, *value));
  }
  return texts;
}

std::optional<ObjectName> OptionReader::NameIn(std::string_view key,
                                               const syntax::OptionValueNode& value) {
  if (const auto* written = std::get_if<syntax::ObjectName>(&value.value)) {
    auto name = NameOf(context_, *written);
    if (name) return *std::move(name);
    Fail(std::move(name).error());
    return std::nullopt;
  }
  const std::string text = TextOf(key, value);
  auto name = ParseObjectName(text);
  if (name) return *std::move(name);
  FailValue(key, text);
  return std::nullopt;
}

std::optional<ObjectName> OptionReader::Name(std::string_view key) {
  const auto* value = Find(key);
  return value == nullptr ? std::nullopt : NameIn(key, *value);
}

std::optional<std::vector<ObjectName>> OptionReader::Names(std::string_view key) {
  const auto* value = Find(key);
  if (value == nullptr) return std::nullopt;
  std::vector<ObjectName> names;
  const auto add = [&](const syntax::OptionValueNode& each) {
    if (auto name = NameIn(key, each)) names.push_back(*std::move(name));
  };
  if (const auto* list = std::get_if<syntax::OptionList>(&value->value)) {
    for (const syntax::OptionValue& each : list->values) add(*each);
  } else {
    add(*value);
  }
  return names;
}

std::optional<Options> OptionReader::Flat(std::string_view key) {
  const std::vector<syntax::Option>* const group = Group(key);
  if (group == nullptr) return std::nullopt;
  Options flat;
  for (const syntax::Option& option : *group) {
    if (!option.value) continue;
    const auto* list = std::get_if<syntax::OptionList>(&(**option.value).value);
    std::string text;
    if (list == nullptr) {
      text = TextOf(option.key, **option.value);
    } else {
      for (const syntax::OptionValue& each : list->values) {
        text += fmt::format("{}'{}'", text.empty() ? "" : ", ", TextOf(option.key, *each));
      }
      text = "(" + text + ")";
    }
    flat[option.key] = std::move(text);
  }
  return flat;
}

const std::vector<syntax::Option>* OptionReader::Group(std::string_view key) {
  static const std::vector<syntax::Option> kNone;
  const auto* value = Find(key);
  if (value == nullptr) return nullptr;
  if (const auto* group = std::get_if<syntax::OptionGroup>(&value->value)) return &group->options;
  // `()` parses as an empty list.
  const auto* list = std::get_if<syntax::OptionList>(&value->value);
  if (list == nullptr || !list->values.empty()) FailValue(key, "");
  return &kNone;
}

OptionReader::Groups OptionReader::GroupList(std::string_view key) {
  Groups groups;
  const auto* value = Find(key);
  if (value == nullptr) return groups;
  if (const auto* group = std::get_if<syntax::OptionGroup>(&value->value)) {
    groups.push_back(&group->options);
    return groups;
  }
  const auto* list = std::get_if<syntax::OptionList>(&value->value);
  if (list == nullptr) {
    FailValue(key, "");
    return groups;
  }
  for (const syntax::OptionValue& each : list->values) {
    const auto* group = std::get_if<syntax::OptionGroup>(&each->value);
    if (group == nullptr) {
      FailValue(key, "");
      return groups;
    }
    groups.push_back(&group->options);
  }
  return groups;
}

Options OptionReader::Parameters(const std::vector<std::string_view>& names) {
  Options parameters;
  for (const std::string_view name : names) {
    if (auto text = Text(name)) parameters[std::string(name)] = *std::move(text);
  }
  return parameters;
}

StatementResult<> OptionReader::Finish() {
  if (failure_) return std::unexpected(*failure_);
  for (const syntax::Option& option : options_) {
    if (read_.contains(option.key)) continue;
    StatementFailure failure = CompilationError(
        "001420", "22023", fmt::format("invalid property '{}' for '{}'", option.key, subject_));
    failure.error().position = option.span.begin;
    return failure;
  }
  return {};
}

}  // namespace tarn::warehouse
