// SPDX-License-Identifier: Apache-2.0
#include "lake/table_description.h"

#include <functional>
#include <map>
#include <set>

#include "iceberg/json/json_text.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/snapshot_json.h"
#include "iceberg/values/partition_path.h"

namespace tarn::lake {
namespace {

using iceberg::JsonText;
using iceberg::TableMetadata;

void WriteOptional(JsonText& out, std::string_view name, const std::optional<int64_t>& number) {
  out.Key(name);
  if (number) {
    out.Int(*number);
  } else {
    out.Raw("null");
  }
}

void WriteParent(JsonText& out, const iceberg::Snapshot* snapshot) {
  const bool has_parent = snapshot != nullptr && snapshot->parent_id;
  WriteOptional(out, "parent_id",
                has_parent ? std::optional(snapshot->parent_id->value()) : std::nullopt);
}

std::string_view OperationName(iceberg::SnapshotOperation operation) {
  switch (operation) {
    case iceberg::SnapshotOperation::kAppend:
      return "append";
    case iceberg::SnapshotOperation::kReplace:
      return "replace";
    case iceberg::SnapshotOperation::kDelete:
      return "delete";
    default:
      return "overwrite";
  }
}

void WriteSnapshots(const TableMetadata& table, JsonText& out) {
  for (const iceberg::CommittedSnapshot& snapshot : table.snapshots) {
    out.BeginObject();
    out.Member("committed_at_ms", snapshot->timestamp_ms);
    out.Member("snapshot_id", snapshot->id.value());
    WriteParent(out, &*snapshot);
    out.Member("sequence_number", snapshot->sequence_number.value());
    if (snapshot->operation) out.Member("operation", OperationName(*snapshot->operation));
    out.Member("manifest_list", snapshot->manifest_list);
    out.Key("summary");
    iceberg::WriteStringMap(snapshot->summary, out);
    out.EndObject();
  }
}

void WriteHistory(const TableMetadata& table, JsonText& out) {
  std::set<iceberg::SnapshotId> ancestors;
  for (const iceberg::Snapshot* at = table.current_snapshot();
       at != nullptr && ancestors.insert(at->id).second;) {
    at = at->parent_id ? table.FindSnapshot(*at->parent_id) : nullptr;
  }
  for (const iceberg::SnapshotLogEntry& entry : table.snapshot_log) {
    out.BeginObject();
    out.Member("made_current_at_ms", entry.timestamp_ms);
    out.Member("snapshot_id", entry.snapshot_id.value());
    WriteParent(out, table.FindSnapshot(entry.snapshot_id));
    out.Key("is_current_ancestor");
    out.Bool(ancestors.contains(entry.snapshot_id));
    out.EndObject();
  }
}

void WriteRefs(const TableMetadata& table, JsonText& out) {
  for (const auto& [name, ref] : table.refs) {
    out.BeginObject();
    out.Member("name", name);
    out.Member("type", ref.is_tag ? "TAG" : "BRANCH");
    out.Member("snapshot_id", ref.snapshot_id.value());
    WriteOptional(out, "max_reference_age_in_ms", ref.max_ref_age_ms);
    WriteOptional(out, "min_snapshots_to_keep", ref.min_snapshots_to_keep);
    WriteOptional(out, "max_snapshot_age_in_ms", ref.max_snapshot_age_ms);
    out.EndObject();
  }
}

std::string_view ContentName(iceberg::FileContent content) {
  switch (content) {
    case iceberg::FileContent::kPositionDeletes:
      return "POSITION_DELETES";
    case iceberg::FileContent::kEqualityDeletes:
      return "EQUALITY_DELETES";
    default:
      return "DATA";
  }
}

using VisitEntry = std::function<void(const iceberg::ManifestFile&, const iceberg::Manifest&,
                                      const iceberg::ManifestEntry&)>;

/// Live entries of the current snapshot.
Result<> VisitEntries(const LakeContext& lake, const TableMetadata& table,
                      const VisitEntry& visit) {
  if (table.current_snapshot() == nullptr) return {};
  TARN_ASSIGN(const auto list, lake.manifests->SnapshotManifests(*table.current_snapshot()));
  for (const iceberg::ManifestFile& file : *list) {
    TARN_ASSIGN(const auto manifest, lake.manifests->ReadManifest(file));
    for (const iceberg::ManifestEntry& entry : manifest->entries) {
      if (entry.status != iceberg::EntryStatus::kDeleted) visit(file, *manifest, entry);
    }
  }
  return {};
}

std::string PartitionOf(const TableMetadata& table, const iceberg::Manifest& manifest,
                        const iceberg::ManifestEntry& entry) {
  return iceberg::PartitionPath(table.current_schema(), manifest.header.spec,
                                entry.data_file.partition);
}

Result<> WriteFiles(const LakeContext& lake, const TableMetadata& table, JsonText& out) {
  return VisitEntries(lake, table, [&](const auto& file, const auto& manifest, const auto& entry) {
    const iceberg::DataFile& data = entry.data_file;
    out.BeginObject();
    out.Member("manifest_path", file.manifest_path);
    out.Member("content", ContentName(data.content));
    out.Member("file_path", data.file_path);
    out.Member("file_format", data.file_format);
    out.Member("spec_id", file.partition_spec_id.value());
    out.Member("partition", PartitionOf(table, manifest, entry));
    out.Member("record_count", data.record_count);
    out.Member("file_size_in_bytes", data.file_size_bytes);
    WriteOptional(
        out, "sequence_number",
        entry.sequence_number ? std::optional(entry.sequence_number->value()) : std::nullopt);
    WriteOptional(out, "first_row_id", data.first_row_id);
    out.EndObject();
  });
}

struct PartitionTotals {
  int64_t files = 0, rows = 0, bytes = 0, delete_files = 0, deletes = 0;
};

Result<> WritePartitions(const LakeContext& lake, const TableMetadata& table, JsonText& out) {
  std::map<std::pair<int32_t, std::string>, PartitionTotals> partitions;
  TARN_TRY(
      VisitEntries(lake, table, [&](const auto& file, const auto& manifest, const auto& entry) {
        PartitionTotals& totals =
            partitions[{file.partition_spec_id.value(), PartitionOf(table, manifest, entry)}];
        const bool data = entry.data_file.content == iceberg::FileContent::kData;
        ++(data ? totals.files : totals.delete_files);
        (data ? totals.rows : totals.deletes) += entry.data_file.record_count;
        if (data) totals.bytes += entry.data_file.file_size_bytes;
      }));
  for (const auto& [key, totals] : partitions) {
    out.BeginObject();
    out.Member("spec_id", key.first);
    out.Member("partition", key.second);
    out.Member("record_count", totals.rows);
    out.Member("file_count", totals.files);
    out.Member("total_data_file_size_in_bytes", totals.bytes);
    out.Member("delete_record_count", totals.deletes);
    out.Member("delete_file_count", totals.delete_files);
    out.EndObject();
  }
  return {};
}

Result<> WriteReachable(const LakeContext& lake, const iceberg::LoadedTable& table, JsonText& out) {
  std::set<std::string> files;
  TARN_TRY(iceberg::VisitReachableFiles(table::MakeCommitContext(lake, {}), table,
                                        [&files](const std::string& file) { files.insert(file); }));
  for (const std::string& file : files) out.String(file);
  return {};
}

Result<> WriteRows(const LakeContext& lake, const iceberg::LoadedTable& table, Description what,
                   JsonText& out) {
  switch (what) {
    case Description::kSnapshots:
      WriteSnapshots(*table.metadata, out);
      return {};
    case Description::kHistory:
      WriteHistory(*table.metadata, out);
      return {};
    case Description::kRefs:
      WriteRefs(*table.metadata, out);
      return {};
    case Description::kFiles:
      return WriteFiles(lake, *table.metadata, out);
    case Description::kPartitions:
      return WritePartitions(lake, *table.metadata, out);
    case Description::kReachable:
      return WriteReachable(lake, table, out);
    default:
      return Fail(ErrorKind::kInvalidArgument, "unknown description {}", static_cast<int>(what));
  }
}

}  // namespace

Result<TableDescribed> Describe(const LakeContext& lake, const DescribeTable& message) {
  TARN_ASSIGN(const iceberg::LoadedTable table, lake.tables->Load(message.metadata_location));
  TableDescribed answer;
  if (message.what == Description::kMetadata) {
    TARN_ASSIGN(answer.json, iceberg::SerializeTableMetadata(*table.metadata));
    return answer;
  }
  JsonText out(&answer.json);
  out.BeginArray();
  TARN_TRY(WriteRows(lake, table, message.what, out));
  out.EndArray();
  return answer;
}

}  // namespace tarn::lake
