// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/update_json.h"

#include <algorithm>
#include <array>

#include "iceberg/json/ascii_case.h"
#include "iceberg/json/encrypted_key_json.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/metadata_version.h"
#include "iceberg/json/snapshot_json.h"
#include "iceberg/json/statistics_members.h"
#include "iceberg/model/schema_tree.h"
#include "iceberg/update/update_fields.h"

namespace tarn::iceberg {
namespace {

using namespace update_field;

/// Reads the snapshots of all versions: what they lack is optional in it.
const MetadataVersion& AnyVersion() { return *FindMetadataVersion(3); }

Result<const Json*> Member(const JsonMembers& in, std::string_view name) {
  const Json* value = in.Find(name);
  if (value == nullptr) return in.Missing(name);
  return value;
}

Result<MetadataUpdate> ParseAssignUuid(const JsonMembers& in) {
  TARN_ASSIGN(const std::string text, in.String(kUuid));
  const Result<Uuid> uuid = Uuid::Parse(text);
  if (!uuid) return in.Malformed(kUuid, "a uuid");
  return AssignUuid{*uuid};
}

Result<MetadataUpdate> ParseUpgradeFormatVersion(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t version, in.Int32(field::kFormatVersion));
  return UpgradeFormatVersion{version};
}

Result<MetadataUpdate> ParseAddSchema(const JsonMembers& in) {
  TARN_ASSIGN(const Json* value, Member(in, field::kSchema));
  TARN_ASSIGN(Schema schema, ParseSchemaTree(*value, in.PlaceOf(field::kSchema)));
  return AddSchema{std::move(schema)};
}

Result<MetadataUpdate> ParseSetCurrentSchema(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(field::kSchemaId));
  return SetCurrentSchema{SchemaId(id)};
}

Result<MetadataUpdate> ParseAddSpec(const JsonMembers& in) {
  TARN_ASSIGN(const Json* value, Member(in, kSpec));
  TARN_ASSIGN(PartitionSpec spec, ParseUnboundSpecTree(*value, in.PlaceOf(kSpec)));
  return AddPartitionSpec{std::move(spec)};
}

Result<MetadataUpdate> ParseSetDefaultSpec(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(field::kSpecId));
  return SetDefaultSpec{SpecId(id)};
}

Result<MetadataUpdate> ParseAddSortOrder(const JsonMembers& in) {
  TARN_ASSIGN(const Json* value, Member(in, kSortOrder));
  TARN_ASSIGN(SortOrder order, ParseSortOrderTree(*value, in.PlaceOf(kSortOrder)));
  return AddSortOrder{std::move(order)};
}

Result<MetadataUpdate> ParseSetDefaultSortOrder(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(kSortOrderId));
  return SetDefaultSortOrder{SortOrderId(id)};
}

Result<MetadataUpdate> ParseAddSnapshot(const JsonMembers& in) {
  TARN_ASSIGN(const Json* value, Member(in, kSnapshot));
  TARN_ASSIGN(Snapshot snapshot, ParseSnapshotTree(*value, in.PlaceOf(kSnapshot), AnyVersion()));
  return AddSnapshot{std::move(snapshot)};
}

Result<MetadataUpdate> ParseSetSnapshotRef(const JsonMembers& in) {
  SetSnapshotRef update;
  TARN_ASSIGN(update.name, in.String(kRefName));
  TARN_ASSIGN(const std::string type, in.String(field::kType));
  Json ref = in.json();
  ref.erase(kAction);
  ref.erase(kRefName);
  ref[field::kType] = ToLowerAscii(type);
  TARN_ASSIGN(update.ref, ParseRefTree(ref, in.PlaceOf(kRef)));
  return update;
}

Result<MetadataUpdate> ParseRemoveSnapshotRef(const JsonMembers& in) {
  TARN_ASSIGN(std::string name, in.String(kRefName));
  return RemoveSnapshotRef{std::move(name)};
}

