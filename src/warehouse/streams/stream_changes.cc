// SPDX-License-Identifier: Apache-2.0
#include "warehouse/streams/stream_changes.h"

#include <fmt/core.h>

#include "warehouse/metastore/stage_directory.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/directory_rows.h"

namespace tarn::warehouse {
namespace {

StatementFailure SourceIsGone(const ObjectHead& head, const Stream& stream) {
  return CompilationError(
      "091903", "42601",
      fmt::format("Base {} '{}' dropped, cannot read from stream '{}'.",
                  stream.source_kind == StreamSource::kStage ? "stage" : "table",
                  stream.source_name, head.name));
}

StatementResult<std::vector<DirectoryChange>> ChangesOfStage(const Snapshot& snapshot,
                                                             const ObjectHead& head,
                                                             const Stream& stream) {
  STATEMENT_ASSIGN(const bool alive, snapshot.IsAlive(stream.source));
  if (!alive || !stream.invalid_reason.empty() || stream.offsets.empty()) {
    return SourceIsGone(head, stream);
  }
  STATEMENT_ASSIGN(auto changes, DirectoryChanges(snapshot, stream.source,
                                                  stream.offsets.front().directory_version));
  return changes;
}

/// The same row has the same id in every stream on the stage.
std::string RowId(const Stream& stream, const DirectoryEntry& entry) {
  return fmt::format("{}:{}:{}", stream.source.value(), entry.relative_path,
                     entry.last_modified_ms);
}

}  // namespace

StatementResult<bool> HasChanges(const Snapshot& snapshot, const ObjectHead& head,
                                 const Stream& stream) {
  if (stream.source_kind != StreamSource::kStage) {
    return UnsupportedFeature("streams on tables and views");
  }
  STATEMENT_ASSIGN(const auto changes, ChangesOfStage(snapshot, head, stream));
  return !changes.empty();
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
