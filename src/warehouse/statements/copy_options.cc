// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/copy_options.h"

#include <algorithm>
#include <charconv>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/definition_checks.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/stage_format.h"
#include "warehouse/statements/file_format_options.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr std::array<std::string_view, 13> kCopyOptions = {
    "ON_ERROR",        "SIZE_LIMIT",           "PURGE",
    "FORCE",           "MATCH_BY_COLUMN_NAME", "ENFORCE_LENGTH",
    "TRUNCATECOLUMNS", "LOAD_UNCERTAIN_FILES", "RETURN_FAILED_ONLY",
    "LOAD_MODE",       "INCLUDE_METADATA",     "CLUSTER_AT_INGEST_TIME",
    "VALIDATION_MODE"};

/// Values by name, upper case, as they stand in the statement or in the stage.
class CopyValues {
 public:
  explicit CopyValues(Options values) : values_(std::move(values)) {}

  std::optional<std::string> Text(const char* name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return sql::syntax::UpperCase(found->second);
  }
  StatementResult<> Bool(const char* name, bool& value) const {
    const auto text = Text(name);
    if (!text) return {};
    if (*text != "TRUE" && *text != "FALSE") return InvalidParameterValue(name, *text);
    value = *text == "TRUE";
    return {};
  }

 private:
  Options values_;
};

template <typename Number>
bool ReadNumber(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && !text.empty();
}

StatementResult<ErrorPolicy> ReadOnError(const std::string& text) {
  constexpr std::string_view kSkipFile = "SKIP_FILE";
  if (text == "CONTINUE") return ErrorPolicy{.on_error = OnError::kContinue};
  if (text == "ABORT_STATEMENT") return ErrorPolicy{};
  ErrorPolicy policy{.on_error = OnError::kSkipFile};
  if (text == kSkipFile) return policy;
  std::string_view rest = text;
  bool known = rest.starts_with("SKIP_FILE_");
  if (known) rest.remove_prefix(kSkipFile.size() + 1);
  if (known && rest.ends_with('%')) {
    rest.remove_suffix(1);
    double percent = 0;
    known = ReadNumber(rest, percent) && percent >= 0 && percent <= 100;
    policy.skip_percent = percent;
  } else if (known) {
    known = ReadNumber(rest, policy.skip_errors) && policy.skip_errors > 0;
  }
  if (!known) return InvalidParameterValue("ON_ERROR", text);
  return policy;
}

/// What is known and not done here is refused where it would have an effect.
StatementResult<> CheckRefused(const CopyValues& values) {
  if (values.Text("VALIDATION_MODE")) {
    return Unsupported("VALIDATION_MODE",
                       "Load with ON_ERROR = CONTINUE in a transaction, and ROLLBACK it.");
  }
  if (values.Text("INCLUDE_METADATA")) {
    return Unsupported("INCLUDE_METADATA",
                       "Select METADATA$FILENAME in a COPY INTO … FROM (SELECT …).");
  }
  if (values.Text("LOAD_MODE").value_or("FULL_INGEST") != "FULL_INGEST") {
    return Unsupported("LOAD_MODE = " + *values.Text("LOAD_MODE"), "Use FULL_INGEST.");
  }
  bool clustered = false;
  STATEMENT_TRY(values.Bool("CLUSTER_AT_INGEST_TIME", clustered));
  if (clustered) return UnsupportedFeature("CLUSTER_AT_INGEST_TIME");
  return {};
}

StatementResult<ColumnMatch> ReadMatch(const std::string& text) {
  if (text == "NONE") return ColumnMatch::kNone;
  if (text == "CASE_SENSITIVE") return ColumnMatch::kCaseSensitive;
  if (text == "CASE_INSENSITIVE") return ColumnMatch::kCaseInsensitive;
  return InvalidParameterValue("MATCH_BY_COLUMN_NAME", text);
}

}  // namespace

StatementFailure Unsupported(std::string_view feature, std::string hint) {
  StatementFailure failure = UnsupportedFeature(feature);
  failure.error().error.hint = std::move(hint);
  return failure;
}

