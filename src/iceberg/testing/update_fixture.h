// SPDX-License-Identifier: Apache-2.0
// For tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {

/// A table of two columns, partitioned and sorted, and updates applied to it.
class UpdateFixture : public testing::Test {
 protected:
  using Updates = std::vector<MetadataUpdate>;
  using Base = std::shared_ptr<const TableMetadata>;

  static constexpr int64_t kNow = 1'700'000'000'000;
  static constexpr const char* kBaseFile = "s3://bucket/table/metadata/00000-a.metadata.json";
  const Uuid kUuid = *Uuid::Parse("9c12d441-03fe-4693-9a96-a0705ddf69c1");

  UpdateFixture() : base_(Apply(nullptr, Creation(2))) {}

  static Field Column(int32_t id, const char* name) {
    return {.id = FieldId(id), .name = name, .type = Type::Primitive(TypeKind::kLong)};
  }
  static Schema Columns() { return {.fields = {Column(1, "a"), Column(2, "b")}}; }

  /// Numbered behind what the table has.
  static PartitionSpec Spec(std::vector<PartitionField> fields) {
    int32_t id = 1001;
    for (PartitionField& field : fields) field.id = PartitionFieldId(id++);
    return {.fields = std::move(fields)};
  }
  static PartitionField Identity(int32_t source, const char* name) {
    return {.source_ids = {FieldId(source)}, .name = name};
  }

  /// The updates that clients send to create a table.
  Updates Creation(int32_t format_version) const {
    PartitionSpec spec = Spec({Identity(1, "a_bucket")});
    spec.fields[0].id = PartitionFieldId(1000);
    spec.fields[0].transform = {.kind = TransformKind::kBucket, .parameter = 16};
    const SortOrder order{.id = SortOrderId(1),
                          .fields = {SortField{.source_ids = {FieldId(2)}, .descending = true}}};
    return {AssignUuid{kUuid},
            UpgradeFormatVersion{format_version},
            AddSchema{Columns()},
            SetCurrentSchema{},
            AddPartitionSpec{spec},
            SetDefaultSpec{},
            AddSortOrder{order},
            SetDefaultSortOrder{},
            SetLocation{"s3://bucket/table/"},
            SetProperties{}};
  }

  static Snapshot Numbered(int64_t id, int64_t sequence, std::optional<int64_t> parent = {},
                           int64_t timestamp_ms = kNow) {
    Snapshot snapshot;
    snapshot.id = SnapshotId(id);
    if (parent) snapshot.parent_id = SnapshotId(*parent);
    snapshot.sequence_number = SequenceNumber(sequence);
    snapshot.timestamp_ms = timestamp_ms;
    snapshot.manifest_list = fmt::format("s3://bucket/table/metadata/snap-{}.avro", id);
    snapshot.operation = SnapshotOperation::kAppend;
    return snapshot;
  }
  static SetSnapshotRef Main(int64_t id) { return {kMainBranch, {.snapshot_id = SnapshotId(id)}}; }
  /// What every append sends.
  static Updates Appended(int64_t id, int64_t sequence, std::optional<int64_t> parent = {},
                          int64_t timestamp_ms = kNow) {
    return {AddSnapshot{Numbered(id, sequence, parent, timestamp_ms)}, Main(id)};
  }

  static Base Apply(const Base& base, const Updates& updates, int64_t now_ms = kNow) {
    const auto result = ApplyUpdates(base, base == nullptr ? "" : kBaseFile, updates, now_ms);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->metadata : nullptr;
  }

  /// The message of the refusal that no retry can heal.
  static std::string Refusal(const Base& base, const Updates& updates) {
    const auto result = ApplyUpdates(base, kBaseFile, updates, kNow);
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
    return result.error().message;
  }

  /// The message of the refusal that a new attempt can heal.
  static std::string Conflict(const Base& base, const Updates& updates) {
    const auto result = ApplyUpdates(base, kBaseFile, updates, kNow);
    EXPECT_FALSE(result);
    if (result) return "";
    EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
    return result.error().message;
  }

  Base base_;
};

}  // namespace tarn::iceberg
