// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/staged_rows.h"

#include <algorithm>
#include <memory>

#include "base/memory_budget.h"
#include "engine/functions/variant_parse.h"
#include "iceberg/json/gzip.h"
#include "sql/syntax/name.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/delimited_text.h"
#include "warehouse/stages/json_values.h"

namespace tarn::warehouse {
namespace {

using Row = std::vector<Value>;

/// What stands in the parentheses.
struct FilesOption {
  std::optional<std::string> format, pattern;
};

StatementResult<FilesOption> ReadOptions(const std::vector<sql::NamedArgument>& options) {
  FilesOption read;
  for (const sql::NamedArgument& option : options) {
    const auto* text = std::get_if<std::string>(&option.value.constant);
    const bool constant = option.value.kind == sql::bound::ExpressionKind::kConstant;
    if (!constant || text == nullptr) return InvalidParameterValue(option.name, "");
    if (option.name == "FILE_FORMAT") {
      read.format = *text;
    } else if (option.name == "PATTERN") {
      read.pattern = *text;
    } else {
      return CompilationError("001420", "22023",
                              fmt::format("invalid property '{}' for staged files", option.name));
    }
  }
  return read;
}

StatementResult<FileFormat> FormatNamed(const Snapshot& snapshot, const Caller& caller,
                                        const std::string& text) {
  const auto name = ParseObjectName(text);
  if (!name) return DoesNotExist(ObjectKind::kFileFormat, text);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kFileFormat, *name, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(auto format, snapshot.Find<FileFormat>(head.id));
  if (!format) return DoesNotExist(ObjectKind::kFileFormat, text);
  return *std::move(format);
}

/// That of the query, else the stage's.
StatementResult<FileFormat> FormatFor(const Snapshot& snapshot, const Caller& caller,
                                      const OpenedStage& stage,
                                      const std::optional<std::string>& named) {
  if (named) return FormatNamed(snapshot, caller, *named);
  Options options = stage.definition.file_format;
  if (const auto name = options.find("FORMAT_NAME"); name != options.end()) {
    return FormatNamed(snapshot, caller, name->second);
  }
  FileFormat format;
  if (const auto type = options.extract("TYPE")) format.type = type.mapped();
  format.options = std::move(options);
  return format;
}

StatementFailure TooMuch(std::string message) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kResourceExhausted,
                               std::move(message),
                               {},
                               "Read fewer of them at once, by their path or PATTERN."},
                     .code = {},
                     .sqlstate = "53200"});
}

StatementFailure MoreThanAQueryMayRead() {
  return TooMuch("the staged files of this query take more than 256 MiB");
}

StatementResult<std::string> Unpacked(const FileFormat& format, const StageFile& file,
                                      std::string bytes, int64_t bytes_max) {
  const auto written = format.options.find("COMPRESSION");
  std::string how = written == format.options.end() ? "AUTO" : written->second;
  how = sql::syntax::UpperCase(how);
  if (how == "NONE") return bytes;
  if (how == "GZIP" || (how == "AUTO" && iceberg::IsGzip(bytes))) {
    auto text = iceberg::Gunzip(bytes, static_cast<size_t>(bytes_max));
    if (text) return *std::move(text);
    if (text.error().kind == ErrorKind::kResourceExhausted) return MoreThanAQueryMayRead();
    return std::unexpected(AsStatementError(std::move(text).error()));
  }
  if (how == "AUTO") return bytes;
  return UnsupportedFeature(fmt::format("COMPRESSION = {} of file {}", how, file.path));
}

/// Of one value, as Snowflake tells of one that is too large.
StatementResult<> CheckSize(size_t bytes) {
  if (bytes <= kStagedValueBytesMax) return {};
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument,
                               fmt::format("Max LOB size ({}) exceeded, actual size of parsed "
                                           "column is {}",
                                           kStagedValueBytesMax, bytes),
                               {},
                               {}},
                     .code = "100082",
                     .sqlstate = "22000"});
}

