// SPDX-License-Identifier: Apache-2.0
// Regular expressions: DuckDB's RE2 with Snowflake's arguments. Flags go into the pattern, since
// DuckDB's own option for them means something else.
#include <fmt/core.h>

#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kRegex;

struct RegexArguments {
  Expression subject;
  Expression pattern;  ///< with its flags
  bool extract = false;
};

int64_t WholeAt(const FunctionContext& context, const std::vector<Expression>& arguments, size_t i,
                int64_t absent) {
  if (i >= arguments.size()) return absent;
  if (const auto* value = std::get_if<int32_t>(&arguments[i].constant)) return *value;
  if (const auto* value = std::get_if<int64_t>(&arguments[i].constant)) return *value;
  FailUnsupported("positions and occurrences of {} that are no constants", context.name);
}

/// `parameters`: c i m e s; the last of c and i counts.
RegexArguments ArgumentsOf(const FunctionContext& context, std::vector<Expression>& arguments,
                           size_t parameters) {
  RegexArguments result{.subject = Convert(std::move(arguments[0]), VarcharType()),
                        .pattern = Convert(std::move(arguments[1]), VarcharType())};
  std::string flags;
  bool ignore_case = false;
  if (parameters < arguments.size()) {
    const auto* text = std::get_if<std::string>(&arguments[parameters].constant);
    if (text == nullptr) FailUnsupported("parameters of {} that are no constants", context.name);
    for (const char c : *text) {
      if (c == 'i' || c == 'c') ignore_case = c == 'i';
      if ((c == 'm' || c == 's') && flags.find(c) == std::string::npos) flags.push_back(c);
      if (c == 'e') result.extract = true;
    }
  }
  if (ignore_case) flags.push_back('i');
  if (!flags.empty()) {
    result.pattern = Concatenate(TextConstant("(?" + flags + ")"), std::move(result.pattern));
  }
  return result;
}

/// The subject from a position on.
Expression From(Expression subject, int64_t position) {
  if (position <= 1) return subject;
  return Call("SUBSTR", "tarn_substr({0}, {1}, CAST(1000000000 AS BIGINT))",
              {std::move(subject), IntegerConstant(position)}, VarcharType());
}

Expression BindLike(const FunctionContext& context, std::vector<Expression> arguments) {
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 2);
  return Call("REGEXP_LIKE", "regexp_full_match({0}, {1})",
              {std::move(subject), std::move(pattern)}, BooleanType());
}

Expression BindReplace(const FunctionContext& context, std::vector<Expression> arguments) {
  const int64_t position = WholeAt(context, arguments, 3, 1);
  const int64_t occurrence = WholeAt(context, arguments, 4, 0);
  if (occurrence > 1) FailUnsupported("REGEXP_REPLACE of one occurrence behind the first");
  Expression replacement = arguments.size() > 2 ? Convert(std::move(arguments[2]), VarcharType())
                                                : Convert(TextConstant(""), VarcharType());
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 5);
  const char* options = occurrence == 0 ? ", 'g'" : "";
  Expression before = subject;
  std::string printed = fmt::format("regexp_replace({{0}}, {{1}}, {{2}}{})", options);
  if (position > 1)
    printed = "(left({3}, " + std::to_string(position - 1) + ") || " + printed + ")";
  return Call("REGEXP_REPLACE", printed,
              {From(std::move(subject), position), std::move(pattern), std::move(replacement),
               std::move(before)},
              VarcharType());
}

Expression BindSubstring(const FunctionContext& context, std::vector<Expression> arguments) {
  const int64_t position = WholeAt(context, arguments, 2, 1);
  const int64_t occurrence = WholeAt(context, arguments, 3, 1);
  int64_t group = WholeAt(context, arguments, 5, 0);
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 4);
  if (extract && arguments.size() < 6) group = 1;
  return Call(
      "REGEXP_SUBSTR",
      fmt::format("list_extract(regexp_extract_all({{0}}, {{1}}, {}), {})", group, occurrence),
      {From(std::move(subject), position), std::move(pattern)}, VarcharType());
}

