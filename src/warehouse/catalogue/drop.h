// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

enum class DropBehaviour : uint8_t {
  kCascade,  ///< the default of databases, schemas and tables, as in Snowflake
  kRestrict,
  /// What nobody may lose is still refused (a network policy in use, say); all else goes.
  kRestrictToUnused,
};

struct DropRequest {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  bool if_exists = false;
  DropBehaviour behaviour = DropBehaviour::kCascade;
};

struct DropOutcome {
  std::optional<ObjectHead> dropped;  ///< absent: IF EXISTS, and there was none
  std::string status;
};

/// What can be undropped stays, with all that lives in it, until its retention is over; the rest is
/// erased. Children of a dropped container are as they were, and dead with it.
StatementResult<DropOutcome> DropObject(Transaction& transaction, const Caller& caller,
                                        const DropRequest& request);

/// The newest one of the name that was dropped and is not purged, made living again.
StatementResult<std::string> UndropObject(Transaction& transaction, const Caller& caller,
                                          ObjectKind kind, const ObjectName& name);

/// As DropObject, of an object whose owner asks.
StatementResult<> RemoveObject(Transaction& transaction, const Caller& caller,
                               const ObjectHead& head, DropBehaviour behaviour);

/// A table that is gone for ever; its files are the caller's to delete.
struct PurgedTable {
  ObjectId id;
  Uuid table_uuid;
  std::string location;           ///< "" where it never had one of its own
  std::string metadata_location;  ///< the last one
  bool managed = false;           ///< else the files are somebody else's
};

/// Dropped tables whose retention is over, or whose container's is, without changing anything: what
/// PurgeDropped would give. So that deletion can be journalled before it is final.
Result<std::vector<PurgedTable>> TablesToPurge(const Snapshot& snapshot);

/// Whether PurgeDropped would erase anything.
Result<bool> HasToPurge(const Snapshot& snapshot);

/// Erases what was dropped and whose retention is over.
StatementResult<std::vector<PurgedTable>> PurgeDropped(Transaction& transaction);

}  // namespace tarn::warehouse
