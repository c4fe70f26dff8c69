// SPDX-License-Identifier: Apache-2.0
// Messages about commits of other writers (docs/internals/commit-protocol.md, "Commits of other
// writers"), and what a table's metadata tells to whoever asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "lake/wire.h"

namespace tarn::lake {

/// A commit of the REST specification to one table: JSON arrays of requirements and updates.
struct TableUpdate {
  TablePlace place;
  std::string base_metadata_location;  ///< read under the pointer's lock
  std::string requirements, updates;
  std::vector<FieldId> not_null;  ///< columns of which new files must tell that they have no nulls
  template <typename A>
  void Visit(A& a) {
    a(place), a(base_metadata_location), a(requirements), a(updates), a(not_null);
  }
};

/// Under the locks of all named tables. All are updated or none.
struct Update {
  TransactionKey transaction;
  std::vector<TableUpdate> tables;
  /// Where files may lie beside the table's own location. Each ends with a slash.
  std::vector<std::string> allowed_prefixes;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(tables), a(allowed_prefixes);
  }
};

/// The new state of a table, and what its rows have to do with the old one: measured, whatever the
/// commit says of itself.
struct UpdatedTable {
  uint32_t table_oid = 0;
  std::string metadata_location;  ///< equal to the base's if nothing changed
  std::optional<int64_t> snapshot_id;
  int64_t sequence_number = 0;
  int32_t format_version = 0;
  std::vector<Field> fields_before;  ///< the base's current columns
  std::vector<Field> fields;         ///< the current columns, with docs and defaults
  int32_t last_column_id_before = 0, last_column_id = 0;
  bool adds_rows = false, removes_rows = false;  ///< files of main that come, and that go
  bool is_only_rows = false;  ///< nothing but snapshots, with main set to the last of them
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(metadata_location), a(snapshot_id), a(sequence_number), a(format_version),
        a(fields_before), a(fields), a(last_column_id_before), a(last_column_id), a(adds_rows),
        a(removes_rows), a(is_only_rows);
  }
};

struct UpdateOk {
  std::vector<UpdatedTable> tables;  ///< as asked, in order
  template <typename A>
  void Visit(A& a) {
    a(tables);
  }
};

/// What became of a transaction's updates of one table.
struct SettledTable {
  TablePlace place;
  /// The metadata files that follow each other: the base that was committed, then one for each
  /// update that counts.
  std::vector<std::string> states;
  std::vector<std::string> discarded;  ///< of updates that were rolled back
  template <typename A>
  void Visit(A& a) {
    a(place), a(states), a(discarded);
  }
};

/// Before Prepare, in a transaction that had updates.
struct SettleUpdates {
  TransactionKey transaction;
  std::vector<SettledTable> tables;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(tables);
  }
};

enum class Description : uint8_t {
  kMetadata = 1,  ///< the metadata file, as a JSON object
  kSnapshots = 2,
  kHistory = 3,
  kRefs = 4,
  kFiles = 5,
  kPartitions = 6,
  kReachable = 7,  ///< locations of all files that the metadata reaches
};

struct DescribeTable {
  std::string metadata_location;
  Description what = Description::kMetadata;
  template <typename A>
  void Visit(A& a) {
    a(metadata_location), a(what);
  }
};

/// A JSON document; an array of objects where rows are told.
struct TableDescribed {
  std::string json;
  template <typename A>
  void Visit(A& a) {
    a(json);
  }
};

}  // namespace tarn::lake
