// SPDX-License-Identifier: Apache-2.0
#include "warehouse/streams/stream_changes.h"

#include <fmt/core.h>

#include "base/clock.h"
#include "table/table_cache.h"
#include "warehouse/metastore/stage_directory.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_state.h"
#include "warehouse/stages/directory_rows.h"
#include "warehouse/streams/stream_life.h"
#include "warehouse/time_travel/point_in_time.h"

namespace tarn::warehouse {
namespace {

using iceberg::SnapshotId;

StatementFailure SourceIsGone(const ObjectHead& head, const Stream& stream) {
  return CompilationError(
      "091903", "42601",
      fmt::format("Base {} '{}' dropped, cannot read from stream '{}'.",
                  stream.source_kind == StreamSource::kStage ? "stage" : "table",
                  stream.source_name, head.name));
}

/// 55000.
StatementFailure IsStale(const ObjectHead& head) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kNotFound,
                fmt::format(
                    "Stream '{}' has become stale: it was not consumed while its table kept "
                    "the changes.",
                    head.name),
                {},
                "Make it anew with CREATE OR REPLACE STREAM."},
      .code = {},
      .sqlstate = "55000"});
}

StatementResult<std::vector<DirectoryChange>> ChangesOfStage(const Snapshot& snapshot,
                                                             const ObjectHead& head,
                                                             const Stream& stream) {
  STATEMENT_TRY(CheckSource(snapshot, head, stream));
  STATEMENT_ASSIGN(auto changes, DirectoryChanges(snapshot, stream.source,
                                                  stream.offsets.front().directory_version));
  return changes;
}

TableVersion OffsetOf(const Stream& stream) {
  TableVersion version;
  if (const auto& id = stream.offsets.front().snapshot_id) version.snapshot = SnapshotId(*id);
  return version;
}

/// The source's newest state, where the stream can still be read.
StatementResult<iceberg::LoadedTable> LoadSource(const NamingMoment& moment, const ObjectHead& head,
                                                 const Stream& stream) {
  STATEMENT_TRY(CheckSource(*moment.snapshot, head, stream));
  STATEMENT_ASSIGN(const auto pointer, FindPointer(*moment.snapshot, stream.source));
  if (!pointer) return SourceIsGone(head, stream);
  STATEMENT_ASSIGN(iceberg::LoadedTable table,
                   moment.tables->tables->Load(pointer->metadata_location));
  if (table.metadata->table_uuid != stream.offsets.front().table_uuid) {
    return SourceIsGone(head, stream);
  }
  const TableVersion offset = OffsetOf(stream);
  if (offset.snapshot && table.metadata->FindSnapshot(*offset.snapshot) == nullptr) {
    return IsStale(head);
  }
  return table;
}

/// Whether the snapshot may have made something that the stream shows.
bool MayShow(const iceberg::Snapshot& snapshot, const Stream& stream) {
  using Operation = iceberg::SnapshotOperation;
  if (!snapshot.operation) return true;
  if (*snapshot.operation == Operation::kReplace) return false;
  return stream.mode == StreamMode::kDefault || *snapshot.operation != Operation::kDelete;
}

/// The same row has the same id in every stream on the stage.
std::string RowId(const Stream& stream, const DirectoryEntry& entry) {
  return fmt::format("{}:{}:{}", stream.source.value(), entry.relative_path,
                     entry.last_modified_ms);
}

}  // namespace

StatementFailure ConsumedMeanwhile(const ObjectHead& head) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kConflict,
                fmt::format("stream '{}' moved since the transaction read it", head.name),
                {},
                "Run the transaction again."},
      .code = {},
      .sqlstate = "40001"});
}

StatementResult<> CheckSource(const Snapshot& snapshot, const ObjectHead& head,
                              const Stream& stream) {
  STATEMENT_ASSIGN(const bool alive, snapshot.IsAlive(stream.source));
  if (!alive || !stream.invalid_reason.empty() || stream.offsets.empty()) {
    return SourceIsGone(head, stream);
  }
  return {};
}

StatementResult<bool> HasChanges(const NamingMoment& moment, const ObjectHead& head,
                                 const Stream& stream) {
  if (stream.source_kind == StreamSource::kStage) {
    STATEMENT_ASSIGN(const auto changes, ChangesOfStage(*moment.snapshot, head, stream));
    return !changes.empty();
  }
  STATEMENT_ASSIGN(const iceberg::LoadedTable table, LoadSource(moment, head, stream));
  const iceberg::TableMetadata& metadata = *table.metadata;
  const TableVersion offset = OffsetOf(stream);
  if (stream.show_initial_rows) return offset.snapshot.has_value();
  TableVersion at{metadata.current_snapshot_id};
  for (size_t seen = 0; at != offset && seen <= metadata.snapshots.size(); ++seen) {
    const iceberg::Snapshot* const snapshot =
        at.snapshot ? metadata.FindSnapshot(*at.snapshot) : nullptr;
    // What came between is not known any more, or the table went another way.
    if (snapshot == nullptr || MayShow(*snapshot, stream)) return true;
    at.snapshot = snapshot->parent_id;
  }
  return at != offset;
}