Result<MetadataUpdate> ParseRemoveSnapshots(const JsonMembers& in) {
  if (!in.Has(kSnapshotIds)) return in.Missing(kSnapshotIds);
  TARN_ASSIGN(std::vector<SnapshotId> ids, in.Ids<SnapshotId>(kSnapshotIds));
  return RemoveSnapshots{std::move(ids)};
}

Result<MetadataUpdate> ParseSetLocation(const JsonMembers& in) {
  TARN_ASSIGN(std::string location, in.String(field::kLocation));
  return SetLocation{std::move(location)};
}

Result<MetadataUpdate> ParseSetProperties(const JsonMembers& in) {
  const std::string_view name = in.Has(kUpdated) ? kUpdated : kUpdates;
  TARN_ASSIGN(const Json* value, Member(in, name));
  TARN_ASSIGN(auto updates, ParseStringMap(*value, in.PlaceOf(name)));
  return SetProperties{std::move(updates)};
}

Result<MetadataUpdate> ParseRemoveProperties(const JsonMembers& in) {
  const std::string_view name = in.Has(kRemoved) ? kRemoved : kRemovals;
  if (!in.Has(name)) return in.Missing(name);
  TARN_ASSIGN(std::vector<std::string> removals, in.Strings(name));
  return RemoveProperties{std::move(removals)};
}

/// What every reader of the file needs.
Result<StatisticsFile> ParseNewStatistics(const JsonMembers& in, std::string_view name,
                                          bool of_table) {
  TARN_ASSIGN(const Json* value, Member(in, name));
  TARN_ASSIGN(StatisticsFile file, ParseStatisticsFileTree(*value, in.PlaceOf(name)));
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(*value, in.PlaceOf(name)));
  TARN_TRY(members.Int64(field::kFileSizeInBytes));
  if (of_table) {
    TARN_TRY(members.Int64(field::kFileFooterSizeInBytes));
    TARN_TRY(members.Array(field::kBlobMetadata));
  }
  return file;
}

Result<MetadataUpdate> ParseSetStatistics(const JsonMembers& in) {
  TARN_ASSIGN(StatisticsFile file, ParseNewStatistics(in, field::kStatistics, true));
  return SetStatistics{std::move(file)};
}

Result<MetadataUpdate> ParseRemoveStatistics(const JsonMembers& in) {
  TARN_ASSIGN(const int64_t id, in.Int64(field::kSnapshotId));
  return RemoveStatistics{SnapshotId(id)};
}

Result<MetadataUpdate> ParseSetPartitionStatistics(const JsonMembers& in) {
  TARN_ASSIGN(StatisticsFile file, ParseNewStatistics(in, field::kPartitionStatistics, false));
  return SetPartitionStatistics{std::move(file)};
}

Result<MetadataUpdate> ParseRemovePartitionStatistics(const JsonMembers& in) {
  TARN_ASSIGN(const int64_t id, in.Int64(field::kSnapshotId));
  return RemovePartitionStatistics{SnapshotId(id)};
}

Result<MetadataUpdate> ParseRemovePartitionSpecs(const JsonMembers& in) {
  if (!in.Has(kSpecIds)) return in.Missing(kSpecIds);
  TARN_ASSIGN(std::vector<SpecId> ids, in.Ids<SpecId>(kSpecIds));
  return RemovePartitionSpecs{std::move(ids)};
}

Result<MetadataUpdate> ParseRemoveSchemas(const JsonMembers& in) {
  if (!in.Has(kSchemaIds)) return in.Missing(kSchemaIds);
  TARN_ASSIGN(std::vector<SchemaId> ids, in.Ids<SchemaId>(kSchemaIds));
  return RemoveSchemas{std::move(ids)};
}

Result<MetadataUpdate> ParseAddEncryptionKey(const JsonMembers& in) {
  TARN_ASSIGN(const Json* value, Member(in, kEncryptionKey));
  TARN_ASSIGN(EncryptedKey key, ParseEncryptionKeyTree(*value, in.PlaceOf(kEncryptionKey)));
  return AddEncryptionKey{std::move(key)};
}

