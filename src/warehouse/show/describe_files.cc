// SPDX-License-Identifier: Apache-2.0
// DESCRIBE STAGE and FILE FORMAT: options with their defaults.
#include <array>
#include <span>

#include "warehouse/show/describe_parts.h"

namespace tarn::warehouse {
namespace {

struct OptionFacts {
  const char* name;
  const char* type;
  const char* fallback;
};

constexpr std::array kCsv = {OptionFacts{"RECORD_DELIMITER", "String", "\\n"},
                             OptionFacts{"FIELD_DELIMITER", "String", ","},
                             OptionFacts{"FILE_EXTENSION", "String", ""},
                             OptionFacts{"SKIP_HEADER", "Integer", "0"},
                             OptionFacts{"PARSE_HEADER", "Boolean", "false"},
                             OptionFacts{"DATE_FORMAT", "String", "AUTO"},
                             OptionFacts{"TIME_FORMAT", "String", "AUTO"},
                             OptionFacts{"TIMESTAMP_FORMAT", "String", "AUTO"},
                             OptionFacts{"BINARY_FORMAT", "String", "HEX"},
                             OptionFacts{"ESCAPE", "String", "NONE"},
                             OptionFacts{"ESCAPE_UNENCLOSED_FIELD", "String", "\\\\"},
                             OptionFacts{"TRIM_SPACE", "Boolean", "false"},
                             OptionFacts{"FIELD_OPTIONALLY_ENCLOSED_BY", "String", "NONE"},
                             OptionFacts{"NULL_IF", "List", "[\\\\N]"},
                             OptionFacts{"COMPRESSION", "String", "AUTO"},
                             OptionFacts{"ERROR_ON_COLUMN_COUNT_MISMATCH", "Boolean", "true"},
                             OptionFacts{"VALIDATE_UTF8", "Boolean", "true"},
                             OptionFacts{"SKIP_BLANK_LINES", "Boolean", "false"},
                             OptionFacts{"REPLACE_INVALID_CHARACTERS", "Boolean", "false"},
                             OptionFacts{"EMPTY_FIELD_AS_NULL", "Boolean", "true"},
                             OptionFacts{"SKIP_BYTE_ORDER_MARK", "Boolean", "true"},
                             OptionFacts{"ENCODING", "String", "UTF8"}};

constexpr std::array kJson = {OptionFacts{"FILE_EXTENSION", "String", ""},
                              OptionFacts{"DATE_FORMAT", "String", "AUTO"},
                              OptionFacts{"TIME_FORMAT", "String", "AUTO"},
                              OptionFacts{"TIMESTAMP_FORMAT", "String", "AUTO"},
                              OptionFacts{"BINARY_FORMAT", "String", "HEX"},
                              OptionFacts{"TRIM_SPACE", "Boolean", "false"},
                              OptionFacts{"NULL_IF", "List", "[]"},
                              OptionFacts{"COMPRESSION", "String", "AUTO"},
                              OptionFacts{"ENABLE_OCTAL", "Boolean", "false"},
                              OptionFacts{"ALLOW_DUPLICATE", "Boolean", "false"},
                              OptionFacts{"STRIP_OUTER_ARRAY", "Boolean", "false"},
                              OptionFacts{"STRIP_NULL_VALUES", "Boolean", "false"},
                              OptionFacts{"IGNORE_UTF8_ERRORS", "Boolean", "false"},
                              OptionFacts{"REPLACE_INVALID_CHARACTERS", "Boolean", "false"},
                              OptionFacts{"SKIP_BYTE_ORDER_MARK", "Boolean", "true"}};

constexpr std::array kParquet = {OptionFacts{"TRIM_SPACE", "Boolean", "false"},
                                 OptionFacts{"NULL_IF", "List", "[]"},
                                 OptionFacts{"COMPRESSION", "String", "SNAPPY"},
                                 OptionFacts{"BINARY_AS_TEXT", "Boolean", "true"}};

constexpr std::array kOther = {OptionFacts{"TRIM_SPACE", "Boolean", "false"},
                               OptionFacts{"NULL_IF", "List", "[]"},
                               OptionFacts{"COMPRESSION", "String", "AUTO"}};

constexpr std::array kCopy = {OptionFacts{"ON_ERROR", "String", "ABORT_STATEMENT"},
                              OptionFacts{"SIZE_LIMIT", "Long", ""},
                              OptionFacts{"PURGE", "Boolean", "false"},
                              OptionFacts{"RETURN_FAILED_ONLY", "Boolean", "false"},
                              OptionFacts{"ENFORCE_LENGTH", "Boolean", "true"},
                              OptionFacts{"TRUNCATECOLUMNS", "Boolean", "false"},
                              OptionFacts{"FORCE", "Boolean", "false"}};

std::span<const OptionFacts> OptionsOf(std::string_view type) {
  if (type == "CSV") return kCsv;
  if (type == "JSON") return kJson;
  if (type == "PARQUET") return kParquet;
  return kOther;
}

void AddOptions(PropertyRows& rows, std::span<const OptionFacts> known, const Options& set) {
  for (const OptionFacts& option : known) {
    const auto found = set.find(option.name);
    rows.Add(option.name, option.type, found == set.end() ? option.fallback : found->second,
             option.fallback);
  }
}

void AddFormat(PropertyRows& rows, const std::string& type, const Options& options) {
  rows.Text("TYPE", type, "CSV");
  AddOptions(rows, OptionsOf(type), options);
}

}  // namespace

RowSet DescribeValue(const ShowContext&, const Object<FileFormat>& object) {
  PropertyRows rows(false);
  AddFormat(rows, object.value.type, object.value.options);
  return rows.Take();
}

RowSet DescribeValue(const ShowContext& context, const Object<Stage>& object) {
  const Stage& stage = object.value;
  PropertyRows rows(true);
  rows.Under("STAGE_FILE_FORMAT");
  const auto type = stage.file_format.find("TYPE");
  AddFormat(rows, type == stage.file_format.end() ? "CSV" : type->second, stage.file_format);
  rows.Under("STAGE_COPY_OPTIONS");
  AddOptions(rows, kCopy, stage.copy_options);
  rows.Under("STAGE_LOCATION");
  rows.Text("URL", stage.url.empty() ? "" : nlohmann::json::array({stage.url}).dump());
  if (stage.storage_integration) {
    rows.Under("STAGE_INTEGRATION");
    rows.Text("STORAGE_INTEGRATION", context.NameOf(*stage.storage_integration));
  } else {
    // Never the secret itself, and of the key no more than that there is one.
    rows.Under("STAGE_CREDENTIALS");
    rows.Text("AWS_KEY_ID", stage.credentials.contains("AWS_KEY_ID") ? "********" : "");
  }
  rows.Under("DIRECTORY");
  if (stage.directory_enabled) {
    const auto& refreshed = stage.directory_refreshed_ms;
    rows.Add("LAST_REFRESHED_ON", "Timestamp", refreshed ? TimeText(*refreshed) : "", "");
  }
  rows.Boolean("ENABLE", stage.directory_enabled, false);
  rows.Boolean("AUTO_REFRESH", stage.directory_auto_refresh, false);
  return rows.Take();
}

}  // namespace tarn::warehouse
