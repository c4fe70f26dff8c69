// SPDX-License-Identifier: Apache-2.0
// The records of one staged file, for COPY INTO: what cannot be read is told record by record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/table_context.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/stages/file_texts.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/stages/parquet_records.h"

namespace tarn::warehouse {

/// Behind the columns of a file: METADATA$FILENAME, METADATA$FILE_ROW_NUMBER.
std::vector<MadeColumn> WithFileMetadata(std::vector<MadeColumn> columns);
std::vector<Value> WithFileMetadata(std::vector<Value> row, const StageFile& file, int64_t number);

/// Where something stands in a file, from 1; characters are bytes of the line.
struct TextPlace {
  int64_t line = 1, character = 1;
};
TextPlace PlaceIn(std::string_view text, size_t offset);

/// What the records of a file become.
struct RowShape {
  size_t fields = 1;  ///< of CSV: $1, $2, …
  /// A record with another number of fields is a fault.
  bool exact = false;
  /// Set: the first record is a header, and `$i` is the field below the i-th of these names, or
  /// NULL where the header lacks it.
  std::vector<std::string> names = {};
  bool any_case = false;
};

/// The columns of such rows, with those of WithFileMetadata.
std::vector<MadeColumn> ColumnsOf(const FileFormat& format, const RowShape& shape);

/// A record that is no row.
struct RecordFault {
  int64_t record = 0;  ///< from 1, header and skipped lines left out
  StatementError error;
  size_t offset = 0;  ///< in the file's text
  size_t field = 0;   ///< from 1
};

/// ResourceExhausted (54011): more than a record may have.
StatementFailure TooManyFields(const StageFile& file, int64_t record);

/// One file, read. A plain value; it keeps the file's text, to say where records stand.
class FileRows {
 public:
  /// `format` outlives it. Fails where nothing of the file can be read: as FileTexts::Read, and
  /// ResourceExhausted (54011) for a record with too many fields. InvalidArgument (55000) for a
  /// file that changed meanwhile. 000002 for other types than CSV and JSON; of those of type
  /// Parquet see ReadSome.
  static StatementResult<FileRows> Read(const table::TableContext& tables, const StorageArea& area,
                                        const StageFile& file, const FileFormat& format,
                                        const RowShape& shape);

  /// The next records of a file of type Parquet, of about `bytes_max`; without any, its end is
  /// reached. They count from 1 in each part.
  static StatementResult<FileRows> ReadSome(const table::TableContext& tables,
                                            ParquetRecords& records, const StageFile& file,
                                            int64_t first_number, const FileFormat& format,
                                            int64_t bytes_max);

  const MadeRows& rows() const { return rows_; }
  int64_t records() const { return records_; }  ///< rows and faults
  int64_t faults() const { return static_cast<int64_t>(faulty_.size()); }
  const std::optional<RecordFault>& first_fault() const { return first_fault_; }
  TextPlace PlaceOf(const RecordFault& fault) const { return PlaceIn(text_, fault.offset); }
  /// Number, from 1, of the record that became this row, from 0.
  int64_t RecordOf(int64_t row) const;
  /// Where the field of a record begins, from 0; the record's beginning, if it lacks the field.
  TextPlace PlaceOf(int64_t record, size_t field) const;

 private:
  FileRows(const FileFormat& format, const RowShape& shape) : format_(&format), shape_(shape) {}
  StatementResult<> ReadDelimited(const StageFile& file, HeldMemory& held);
  StatementResult<> ReadJson(const StageFile& file, HeldMemory& held);
  void Fault(RecordFault fault);
  StatementResult<> Hold(const RowBatches& rows, HeldMemory& held) const;
  /// By the header's fields, the place of each in a row; absent: of none.
  std::vector<std::optional<size_t>> PlacesOf(
      const std::vector<std::optional<std::string>>& header) const;

  const FileFormat* format_;
  RowShape shape_;
  std::string text_;
  MadeRows rows_;
  int64_t records_ = 0;
  std::vector<int64_t> faulty_;  ///< records, ascending
  std::optional<RecordFault> first_fault_;
  std::vector<std::optional<size_t>> places_;  ///< of fields; empty: as they come
};

}  // namespace tarn::warehouse
