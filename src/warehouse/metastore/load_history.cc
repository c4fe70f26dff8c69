// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/load_history.h"

namespace tarn::warehouse {

Result<std::optional<LoadedFile>> FindLoadedFile(const Snapshot& snapshot, ObjectId table,
                                                 std::string_view location) {
  static const std::string select =
      "SELECT " + FieldList<LoadedFile>("", "") +
      " FROM loaded_file WHERE table_id = ? AND location = ? AND loaded_ms > ?";
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), select, table, std::string(location),
                                snapshot.now_ms() - kLoadHistoryMs));
  TARN_ASSIGN(const bool found, rows.Next());
  if (!found) return std::optional<LoadedFile>();
  LoadedFile file;
  TARN_TRY(ReadFields(rows, 0, file));
  return std::optional(std::move(file));
}

Result<std::optional<int64_t>> FirstLoadOf(const Snapshot& snapshot, ObjectId table) {
  return SelectOne<int64_t>(snapshot.connection(),
                            "SELECT loaded_ms FROM first_load WHERE table_id = ?", table);
}

Result<> RecordLoad(Transaction& transaction, ObjectId table, const LoadedFile& file) {
  TARN_TRY(Execute(transaction.connection(),
                   "DELETE FROM loaded_file WHERE table_id = ? AND loaded_ms <= ?", table,
                   transaction.now_ms() - kLoadHistoryMs));
  TARN_TRY(Execute(transaction.connection(),
                   "INSERT INTO first_load (table_id, loaded_ms) VALUES (?, ?) "
                   "ON CONFLICT DO NOTHING",
                   table, file.loaded_ms));
  return Execute(transaction.connection(),
                 "INSERT OR REPLACE INTO loaded_file (table_id, location, size, modified_ms, "
                 "status, rows, loaded_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                 table, file.location, file.size, file.modified_ms, file.status, file.rows,
                 file.loaded_ms);
}

Result<> ForgetLoads(Transaction& transaction, ObjectId table) {
  TARN_TRY(Execute(transaction.connection(), "DELETE FROM loaded_file WHERE table_id = ?", table));
  return Execute(transaction.connection(), "DELETE FROM first_load WHERE table_id = ?", table);
}

}  // namespace tarn::warehouse
