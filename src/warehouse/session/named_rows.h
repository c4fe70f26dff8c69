// SPDX-License-Identifier: Apache-2.0
// Rows that are in no file, as a table of a query: directories of stages and the like.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/value.h"
#include "engine/engine.h"
#include "sql/bind/names.h"

namespace tarn::warehouse {

/// A column of NUMBER (kLong, or with a scale Int128), VARCHAR, VARIANT (its text,
/// engine/functions/variant_text.h), BOOLEAN, DATE, TIMESTAMP_NTZ, TIMESTAMP_LTZ or TIMESTAMP_TZ;
/// values of timestamps are microseconds since 1970 UTC.
struct MadeColumn {
  std::string name;
  sql::DataType type;
};

/// The rows as pending ones of a table without files, and its columns. `rows` have a value of each
/// column; std::monostate is NULL.
struct MadeRows {
  std::vector<sql::NamedColumn> columns;
  engine::PendingRows rows;
};
MadeRows MakeRows(const std::vector<MadeColumn>& columns,
                  const std::vector<std::vector<Value>>& rows);

/// The same of rows that come one by one, of which only the encoded ones are kept.
class RowBatches {
 public:
  explicit RowBatches(const std::vector<MadeColumn>& columns);

  void Add(std::vector<Value> row);
  /// What is kept of all rows so far, with an estimate of those that are not encoded yet.
  int64_t bytes() const { return encoded_bytes_ + waiting_bytes_; }
  /// Once. `owner` lives as long as the rows.
  MadeRows Finish(std::shared_ptr<const void> owner = nullptr);

 private:
  void Encode();

  MadeRows made_;
  std::shared_ptr<std::vector<::tarn::Field>> fields_;
  std::vector<std::vector<Value>> waiting_;
  int64_t rows_ = 0, encoded_bytes_ = 0, waiting_bytes_ = 0;
};

}  // namespace tarn::warehouse
