// SPDX-License-Identifier: Apache-2.0
// Where the pointer to a table's current metadata lives. The iceberg module only prepares; catalogs
// publish.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/table_name.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"

namespace tarn::catalog {

/// One table's part of a commit. `base` is the state that the caller read; the catalog applies
/// `changes` to the newest state (rebasing when it moved on) or reports Conflict.
struct TableCommit {
  TableName table;
  iceberg::LoadedTable base;
  iceberg::ChangeSet changes;
  iceberg::SnapshotId snapshot_id;
};

/// Thread-safe.
class Catalog {
 public:
  virtual ~Catalog() = default;

  virtual Result<iceberg::LoadedTable> LoadTable(const TableName& table) = 0;
  virtual Result<iceberg::LoadedTable> CreateTable(const TableName& table,
                                                   iceberg::TableMetadata first) = 0;
  virtual Result<> DropTable(const TableName& table) = 0;
  virtual Result<std::vector<TableName>> ListTables() = 0;

  /// All tables or none. Success: committed. Conflict: certainly not committed, written files
  /// removed, the caller may retry from newer reads (bounded retries have been made).
  /// CommitStateUnknown: may be committed, nothing is deleted.
  virtual Result<std::vector<iceberg::LoadedTable>> Commit(
      std::span<const TableCommit> commits) = 0;
};

}  // namespace tarn::catalog
