// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/load_query.h"

#include <algorithm>
#include <charconv>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/delimited_text.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// How a field of CSV becomes a value of the type, where that is no plain conversion.
struct FieldCall {
  const char* function;
  const char* format_option;
  const char* absent;  ///< the format where none is set; "": a plain conversion
};

std::optional<FieldCall> CallFor(sql::DataTypeKind kind) {
  switch (kind) {
    case sql::DataTypeKind::kBinary:
      return FieldCall{"TO_BINARY", "BINARY_FORMAT", "HEX"};
    case sql::DataTypeKind::kDate:
      return FieldCall{"TO_DATE", "DATE_FORMAT", ""};
    case sql::DataTypeKind::kTime:
      return FieldCall{"TO_TIME", "TIME_FORMAT", ""};
    case sql::DataTypeKind::kTimestampNtz:
      return FieldCall{"TO_TIMESTAMP_NTZ", "TIMESTAMP_FORMAT", ""};
    case sql::DataTypeKind::kTimestampLtz:
      return FieldCall{"TO_TIMESTAMP_LTZ", "TIMESTAMP_FORMAT", ""};
    case sql::DataTypeKind::kTimestampTz:
      return FieldCall{"TO_TIMESTAMP_TZ", "TIMESTAMP_FORMAT", ""};
    default:
      return std::nullopt;
  }
}

std::string FieldItem(const Column& column, size_t place, const FileFormat& format) {
  std::string field = fmt::format("${}", place);
  if (column.type.kind == sql::DataTypeKind::kVariant) return "TO_VARIANT(" + field + ")";
  const auto call = CallFor(column.type.kind);
  if (!call) return field;
  std::string how = call->absent;
  const auto written = format.options.find(call->format_option);
  if (written != format.options.end() && syntax::UpperCase(written->second) != "AUTO") {
    how = written->second;
  }
  if (how.empty()) return field;
  return fmt::format("{}({}, {})", call->function, field, InQuotes(how));
}

std::string MemberItem(const Column& column, ColumnMatch match) {
  if (match == ColumnMatch::kNone) return "$1";
  return fmt::format("{}($1, {})", match == ColumnMatch::kCaseSensitive ? "GET" : "GET_IGNORE_CASE",
                     InQuotes(column.name));
}

}  // namespace

std::string InQuotes(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

StatementResult<const syntax::StagedFiles*> FilesOf(const syntax::Query& query) {
  const auto* select = std::get_if<syntax::Box<syntax::Select>>(&query.body);
  const syntax::StagedFiles* files = nullptr;
  if (select != nullptr && (*select)->from.size() == 1) {
    files = std::get_if<syntax::StagedFiles>(&(*select)->from[0]->value);
  }
  if (files == nullptr) {
    return UnsupportedFeature("COPY INTO from a query that is not over the files of one stage");
  }
  if (!files->options.empty()) {
    return Unsupported("options of staged files within COPY INTO",
                       "Write FILE_FORMAT and PATTERN behind the parentheses.");
  }
  return files;
}

size_t FieldsIn(std::string_view text) {
  size_t most = 1;
  for (size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    size_t number = 0;
    std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
    most = std::max(most, std::min(number, DelimitedReader::kFieldsMax));
  }
  return most;
}

StatementResult<std::string> LoadQuery(const std::vector<Column>& columns, const FileFormat& format,
                                       ColumnMatch match) {
  const bool csv = format.type == "CSV";
  if (!csv && match == ColumnMatch::kNone && columns.size() != 1) {
    return CompilationError(
        "002019", "0A000",
        fmt::format("{} file format can produce one and only one column of type variant, object, "
                    "or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy "
                    "option or copy with transformation.",
                    format.type));
  }
  std::string items;
  for (size_t i = 0; i < columns.size(); ++i) {
    items += (items.empty() ? "" : ", ") +
             (csv ? FieldItem(columns[i], i + 1, format) : MemberItem(columns[i], match));
  }
  return "SELECT " + items + " FROM @files";
}

}  // namespace tarn::warehouse
