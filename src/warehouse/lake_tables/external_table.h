// SPDX-License-Identifier: Apache-2.0
// Iceberg tables that others write, shown from a metadata file: CREATE ICEBERG TABLE …
// METADATA_FILE_PATH and ALTER ICEBERG TABLE … REFRESH.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "warehouse/catalogue/create.h"
#include "warehouse/objects/table.h"
#include "warehouse/session/account.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {

/// A plain value. Names as written; absent: what schema, database or account say.
struct ExternalTableRequest {
  ObjectName name;
  OnExisting on_existing = OnExisting::kFail;
  std::string comment;
  bool copy_grants = false;
  std::optional<std::string> external_volume, catalog;
  std::string metadata_path;  ///< below the volume's base
  bool auto_refresh = false;
  bool replace_invalid_characters = false;
};

/// The status. Nothing happens where the metadata cannot be read, lies outside of the volume, has a
/// column without a type in SQL, or its snapshot has expired.
StatementResult<std::string> CreateExternalTable(Account& account, const Caller& caller,
                                                 const ExternalTableRequest& request);

struct RefreshRequest {
  ObjectName name;
  bool if_exists = false;
  /// Below the volume's base. Absent: the newest one beside the current.
  std::optional<std::string> metadata_path;
  bool may_go_back = false;  ///< to an older state of the table
};

/// Moves the table to another metadata file of it; to the current one costs nothing. For its owner.
StatementResult<> RefreshExternalTable(Account& account, const Caller& caller,
                                       const RefreshRequest& request);

struct Followed {
  bool moved = false;
  /// There is a newer file that may not be committed yet; when to look again. Absent: there is
  /// none.
  std::optional<int64_t> again_after_ms;
};
/// Moves it to the newest state, on nobody's behalf. Of a table that a managed PostgreSQL writes,
/// that is what the server committed last; of one that another server writes, files count when they
/// have been there for kSettledMs (table_follower.h).
StatementResult<Followed> FollowNewest(Account& account, ObjectId table, int64_t now_ms);

/// What the table may read. Null where its files are the warehouse's own.
StatementResult<std::shared_ptr<const StorageArea>> AreaOfTable(const Snapshot& snapshot,
                                                                const Table& table);

/// SYSTEM$GET_ICEBERG_TABLE_INFORMATION: JSON text. The caller needs a privilege on it.
StatementResult<std::string> IcebergTableInformation(const Snapshot& snapshot, const Caller& caller,
                                                     const ObjectName& name);

}  // namespace tarn::warehouse
