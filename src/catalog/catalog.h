// SPDX-License-Identifier: Apache-2.0
// Tables by name. Commits to them go through table/commit.h, which drives a catalog as its
// publisher.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/publisher.h"
#include "catalog/table_name.h"
#include "iceberg/commit/commit.h"

namespace tarn::catalog {

/// Thread-safe.
class Catalog : public Publisher {
 public:
  /// NotFound where there is none.
  virtual Result<iceberg::LoadedTable> LoadTable(const TableName& table) = 0;
  /// Writes the first metadata file. AlreadyExists where there is a table of the name.
  virtual Result<iceberg::LoadedTable> CreateTable(const TableName& table,
                                                   iceberg::TableMetadata first) = 0;
  /// The name goes, the files stay. NotFound where there is none.
  virtual Result<> DropTable(const TableName& table) = 0;
  virtual Result<std::vector<TableName>> ListTables() = 0;
};

}  // namespace tarn::catalog