Result<MetadataUpdate> ParseRemoveEncryptionKey(const JsonMembers& in) {
  TARN_ASSIGN(std::string id, in.String(field::kKeyId));
  return RemoveEncryptionKey{std::move(id)};
}

struct Action {
  std::string_view name;
  Result<MetadataUpdate> (*parse)(const JsonMembers& in);
};

/// In the order of the variant.
constexpr std::array<Action, std::variant_size_v<MetadataUpdate>> kActions = {{
    {"assign-uuid", ParseAssignUuid},
    {"upgrade-format-version", ParseUpgradeFormatVersion},
    {"add-schema", ParseAddSchema},
    {"set-current-schema", ParseSetCurrentSchema},
    {"add-spec", ParseAddSpec},
    {"set-default-spec", ParseSetDefaultSpec},
    {"add-sort-order", ParseAddSortOrder},
    {"set-default-sort-order", ParseSetDefaultSortOrder},
    {"add-snapshot", ParseAddSnapshot},
    {"set-snapshot-ref", ParseSetSnapshotRef},
    {"remove-snapshot-ref", ParseRemoveSnapshotRef},
    {"remove-snapshots", ParseRemoveSnapshots},
    {"set-location", ParseSetLocation},
    {"set-properties", ParseSetProperties},
    {"remove-properties", ParseRemoveProperties},
    {"set-statistics", ParseSetStatistics},
    {"remove-statistics", ParseRemoveStatistics},
    {"set-partition-statistics", ParseSetPartitionStatistics},
    {"remove-partition-statistics", ParseRemovePartitionStatistics},
    {"remove-partition-specs", ParseRemovePartitionSpecs},
    {"remove-schemas", ParseRemoveSchemas},
    {"add-encryption-key", ParseAddEncryptionKey},
    {"remove-encryption-key", ParseRemoveEncryptionKey},
}};

template <typename Id>
void WriteIds(std::string_view name, const std::vector<Id>& ids, JsonText& out) {
  out.Key(name);
  out.BeginArray();
  for (const Id id : ids) out.Int(id.value());
  out.EndArray();
}

void WriteStatistics(std::string_view name, const StatisticsFile& file, JsonText& out) {
  out.Member(field::kSnapshotId, file.snapshot_id.value());
  out.Key(name);
  WriteStatisticsFile(file, out);
}

/// The members beside the action.
class MemberWriter {
 public:
  explicit MemberWriter(JsonText* out) : out_(*out) {}

