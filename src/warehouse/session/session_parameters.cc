// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/session_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr auto kParameters = std::to_array<ParameterFacts>({
    {"AUTOCOMMIT", "true", "BOOLEAN", "Whether a statement outside of a transaction is one"},
    {"BINARY_OUTPUT_FORMAT", "HEX", "STRING", "How binary values are shown"},
    {"CLIENT_MEMORY_LIMIT", "1536", "NUMBER", "Megabytes that a client takes for a result"},
    {"CLIENT_PREFETCH_THREADS", "4", "NUMBER", "Threads of a client that fetch a result"},
    {"CLIENT_RESULT_CHUNK_SIZE", "160", "NUMBER", "Megabytes of a part of a result at most"},
    {"CLIENT_SESSION_KEEP_ALIVE", "false", "BOOLEAN", "Whether a client sends heartbeats"},
    {"CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "3600", "NUMBER", "Seconds between them"},
    {"CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "0", "NUMBER",
     "Bound values from which a client uploads them, 0: never"},
    {"CLIENT_TELEMETRY_ENABLED", "false", "BOOLEAN", "Whether a client tells how it is used"},
    {"CLIENT_TIMESTAMP_TYPE_MAPPING", "TIMESTAMP_LTZ", "STRING", "The type of a client's times"},
    {"DATE_INPUT_FORMAT", "AUTO", "STRING", "How dates are read"},
    {"DATE_OUTPUT_FORMAT", "YYYY-MM-DD", "STRING", "How dates are shown"},
    {"DEFAULT_NULL_ORDERING", "LAST", "STRING", "Where NULL stands in ORDER BY"},
    {"ERROR_ON_NONDETERMINISTIC_MERGE", "true", "BOOLEAN",
     "Whether MERGE fails where several rows of the source change one of the target"},
    {"ERROR_ON_NONDETERMINISTIC_UPDATE", "false", "BOOLEAN",
     "Whether UPDATE fails where several rows of FROM change one of the table"},
    {"GO_QUERY_RESULT_FORMAT", "ARROW", "STRING", "How Go clients get rows: ARROW, JSON"},
    {"JDBC_ENABLE_PUT_GET", "true", "BOOLEAN", "Whether PUT and GET work over JDBC"},
    {"JDBC_QUERY_RESULT_FORMAT", "JSON", "STRING", "How JDBC clients get rows: ARROW, JSON"},
    {"JDBC_TREAT_DECIMAL_AS_INT", "true", "BOOLEAN", "Whether NUMBER(p,0) is BIGINT in JDBC"},
    {"JSON_INDENT", "2", "NUMBER", "Blanks by which JSON is indented, 0 for one line"},
    {"JS_TREAT_INTEGER_AS_BIGINT", "false", "BOOLEAN", "Whether Node.js gets integers as BigInt"},
    {"LOCK_TIMEOUT", "43200", "NUMBER", "Seconds that a statement waits for others"},
    {"MULTI_STATEMENT_COUNT", "1", "NUMBER", "Statements that a text has, 0: any number"},
    {"ODBC_QUERY_RESULT_FORMAT", "ARROW", "STRING", "How ODBC clients get rows: ARROW, JSON"},
    {"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", "ARROW", "STRING",
     "How Python clients get rows: ARROW, JSON"},
    {"PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION", "true", "BOOLEAN",
     "Whether threads may share a Snowpark session"},
    {"PYTHON_SNOWPARK_REDUCE_DESCRIBE_QUERY_ENABLED", "false", "BOOLEAN",
     "Whether Snowpark infers schemas by itself"},
    {"PYTHON_SNOWPARK_USE_SCOPED_TEMP_OBJECTS", "false", "BOOLEAN",
     "Whether Snowpark makes SCOPED TEMPORARY objects"},
    {"PYTHON_SNOWPARK_USE_SQL_SIMPLIFIER", "true", "BOOLEAN",
     "Whether Snowpark merges nested queries"},
    {"QUERY_CONTEXT_CACHE_SIZE", "5", "NUMBER", "Entries that a client sends back"},
    {"QUERY_TAG", "", "STRING", "A text that the history of queries keeps"},
    {"QUOTED_IDENTIFIERS_IGNORE_CASE", "false", "BOOLEAN", "Whether quoted names fold"},
    {"SERVICE_NAME", "", "STRING", "What a client sends back to reach the same servers"},
    {kStatementTimeout, "172800", "NUMBER", "After which a statement is cancelled"},
    {"TIMESTAMP_INPUT_FORMAT", "AUTO", "STRING", "How timestamps are read"},
    {"TIMESTAMP_LTZ_OUTPUT_FORMAT", "", "STRING", "How TIMESTAMP_LTZ is shown"},
    {"TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3", "STRING",
     "How TIMESTAMP_NTZ is shown"},
    {"TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM", "STRING",
     "How timestamps are shown"},
    {"TIMESTAMP_TZ_OUTPUT_FORMAT", "", "STRING", "How TIMESTAMP_TZ is shown"},
    {"TIMEZONE", "UTC", "STRING", "The zone of the session"},
    {"TIME_OUTPUT_FORMAT", "HH24:MI:SS", "STRING", "How times are shown"},
    {"WEEK_START", "0", "NUMBER", "The first day of a week"},
});

bool IsTimeZone(std::string_view name) {
  if (name.empty() || name.starts_with('/') || name.find("..") != std::string_view::npos) {
    return false;
  }
  if (name == "UTC") return true;
  std::error_code error;
  return std::filesystem::is_regular_file("/usr/share/zoneinfo/" + std::string(name), error);
}

constexpr int64_t kJsonIndentMax = 16;

/// A whole number that is not negative.
std::optional<int64_t> NumberOf(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::span<const ParameterFacts> SessionParameters() { return kParameters; }

const ParameterFacts* FindSessionParameter(std::string_view name) {
  const auto* const found = std::ranges::find(kParameters, name, &ParameterFacts::name);
  return found == kParameters.end() ? nullptr : found;
}

StatementResult<std::string> CheckSessionParameter(const ParameterFacts& parameter,
                                                   std::string_view value) {
  const std::string upper = sql::syntax::UpperCase(value);
  if (parameter.type == "BOOLEAN") {
    if (upper == "TRUE") return "true";
    if (upper == "FALSE") return "false";
    return InvalidParameterValue(parameter.name, value);
  }
  bool valid = true;
  if (parameter.type == "NUMBER") {
    const bool indents = parameter.name == "JSON_INDENT";
    const int64_t max = indents ? kJsonIndentMax : std::numeric_limits<int64_t>::max();
    valid = NumberOf(value).value_or(-1) >= 0 && *NumberOf(value) <= max;
  }
  if (parameter.name == "TIMEZONE") valid = IsTimeZone(value);
  if (parameter.name == "DEFAULT_NULL_ORDERING") {
    if (upper == "FIRST" || upper == "LAST") return upper;
    valid = false;
  }
  if (parameter.name.ends_with("_QUERY_RESULT_FORMAT")) {
    if (upper == "ARROW" || upper == "JSON") return upper;
    valid = false;
  }
  if (parameter.name == kStatementTimeout) {
    valid = valid && NumberOf(value).value_or(kStatementTimeoutMax + 1) <= kStatementTimeoutMax;
  }
  if (!valid) return InvalidParameterValue(parameter.name, value);
  return std::string(value);
}

int64_t StatementTimeoutOf(std::string_view value) {
  const int64_t seconds = NumberOf(value).value_or(0);
  return seconds == 0 ? kStatementTimeoutMax : seconds;
}

}  // namespace tarn::warehouse
