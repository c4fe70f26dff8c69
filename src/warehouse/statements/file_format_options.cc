// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/file_format_options.h"

#include <algorithm>
#include <array>

#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

enum class ValueKind : uint8_t { kText, kBool, kNumber, kTexts };

struct FormatOption {
  std::string_view name;
  ValueKind kind;
  std::string_view types;  ///< with commas around
};

constexpr std::string_view kAll = ",CSV,JSON,AVRO,ORC,PARQUET,XML,";
constexpr auto kOptions = std::to_array<FormatOption>({
    {"COMPRESSION", ValueKind::kText, kAll},
    {"RECORD_DELIMITER", ValueKind::kText, ",CSV,"},
    {"FIELD_DELIMITER", ValueKind::kText, ",CSV,"},
    {"MULTI_LINE", ValueKind::kBool, ",CSV,JSON,"},
    {"FILE_EXTENSION", ValueKind::kText, ",CSV,JSON,"},
    {"PARSE_HEADER", ValueKind::kBool, ",CSV,"},
    {"SKIP_HEADER", ValueKind::kNumber, ",CSV,"},
    {"SKIP_BLANK_LINES", ValueKind::kBool, ",CSV,"},
    {"DATE_FORMAT", ValueKind::kText, ",CSV,JSON,"},
    {"TIME_FORMAT", ValueKind::kText, ",CSV,JSON,"},
    {"TIMESTAMP_FORMAT", ValueKind::kText, ",CSV,JSON,"},
    {"BINARY_FORMAT", ValueKind::kText, ",CSV,JSON,"},
    {"ESCAPE", ValueKind::kText, ",CSV,"},
    {"ESCAPE_UNENCLOSED_FIELD", ValueKind::kText, ",CSV,"},
    {"TRIM_SPACE", ValueKind::kBool, kAll},
    {"FIELD_OPTIONALLY_ENCLOSED_BY", ValueKind::kText, ",CSV,"},
    {"NULL_IF", ValueKind::kTexts, kAll},
    {"ERROR_ON_COLUMN_COUNT_MISMATCH", ValueKind::kBool, ",CSV,"},
    {"REPLACE_INVALID_CHARACTERS", ValueKind::kBool, kAll},
    {"EMPTY_FIELD_AS_NULL", ValueKind::kBool, ",CSV,"},
    {"SKIP_BYTE_ORDER_MARK", ValueKind::kBool, ",CSV,JSON,"},
    {"ENCODING", ValueKind::kText, ",CSV,"},
    {"ENABLE_OCTAL", ValueKind::kBool, ",JSON,"},
    {"ALLOW_DUPLICATE", ValueKind::kBool, ",JSON,"},
    {"STRIP_OUTER_ARRAY", ValueKind::kBool, ",JSON,"},
    {"STRIP_NULL_VALUES", ValueKind::kBool, ",JSON,"},
    {"IGNORE_UTF8_ERRORS", ValueKind::kBool, ",JSON,"},
    {"SNAPPY_COMPRESSION", ValueKind::kBool, ",PARQUET,"},
    {"BINARY_AS_TEXT", ValueKind::kBool, ",PARQUET,"},
    {"USE_LOGICAL_TYPE", ValueKind::kBool, ",PARQUET,"},
    {"USE_VECTORIZED_SCANNER", ValueKind::kBool, ",PARQUET,"},
});

std::optional<std::string> ReadOne(OptionReader& options, const FormatOption& option) {
  switch (option.kind) {
    case ValueKind::kBool:
      if (const auto value = options.Bool(option.name)) return *value ? "TRUE" : "FALSE";
      return std::nullopt;
    case ValueKind::kNumber:
      if (const auto value = options.Integer(option.name, 0)) return std::to_string(*value);
      return std::nullopt;
    case ValueKind::kTexts:
      if (const auto values = options.Texts(option.name)) {
        std::string list;
        for (const std::string& value : *values) {
          list += (list.empty() ? "" : ", ") + ("'" + value + "'");
        }
        return "(" + list + ")";
      }
      return std::nullopt;
    case ValueKind::kText:
      break;
  }
  return options.Text(option.name);
}

}  // namespace

StatementResult<FileFormat> ReadFileFormat(OptionReader& options,
                                           const std::optional<std::string>& type) {
  FileFormat format;
  const auto written =
      options.Word("TYPE", {"CSV", "JSON", "AVRO", "ORC", "PARQUET", "XML", "CUSTOM"});
  if (type && written && *written != *type) return InvalidParameterValue("TYPE", *written);
  format.type = type ? *type : written.value_or("CSV");
  const std::string wanted = "," + format.type + ",";
  for (const FormatOption& option : kOptions) {
    if (option.types.find(wanted) == std::string_view::npos) continue;
    if (auto value = ReadOne(options, option)) {
      format.options[std::string(option.name)] = *std::move(value);
    }
  }
  return format;
}

StatementResult<Options> ReadFormatOptions(const StatementContext& context,
                                           const std::vector<sql::syntax::Option>& group) {
  OptionReader options(context, "FILE_FORMAT", group);
  if (const auto name = options.Text("FORMAT_NAME")) {
    STATEMENT_TRY(options.Finish());
    return Options{{"FORMAT_NAME", *name}};
  }
  STATEMENT_ASSIGN(FileFormat format, ReadFileFormat(options, std::nullopt));
  STATEMENT_TRY(options.Finish());
  format.options["TYPE"] = format.type;
  return format.options;
}

}  // namespace tarn::warehouse
