// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/file_rows.h"

#include <algorithm>

#include "engine/functions/variant_parse.h"
#include "iceberg/json/json_text.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/delimited_text.h"
#include "warehouse/stages/json_values.h"

namespace tarn::warehouse {
namespace {

StatementError FaultOf(const char* code, std::string message) {
  return {.error = {ErrorKind::kInvalidArgument, std::move(message), {}, {}},
          .code = code,
          .sqlstate = "22000"};
}

StatementError NoUtf8(std::string_view text) {
  std::string hex;
  for (const char byte : text.substr(0, 32)) {
    hex += fmt::format("{:02X}", static_cast<unsigned char>(byte));
  }
  return FaultOf("100144", fmt::format("Invalid UTF8 detected in string '0x{}'", hex));
}

bool IsSet(const FileFormat& format, const char* option, bool absent) {
  const auto found = format.options.find(option);
  return found == format.options.end() ? absent : found->second == "TRUE";
}

StatementError OtherCount(size_t fields, size_t columns) {
  return FaultOf(
      "100080",
      fmt::format("Number of columns in file ({}) does not match that of the corresponding table "
                  "({}), use file format option error_on_column_count_mismatch=false to ignore "
                  "this error",
                  fields, columns));
}

/// What is wrong with the fields of a record; `whole` is UTF-8 as a whole.
std::optional<RecordFault> FaultIn(const DelimitedReader::Record& record, bool whole) {
  for (size_t i = 0; i < record.size(); ++i) {
    if (!record[i]) continue;
    if (auto size = CheckValueSize(record[i]->size()); !size) {
      return RecordFault{.error = std::move(size).error(), .field = i + 1};
    }
    if (whole || iceberg::IsValidUtf8(*record[i])) continue;
    return RecordFault{.error = NoUtf8(*record[i]), .field = i + 1};
  }
  return std::nullopt;
}

StatementFailure Changed(const StageFile& file) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument,
                               fmt::format("file '{}' was changed while it was read", file.path),
                               {},
                               "Run the statement again."},
                     .code = {},
                     .sqlstate = "55000"});
}

}  // namespace

std::vector<Value> WithFileMetadata(std::vector<Value> row, const StageFile& file, int64_t number) {
  row.emplace_back(file.path);
  row.emplace_back(number);
  return row;
}

std::vector<MadeColumn> WithFileMetadata(std::vector<MadeColumn> columns) {
  columns.push_back({"METADATA$FILENAME",
                     {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}});
  columns.push_back(
      {"METADATA$FILE_ROW_NUMBER", {.kind = sql::DataTypeKind::kNumber, .precision = 38}});
  return columns;
}

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

TextPlace PlaceIn(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t line_begin = before.rfind('\n') + 1;  // npos becomes 0
  return {.line = std::ranges::count(before, '\n') + 1,
          .character = static_cast<int64_t>(before.size() - line_begin) + 1};
}

std::vector<MadeColumn> ColumnsOf(const FileFormat& format, const RowShape& shape) {
  if (format.type == "JSON" || format.type == "PARQUET") {
    return WithFileMetadata(std::vector<MadeColumn>{{"$1", {.kind = sql::DataTypeKind::kVariant}}});
  }
  std::vector<MadeColumn> columns;
  for (size_t i = 0; i < shape.fields; ++i) {
    columns.push_back(
        {fmt::format("${}", i + 1),
         {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}});
  }
  return WithFileMetadata(std::move(columns));
}

StatementResult<FileRows> FileRows::Read(const table::TableContext& tables, const StorageArea& area,
                                         const StageFile& file, const FileFormat& format,
                                         const RowShape& shape) {
  FileRows rows(format, shape);
  HeldMemory held(tables);
  storage::Storage& storage = *tables.storage;
  const std::string location = area.base + file.path;
  STATEMENT_ASSIGN(const storage::ObjectInfo before, storage.Head(location));
  STATEMENT_ASSIGN(rows.text_, FileTexts(storage, area, format, held).Read(file));
  STATEMENT_ASSIGN(const storage::ObjectInfo after, storage.Head(location));
  const bool same = before.size_bytes == file.size && after.size_bytes == file.size &&
                    before.modified_ms == after.modified_ms;
  if (!same) return Changed(file);
  if (format.type == "CSV") {
    STATEMENT_TRY(rows.ReadDelimited(file, held));
  } else if (format.type == "JSON") {
    STATEMENT_TRY(rows.ReadJson(file, held));
  } else {
    return UnsupportedFeature(fmt::format("COPY INTO from files of type {}", format.type));
  }
  return rows;
}

StatementResult<FileRows> FileRows::ReadSome(const table::TableContext& tables,
                                             ParquetRecords& records, const StageFile& file,
                                             int64_t first_number, const FileFormat& format,
                                             int64_t bytes_max) {
  FileRows some(format, {});
  HeldMemory held(tables);
  RowBatches rows(ColumnsOf(format, {}));
  while (rows.bytes() < bytes_max) {
    std::string record;
    STATEMENT_ASSIGN(const bool more, records.Next(record));
    if (!more) break;
    rows.Add(WithFileMetadata(std::vector<Value>{std::move(record)}, file,
                              first_number + some.records_));
    ++some.records_;
    STATEMENT_TRY(some.Hold(rows, held));
  }
  some.rows_ = rows.Finish(held.owner());
  return some;
}

/// Of the record that is being read. Only the first is told.
void FileRows::Fault(RecordFault fault) {
  fault.record = records_;
  faulty_.push_back(records_);
  if (!first_fault_) first_fault_ = std::move(fault);
}

