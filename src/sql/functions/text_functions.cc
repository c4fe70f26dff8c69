// SPDX-License-Identifier: Apache-2.0
// Strings.
#include <fmt/core.h>

#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

namespace {

using bound::Expression;

constexpr auto kText = FunctionCategory::kText;

Function Text(std::string_view names, std::string_view parameters, std::string_view result,
              std::string_view pattern, std::string_view example, std::string_view answer) {
  return Entry(kText, names, parameters, result, pattern, example, answer);
}

Expression BindConcat(const FunctionContext&, std::vector<Expression> arguments) {
  Expression result = std::move(arguments[0]);
  for (size_t i = 1; i < arguments.size(); ++i) {
    result = Concatenate(std::move(result), std::move(arguments[i]));
  }
  return result;
}

/// Null if anything is.
Expression BindConcatWith(const FunctionContext&, std::vector<Expression> arguments) {
  std::string nulls;
  for (size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = Convert(std::move(arguments[i]), VarcharType());
    nulls += fmt::format("{}{{{}}} IS NULL", i > 0 ? " OR " : "", i);
  }
  return Call("CONCAT_WS", "CASE WHEN " + nulls + " THEN NULL ELSE concat_ws({*}) END",
              std::move(arguments), VarcharType());
}

/// LIKE_ANY(s, pattern, …) and its like, without ESCAPE.
Expression BindLikeAny(const FunctionContext& context, std::vector<Expression> arguments) {
  const Expression subject = Convert(std::move(arguments[0]), VarcharType());
  std::vector<Expression> tests;
  for (size_t i = 1; i < arguments.size(); ++i) {
    tests.push_back(
        Call("LIKE", context.name.starts_with("I") ? "({0} ILIKE {1})" : "({0} LIKE {1})",
             {subject, Convert(std::move(arguments[i]), VarcharType())}, BooleanType()));
  }
  return context.name == "LIKE_ALL" ? And(std::move(tests)) : Or(std::move(tests));
}

/// PARSE_URL(s [, permissive]): 1 gives errors as objects.
Expression BindParseUrl(const FunctionContext&, std::vector<Expression> arguments) {
  const auto* permissive =
      arguments.size() > 1 ? std::get_if<int32_t>(&arguments[1].constant) : nullptr;
  const bool tries = permissive != nullptr && *permissive == 1;
  return Call("PARSE_URL", tries ? "tarn_try_parse_url({0})" : "tarn_parse_url({0})",
              {Convert(std::move(arguments[0]), VarcharType())}, ObjectType());
}

/// SHA2(s [, 256]): DuckDB has no other size.
Expression BindSha2(const FunctionContext& context, std::vector<Expression> arguments) {
  if (arguments.size() > 1) {
    const auto* size = std::get_if<int32_t>(&arguments[1].constant);
    if (size == nullptr || (*size != 256 && *size != 0))
      FailUnsupported("SHA2 of other sizes than 256");
  }
  const bool binary = context.name == "SHA2_BINARY";
  const DataType bytes{.kind = DataTypeKind::kBinary, .length = 32};
  return Call(std::string(context.name), binary ? "unhex(sha256({0}))" : "sha256({0})",
              {Convert(std::move(arguments[0]), VarcharType())}, binary ? bytes : VarcharType(64));
}

/// HASH(x, …): equal for equal values of any type. The numbers are not Snowflake's.
Expression BindHash(const FunctionContext& context, std::vector<Expression> arguments) {
  for (Expression& argument : arguments) argument = ToVariant(std::move(argument));
  const bool aggregate = context.name == "HASH_AGG";
  const std::string hash = "(hash(tarn_sort_key(tarn_array({*}))) >> 1)";
  Expression result =
      Call(std::string(context.name),
           aggregate ? "CAST(coalesce(sum({d}" + hash + "){w}, 0) % 9223372036854775807 AS BIGINT)"
                     : "CAST(" + hash + " AS BIGINT)",
           std::move(arguments), NumberType(19, 0), Type::Primitive(TypeKind::kLong));
  result.nullable = false;
  return result;
}

}  // namespace