Row WithMetadata(Row row, const StageFile& file, int64_t number) {
  row.emplace_back(file.path);
  row.emplace_back(number);
  return row;
}

std::vector<MadeColumn> WithMetadata(std::vector<MadeColumn> columns) {
  columns.push_back({"METADATA$FILENAME",
                     {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}});
  columns.push_back(
      {"METADATA$FILE_ROW_NUMBER", {.kind = sql::DataTypeKind::kNumber, .precision = 38}});
  return columns;
}

/// What one query holds of staged files, out of what all queries may hold.
class Held {
 public:
  explicit Held(const table::TableContext& tables) {
    if (tables.memory == nullptr) return;
    reservation_ = std::make_shared<MemoryReservation>(tables.memory->Open("staged files"));
  }
  /// As much as this from now on; ResourceExhausted where that is refused.
  StatementResult<> Set(int64_t bytes) {
    if (reservation_ == nullptr) return {};
    const int64_t more = bytes - reservation_->bytes();
    if (more < 0) reservation_->Shrink(-more);
    if (more <= 0 || reservation_->TryGrow(more)) return {};
    return TooMuch("the memory for staged files is used up by other queries");
  }
  int64_t bytes() const { return reservation_ == nullptr ? 0 : reservation_->bytes(); }
  /// What the rows keep.
  std::shared_ptr<const void> owner() const { return reservation_; }

 private:
  std::shared_ptr<MemoryReservation> reservation_;
};

/// Texts of files, one by one, until there are too many.
class FileTexts {
 public:
  FileTexts(storage::Storage& storage, const StorageArea& area, const FileFormat& format,
            Held& held)
      : storage_(storage), area_(area), format_(format), held_(held) {}

  StatementResult<std::string> Read(const StageFile& file) {
    if (bytes_ + file.size > kStagedBytesMax) return MoreThanAQueryMayRead();
    STATEMENT_TRY(held_.Set(held_.bytes() + file.size));
    STATEMENT_ASSIGN(std::string bytes, storage_.Read(area_.base + file.path));
    STATEMENT_ASSIGN(std::string text,
                     Unpacked(format_, file, std::move(bytes), kStagedBytesMax - bytes_));
    const auto size = static_cast<int64_t>(text.size());
    bytes_ += size;
    if (bytes_ > kStagedBytesMax) return MoreThanAQueryMayRead();  // it has grown since
    STATEMENT_TRY(held_.Set(held_.bytes() + size - file.size));
    return text;
  }
  int64_t bytes() const { return bytes_; }  ///< of all texts so far

 private:
  storage::Storage& storage_;
  const StorageArea& area_;
  const FileFormat& format_;
  Held& held_;
  int64_t bytes_ = 0;
};

StatementFailure TooManyFields(const StageFile& file, int64_t record) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kResourceExhausted,
                               fmt::format("record {} of file '{}' has more than {} fields", record,
                                           file.path, DelimitedReader::kFieldsMax),
                               {},
                               "Is it the FIELD_DELIMITER or the RECORD_DELIMITER?"},
                     .code = {},
                     .sqlstate = "54011"});
}

/// Of the widest record.
StatementResult<size_t> WidthOf(const std::vector<std::string>& texts,
                                const std::vector<StageFile>& files,
                                const DelimitedFormat& format) {
  size_t width = 1;
  for (size_t i = 0; i < texts.size(); ++i) {
    DelimitedReader reader(texts[i], format);
    DelimitedReader::Record record;
    while (reader.Next(record)) width = std::max(width, record.size());
    if (reader.too_wide()) return TooManyFields(files[i], reader.record_number());
  }
  return width;
}

