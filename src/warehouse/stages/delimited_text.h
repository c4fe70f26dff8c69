// SPDX-License-Identifier: Apache-2.0
// Files of type CSV (Snowflake, "CREATE FILE FORMAT": TYPE = CSV).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// A plain value. Empty texts: NONE.
struct DelimitedFormat {
  std::string field_delimiter = ",";
  std::string record_delimiter;  ///< empty: any end of line
  std::string enclosed_by;       ///< one character
  std::string escape;            ///< likewise; within enclosed fields
  std::string escape_unenclosed = "\\";
  int64_t skip_header = 0;
  bool skip_blank_lines = false;
  bool trim_space = false;
  bool empty_is_null = true;
  std::vector<std::string> null_if = {"\\N"};
};

/// By the options' names, as they are stored. 001008 for a value that is none, 000002 for encodings
/// other than UTF-8.
StatementResult<DelimitedFormat> DelimitedFormatOf(const Options& options);

/// The records of one text, which outlives it.
class DelimitedReader {
 public:
  /// Fields of a record. Where one has more, `too_wide` says so and nothing comes any more.
  static constexpr size_t kFieldsMax = 4096;

  DelimitedReader(std::string_view text, const DelimitedFormat& format);

  using Record = std::vector<std::optional<std::string>>;
  /// False: there is none any more. An absent field is NULL.
  bool Next(Record& record);
  int64_t record_number() const { return number_; }  ///< of the last one, from 1
  bool too_wide() const { return too_wide_; }
  /// Where the fields of the last record begin in the text, and where it ends, behind its
  /// delimiter.
  const std::vector<size_t>& field_begins() const { return field_begins_; }
  size_t record_end() const { return at_; }

 private:
  bool AtRecordEnd(size_t& length) const;
  bool Accept(std::string_view expected);
  void ReadEnclosed(std::string& field);
  void ReadPlain(std::string& field);
  void AddField(std::string field, bool enclosed, Record& record) const;
  void ReadRecord(Record& record);

  std::string_view text_;
  const DelimitedFormat& format_;
  size_t at_ = 0;
  int64_t number_ = 0;
  std::vector<size_t> field_begins_;
  bool too_wide_ = false;
};

}  // namespace tarn::warehouse
