// SPDX-License-Identifier: Apache-2.0
// Table metadata files (spec, "Table Metadata Fields", Appendix C). What differs by format version
// is in metadata_version.h.
#include <array>

#include "iceberg/json/encrypted_key_json.h"
#include "iceberg/json/gzip.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/metadata_version.h"
#include "iceberg/json/snapshot_json.h"
#include "iceberg/json/statistics_members.h"
#include "iceberg/json/unknown_members.h"
#include "iceberg/model/schema_tree.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {
namespace {

constexpr size_t kUncompressedBytesMax = size_t{1} << 30;
constexpr int64_t kNoSnapshot = -1;  // what writers of versions 1 and 2 put for null
/// Text per snapshot and in all, to reserve once.
constexpr size_t kBytesPerSnapshot = 800;
constexpr size_t kBytesBase = 16384;

constexpr std::array kKnownMembers = {
    field::kFormatVersion,
    field::kTableUuid,
    field::kLocation,
    field::kLastSequenceNumber,
    field::kLastUpdatedMs,
    field::kLastColumnId,
    field::kSchema,
    field::kSchemas,
    field::kCurrentSchemaId,
    field::kPartitionSpec,
    field::kPartitionSpecs,
    field::kDefaultSpecId,
    field::kLastPartitionId,
    field::kSortOrders,
    field::kDefaultSortOrderId,
    field::kProperties,
    field::kCurrentSnapshotId,
    field::kSnapshots,
    field::kSnapshotLog,
    field::kMetadataLog,
    field::kRefs,
    field::kStatistics,
    field::kPartitionStatistics,
    field::kNextRowId,
    field::kEncryptionKeys,
};

Result<> ReadSnapshots(const JsonMembers& in, const MetadataVersion& version, TableMetadata& out) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(field::kSnapshots));
  if (array == nullptr) return {};
  out.snapshots.reserve(array->size());
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(Snapshot snapshot,
                ParseSnapshotTree((*array)[i], in.PlaceOf(field::kSnapshots, i), version));
    out.snapshots.emplace_back(std::move(snapshot));
  }
  return {};
}

Result<> ReadLogs(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const Json* snapshots, in.OptionalArray(field::kSnapshotLog));
  for (size_t i = 0; snapshots != nullptr && i < snapshots->size(); ++i) {
    TARN_ASSIGN(const JsonMembers entry,
                JsonMembers::Of((*snapshots)[i], in.PlaceOf(field::kSnapshotLog, i)));
    TARN_ASSIGN(const int64_t time, entry.Int64(field::kTimestampMs));
    TARN_ASSIGN(const int64_t id, entry.Int64(field::kSnapshotId));
    out.snapshot_log.push_back({time, SnapshotId(id)});
  }
  TARN_ASSIGN(const Json* files, in.OptionalArray(field::kMetadataLog));
  for (size_t i = 0; files != nullptr && i < files->size(); ++i) {
    TARN_ASSIGN(const JsonMembers entry,
                JsonMembers::Of((*files)[i], in.PlaceOf(field::kMetadataLog, i)));
    TARN_ASSIGN(const int64_t time, entry.Int64(field::kTimestampMs));
    TARN_ASSIGN(std::string file, entry.String(field::kMetadataFile));
    out.metadata_log.push_back({time, std::move(file)});
  }
  return {};
}

Result<> ReadReferences(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const auto current, in.OptionalInt64(field::kCurrentSnapshotId));
  if (current && *current != kNoSnapshot) out.current_snapshot_id = SnapshotId(*current);
  if (const Json* refs = in.Find(field::kRefs)) {
    TARN_ASSIGN(out.refs, ParseRefsTree(*refs, in.PlaceOf(field::kRefs)));
  }
  // The main branch exists whether it is written or not.
  if (out.current_snapshot_id) {
    out.refs.try_emplace(kMainBranch, SnapshotRef{.snapshot_id = *out.current_snapshot_id});
  }
  return {};
}