StatementResult<MadeRows> DelimitedRows(FileTexts& files_texts, Held& held,
                                        const FileFormat& format,
                                        const std::vector<StageFile>& files) {
  STATEMENT_ASSIGN(const DelimitedFormat delimited, DelimitedFormatOf(format.options));
  std::vector<std::string> texts;
  for (const StageFile& file : files) {
    STATEMENT_ASSIGN(std::string text, files_texts.Read(file));
    texts.push_back(std::move(text));
  }
  STATEMENT_ASSIGN(const size_t width, WidthOf(texts, files, delimited));
  std::vector<MadeColumn> columns;
  for (size_t i = 0; i < width; ++i) {
    columns.push_back(
        {fmt::format("${}", i + 1),
         {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}});
  }
  RowBatches rows(WithMetadata(std::move(columns)));
  int64_t texts_bytes = files_texts.bytes();
  for (size_t i = 0; i < texts.size(); ++i) {
    DelimitedReader reader(texts[i], delimited);
    DelimitedReader::Record record;
    while (reader.Next(record)) {
      Row row(width);
      for (size_t field = 0; field < record.size(); ++field) {
        if (!record[field]) continue;
        STATEMENT_TRY(CheckSize(record[field]->size()));
        row[field] = *std::move(record[field]);
      }
      rows.Add(WithMetadata(std::move(row), files[i], reader.record_number()));
      if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
      STATEMENT_TRY(held.Set(texts_bytes + rows.bytes()));
    }
    texts_bytes -= static_cast<int64_t>(texts[i].size());
    texts[i] = {};
  }
  STATEMENT_TRY(held.Set(rows.bytes()));
  return rows.Finish(held.owner());
}

StatementResult<MadeRows> JsonRows(FileTexts& texts, Held& held, const FileFormat& format,
                                   const std::vector<StageFile>& files) {
  const auto is_set = [&](const char* option) {
    const auto found = format.options.find(option);
    return found != format.options.end() && found->second == "TRUE";
  };
  const auto duplicates = is_set("ALLOW_DUPLICATE") ? engine::DuplicateKeys::kLastWins
                                                    : engine::DuplicateKeys::kRefused;
  RowBatches rows(WithMetadata({{"$1", {.kind = sql::DataTypeKind::kVariant}}}));
  for (const StageFile& file : files) {
    STATEMENT_ASSIGN(const std::string text, texts.Read(file));
    JsonValues values(text, is_set("STRIP_OUTER_ARRAY"));
    int64_t number = 0;
    for (std::string_view value; values.Next(value);) {
      ++number;
      STATEMENT_TRY(CheckSize(value.size()));
      auto parsed = engine::ParseVariant(value, duplicates);
      if (!parsed) {
        return std::unexpected(
            StatementError{.error = {ErrorKind::kInvalidArgument,
                                     fmt::format("Error parsing JSON: value {} of file '{}': {}",
                                                 number, file.path, parsed.error().text()),
                                     {},
                                     {}},
                           .code = "100069",
                           .sqlstate = "22P02"});
      }
      rows.Add(WithMetadata({*std::move(parsed)}, file, number));
      if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
      STATEMENT_TRY(held.Set(static_cast<int64_t>(text.size()) + rows.bytes()));
    }
    STATEMENT_TRY(held.Set(rows.bytes()));
  }
  STATEMENT_TRY(held.Set(rows.bytes()));
  return rows.Finish(held.owner());
}

}  // namespace

StatementResult<MadeRows> StagedRows(const Snapshot& snapshot, const Caller& caller,
                                     const table::TableContext& tables, const OpenedStage& stage,
                                     const std::vector<sql::NamedArgument>& options) {
  STATEMENT_ASSIGN(const FilesOption read, ReadOptions(options));
  STATEMENT_ASSIGN(const FileFormat format, FormatFor(snapshot, caller, stage, read.format));
  STATEMENT_ASSIGN(auto files, ListFiles(*tables.storage, stage.area, stage.path));
  if (read.pattern) {
    STATEMENT_ASSIGN(files, Matching(*tables.engine, std::move(files), *read.pattern));
  }
  Held held(tables);
  FileTexts texts(*tables.storage, stage.area, format, held);
  if (format.type == "CSV") return DelimitedRows(texts, held, format, files);
  if (format.type == "JSON") return JsonRows(texts, held, format, files);
  return UnsupportedFeature(fmt::format("staged files of type {} in FROM", format.type));
}

}  // namespace tarn::warehouse