Expression BindMatches(const FunctionContext& context, std::vector<Expression> arguments) {
  const int64_t position = WholeAt(context, arguments, 2, 1);
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 3);
  return Call("REGEXP_COUNT", "CAST(len(regexp_extract_all({0}, {1})) AS BIGINT)",
              {From(std::move(subject), position), std::move(pattern)}, NumberType(18, 0));
}

/// All matches from the n-th on.
Expression BindSubstrings(const FunctionContext& context, std::vector<Expression> arguments) {
  const int64_t position = WholeAt(context, arguments, 2, 1);
  const int64_t occurrence = WholeAt(context, arguments, 3, 1);
  int64_t group = WholeAt(context, arguments, 5, 0);
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 4);
  if (extract && arguments.size() < 6) group = 1;
  return Call("REGEXP_SUBSTR_ALL",
              fmt::format("tarn_array_of(list_transform(regexp_extract_all({{0}}, {{1}}, {})[{}:], "
                          "lambda m: tarn_variant_text(m)))",
                          group, occurrence),
              {From(std::move(subject), position), std::move(pattern)}, ArrayType());
}

/// What stands before the n-th match: n pieces between matches and n − 1 matches.
Expression BindPosition(const FunctionContext& context, std::vector<Expression> arguments) {
  const int64_t position = WholeAt(context, arguments, 2, 1);
  const int64_t occurrence = WholeAt(context, arguments, 3, 1);
  const int64_t option = WholeAt(context, arguments, 4, 0);
  if (arguments.size() > 6) FailUnsupported("groups of REGEXP_INSTR");
  auto [subject, pattern, extract] = ArgumentsOf(context, arguments, 5);
  const std::string lengths =
      "coalesce(list_sum(list_transform(list_slice({}, 1, {}), lambda x: length(x))), 0)";
  const std::string printed = fmt::format(
      "CASE WHEN len(regexp_extract_all({{0}}, {{1}})) < {} THEN 0 ELSE CAST({} + {} + {} AS "
      "BIGINT) END",
      occurrence, position,
      fmt::format(fmt::runtime(lengths), "regexp_split_to_array({0}, {1})", occurrence),
      fmt::format(fmt::runtime(lengths), "regexp_extract_all({0}, {1})",
                  option == 1 ? occurrence : occurrence - 1));
  return Call("REGEXP_INSTR", printed, {From(std::move(subject), position), std::move(pattern)},
              NumberType(18, 0));
}

}  // namespace

std::span<const Function> RegexFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kCategory, "REGEXP_LIKE RLIKE REGEXP", BindLike, 2, 3,
                 "REGEXP_LIKE('Sacramento', 'SACRA.*', 'i')", "true"),
      BoundEntry(
          kCategory, "REGEXP_REPLACE", BindReplace, 2, 6,
          "REGEXP_REPLACE('firstname middlename lastname', '(.*) (.*) (.*)', '\\\\3, \\\\1 \\\\2')",
          "lastname, firstname middlename"),
      BoundEntry(kCategory, "REGEXP_SUBSTR", BindSubstring, 2, 6,
                 "REGEXP_SUBSTR('It was the best of times, it was the worst', 'the\\\\W+(\\\\w+)', "
                 "1, 2, 'e', 1)",
                 "worst"),
      BoundEntry(
          kCategory, "REGEXP_COUNT", BindMatches, 2, 4,
          "REGEXP_COUNT('It was the best of times, it was the worst of times', '\\\\bwas\\\\b', 1)",
          "2"),
      BoundEntry(kCategory, "REGEXP_INSTR", BindPosition, 2, 7,
                 "REGEXP_INSTR('It was the best of times, it was the worst of times', "
                 "'\\\\bwas\\\\b', 1, 2)",
                 "30"),
      BoundEntry(kCategory, "REGEXP_SUBSTR_ALL REGEXP_EXTRACT_ALL", BindSubstrings, 2, 6,
                 "TO_JSON(REGEXP_SUBSTR_ALL('a1_a2a3_a4A5a6', 'a[[:digit:]]'))",
                 "[\"a1\",\"a2\",\"a3\",\"a4\",\"a6\"]"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