Result<> ReadStatistics(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(out.statistics, ParseStatisticsFiles(in, field::kStatistics));
  TARN_ASSIGN(out.partition_statistics, ParseStatisticsFiles(in, field::kPartitionStatistics));
  TARN_ASSIGN(out.encryption_keys, ParseEncryptionKeys(in, field::kEncryptionKeys));
  return {};
}

/// What everybody takes for granted afterwards.
Result<> CheckReferences(const TableMetadata& metadata, const JsonMembers& in) {
  if (metadata.FindSchema(metadata.current_schema_id) == nullptr) {
    return in.Malformed(field::kCurrentSchemaId, "the id of a schema of the table");
  }
  if (metadata.FindPartitionSpec(metadata.default_spec_id) == nullptr) {
    return in.Malformed(field::kDefaultSpecId, "the id of a partition spec of the table");
  }
  if (metadata.current_snapshot_id && metadata.current_snapshot() == nullptr) {
    return in.Malformed(field::kCurrentSnapshotId, "the id of a snapshot of the table");
  }
  const auto main = metadata.refs.find(kMainBranch);
  if (main != metadata.refs.end() && main->second.snapshot_id != metadata.current_snapshot_id) {
    return in.Malformed(field::kRefs, "consistent: main is not the current snapshot");
  }
  for (const auto& [name, ref] : metadata.refs) {
    if (metadata.FindSnapshot(ref.snapshot_id) == nullptr) {
      return Fail(ErrorKind::kCorruption,
                  "reference \"{}\" names snapshot {}, which the table lacks", name,
                  ref.snapshot_id.value());
    }
  }
  return {};
}

Result<TableMetadata> ParseDocument(const JsonMembers& in) {
  TableMetadata out;
  TARN_ASSIGN(out.format_version, in.Int32(field::kFormatVersion));
  const MetadataVersion* version = FindMetadataVersion(out.format_version);
  if (version == nullptr) {
    return Fail(ErrorKind::kUnsupported, "unsupported table format version {}", out.format_version);
  }
  TARN_ASSIGN(out.location, in.String(field::kLocation));
  TARN_ASSIGN(out.last_updated_ms, in.Int64(field::kLastUpdatedMs));
  TARN_ASSIGN(const int32_t last_column_id, in.Int32(field::kLastColumnId));
  out.last_column_id = FieldId(last_column_id);
  TARN_TRY(version->ReadTable(in, out));
  if (const Json* properties = in.Find(field::kProperties)) {
    TARN_ASSIGN(out.properties, ParseStringMap(*properties, field::kProperties));
  }
  TARN_TRY(ReadSnapshots(in, *version, out));
  TARN_TRY(ReadReferences(in, out));
  TARN_TRY(ReadLogs(in, out));
  TARN_TRY(ReadStatistics(in, out));
  out.unknown_members_json = UnknownMembers(in.json(), kKnownMembers);
  TARN_TRY(CheckReferences(out, in));
  return out;
}

void WriteDefinitions(const TableMetadata& metadata, JsonText& out) {
  out.Member(field::kLastColumnId, metadata.last_column_id.value());
  out.Member(field::kCurrentSchemaId, metadata.current_schema_id.value());
  out.Key(field::kSchemas);
  out.BeginArray();
  for (const Schema& schema : metadata.schemas) WriteSchema(schema, out);
  out.EndArray();
  out.Member(field::kDefaultSpecId, metadata.default_spec_id.value());
  out.Key(field::kPartitionSpecs);
  out.BeginArray();
  for (const PartitionSpec& spec : metadata.partition_specs) WritePartitionSpec(spec, out);
  out.EndArray();
  out.Member(field::kLastPartitionId, metadata.last_partition_id.value());
  out.Member(field::kDefaultSortOrderId, metadata.default_sort_order_id.value());
  out.Key(field::kSortOrders);
  out.BeginArray();
  for (const SortOrder& order : metadata.sort_orders) WriteSortOrder(order, out);
  out.EndArray();
  out.Key(field::kProperties);
  WriteStringMap(metadata.properties, out);
}

