// SPDX-License-Identifier: Apache-2.0
// Where captured tables live: the warehouse, as capture sees it. What is known of progress lives in
// the tables' own metadata (apply/progress.h); a destination only makes tables and publishes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source_table.h"
#include "capture/values/column_mapping.h"
#include "capture/values/initial_default.h"
#include "catalog/table_name.h"
#include "iceberg/commit/commit.h"
#include "table/commit.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::capture {

/// A column of a table of the destination.
struct TargetColumn {
  std::string name;  ///< as it stands there, case and all
  TargetType type;
  bool required = false;
  /// What rows of before have in a column that is added, as far as its field can say so
  /// (InitialDefault): whoever alters looks whether it does, and copies the table again if not.
  std::optional<MissingValue> missing = std::nullopt;
};

/// A table to be made. Its place is the destination's choice.
struct TargetTable {
  SourceName name;  ///< schema and table of the destination, verbatim: `"raw_cdc"."customers"`
  std::vector<TargetColumn> columns;
  std::vector<std::string> primary_key;  ///< declared, for readers; names of columns
};

/// What one commit did to a table, for whoever keeps statistics.
struct AppliedChanges {
  SourceName name;
  int64_t inserted = 0, updated = 0, deleted = 0;
  int64_t truncates = 0;
  bool snapshot = false;      ///< rows of the first copy
  int64_t first_read_ms = 0;  ///< when the first of them came from the source; since 1970
  int64_t read_ms = 0;        ///< how long they were read and gathered
  int64_t applied_ms = 0;     ///< how long they were written, up to the commit
};

/// The state that users see of a table (reference: the connector's REPLICATION_STATE).
enum class Phase : uint8_t { kSchemaIntrospection, kInitialLoad, kIncrementalLoad };
enum class PhaseStatus : uint8_t { kWaiting, kInProgress, kDone, kRetrying, kFailed };
struct TableState {
  SourceName name;
  Phase phase = Phase::kSchemaIntrospection;
  PhaseStatus introspection = PhaseStatus::kWaiting;
  PhaseStatus snapshot = PhaseStatus::kWaiting;
  PhaseStatus incremental = PhaseStatus::kWaiting;
  std::optional<Error> error;  ///< why it is retried or has failed
};

/// Columns of a source table and what they are in the destination, when the one changed the other.
struct SchemaVersion {
  SourceName name;
  int32_t version = 0;   ///< from 0
  bool applied = false;  ///< else accepted, and about to be applied
  SourceTable source;
  std::vector<TargetColumn> target;
};

/// What a capture knows of its slot, beside what the tables tell of themselves. A plain value.
struct SlotRecord {
  std::string slot;
  std::string system_identifier;
  Lsn created;       ///< the slot has everything behind it, and nothing before
  Lsn acknowledged;  ///< nobody but us may have told the source more
  bool operator==(const SlotRecord&) const = default;
};

/// Thread-safe. Outlives the captures that write to it.
class Destination {
 public:
  virtual ~Destination() = default;

  virtual const table::TableContext& tables() const = 0;

  /// Absent: no such table. Its newest state, and its name for commits.
  struct Found {
    catalog::TableName name;
    iceberg::LoadedTable table;
  };
  virtual Result<std::optional<Found>> Find(const SourceName& name) = 0;
  /// Makes the schema, too, where it is missing. Version 3 of Iceberg, so that rows keep their ids.
  /// AlreadyExists; PermissionDenied where the capture may not.
  virtual Result<Found> Create(const TargetTable& table) = 0;
  /// One step. Columns are named as they were before it; those that are added stand at the end, and
  /// may have the name of one that is dropped or renamed.
  struct Alteration {
    std::vector<TargetColumn> added;
    std::map<std::string, std::string> renamed;  ///< old name → new name
    std::vector<std::string> dropped;
    std::map<std::string, TargetType> retyped;  ///< only as Iceberg promotes types
    /// Names as they are afterwards; absent: as it was.
    std::optional<std::vector<std::string>> primary_key = std::nullopt;
    bool empty() const {
      return added.empty() && renamed.empty() && dropped.empty() && retyped.empty() && !primary_key;
    }
  };
  virtual Result<Found> Alter(const SourceName& name, const Alteration& alteration) = 0;

  /// Issues a writer, running until EndWriter.
  virtual table::Writer BeginWriter() = 0;
  /// Nothing will be published for it any more; not to be called after CommitStateUnknown.
  virtual void EndWriter(const table::Writer& writer) = 0;
  /// table/commit.h's CommitTables; `applied` becomes known together with the rows.
  virtual Result<std::vector<iceberg::LoadedTable>> Commit(
      const table::Writer& writer, std::span<const table::TableChange> changes,
      std::span<const AppliedChanges> applied) = 0;

  /// What was saved last; absent: nothing.
  virtual Result<std::optional<SlotRecord>> FindSlot() = 0;
  /// Durable when it returns. Called about once per second.
  virtual Result<> SaveSlot(const SlotRecord& record) = 0;

  /// Tells how a table fares. Failures are the destination's to log.
  virtual void Report(const TableState& state) = 0;
  virtual void Report(const SchemaVersion& version) = 0;
};

}  // namespace tarn::capture
