// SPDX-License-Identifier: Apache-2.0
// The names of a query: objects of the metastore at one moment, with the rights of one role.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "iceberg/commit/commit.h"
#include "sql/bind/names.h"
#include "table/table_context.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/stream.h"
#include "warehouse/objects/table.h"
#include "warehouse/session/session_state.h"
#include "warehouse/time_travel/table_version.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {

class CaptureBoard;
struct PointInTime;
struct StreamRead;

/// A table as a statement reads or changes it: at one metadata file, whatever is committed later.
struct PinnedTable {
  ObjectHead head;
  std::string database, schema;
  Table definition;
  iceberg::LoadedTable loaded;
  /// Its files lie here, or are not read; null: they are the warehouse's own.
  std::shared_ptr<const StorageArea> area = nullptr;
  /// Set: rows that are in no file, and nothing else of the table counts.
  std::optional<engine::PendingRows> made = std::nullopt;
  /// Keeps the files from being collected (ReadSnapshot::HoldFiles).
  std::shared_ptr<const void> files_held = nullptr;
  /// Set: a state of the past, or changes; then nothing that a transaction did counts.
  std::optional<TableVersion> version = std::nullopt;
  std::optional<TableChanges> changes = std::nullopt;
  /// Set: what a stream shows.
  std::shared_ptr<const StreamRead> stream = nullptr;
};

/// The table's columns, each with the field of its files. Corruption where the metadata lacks one.
StatementResult<std::vector<sql::NamedColumn>> ColumnsOf(const PinnedTable& table);

/// What one statement's names share.
struct NamingMoment {
  const Snapshot* snapshot = nullptr;
  const table::TableContext* tables = nullptr;
  const SessionState* session = nullptr;
  /// Every table is loaded once and is the same wherever it stands.
  std::map<ObjectId, std::shared_ptr<const PinnedTable>> pinned;
  /// The last failure of the statement's own names, with heading and code.
  std::optional<StatementError> failure;
  std::string_view stages_location = {};
  const CaptureBoard* captures = nullptr;  ///< what views of the connector tell; null: nothing
  std::shared_ptr<const void> files_held = nullptr;  ///< of the moment, by all that is pinned
};

/// Database and schema of a relation.
struct Place {
  ObjectHead database, schema;
};

/// Resolves, requires the privilege, and pins. NoSuchObject where the caller may not use schema or
/// database.
StatementResult<std::shared_ptr<const PinnedTable>> PinTable(NamingMoment& moment,
                                                             const Caller& caller,
                                                             const ObjectName& name,
                                                             std::string_view privilege);

/// `parts` of one to three canonical parts; an empty second of three is PUBLIC.
ObjectName ObjectNameOf(const std::vector<std::string>& parts);

class QueryNames final : public sql::Names {
 public:
  /// The moment outlives it. `in_view`: failures are told by whoever expands the view. `point`: of
  /// all tables for which no other is said.
  QueryNames(NamingMoment* moment, Caller caller, bool in_view = false,
             std::shared_ptr<const PointInTime> point = nullptr)
      : moment_(moment),
        caller_(std::move(caller)),
        in_view_(in_view),
        sees_variables_(!in_view),
        point_(std::move(point)) {}

  sql::SqlResult<sql::NamedRelation> Relation(
      const std::vector<std::string>& parts,
      const std::optional<sql::NamedMoment>& moment) override;
  sql::SqlResult<sql::NamedRelation> Changes(const std::vector<std::string>& parts,
                                             const sql::NamedChanges& changes) override;
  sql::SqlResult<sql::NamedRelation> Directory(const std::string& location) override;
  sql::SqlResult<sql::NamedRelation> StagedFiles(
      const std::string& location, const std::vector<sql::NamedArgument>& options) override;
  sql::SqlResult<sql::NamedRelation> PipedResult(const std::string& number) override;
  sql::SqlResult<std::vector<sql::NamedFunction>> Functions(
      const std::vector<std::string>& parts) override;
  sql::SqlResult<std::optional<sql::NamedSequence>> Sequence(
      const std::vector<std::string>& parts) override;
  bool MayBeSystemFunction(const std::string& name) const override;
  sql::SqlResult<std::optional<sql::bound::Expression>> SystemFunction(
      const std::string& name, const std::vector<sql::bound::Expression>& arguments) override;
  sql::SqlResult<sql::NamedRelation> TableFunction(
      const std::vector<std::string>& parts,
      const std::vector<sql::NamedArgument>& arguments) override;
  std::optional<sql::bound::Expression> Variable(const std::string& name) override;

 private:
  sql::SqlError Telling(StatementError error);
  sql::SqlResult<sql::NamedRelation> Told(StatementResult<sql::NamedRelation> found);
  StatementResult<sql::NamedRelation> FindDirectory(const std::string& location);
  StatementResult<sql::NamedRelation> FindFiles(const std::string& location,
                                                const std::vector<sql::NamedArgument>& options);
  StatementResult<sql::NamedRelation> FindAt(const std::vector<std::string>& parts,
                                             const std::optional<sql::NamedMoment>& written);
  StatementResult<sql::NamedRelation> Find(const std::vector<std::string>& parts,
                                           const std::shared_ptr<const PointInTime>& point);
  StatementResult<sql::NamedRelation> FindChanges(const std::vector<std::string>& parts,
                                                  const sql::NamedChanges& changes);
  StatementResult<sql::NamedRelation> FindStream(const ObjectHead& head, const Place& place);
  StatementResult<sql::NamedRelation> FindTableStream(const ObjectHead& head, const Place& place,
                                                      const Stream& stream);
  StatementResult<sql::NamedRelation> ExpandView(const ObjectHead& head,
                                                 std::shared_ptr<const PointInTime> point);

  NamingMoment* moment_;
  Caller caller_;
  bool in_view_;
  bool sees_variables_;  ///< of the session
  std::shared_ptr<const PointInTime> point_;
};

}  // namespace tarn::warehouse
