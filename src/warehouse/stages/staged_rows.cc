// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/staged_rows.h"

#include <algorithm>

#include "engine/functions/variant_parse.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/delimited_text.h"
#include "warehouse/stages/file_rows.h"
#include "warehouse/stages/file_texts.h"
#include "warehouse/stages/json_values.h"
#include "warehouse/stages/parquet_records.h"
#include "warehouse/stages/stage_format.h"

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

StatementResult<MadeRows> DelimitedRows(FileTexts& files_texts, HeldMemory& held,
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
  RowBatches rows(WithFileMetadata(std::move(columns)));
  int64_t texts_bytes = files_texts.bytes();
  for (size_t i = 0; i < texts.size(); ++i) {
    DelimitedReader reader(texts[i], delimited);
    DelimitedReader::Record record;
    while (reader.Next(record)) {
      Row row(width);
      for (size_t field = 0; field < record.size(); ++field) {
        if (!record[field]) continue;
        STATEMENT_TRY(CheckValueSize(record[field]->size()));
        row[field] = *std::move(record[field]);
      }
      rows.Add(WithFileMetadata(std::move(row), files[i], reader.record_number()));
      if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
      STATEMENT_TRY(held.Set(texts_bytes + rows.bytes()));
    }
    texts_bytes -= static_cast<int64_t>(texts[i].size());
    texts[i] = {};
  }
  STATEMENT_TRY(held.Set(rows.bytes()));
  return rows.Finish(held.owner());
}

StatementResult<MadeRows> JsonRows(FileTexts& texts, HeldMemory& held, const FileFormat& format,
                                   const std::vector<StageFile>& files) {
  const auto is_set = [&](const char* option) {
    const auto found = format.options.find(option);
    return found != format.options.end() && found->second == "TRUE";
  };
  const auto duplicates = is_set("ALLOW_DUPLICATE") ? engine::DuplicateKeys::kLastWins
                                                    : engine::DuplicateKeys::kRefused;
  RowBatches rows(
      WithFileMetadata(std::vector<MadeColumn>{{"$1", {.kind = sql::DataTypeKind::kVariant}}}));
  for (const StageFile& file : files) {
    STATEMENT_ASSIGN(const std::string text, texts.Read(file));
    JsonValues values(text, is_set("STRIP_OUTER_ARRAY"));
    int64_t number = 0;
    for (std::string_view value; values.Next(value);) {
      ++number;
      STATEMENT_TRY(CheckValueSize(value.size()));
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
      rows.Add(WithFileMetadata(Row{*std::move(parsed)}, file, number));
      if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
      STATEMENT_TRY(held.Set(static_cast<int64_t>(text.size()) + rows.bytes()));
    }
    STATEMENT_TRY(held.Set(rows.bytes()));
  }
  STATEMENT_TRY(held.Set(rows.bytes()));
  return rows.Finish(held.owner());
}

StatementResult<MadeRows> ParquetRows(const table::TableContext& tables, HeldMemory& held,
                                      const StorageArea& area, const FileFormat& format,
                                      const std::vector<StageFile>& files) {
  RowBatches rows(
      WithFileMetadata(std::vector<MadeColumn>{{"$1", {.kind = sql::DataTypeKind::kVariant}}}));
  for (const StageFile& file : files) {
    STATEMENT_ASSIGN(const auto records, ParquetRecords::Open(tables, area, file, format));
    std::string record;
    for (int64_t number = 1;; ++number) {
      STATEMENT_ASSIGN(const bool more, records->Next(record));
      if (!more) break;
      rows.Add(WithFileMetadata(Row{std::move(record)}, file, number));
      if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
      STATEMENT_TRY(held.Set(rows.bytes()));
    }
  }
  STATEMENT_TRY(held.Set(rows.bytes()));
  return rows.Finish(held.owner());
}

}  // namespace

StatementResult<MadeRows> StagedRows(const Snapshot& snapshot, const Caller& caller,
                                     const table::TableContext& tables, const OpenedStage& stage,
                                     const std::vector<sql::NamedArgument>& options) {
  STATEMENT_ASSIGN(const FilesOption read, ReadOptions(options));
  STATEMENT_ASSIGN(const FileFormat format, read.format
                                                ? FormatNamed(snapshot, caller, *read.format)
                                                : FormatOf(snapshot, caller, stage.definition));
  STATEMENT_ASSIGN(auto files, ListFiles(*tables.storage, stage.area, stage.path));
  if (read.pattern) {
    STATEMENT_ASSIGN(files, Matching(*tables.engine, std::move(files), *read.pattern));
  }
  HeldMemory held(tables);
  FileTexts texts(*tables.storage, stage.area, format, held);
  if (format.type == "CSV") return DelimitedRows(texts, held, format, files);
  if (format.type == "JSON") return JsonRows(texts, held, format, files);
  if (format.type == "PARQUET") return ParquetRows(tables, held, stage.area, format, files);
  return UnsupportedFeature(fmt::format("staged files of type {} in FROM", format.type));
}

}  // namespace tarn::warehouse