void WriteReferences(const TableMetadata& metadata, JsonText& out) {
  if (metadata.current_snapshot_id) {
    out.Member(field::kCurrentSnapshotId, metadata.current_snapshot_id->value());
  }
  out.Key(field::kRefs);
  WriteRefs(metadata.refs, out);
}

/// Whether all of it is UTF-8, which is known of what was written before.
bool WriteSnapshots(const TableMetadata& metadata, const MetadataVersion& version,
                    std::string& text, JsonText& out) {
  bool is_utf8 = true;
  out.Key(field::kSnapshots);
  out.BeginArray();
  for (const CommittedSnapshot& snapshot : metadata.snapshots) {
    if (const SnapshotText* known = snapshot.TextIn(version)) {
      out.Raw(known->json);
      is_utf8 = is_utf8 && known->is_utf8;
    } else {
      const size_t begin = text.size();
      WriteSnapshot(*snapshot, version, out);
      is_utf8 = is_utf8 && IsValidUtf8(std::string_view(text).substr(begin));
    }
  }
  out.EndArray();
  return is_utf8;
}

void WriteHistory(const TableMetadata& metadata, JsonText& out) {
  WriteStatisticsFiles(field::kStatistics, metadata.statistics, out);
  WriteStatisticsFiles(field::kPartitionStatistics, metadata.partition_statistics, out);
  WriteEncryptionKeys(field::kEncryptionKeys, metadata.encryption_keys, out);
  out.Key(field::kSnapshotLog);
  out.BeginArray();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    out.BeginObject();
    out.Member(field::kTimestampMs, entry.timestamp_ms);
    out.Member(field::kSnapshotId, entry.snapshot_id.value());
    out.EndObject();
  }
  out.EndArray();
  out.Key(field::kMetadataLog);
  out.BeginArray();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    out.BeginObject();
    out.Member(field::kTimestampMs, entry.timestamp_ms);
    out.Member(field::kMetadataFile, entry.metadata_file);
    out.EndObject();
  }
  out.EndArray();
}

}  // namespace

Result<TableMetadata> ParseTableMetadata(std::string_view bytes) {
  std::string unpacked;
  if (IsGzip(bytes)) {
    TARN_ASSIGN(unpacked, Gunzip(bytes, kUncompressedBytesMax));
    bytes = unpacked;
  }
  TARN_ASSIGN(const Json document, ParseJson(bytes, "table metadata"));
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(document, ""));
  return ParseDocument(members);
}

Result<std::string> SerializeTableMetadata(const TableMetadata& metadata) {
  const MetadataVersion* version = FindMetadataVersion(metadata.format_version);
  if (version == nullptr) {
    return Fail(ErrorKind::kUnsupported, "unsupported table format version {}",
                metadata.format_version);
  }
  std::string text;
  text.reserve(kBytesBase + metadata.snapshots.size() * kBytesPerSnapshot);
  JsonText out(&text);
  out.BeginObject();
  out.Member(field::kFormatVersion, metadata.format_version);
  if (!metadata.table_uuid.is_nil()) {  // optional in version 1
    out.Member(field::kTableUuid, metadata.table_uuid.ToString());
  }
  out.Member(field::kLocation, metadata.location);
  version->WriteTableNumbers(metadata, out);
  out.Member(field::kLastUpdatedMs, metadata.last_updated_ms);
  WriteDefinitions(metadata, out);
  WriteReferences(metadata, out);
  bool is_utf8 = IsValidUtf8(text);
  is_utf8 = WriteSnapshots(metadata, *version, text, out) && is_utf8;
  const size_t rest = text.size();
  WriteHistory(metadata, out);
  WriteUnknownMembers(metadata.unknown_members_json, out);
  out.EndObject();
  if (!is_utf8 || !IsValidUtf8(std::string_view(text).substr(rest))) {
    return Fail(ErrorKind::kInvalidArgument,
                "metadata of table \"{}\" holds text that is not UTF-8", metadata.location);
  }
  return text;
}

}  // namespace tarn::iceberg
