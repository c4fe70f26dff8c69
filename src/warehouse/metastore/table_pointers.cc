// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/table_pointers.h"

#include <algorithm>

namespace tarn::warehouse {

Result<std::optional<TablePointer>> FindPointer(const Snapshot& snapshot, ObjectId table) {
  static const std::string kSelect =
      "SELECT " + FieldList<TablePointer>("", "") + " FROM table_pointer WHERE id = ?";
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), kSelect, table));
  TARN_ASSIGN(const bool found, rows.Next());
  if (!found) return std::optional<TablePointer>();
  TablePointer pointer;
  TARN_TRY(ReadFields(rows, 0, pointer));
  return std::optional<TablePointer>(std::move(pointer));
}

Result<> SetPointer(Transaction& transaction, const TablePointer& pointer) {
  return Execute(
      transaction.connection(),
      "INSERT INTO table_pointer (id, table_uuid, location, metadata_location, "
      "published_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "table_uuid = excluded.table_uuid, location = excluded.location, "
      "metadata_location = excluded.metadata_location, published_ms = excluded.published_ms",
      pointer.id, pointer.table_uuid, pointer.location, pointer.metadata_location,
      transaction.now_ms());
}

Result<> RecordWriter(Transaction& transaction, const Uuid& writer) {
  return Execute(transaction.connection(),
                 "INSERT OR IGNORE INTO committed_writer (writer, committed_ms) VALUES (?, ?)",
                 writer, transaction.now_ms());
}

Result<bool> HasCommitted(const Snapshot& snapshot, const Uuid& writer) {
  TARN_ASSIGN(const auto found,
              SelectOne<int64_t>(snapshot.connection(),
                                 "SELECT 1 FROM committed_writer WHERE writer = ?", writer));
  return found.has_value();
}

Result<> ForgetWriters(Transaction& transaction, const std::vector<Uuid>& open, int64_t before_ms) {
  std::vector<std::string> settled;
  {
    TARN_ASSIGN(Rows rows,
                Select(transaction.connection(),
                       "SELECT writer FROM committed_writer WHERE committed_ms < ?", before_ms));
    for (;;) {
      TARN_ASSIGN(const bool more, rows.Next());
      if (!more) break;
      TARN_ASSIGN(const Uuid writer, Uuid::Parse(rows.Text(0)));
      if (std::ranges::find(open, writer) == open.end()) settled.push_back(writer.ToString());
    }
  }
  for (const std::string& writer : settled) {
    TARN_TRY(
        Execute(transaction.connection(), "DELETE FROM committed_writer WHERE writer = ?", writer));
  }
  return {};
}

}  // namespace tarn::warehouse
