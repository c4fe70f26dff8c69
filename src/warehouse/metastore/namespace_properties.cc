// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/namespace_properties.h"

namespace tarn::warehouse {

Result<std::map<std::string, std::string>> NamespaceProperties(const Snapshot& snapshot,
                                                               ObjectId name_space) {
  TARN_ASSIGN(Rows rows,
              Select(snapshot.connection(),
                     "SELECT key, value FROM namespace_property WHERE id = ?", name_space));
  std::map<std::string, std::string> properties;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return properties;
    properties.emplace(rows.Text(0), rows.Text(1));
  }
}

Result<> SetNamespaceProperty(Transaction& transaction, ObjectId name_space, std::string_view key,
                              std::string_view value) {
  return Execute(transaction.connection(),
                 "INSERT OR REPLACE INTO namespace_property (id, key, value) VALUES (?, ?, ?)",
                 name_space, key, value);
}

Result<> RemoveNamespaceProperty(Transaction& transaction, ObjectId name_space,
                                 std::string_view key) {
  return Execute(transaction.connection(),
                 "DELETE FROM namespace_property WHERE id = ? AND key = ?", name_space, key);
}

}  // namespace tarn::warehouse