std::vector<Function> HashFunctions() {
  return {
      Text("MD5_BINARY", "s", "B", "unhex(md5({0}))", "MD5_BINARY('Snowflake')",
           "EDF1439075A83A447FB8B630DDC9C8DE"),
      Text("MD5_NUMBER_LOWER64", "s", "I",
           "CAST(CAST('0x' || right(md5({0}), 16) AS UBIGINT) AS DECIMAL(38,0))",
           "MD5_NUMBER_LOWER64('Snowflake')", "9203306159527282910"),
      Text("MD5_NUMBER_UPPER64", "s", "I",
           "CAST(CAST('0x' || left(md5({0}), 16) AS UBIGINT) AS DECIMAL(38,0))",
           "MD5_NUMBER_UPPER64('Snowflake')", "17145559544104499780"),
      Text("SHA1 SHA1_HEX", "s", "s", "sha1({0})", "SHA1('Snowflake')",
           "fda76b0bcc1e87cf259b1d1e3271d76f590fb5dd"),
      Text("SHA1_BINARY", "s", "B", "unhex(sha1({0}))", "SHA1_BINARY('Snowflake')",
           "FDA76B0BCC1E87CF259B1D1E3271D76F590FB5DD"),
      BoundEntry(kText, "SHA2 SHA2_HEX SHA2_BINARY", BindSha2, 1, 2, "SHA2('Snowflake')",
                 "1dbd59f661d68b90724f21084396b865497173e4d2714f4d91cf05fa5fc5e18d"),
      BoundEntry(kText, "HASH", BindHash, 1, -1, "HASH(1, 'a') = HASH(1.0, 'a')", "true"),
  };
}

std::vector<Function> HashAggregates() {
  Function function = BoundEntry(FunctionCategory::kAggregate, "HASH_AGG", BindHash, 1, -1,
                                 "HASH_AGG(COLUMN1) IS NOT NULL FROM VALUES (1), (2)", "true");
  function.kind = bound::CallKind::kAggregate;
  return {function};
}

