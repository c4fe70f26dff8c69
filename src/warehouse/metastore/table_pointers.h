// SPDX-License-Identifier: Apache-2.0
// Where the current metadata of tables is, and which writers have committed: both change in one
// transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// Of a table or dynamic table. A plain value.
struct TablePointer {
  ObjectId id;
  Uuid table_uuid;
  std::string location;  ///< of the table: what TableMetadata::location was when it was made
  std::string metadata_location;
  int64_t published_ms = 0;
};

template <>
struct Fields<TablePointer> {
  static constexpr auto kAll =
      std::tuple{Field{"id", &TablePointer::id}, Field{"table_uuid", &TablePointer::table_uuid},
                 Field{"location", &TablePointer::location},
                 Field{"metadata_location", &TablePointer::metadata_location},
                 Field{"published_ms", &TablePointer::published_ms}};
};

/// Absent: nothing was published for it yet.
Result<std::optional<TablePointer>> FindPointer(const Snapshot& snapshot, ObjectId table);
/// Made or moved; `published_ms` becomes now.
Result<> SetPointer(Transaction& transaction, const TablePointer& pointer);

Result<> RecordWriter(Transaction& transaction, const Uuid& writer);
Result<bool> HasCommitted(const Snapshot& snapshot, const Uuid& writer);
/// Forgets writers that committed before `before_ms` and are not among `open`: their journal has.
Result<> ForgetWriters(Transaction& transaction, const std::vector<Uuid>& open, int64_t before_ms);

}  // namespace tarn::warehouse
