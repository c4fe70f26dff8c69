// SPDX-License-Identifier: Apache-2.0
#include "capture/replica.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
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
  SourceTable source = replica.layout->source;
  std::erase_if(source.columns, &SourceColumn::is_retired);
  destination.Report(SchemaVersion{.name = replica.name(),
                                   .version = replica.schema_version,
                                   .applied = applied,
                                   .source = std::move(source),
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
  /// The catalogues tell what the table is now, the stream what it was: rows of before still come.
  std::vector<SourceColumn> retired;
};

/// `before`: the layout of which the bindings are, where it is known.
Result<Evolution> Compare(std::span<const ColumnBinding> bindings, const std::vector<Field>& fields,
                          const TableLayout* before, const SourceTable& after,
                          const TargetTable& target) {
  Evolution evolution;
  std::set<int16_t> kept;
  const auto source_before = [&](int16_t number) -> const SourceColumn* {
    if (before == nullptr) return nullptr;
    const auto found =
        std::ranges::find(before->source.columns, number, &SourceColumn::attribute_number);
    return found == before->source.columns.end() ? nullptr : &*found;
  };
  for (size_t i = 0; i < after.columns.size(); ++i) {
    const SourceColumn& column = after.columns[i];
    const auto bound =
        std::ranges::find(bindings, column.attribute_number, &ColumnBinding::attribute_number);
    const auto field = bound == bindings.end()
                           ? fields.end()
                           : std::ranges::find(fields, bound->field, &Field::id);
    if (field == fields.end() || field->name != target.columns[i].name) {
      evolution.alteration.added.push_back(target.columns[i]);
      continue;
    }
    if (const SourceColumn* const was = source_before(column.attribute_number)) {
      TARN_ASSIGN(const TargetType type, ConnectorTypeOf(was->type));
      if (type != target.columns[i].type) {
        return CannotFollow(after, fmt::format("Column \"{}\" was {} and is {}.", column.name,
                                               was->type.name, column.type.name));
      }
    }
    evolution.kept.push_back(*bound);
    kept.insert(column.attribute_number);
  }
  for (ColumnBinding binding : bindings) {
    const auto field = std::ranges::find(fields, binding.field, &Field::id);
    if (kept.contains(binding.attribute_number) || field == fields.end()) continue;
    const SourceColumn* const was = source_before(binding.attribute_number);
    if (binding.attribute_number > 0) {
      evolution.alteration.renamed[field->name] = field->name + std::string(kDroppedSuffix);
      binding.attribute_number = static_cast<int16_t>(-binding.attribute_number);
    }
    if (was == nullptr) continue;
    evolution.retired.push_back(*was);
    evolution.retired.back().attribute_number = binding.attribute_number;
    evolution.kept.push_back(binding);
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
  std::vector<ColumnBinding> bindings;
  if (progress) {
    // What the source did to its table while nobody looked.
    TARN_ASSIGN(const Evolution evolution,
                Compare(progress->columns, replica.base->table.metadata->current_schema().fields,
                        nullptr, table, target));
    bindings = evolution.kept;
    if (!evolution.alteration.added.empty() || !evolution.alteration.renamed.empty()) {
      TARN_ASSIGN(replica.base, destination.Alter(replica.name(), evolution.alteration));
    }
  }
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
  replica.gathered.clear();
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
  TARN_ASSIGN(Evolution evolution,
              Compare(before.Bindings(), before.fields, &before, table, target));
  const bool alters = !evolution.alteration.added.empty() || !evolution.alteration.renamed.empty();
  if (alters) {
    ++replica.schema_version;
    ReportSchema(replica, target, false, destination);
    TARN_ASSIGN(replica.base, destination.Alter(replica.name(), evolution.alteration));
  }
  std::ranges::move(evolution.retired, std::back_inserter(table.columns));
  TARN_ASSIGN(
      replica.layout,
      BindLayout(std::move(table), replica.base->table.metadata->current_schema(), evolution.kept));
  replica.progress.columns = replica.layout->Bindings();
  replica.buffer->Migrate(replica.layout);
  if (alters) ReportSchema(replica, target, true, destination);
  return {};
}

}  // namespace tarn::capture