namespace {

std::vector<Function> PlainTextFunctions() {
  return {
      Text("LOWER", "s", "s", "lower({0})", "LOWER('ABC')", "abc"),
      Text("UPPER", "s", "s", "upper({0})", "UPPER('abc')", "ABC"),
      Text("INITCAP", "ss?", "s", "tarn_initcap({0}, {1|NULL})", "INITCAP('the quick-brown fox')",
           "The Quick-Brown Fox"),
      Text("REVERSE", "s", "s", "reverse({0})", "REVERSE('Hello')", "olleH"),
      Text("REPEAT", "si", "s", "repeat({0}, {1})", "REPEAT('xy', 3)", "xyxyxy"),
      Text("SPACE", "i", "s", "repeat(' ', {0})", "LENGTH(SPACE(3))", "3"),
      Text("LENGTH LEN", "s", "i", "length({0})", "LENGTH('joyeux')", "6"),
      Text("LENGTH LEN", "B", "i", "octet_length({0})", "LENGTH(TO_BINARY('534E4F57'))", "4"),
      Text("OCTET_LENGTH", "s", "i", "CAST(strlen({0}) AS BIGINT)", "OCTET_LENGTH('abc')", "3"),
      Text("BIT_LENGTH", "s", "i", "CAST(bit_length({0}) AS BIGINT)", "BIT_LENGTH('abc')", "24"),
      Text("CHR CHAR", "i", "s", "chr(CAST({0} AS INTEGER))", "CHR(83)", "S"),
      Text("ASCII", "s", "i", "tarn_ascii({0})", "ASCII('!')", "33"),
      Text("UNICODE", "s", "i", "greatest(CAST(unicode({0}) AS BIGINT), 0)", "UNICODE('a')", "97"),
      Text("TRANSLATE", "sss", "s", "translate({0}, {1}, {2})", "TRANSLATE('peña', 'ñ', 'n')",
           "pena"),
      Text("CONTAINS", "ss", "b", "contains({0}, {1})", "CONTAINS('coffee', 'ff')", "true"),
      Text("STARTSWITH", "ss", "b", "starts_with({0}, {1})", "STARTSWITH('coffee', 'co')", "true"),
      Text("ENDSWITH", "ss", "b", "ends_with({0}, {1})", "ENDSWITH('coffee', 'ee')", "true"),
      Text("TRIM", "s", "s", "trim({0})", "TRIM('  a ')", "a"),
      Text("TRIM", "ss", "s", "trim({0}, {1})", "TRIM('*-*ABC-*', '*-')", "ABC"),
      Text("LTRIM", "s", "s", "ltrim({0})", "LTRIM('  a')", "a"),
      Text("LTRIM", "ss", "s", "ltrim({0}, {1})", "LTRIM('#000000123', '0#')", "123"),
      Text("RTRIM", "s", "s", "rtrim({0})", "RTRIM('a  ')", "a"),
      Text("RTRIM", "ss", "s", "rtrim({0}, {1})", "RTRIM('$125.00', '0.')", "$125"),
      BoundEntry(kText, "CONCAT", BindConcat, 1, -1, "CONCAT('George Washington ', 'Carver')",
                 "George Washington Carver"),
      BoundEntry(kText, "CONCAT_WS", BindConcatWith, 2, -1, "CONCAT_WS(',', 'one', 'two')",
                 "one,two"),
      Text("REPLACE", "sss?", "s", "replace({0}, {1}, {2|''})", "REPLACE('down', 'down', 'up')",
           "up"),
      Text("LEFT", "si", "s", "left({0}, greatest({1}, 0))", "LEFT('ABCDEF', 3)", "ABC"),
      Text("RIGHT", "si", "s", "right({0}, greatest({1}, 0))", "RIGHT('ABCDEFG', 3)", "EFG"),
      Text("SUBSTR SUBSTRING", "sii?", "s", "tarn_substr({0}, {1}, {2|CAST(1000000000 AS BIGINT)})",
           "SUBSTR('testing 1 2 3', 9, 5)", "1 2 3"),
      Text("CHARINDEX", "ssi?", "i", "tarn_position({0}, {1}, {2|CAST(1 AS BIGINT)})",
           "CHARINDEX('an', 'banana', 3)", "4"),
      Text("POSITION", "ssi?", "i", "tarn_position({0}, {1}, {2|CAST(1 AS BIGINT)})",
           "POSITION('an', 'banana')", "2"),
      Text("LPAD", "sis?", "s", "tarn_lpad({0}, {1}, {2|' '})", "LPAD('123.50', 9, '*-')",
           "*-*123.50"),
      Text("RPAD", "sis?", "s", "tarn_rpad({0}, {1}, {2|' '})", "RPAD('123.50', 9, '-')",
           "123.50---"),
      Text("SPLIT_PART", "ssi", "s", "tarn_split_part({0}, {1}, {2})",
           "SPLIT_PART('11.22.33', '.', 0)", "11"),
      Text("STRTOK", "ss?i?", "s", "tarn_strtok({0}, {1|' '}, {2|CAST(1 AS BIGINT)})",
           "STRTOK('a.b.c', '.', 2)", "b"),
      Text("INSERT", "siis", "s",
           "(left({0}, greatest({1} - 1, 0)) || {3} || tarn_substr({0}, {1} + {2}, CAST(1000000000 "
           "AS BIGINT)))",
           "INSERT('abcdef', 3, 2, 'zzz')", "abzzzef"),
      Text("EDITDISTANCE", "ssi?", "i",
           "least(CAST(levenshtein({0}, {1}) AS BIGINT), {2|CAST(1000000000 AS BIGINT)})",
           "EDITDISTANCE('Gute nacht', 'Ich weis nicht')", "8"),
      Text("JAROWINKLER_SIMILARITY", "ss", "i",
           "CAST(floor(jaro_winkler_similarity(lower({0}), lower({1})) * 100) AS BIGINT)",
           "JAROWINKLER_SIMILARITY('Snowflake', 'snowflake')", "100"),
      Text("MD5 MD5_HEX", "s", "s", "md5({0})", "MD5('Snowflake')",
           "edf1439075a83a447fb8b630ddc9c8de"),
      Text("RTRIMMED_LENGTH", "s", "i", "length(rtrim({0}))", "RTRIMMED_LENGTH(' ABCD ')", "5"),
      Text("SOUNDEX", "s", "s", "tarn_soundex({0})", "SOUNDEX('Marsha')", "M620"),
      BoundEntry(kText, "LIKE_ANY ILIKE_ANY LIKE_ALL", BindLikeAny, 2, -1,
                 "LIKE_ANY('John Dddoe', '%Jo%oe%', 'T%e')", "true"),
      BoundEntry(kText, "PARSE_URL", BindParseUrl, 1, 2,
                 "PARSE_URL('https://www.snowflake.com/a?x=1'):host::VARCHAR", "www.snowflake.com"),
  };
}

}  // namespace

std::span<const Function> TextFunctions() {
  static const std::vector<Function> kFunctions = [] {
    std::vector<Function> all = PlainTextFunctions();
    for (const Function& function : HashFunctions()) all.push_back(function);
    return all;
  }();
  return kFunctions;
}

}  // namespace tarn::sql
