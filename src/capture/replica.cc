// SPDX-License-Identifier: Apache-2.0
#include "capture/replica.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "capture/apply/index_build.h"
#include "capture/evolution.h"

namespace tarn::capture {
namespace {

Result<SourceTable> Describe(SourceConnection& source, const std::string& publication,
                             const TableRequest& request) {
  TARN_ASSIGN(SourceTable table, DescribeTable(source, publication, request.name));
  return SelectColumns(std::move(table), request);
}

void ReportSchema(const Replica& replica, const TargetTable& target, bool applied,
                  Destination& destination) {
  SourceTable source = replica.layout->source;
  std::erase_if(source.columns, &SourceColumn::is_retired);
  destination.Report(SchemaVersion{.name = replica.name(),
                                   .version = replica.schema_version,
                                   .applied = applied,
                                   .source = std::move(source),
                                   .target = target.columns});
}

std::vector<std::string> NamesOf(const SourceTable& table, std::span<const size_t> columns) {
  std::vector<std::string> names;
  for (const size_t column : columns) names.push_back(table.columns[column].name);
  return names;
}

/// Columns that the primary key has, and those that tell which row a change is of: by identities
/// that outlive renames.
std::pair<std::vector<int16_t>, std::vector<int16_t>> KeyNumbers(const SourceTable& table) {
  std::pair<std::vector<int16_t>, std::vector<int16_t>> numbers;
  for (const size_t column : table.primary_key) {
    numbers.first.push_back(table.columns[column].attribute_number);
  }
  for (const size_t column : table.key()) {
    numbers.second.push_back(table.columns[column].attribute_number);
  }
  return numbers;
}

std::unexpected<Error> AnotherKey(const SourceTable& table) {
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("table \"{}.{}\" was changed in a way that cannot be followed",
                        table.name.schema, table.name.table),
            "Its key has other columns.",
            "Remove the table, drop or rename its destination, and add it again."});
}

/// Whether the destination shows in rows of before what the source shows there.
bool HasDefaults(const std::vector<TargetColumn>& added, const std::vector<Field>& fields) {
  return std::ranges::all_of(added, [&](const TargetColumn& column) {
    const auto field = std::ranges::find(fields, column.name, &Field::name);
    if (!column.missing || field == fields.end()) return true;
    const auto wanted = InitialDefault(*column.missing, column.type, field->type);
    return wanted && (*wanted == "null" || field->initial_default == wanted);
  });
}

/// Whether the destination's position is one of the history that the stream is of, and not beyond
/// its end: a server that was set back, or took over before it had all of the log, has another one.
Result<bool> Continues(SourceConnection& source, const TableProgress& progress,
                       const StreamIdentity& stream) {
  if (progress.slot != stream.slot || progress.position < stream.begins ||
      progress.system.system_identifier != stream.system.system_identifier) {
    return false;
  }
  if (progress.system.timeline != stream.system.timeline) {
    const auto ended = stream.ended.find(progress.system.timeline);
    return ended != stream.ended.end() && progress.position <= ended->second;
  }
  TARN_ASSIGN(const auto rows, source.Run("SELECT pg_catalog.pg_current_wal_lsn()"));
  const auto written = ParseLsn(rows.at(0).at(0).value_or(""));
  return written && progress.position <= *written;
}

/// Whether nothing happened to the rows that the stream did not tell, since the table was seen
/// last.
Result<bool> IsUnchanged(SourceConnection& source, const TableProgress& progress,
                         const TableVersion& version, const SourceTable& table) {
  if (!progress.version) return true;
  const VersionDifference difference =
      Compare(*progress.version, version, ReplicatedAttributes(table));
  if (!difference.rewritten.empty() || progress.version->identity != version.identity) return false;
  for (const RelationOid leaf : difference.new_leaves) {
    TARN_ASSIGN(const bool has_earlier, HasEarlierRows(source, leaf));
    if (has_earlier) return false;
  }
  return true;
}

/// What the source did to its table while nobody looked: the destination's has it, too, then.
/// `resumes` becomes false where only a new copy tells what rows have.
Result<Evolution> FollowUnseen(Destination& destination, Replica& replica,
                               const TableProgress& progress, const SourceTable& table,
                               const TargetTable& target, bool& resumes) {
  const ColumnsBefore before{.bindings = progress.columns,
                             .table = replica.base->table.metadata.get()};
  TARN_ASSIGN(Evolution evolution, CompareColumns(before, table, target, replica.mode));
  resumes = resumes && !evolution.replaces && !ReusesName(before, table, target, replica.mode);
  Destination::Alteration& alteration = evolution.alteration;
  // A copy may be of rows with another key.
  if (!resumes && replica.mode == CaptureMode::kMirror) {
    alteration.primary_key = target.primary_key;
  }
  if (!alteration.empty()) {
    TARN_ASSIGN(replica.base, destination.Alter(replica.name(), alteration));
  }
  resumes =
      resumes && HasDefaults(evolution.came, replica.base->table.metadata->current_schema().fields);
  if (!resumes) evolution.gone.clear();
  return evolution;
}

Result<TableVersion> VersionOf(SourceConnection& source, const std::string& publication,
                               const Replica& replica) {
  const TableQuestion question{.name = replica.name(), .known = {}};
  TARN_ASSIGN(auto sightings, SightTables(source, publication, {&question, 1}));
  // Whoever describes the table says what is wrong with it.
  return sightings.at(0).version ? *std::move(sightings[0].version) : TableVersion{};
}

}  // namespace

