// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/batch.h"
#include "base/time_zone.h"
#include "server/postgres/message_writer.h"
#include "server/postgres/row_source.h"
#include "server/postgres/sent_column.h"
#include "server/postgres/type_map.h"

namespace tarn::server::postgres {

/// RowDescription. `formats` as Bind's result formats: none (all text), one for all, or one each.
void WriteRowDescription(std::span<const SentColumn> columns, std::span<const Format> formats,
                         const TypeChoices& choices, MessageWriter& out);

/// Rows of batches → DataRow messages. How a column is written is decided once. Used by one thread.
class RowEncoder {
 public:
  RowEncoder(std::span<const SentColumn> columns, std::span<const Format> formats,
             const TypeChoices& choices, std::shared_ptr<const TimeZone> zone);

  /// Writes rows from `begin` on until `out` holds `full` bytes; returns the row after the last.
  int64_t Encode(const RowRange& range, size_t full, MessageWriter& out) const;

  /// One value with its length in front, −1 for null. REQUIRES: a column of this encoder.
  void EncodeValue(size_t column, const ColumnView& values, int64_t row, MessageWriter& out) const;

  /// Where a value is read from and what it is written with.
  struct Column {
    void (*write)(const Column&, const ColumnView&, int64_t row, MessageWriter&) = nullptr;
    Type carrier;
    int32_t scale = 0;
    const TimeZone* zone = nullptr;
  };

 private:
  std::vector<Column> columns_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace tarn::server::postgres
