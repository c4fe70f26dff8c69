// SPDX-License-Identifier: Apache-2.0
#include "capture/replica.h"

#include <algorithm>
#include <set>
#include <utility>

#include "capture/apply/index_build.h"

namespace tarn::capture {
namespace {

Result<SourceTable> Describe(SourceConnection& source, const std::string& publication,
                             const TableRequest& request) {
  TARN_ASSIGN(SourceTable table, DescribeTable(source, publication, request.name));
  return SelectColumns(std::move(table), request);
}

void ReportSchema(const Replica& replica, const TargetTable& target, bool applied,
                  Destination& destination) {
  destination.Report(SchemaVersion{.name = replica.name(),
                                   .version = replica.schema_version,
                                   .applied = applied,
                                   .source = replica.layout->source,
                                   .target = target.columns});
}

/// Names of the key's columns, in its order.
std::vector<std::string> KeyOf(const SourceTable& table) {
  std::vector<std::string> names;
  for (const size_t column : table.key()) names.push_back(table.columns[column].name);
  return names;
}

std::unexpected<Error> CannotFollow(const SourceTable& table, std::string detail) {
  return std::unexpected(Error{
      ErrorKind::kInvalidArgument,
      fmt::format("table \"{}.{}\" was changed in a way that cannot be followed", table.name.schema,
                  table.name.table),
      std::move(detail), "Remove the table, drop or rename its destination, and add it again."});
}

/// Column by column: the field that goes on having its values.
struct Evolution {
  Destination::Alteration alteration;
  std::vector<ColumnBinding> kept;
};

Result<Evolution> Compare(const TableLayout& before, const SourceTable& after,
                          const TargetTable& target) {
  Evolution evolution;
  std::set<int16_t> kept;
  for (size_t i = 0; i < after.columns.size(); ++i) {
    const SourceColumn& column = after.columns[i];
    const auto was = std::ranges::find(before.source.columns, column.attribute_number,
                                       &SourceColumn::attribute_number);
    if (was != before.source.columns.end() && was->name == column.name) {
      TARN_ASSIGN(const TargetType type, ConnectorTypeOf(was->type));
      if (type != target.columns[i].type) {
        return CannotFollow(after, fmt::format("Column \"{}\" was {} and is {}.", column.name,
                                               was->type.name, column.type.name));
      }
      const auto place = static_cast<size_t>(was - before.source.columns.begin());
      evolution.kept.push_back({column.attribute_number, before.fields[before.field_of[place]].id});
      kept.insert(column.attribute_number);
    } else {
      evolution.alteration.added.push_back(target.columns[i]);
    }
  }
  for (size_t i = 0; i < before.source.columns.size(); ++i) {
    if (kept.contains(before.source.columns[i].attribute_number)) continue;
    const std::string& name = before.fields[before.field_of[i]].name;
    evolution.alteration.renamed[name] = name + std::string(kDroppedSuffix);
  }
  return evolution;
}

}  // namespace

bool IsPassing(const Error& error) {
  switch (error.kind) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kConflict:
    case ErrorKind::kResourceExhausted:
    case ErrorKind::kCancelled:
    case ErrorKind::kCommitStateUnknown:
      return true;
    default:
      return false;
  }
}

Result<> Introspect(SourceConnection& source, const std::string& publication,
                    const StreamIdentity& stream, Destination& destination, Replica& replica) {
  TARN_ASSIGN(SourceTable table, Describe(source, publication, replica.request));
  TARN_ASSIGN(const TargetTable target, PlanTarget(table));
  TARN_ASSIGN(replica.base, destination.Find(replica.name()));
  std::optional<TableProgress> progress;
  if (replica.base) {
    TARN_ASSIGN(progress, ProgressOf(replica.base->table.metadata->properties));
    if (!progress && replica.base->table.metadata->current_snapshot_id) {
      return std::unexpected(Error{
          ErrorKind::kInvalidArgument,
          fmt::format("the destination has a table \"{}.{}\" with rows that nobody replicated",
                      replica.name().schema, replica.name().table),
          {},
          "Drop or rename it."});
    }
  } else {
    TARN_ASSIGN(replica.base, destination.Create(target));
  }
  const bool resumes = progress && progress->slot == stream.slot &&
                       progress->position >= stream.begins &&
                       progress->system.system_identifier == stream.system.system_identifier &&
                       progress->table == table.oid;
  const std::vector<ColumnBinding> bindings =
      progress ? progress->columns : std::vector<ColumnBinding>();
  const RelationOid oid = table.oid;
  TARN_ASSIGN(replica.layout, BindLayout(std::move(table),
                                         replica.base->table.metadata->current_schema(), bindings));
  replica.progress = {.position = resumes ? progress->position : Lsn(),
                      .slot = stream.slot,
                      .system = stream.system,
                      .table = oid,
                      .columns = replica.layout->Bindings()};
  replica.buffer.emplace(replica.layout, replica.key);
  if (resumes) {
    TARN_ASSIGN(replica.index, BuildIndex(destination.tables(), *replica.layout,
                                          replica.base->table, replica.buffer->hasher()));
    replica.index_stale = false;
    replica.stage = ReplicaStage::kStreaming;
    return {};
  }
  ReportSchema(replica, target, true, destination);
  replica.copy_position = std::make_shared<std::atomic<uint64_t>>(0);
  replica.stop_copy = std::make_shared<std::atomic<bool>>(false);
  replica.stage = ReplicaStage::kCopying;
  return {};
}

Result<> FollowSchema(SourceConnection& source, const std::string& publication,
                      Destination& destination, Replica& replica) {
  TARN_ASSIGN(SourceTable table, Describe(source, publication, replica.request));
  const TableLayout& before = *replica.layout;
  if (KeyOf(table) != KeyOf(before.source)) {
    return CannotFollow(table, "Its key has other columns.");
  }
  TARN_ASSIGN(const TargetTable target, PlanTarget(table));
  TARN_ASSIGN(const Evolution evolution, Compare(before, table, target));
  const bool alters = !evolution.alteration.added.empty() || !evolution.alteration.renamed.empty();
  if (alters) {
    ++replica.schema_version;
    ReportSchema(replica, target, false, destination);
    TARN_ASSIGN(replica.base, destination.Alter(replica.name(), evolution.alteration));
  }
  TARN_ASSIGN(
      replica.layout,
      BindLayout(std::move(table), replica.base->table.metadata->current_schema(), evolution.kept));
  replica.progress.columns = replica.layout->Bindings();
  replica.buffer->Migrate(replica.layout);
  if (alters) ReportSchema(replica, target, true, destination);
  return {};
}

}  // namespace tarn::capture
