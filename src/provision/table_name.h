// SPDX-License-Identifier: Apache-2.0
// A table's full name as a person types it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::provision {

struct TableName {
  std::string database;
  std::string schema;
  std::string table;

  friend bool operator==(const TableName&, const TableName&) = default;
};

/// `database.schema.table`, each part an SQL identifier: folded to lower case, or in double quotes
/// and taken as it is. Nullopt for everything else, paths of files among it.
std::optional<TableName> ParseTableName(std::string_view text);

/// The three parts as SQL writes them, quoted where they need it.
std::string ToString(const TableName& name);

}  // namespace tarn::provision