StatementResult<CopyOptions> ReadCopyOptions(OptionReader& options, const Options& stage_options) {
  Options written;
  for (const std::string_view name : kCopyOptions) {
    if (name == "INCLUDE_METADATA") {
      if (options.Group(name) != nullptr) written.emplace(name, "");
    } else if (auto text = options.Text(name)) {
      written.emplace(name, *std::move(text));
    }
  }
  // Of the two words for one thing, the statement's.
  const bool length = written.contains("ENFORCE_LENGTH") || written.contains("TRUNCATECOLUMNS");
  for (const auto& [name, value] : stage_options) {
    if (std::ranges::find(kCopyOptions, name) == kCopyOptions.end()) {
      return CompilationError("001420", "22023",
                              fmt::format("invalid property '{}' for COPY_OPTIONS", name));
    }
    const bool other_word = name == "ENFORCE_LENGTH" || name == "TRUNCATECOLUMNS";
    if (!(length && other_word)) written.emplace(name, value);
  }
  const CopyValues values(std::move(written));
  STATEMENT_TRY(CheckRefused(values));
  CopyOptions read;
  STATEMENT_ASSIGN(read.errors, ReadOnError(values.Text("ON_ERROR").value_or("ABORT_STATEMENT")));
  STATEMENT_ASSIGN(read.match, ReadMatch(values.Text("MATCH_BY_COLUMN_NAME").value_or("NONE")));
  if (const auto limit = values.Text("SIZE_LIMIT")) {
    read.size_limit = 0;
    const bool known = ReadNumber(*limit, *read.size_limit) && *read.size_limit > 0;
    if (!known) return InvalidParameterValue("SIZE_LIMIT", *limit);
  }
  STATEMENT_TRY(values.Bool("PURGE", read.purge));
  STATEMENT_TRY(values.Bool("FORCE", read.force));
  STATEMENT_TRY(values.Bool("LOAD_UNCERTAIN_FILES", read.load_uncertain_files));
  STATEMENT_TRY(values.Bool("RETURN_FAILED_ONLY", read.return_failed_only));
  bool enforce = true;
  STATEMENT_TRY(values.Bool("ENFORCE_LENGTH", enforce));
  read.truncate = !enforce;
  STATEMENT_TRY(values.Bool("TRUNCATECOLUMNS", read.truncate));
  if (values.Text("ENFORCE_LENGTH") && values.Text("TRUNCATECOLUMNS") && read.truncate == enforce) {
    return InvalidParameterValue("TRUNCATECOLUMNS", *values.Text("TRUNCATECOLUMNS"));
  }
  return read;
}

StatementResult<OpenedStage> OpenFileLocation(const StatementContext& context,
                                              const Snapshot& snapshot, const Caller& caller,
                                              const syntax::FileLocation& location,
                                              OptionReader& options, StageUse use) {
  const std::string& stages = context.account->stages_location();
  const auto integration = options.Name("STORAGE_INTEGRATION");
  if (options.Flat("CREDENTIALS")) {
    return Unsupported("CREDENTIALS of COPY INTO", "Use a STORAGE_INTEGRATION, or a stage.");
  }
  if (options.Flat("ENCRYPTION")) return UnsupportedFeature("ENCRYPTION of COPY INTO");
  if (const auto* stage = std::get_if<syntax::StageReference>(&location)) {
    if (integration) return UnsupportedFeature("STORAGE_INTEGRATION beside a stage");
    return OpenStage(snapshot, caller, stage->location, use, stages);
  }
  const std::string& url = std::get<syntax::Literal>(location).text;
  if (!integration) return MissingOption("STORAGE_INTEGRATION");
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kStorageIntegration,
                           *integration, "COPY INTO"));
  // What stands behind the last slash is what names begin with.
  const size_t slash = url.rfind('/');
  if (slash == std::string::npos) return InvalidParameterValue("URL", url);
  OpenedStage stage;
  stage.definition.url = url.substr(0, slash + 1);
  STATEMENT_TRY(CheckedBaseUrl("URL", stage.definition.url));
  stage.definition.storage_integration = head.id;
  // As of a stage: USAGE of the integration, which allows the place.
  STATEMENT_TRY(CheckDefinition(snapshot, authority, stage.definition));
  STATEMENT_ASSIGN(stage.area, AreaOf(snapshot, ObjectId(), stage.definition, stages));
  stage.path = url.substr(slash + 1);
  STATEMENT_TRY(stage.area.FindPrefix(stage.path));
  return stage;
}