std::set<int16_t> ReplicatedAttributes(const SourceTable& table) {
  std::set<int16_t> numbers;
  for (const SourceColumn& column : table.columns) {
    if (!column.is_retired()) numbers.insert(column.attribute_number);
  }
  return numbers;
}

Result<> ForgetPosition(Destination& destination, const SourceName& name) {
  TARN_ASSIGN(auto found, destination.Find(name));
  if (!found) return {};
  TARN_ASSIGN(auto progress, ProgressOf(found->table.metadata->properties));
  if (!progress || progress->position == Lsn()) return {};
  progress->position = Lsn();
  const iceberg::TableMetadata& metadata = *found->table.metadata;
  table::TableChange change{.table = found->name,
                            .table_uuid = metadata.table_uuid,
                            .snapshot_id = iceberg::NewSnapshotId(&metadata)};
  change.changes.set_properties = ToProperties(*progress);
  const table::Writer writer = destination.BeginWriter();
  auto committed = destination.Commit(writer, {&change, 1}, {});
  const bool unknown = !committed && committed.error().kind == ErrorKind::kCommitStateUnknown;
  if (!unknown) destination.EndWriter(writer);
  if (!committed) return std::unexpected(std::move(committed).error());
  return {};
}

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
  // Before the rest: what happens meanwhile shows in a later look.
  TARN_ASSIGN(TableVersion version, VersionOf(source, publication, replica));
  TARN_ASSIGN(SourceTable table, Describe(source, publication, replica.request));
  TARN_ASSIGN(const TargetTable target, PlanTarget(table, replica.mode));
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
  bool resumes = false;
  if (progress && progress->table == table.oid) {
    TARN_ASSIGN(resumes, Continues(source, *progress, stream));
    if (resumes) {
      TARN_ASSIGN(resumes, IsUnchanged(source, *progress, version, table));
    }
  }
  Evolution evolution;
  if (progress) {
    TARN_ASSIGN(evolution, FollowUnseen(destination, replica, *progress, table, target, resumes));
  }
  const RelationOid oid = table.oid;
  TARN_ASSIGN(replica.layout,
              BindLayout(std::move(table), replica.base->table.metadata->current_schema(),
                         evolution.kept, replica.mode, std::move(evolution.gone)));
  replica.progress = {.position = resumes ? progress->position : Lsn(),
                      .slot = stream.slot,
                      .system = stream.system,
                      .table = oid,
                      .columns = replica.layout->Bindings(),
                      .version = std::move(version)};
  replica.unknown.clear();
  replica.described.reset();
  replica.buffer.emplace(replica.layout, replica.key);
  replica.oldest.reset();
  if (resumes) {
    TARN_ASSIGN(replica.index, BuildIndex(destination.tables(), *replica.layout,
                                          replica.base->table, replica.buffer->hasher()));
    replica.index_stale = false;
    replica.stage = ReplicaStage::kStreaming;
    return {};
  }
  ReportSchema(replica, target, true, destination);
  replica.gathered.clear();
  replica.stop_copy = std::make_shared<std::atomic<bool>>(false);
  replica.stage = ReplicaStage::kCopying;
  return {};
}

Result<bool> FollowSchema(SourceConnection& source, const std::string& publication,
                          Destination& destination, Replica& replica) {
  TARN_ASSIGN(SourceTable table, Describe(source, publication, replica.request));
  const TableLayout& layout = *replica.layout;
  const bool mirrors = layout.is_mirror();
  if (!mirrors &&
      NamesOf(table, table.primary_key) != NamesOf(layout.source, layout.source.primary_key)) {
    return AnotherKey(table);
  }
  TARN_ASSIGN(const TargetTable target, PlanTarget(table, replica.mode));
  const std::vector<ColumnBinding> bindings = layout.Bindings();
  const ColumnsBefore before{
      .bindings = bindings, .table = replica.base->table.metadata.get(), .layout = &layout};
  TARN_ASSIGN(Evolution evolution, CompareColumns(before, table, target, replica.mode));
  // Under another replica identity, other columns tell which row a change is of.
  const bool same_key =
      mirrors ? KeyNumbers(table) == KeyNumbers(layout.source)
              : NamesOf(table, table.key()) == NamesOf(layout.source, layout.source.key());
  if (!same_key || evolution.replaces || ReusesName(before, table, target, replica.mode)) {
    return false;
  }
  for (const SourceColumn& column : table.columns) {
    if (replica.unknown.contains(column.name)) return false;
  }
  // What waits is of the types of before.
  if (!evolution.alteration.retyped.empty() && !replica.buffer->empty()) return false;
  const bool alters = !evolution.alteration.empty();
  if (alters) {
    ++replica.schema_version;
    ReportSchema(replica, target, false, destination);
    TARN_ASSIGN(replica.base, destination.Alter(replica.name(), evolution.alteration));
  }
  std::ranges::move(evolution.retired, std::back_inserter(table.columns));
  TARN_ASSIGN(replica.layout,
              BindLayout(std::move(table), replica.base->table.metadata->current_schema(),
                         evolution.kept, replica.mode, std::move(evolution.gone)));
  replica.index_stale |= evolution.retypes_key;
  replica.progress.columns = replica.layout->Bindings();
  replica.buffer->Migrate(replica.layout);
  if (alters) ReportSchema(replica, target, true, destination);
  return HasDefaults(evolution.came, replica.layout->fields);
}

}  // namespace tarn::capture