StatementResult<int64_t> OffsetTimeMs(const NamingMoment& moment, const ObjectHead& head,
                                      const Stream& stream) {
  if (stream.source_kind == StreamSource::kStage) {
    STATEMENT_TRY(CheckSource(*moment.snapshot, head, stream));
    return stream.offsets.front().at_ms;
  }
  STATEMENT_ASSIGN(const iceberg::LoadedTable table, LoadSource(moment, head, stream));
  if (const TableVersion offset = OffsetOf(stream); offset.snapshot) {
    return table.metadata->FindSnapshot(*offset.snapshot)->timestamp_ms;
  }
  STATEMENT_ASSIGN(const auto source, moment.snapshot->FindHead(stream.source));
  return source->created_ms;
}

StatementResult<StreamRead> ReadStageStream(const NamingMoment& moment, const ObjectHead& head,
                                            const Stream& stream) {
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_TRY(CheckSource(snapshot, head, stream));
  STATEMENT_ASSIGN(const auto stage, snapshot.Find<Stage>(stream.source));
  if (!stage) return SourceIsGone(head, stream);
  StreamRead read{.head = head, .before = stream, .after = stream};
  read.after.offsets.front().directory_version = stage->directory_version;
  read.after.offsets.front().at_ms = snapshot.now_ms();
  if (TransactionView* const view = moment.session->open_view()) {
    const StreamRead& seen = view->streams.emplace(head.id, read).first->second;
    const bool same = StandsAt(seen.before, stream) &&
                      seen.after.offsets.front().directory_version == stage->directory_version;
    if (!same) return ConsumedMeanwhile(head);
    return seen;
  }
  return read;
}

StatementResult<StreamRead> ReadTableStream(const NamingMoment& moment, const ObjectHead& head,
                                            const Stream& stream, const PinnedTable& source) {
  TransactionView* const view = moment.session->open_view();
  if (view != nullptr) {
    const auto seen = view->streams.find(head.id);
    if (seen != view->streams.end()) return seen->second;
  }
  STATEMENT_ASSIGN(const iceberg::LoadedTable table, LoadSource(moment, head, stream));
  const TableVersion offset = OffsetOf(stream);
  TableVersion to{table.metadata->current_snapshot_id};
  if (stream.show_initial_rows) {
    to = offset;
  } else if (view != nullptr) {
    to = NewestBy(*table.metadata, view->began_ms, offset);
  }
  StreamRead read{.head = head, .before = stream, .after = stream, .source = table};
  read.changes = {.from = offset, .to = to};
  if (stream.mode == StreamMode::kAppendOnly) {
    read.changes.information = ChangeInformation::kAppendOnly;
  } else if (stream.mode == StreamMode::kInsertOnly) {
    read.changes.information = ChangeInformation::kInsertOnly;
  }
  if (stream.show_initial_rows) {
    read.changes.from = {};
    read.changes.information = ChangeInformation::kDefault;
    read.after.show_initial_rows = false;
  }
  StreamOffset& after = read.after.offsets.front();
  after.snapshot_id = to.snapshot ? std::optional(to.snapshot->value()) : std::nullopt;
  after.at_ms = moment.snapshot->now_ms();
  STATEMENT_ASSIGN(const int64_t life_ms, StreamLifeMs(*moment.snapshot, source.head.id));
  read.lease_ms = NowMs() + life_ms;
  if (view != nullptr) view->streams.emplace(head.id, read);
  return read;
}

StatementResult<MadeRows> StageStreamRows(const Snapshot& snapshot, const Caller& caller,
                                          const ObjectHead& head, const Stream& stream,
                                          std::string_view stages_location) {
  STATEMENT_ASSIGN(const auto changes, ChangesOfStage(snapshot, head, stream));
  STATEMENT_ASSIGN(const auto source, snapshot.FindHead(stream.source));
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(source->container));
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  const ObjectName name{
      .database = database->name, .schema = schema->name, .name = source->name, .signature = {}};
  STATEMENT_ASSIGN(const OpenedStage stage,
                   OpenStage(snapshot, caller, name, "", StageUse::kRead, stages_location));
  std::vector<MadeColumn> columns = DirectoryColumns();
  const sql::DataType text{.kind = sql::DataTypeKind::kVarchar,
                           .length = sql::kVarcharLengthDefault};
  columns.push_back({"METADATA$ACTION", text});
  columns.push_back({"METADATA$ISUPDATE", {.kind = sql::DataTypeKind::kBoolean}});
  columns.push_back({"METADATA$ROW_ID", text});
  std::vector<std::vector<Value>> rows;
  for (const DirectoryChange& change : changes) {
    std::vector<Value> row = DirectoryRow(stage, change.entry);
    row.emplace_back(std::string(change.insert ? "INSERT" : "DELETE"));
    row.emplace_back(change.update);
    row.emplace_back(RowId(stream, change.entry));
    rows.push_back(std::move(row));
  }
  return MakeRows(columns, rows);
}

}  // namespace tarn::warehouse