StatementResult<FileFormat> ReadCopyFormat(const StatementContext& context,
                                           const Snapshot& snapshot, const Caller& caller,
                                           const std::vector<syntax::Option>& written,
                                           OptionReader& options, const Stage& stage) {
  const auto option = std::ranges::find(written, "FILE_FORMAT", &syntax::Option::key);
  if (option == written.end()) return FormatOf(snapshot, caller, stage);
  const bool grouped =
      option->value && (std::holds_alternative<syntax::OptionGroup>((*option->value)->value) ||
                        std::holds_alternative<syntax::OptionList>((*option->value)->value));
  if (!grouped) {
    const std::string name = options.RequiredText("FILE_FORMAT");
    return FormatNamed(snapshot, caller, name);
  }
  Stage stated;
  STATEMENT_ASSIGN(stated.file_format, ReadFormatOptions(context, *options.Group("FILE_FORMAT")));
  return FormatOf(snapshot, caller, stated);
}

StatementResult<> CheckLoadable(const FileFormat& format, ColumnMatch match) {
  const bool csv = format.type == "CSV";
  const bool parquet = format.type == "PARQUET";
  if (!csv && !parquet && format.type != "JSON") {
    return Unsupported(fmt::format("COPY INTO from files of type {}", format.type),
                       "Files of type CSV, JSON and PARQUET can be loaded.");
  }
  // What has an effect, and what it would have to be to have none.
  struct Plain {
    const char* option;
    const char* value;
    bool csv, json, parquet = false;
  };
  static constexpr Plain kPlain[] = {
      {"MULTI_LINE", "TRUE", true, true},
      {"SKIP_BYTE_ORDER_MARK", "TRUE", true, true},
      {"REPLACE_INVALID_CHARACTERS", "FALSE", true, true, true},
      {"IGNORE_UTF8_ERRORS", "FALSE", false, true},
      {"ENABLE_OCTAL", "FALSE", false, true},
      {"STRIP_NULL_VALUES", "FALSE", false, true},
      {"TRIM_SPACE", "FALSE", false, true, true},
      {"NULL_IF", "()", false, true, true},
      {"DATE_FORMAT", "AUTO", false, true},
      {"TIME_FORMAT", "AUTO", false, true},
      {"TIMESTAMP_FORMAT", "AUTO", false, true},
      {"BINARY_FORMAT", "HEX", false, true},
  };
  for (const Plain& plain : kPlain) {
    const auto found = format.options.find(plain.option);
    const bool counts = csv ? plain.csv : parquet ? plain.parquet : plain.json;
    if (found == format.options.end() || !counts) continue;
    const std::string value = sql::syntax::UpperCase(found->second);
    if (value == plain.value) continue;
    return Unsupported(
        fmt::format("{} = {} in COPY INTO from {}", plain.option, value, format.type), {});
  }
  const auto header = format.options.find("PARSE_HEADER");
  const bool parses_header = header != format.options.end() && header->second == "TRUE";
  if (csv && parses_header && match == ColumnMatch::kNone) {
    return Unsupported("PARSE_HEADER without MATCH_BY_COLUMN_NAME", "Use SKIP_HEADER = 1.");
  }
  if (csv && !parses_header && match != ColumnMatch::kNone) {
    return Unsupported("MATCH_BY_COLUMN_NAME of CSV without a header",
                       "Set PARSE_HEADER = TRUE in the file format.");
  }
  if (parses_header && format.options.contains("SKIP_HEADER") &&
      format.options.at("SKIP_HEADER") != "0") {
    return Unsupported("SKIP_HEADER with PARSE_HEADER", "Set one of them.");
  }
  return {};
}

}  // namespace tarn::warehouse