StatementResult<> FileRows::Hold(const RowBatches& rows, HeldMemory& held) const {
  if (rows.bytes() > kStagedBytesMax) return MoreThanAQueryMayRead();
  return held.Set(static_cast<int64_t>(text_.size()) + rows.bytes());
}

std::vector<std::optional<size_t>> FileRows::PlacesOf(
    const std::vector<std::optional<std::string>>& header) const {
  std::vector<std::optional<size_t>> places;
  for (const auto& name : header) {
    std::optional<size_t>& place = places.emplace_back();
    for (size_t i = 0; name && i < shape_.names.size(); ++i) {
      const bool same =
          shape_.any_case ? sql::syntax::UpperCase(*name) == sql::syntax::UpperCase(shape_.names[i])
                          : *name == shape_.names[i];
      if (same && !place) place = i;
    }
  }
  return places;
}

StatementResult<> FileRows::ReadDelimited(const StageFile& file, HeldMemory& held) {
  STATEMENT_ASSIGN(const DelimitedFormat delimited, DelimitedFormatOf(format_->options));
  const bool whole = iceberg::IsValidUtf8(text_);
  DelimitedReader reader(text_, delimited);
  DelimitedReader::Record record;
  size_t wanted = shape_.fields;
  if (!shape_.names.empty() && reader.Next(record)) {
    wanted = record.size();
    places_ = PlacesOf(record);
  }
  RowBatches rows(ColumnsOf(*format_, shape_));
  while (reader.Next(record)) {
    ++records_;
    std::optional<RecordFault> fault;
    if (shape_.exact && record.size() != wanted) {
      fault = RecordFault{.error = OtherCount(record.size(), wanted),
                          .offset = reader.record_end(),
                          .field = record.size()};
    } else if ((fault = FaultIn(record, whole))) {
      fault->offset = reader.field_begins()[fault->field - 1];
    }
    if (fault) {
      Fault(*std::move(fault));
      continue;
    }
    std::vector<Value> row(shape_.fields);
    for (size_t i = 0; i < record.size(); ++i) {
      const std::optional<size_t> place = places_.empty()      ? std::optional(i)
                                          : i < places_.size() ? places_[i]
                                                               : std::nullopt;
      if (record[i] && place && *place < row.size()) row[*place] = *std::move(record[i]);
    }
    rows.Add(WithFileMetadata(std::move(row), file, reader.record_number()));
    STATEMENT_TRY(Hold(rows, held));
  }
  if (reader.too_wide()) return TooManyFields(file, reader.record_number());
  rows_ = rows.Finish(held.owner());
  return {};
}

StatementResult<> FileRows::ReadJson(const StageFile& file, HeldMemory& held) {
  const auto duplicates = IsSet(*format_, "ALLOW_DUPLICATE", false)
                              ? engine::DuplicateKeys::kLastWins
                              : engine::DuplicateKeys::kRefused;
  const bool whole = iceberg::IsValidUtf8(text_);
  RowBatches rows(ColumnsOf(*format_, shape_));
  JsonValues values(text_, IsSet(*format_, "STRIP_OUTER_ARRAY", false));
  for (std::string_view value; values.Next(value);) {
    ++records_;
    const auto fail = [&](StatementError error) {
      Fault({.error = std::move(error),
             .offset = static_cast<size_t>(value.data() - text_.data()),
             .field = 1});
    };
    if (auto size = CheckValueSize(value.size()); !size) {
      fail(std::move(size).error());
      continue;
    }
    if (!whole && !iceberg::IsValidUtf8(value)) {
      fail(NoUtf8(value));
      continue;
    }
    auto parsed = engine::ParseVariant(value, duplicates);
    if (!parsed) {
      StatementError error =
          FaultOf("100069", fmt::format("Error parsing JSON: {}", parsed.error().text()));
      error.sqlstate = "22P02";
      fail(std::move(error));
      continue;
    }
    rows.Add(WithFileMetadata(std::vector<Value>{*std::move(parsed)}, file, records_));
    STATEMENT_TRY(Hold(rows, held));
  }
  rows_ = rows.Finish(held.owner());
  return {};
}

int64_t FileRows::RecordOf(int64_t row) const {
  int64_t record = row + 1;
  for (const int64_t faulty : faulty_) {
    if (faulty > record) break;
    ++record;
  }
  return record;
}

TextPlace FileRows::PlaceOf(int64_t record, size_t field) const {
  if (format_->type == "PARQUET") return {.line = record, .character = 1};
  if (format_->type == "JSON") {
    JsonValues values(text_, IsSet(*format_, "STRIP_OUTER_ARRAY", false));
    std::string_view value = text_;
    for (int64_t i = 0; i < record && values.Next(value); ++i) continue;
    return PlaceIn(text_, static_cast<size_t>(value.data() - text_.data()));
  }
  const auto delimited = DelimitedFormatOf(format_->options);
  if (!delimited) return {};  // it was read by the same options
  DelimitedReader reader(text_, *delimited);
  DelimitedReader::Record fields;
  if (!shape_.names.empty()) (void)reader.Next(fields);
  for (int64_t i = 0; i < record && reader.Next(fields); ++i) continue;
  size_t written = field;
  if (!places_.empty()) {
    const auto found = std::ranges::find(places_, std::optional(field));
    written = static_cast<size_t>(found - places_.begin());
  }
  const std::vector<size_t>& begins = reader.field_begins();
  if (begins.empty()) return {};
  return PlaceIn(text_, begins[written < begins.size() ? written : 0]);
}

}  // namespace tarn::warehouse
