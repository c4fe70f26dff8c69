// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/snapshot_json.h"

#include <array>

#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/unknown_members.h"

namespace tarn::iceberg {
namespace {

constexpr std::array<std::string_view, 4> kOperationNames = {"append", "replace", "overwrite",
                                                             "delete"};
constexpr std::array kKnownMembers = {
    field::kSnapshotId,   field::kParentSnapshotId, field::kSequenceNumber, field::kTimestampMs,
    field::kManifestList, field::kSummary,          field::kSchemaId,       field::kFirstRowId,
    field::kAddedRows,    field::kManifests,
};

constexpr std::array kRefMembers = {field::kSnapshotId, field::kType, field::kMinSnapshotsToKeep,
                                    field::kMaxSnapshotAgeMs, field::kMaxRefAgeMs};

/// The list, or the manifests themselves where early writers of version 1 made none.
Result<> ParseManifests(const JsonMembers& in, Snapshot& snapshot) {
  TARN_ASSIGN(auto list, in.OptionalString(field::kManifestList));
  if (list) {
    snapshot.manifest_list = *std::move(list);
    return {};
  }
  if (!in.Has(field::kManifests)) return in.Missing(field::kManifestList);
  TARN_ASSIGN(snapshot.manifests, in.Strings(field::kManifests));
  return {};
}

Result<> ParseSummary(const JsonMembers& in, Snapshot& snapshot) {
  const Json* summary = in.Find(field::kSummary);
  if (summary == nullptr) return {};
  TARN_ASSIGN(snapshot.summary, ParseStringMap(*summary, in.PlaceOf(field::kSummary)));
  const auto operation = snapshot.summary.find(std::string(field::kOperation));
  if (operation == snapshot.summary.end()) return {};
  for (size_t i = 0; i < kOperationNames.size(); ++i) {
    if (operation->second == kOperationNames[i]) {
      snapshot.operation = static_cast<SnapshotOperation>(i);
      snapshot.summary.erase(operation);
      return {};
    }
  }
  return in.Malformed(field::kSummary, "a summary with a known operation");
}

}  // namespace

Result<SnapshotRef> ParseRefTree(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, std::move(place)));
  SnapshotRef ref;
  TARN_ASSIGN(const int64_t id, in.Int64(field::kSnapshotId));
  ref.snapshot_id = SnapshotId(id);
  TARN_ASSIGN(const std::string type, in.String(field::kType));
  if (type != field::kTag && type != field::kBranch) {
    return in.Malformed(field::kType, "branch or tag");
  }
  ref.is_tag = type == field::kTag;
  TARN_ASSIGN(ref.min_snapshots_to_keep, in.OptionalInt32(field::kMinSnapshotsToKeep));
  TARN_ASSIGN(ref.max_snapshot_age_ms, in.OptionalInt64(field::kMaxSnapshotAgeMs));
  TARN_ASSIGN(ref.max_ref_age_ms, in.OptionalInt64(field::kMaxRefAgeMs));
  ref.unknown_members_json = UnknownMembers(in.json(), kRefMembers);
  return ref;
}

Result<Snapshot> ParseSnapshotTree(const Json& value, const std::string& place,
                                   const MetadataVersion& version) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, place));
  Snapshot snapshot;
  TARN_ASSIGN(const int64_t id, in.Int64(field::kSnapshotId));
  snapshot.id = SnapshotId(id);
  TARN_ASSIGN(const auto parent, in.OptionalInt64(field::kParentSnapshotId));
  if (parent) snapshot.parent_id = SnapshotId(*parent);
  TARN_ASSIGN(snapshot.timestamp_ms, in.Int64(field::kTimestampMs));
  TARN_TRY(ParseSummary(in, snapshot));
  TARN_TRY(ParseManifests(in, snapshot));
  TARN_ASSIGN(const auto schema_id, in.OptionalInt32(field::kSchemaId));
  if (schema_id) snapshot.schema_id = SchemaId(*schema_id);
  TARN_TRY(version.ReadSnapshot(in, snapshot));
  snapshot.unknown_members_json = UnknownMembers(in.json(), kKnownMembers);
  return snapshot;
}

namespace {

void WriteSummary(const Snapshot& snapshot, JsonText& out) {
  out.Key(field::kSummary);
  out.BeginObject();
  // Required from version 2; a snapshot of version 1 that does not say counts as what changes most.
  const SnapshotOperation operation = snapshot.operation.value_or(SnapshotOperation::kOverwrite);
  out.Member(field::kOperation, kOperationNames[static_cast<size_t>(operation)]);
  for (const auto& [key, value] : snapshot.summary) {
    out.EscapedKey(key);
    out.String(value);
  }
  out.EndObject();
}

void WriteManifests(const Snapshot& snapshot, JsonText& out) {
  if (!snapshot.has_manifest_array()) {
    out.Member(field::kManifestList, snapshot.manifest_list);
    return;
  }
  out.Key(field::kManifests);
  out.BeginArray();
  for (const std::string& manifest : snapshot.manifests) out.String(manifest);
  out.EndArray();
}

}  // namespace

void WriteSnapshot(const Snapshot& snapshot, const MetadataVersion& version, JsonText& out) {
  out.BeginObject();
  version.WriteSnapshotNumbers(snapshot, out);
  out.Member(field::kSnapshotId, snapshot.id.value());
  if (snapshot.parent_id) out.Member(field::kParentSnapshotId, snapshot.parent_id->value());
  out.Member(field::kTimestampMs, snapshot.timestamp_ms);
  WriteSummary(snapshot, out);
  WriteManifests(snapshot, out);
  if (snapshot.schema_id) out.Member(field::kSchemaId, snapshot.schema_id->value());
  WriteUnknownMembers(snapshot.unknown_members_json, out);
  out.EndObject();
}

Result<std::map<std::string, SnapshotRef>> ParseRefsTree(const Json& value,
                                                         const std::string& place) {
  if (!value.is_object()) {
    return Fail(ErrorKind::kCorruption, "member \"{}\" is not an object", place);
  }
  std::map<std::string, SnapshotRef> refs;
  for (const auto& [name, item] : value.items()) {
    TARN_ASSIGN(const SnapshotRef ref, ParseRefTree(item, fmt::format("{}.{}", place, name)));
    refs.emplace(name, ref);
  }
  return refs;
}

void WriteRefMembers(const SnapshotRef& ref, JsonText& out) {
  out.Member(field::kSnapshotId, ref.snapshot_id.value());
  out.Member(field::kType, ref.is_tag ? field::kTag : field::kBranch);
  if (ref.min_snapshots_to_keep) out.Member(field::kMinSnapshotsToKeep, *ref.min_snapshots_to_keep);
  if (ref.max_snapshot_age_ms) out.Member(field::kMaxSnapshotAgeMs, *ref.max_snapshot_age_ms);
  if (ref.max_ref_age_ms) out.Member(field::kMaxRefAgeMs, *ref.max_ref_age_ms);
  WriteUnknownMembers(ref.unknown_members_json, out);
}

void WriteRefs(const std::map<std::string, SnapshotRef>& refs, JsonText& out) {
  out.BeginObject();
  for (const auto& [name, ref] : refs) {
    out.EscapedKey(name);
    out.BeginObject();
    WriteRefMembers(ref, out);
    out.EndObject();
  }
  out.EndObject();
}

}  // namespace tarn::iceberg