  void operator()(const AssignUuid& update) const { out_.Member(kUuid, update.uuid.ToString()); }
  void operator()(const UpgradeFormatVersion& update) const {
    out_.Member(field::kFormatVersion, update.format_version);
  }
  void operator()(const AddSchema& update) const {
    out_.Key(field::kSchema);
    WriteSchema(update.schema, out_);
  }
  void operator()(const SetCurrentSchema& update) const {
    out_.Member(field::kSchemaId, update.schema_id.value());
  }
  void operator()(const AddPartitionSpec& update) const {
    out_.Key(kSpec);
    WritePartitionSpec(update.spec, out_);
  }
  void operator()(const SetDefaultSpec& update) const {
    out_.Member(field::kSpecId, update.spec_id.value());
  }
  void operator()(const AddSortOrder& update) const {
    out_.Key(kSortOrder);
    WriteSortOrder(update.order, out_);
  }
  void operator()(const SetDefaultSortOrder& update) const {
    out_.Member(kSortOrderId, update.order_id.value());
  }
  void operator()(const AddSnapshot& update) const {
    out_.Key(kSnapshot);
    // Tables of version 1 number no snapshots.
    const bool numbered = update.snapshot.sequence_number.value() != 0;
    WriteSnapshot(update.snapshot, numbered ? AnyVersion() : *FindMetadataVersion(1), out_);
  }
  void operator()(const SetSnapshotRef& update) const {
    out_.Member(kRefName, update.name);
    WriteRefMembers(update.ref, out_);
  }
  void operator()(const RemoveSnapshotRef& update) const { out_.Member(kRefName, update.name); }
  void operator()(const RemoveSnapshots& update) const {
    WriteIds(kSnapshotIds, update.snapshot_ids, out_);
  }
  void operator()(const SetLocation& update) const {
    out_.Member(field::kLocation, update.location);
  }
  void operator()(const SetProperties& update) const {
    out_.Key(kUpdates);
    WriteStringMap(update.updates, out_);
  }
  void operator()(const RemoveProperties& update) const {
    out_.Key(kRemovals);
    out_.BeginArray();
    for (const std::string& key : update.removals) out_.String(key);
    out_.EndArray();
  }
  void operator()(const SetStatistics& update) const {
    WriteStatistics(field::kStatistics, update.statistics, out_);
  }
  void operator()(const RemoveStatistics& update) const {
    out_.Member(field::kSnapshotId, update.snapshot_id.value());
  }
  void operator()(const SetPartitionStatistics& update) const {
    out_.Key(field::kPartitionStatistics);
    WriteStatisticsFile(update.statistics, out_);
  }
  void operator()(const RemovePartitionStatistics& update) const {
    out_.Member(field::kSnapshotId, update.snapshot_id.value());
  }
  void operator()(const RemovePartitionSpecs& update) const {
    WriteIds(kSpecIds, update.spec_ids, out_);
  }
  void operator()(const RemoveSchemas& update) const {
    WriteIds(kSchemaIds, update.schema_ids, out_);
  }
  void operator()(const AddEncryptionKey& update) const {
    out_.Key(kEncryptionKey);
    WriteEncryptionKey(update.key, out_);
  }
  void operator()(const RemoveEncryptionKey& update) const {
    out_.Member(field::kKeyId, update.key_id);
  }

 private:
  JsonText& out_;
};

Result<MetadataUpdate> ParseAny(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, place));
  TARN_ASSIGN(const std::string name, in.String(kAction));
  const auto action = std::ranges::find(kActions, ToLowerAscii(name), &Action::name);
  if (action != kActions.end()) return action->parse(in);
  return Fail(ErrorKind::kInvalidArgument, "Cannot convert metadata update action from json: {}",
              name);
}

}  // namespace

Result<MetadataUpdate> ParseUpdateTree(const Json& value, const std::string& place) {
  return AsRequest(ParseAny(value, place));
}

Result<std::vector<MetadataUpdate>> ParseUpdatesTree(const Json& array, const std::string& place) {
  if (!array.is_array()) {
    return Fail(ErrorKind::kInvalidArgument, "member \"{}\" is not an array", place);
  }
  std::vector<MetadataUpdate> updates;
  for (size_t i = 0; i < array.size(); ++i) {
    TARN_ASSIGN(MetadataUpdate update, ParseUpdateTree(array[i], fmt::format("{}[{}]", place, i)));
    updates.push_back(std::move(update));
  }
  return updates;
}

Result<std::vector<MetadataUpdate>> ParseUpdates(std::string_view json) {
  TARN_ASSIGN(const Json document, AsRequest(ParseJson(json, "updates")));
  return ParseUpdatesTree(document, std::string(kUpdates));
}

void WriteUpdate(const MetadataUpdate& update, JsonText& out) {
  out.BeginObject();
  out.Member(kAction, kActions[update.index()].name);
  std::visit(MemberWriter(&out), update);
  out.EndObject();
}

std::string SerializeUpdates(std::span<const MetadataUpdate> updates) {
  std::string text;
  JsonText out(&text);
  out.BeginArray();
  for (const MetadataUpdate& update : updates) WriteUpdate(update, out);
  out.EndArray();
  return text;
}

}  // namespace tarn::iceberg
