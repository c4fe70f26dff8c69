// SPDX-License-Identifier: Apache-2.0
// Scenarios of the Iceberg specification and of Apache's Java library: the ids that are given and
// reused, the logs, and the words of refusals that clients compare.
#include "iceberg/update/table_metadata_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/testing/update_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UpdateTest : public UpdateFixture {};

TEST_F(UpdateTest, CreationTakesWhatClientsSend) {
  const auto created = Apply(nullptr, Creation(2));
  ASSERT_NE(created, nullptr);
  EXPECT_EQ(created->format_version, 2);
  EXPECT_EQ(created->table_uuid, kUuid);
  EXPECT_EQ(created->location, "s3://bucket/table");  // without the slash
  EXPECT_EQ(created->last_sequence_number, SequenceNumber(0));
  EXPECT_EQ(created->last_column_id, FieldId(2));
  EXPECT_EQ(created->current_schema_id, SchemaId(0));
  EXPECT_EQ(created->default_spec_id, SpecId(0));
  EXPECT_EQ(created->last_partition_id, PartitionFieldId(1000));
  EXPECT_EQ(created->default_sort_order_id, SortOrderId(1));
  EXPECT_EQ(created->current_snapshot_id, std::nullopt);
  EXPECT_EQ(created->last_updated_ms, kNow);
  EXPECT_THAT(created->metadata_log, IsEmpty());
}

TEST_F(UpdateTest, CreationBeginsAtTheVersionNamedFirst) {
  EXPECT_EQ(Apply(nullptr, Creation(1))->format_version, 1);
  const auto v3 = Apply(nullptr, Creation(3));
  EXPECT_EQ(v3->next_row_id, 0);
  auto twice = Creation(2);
  twice.emplace_back(UpgradeFormatVersion{1});
  EXPECT_EQ(Refusal(nullptr, twice), "Cannot downgrade v2 table to v1");
}

TEST_F(UpdateTest, NoUpdateWithAnEffectIsNoChange) {
  const std::vector<MetadataUpdate> updates = {
      AssignUuid{kUuid},
      UpgradeFormatVersion{2},
      SetCurrentSchema{SchemaId(0)},
      SetDefaultSpec{SpecId(0)},
      SetDefaultSortOrder{SortOrderId(1)},
      SetLocation{"s3://bucket/table/"},
      SetProperties{},
      RemoveProperties{},
      RemoveSnapshotRef{"nowhere"},
      RemoveSnapshots{{SnapshotId(99)}},
      RemoveStatistics{SnapshotId(99)},
      RemovePartitionStatistics{SnapshotId(99)},
      RemovePartitionSpecs{},
      RemoveSchemas{},
      RemoveEncryptionKey{"k"},
  };
  const auto result = ApplyUpdates(base_, kBaseFile, updates, kNow + 5);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->changed);
  EXPECT_EQ(result->metadata, base_);
}

TEST_F(UpdateTest, EqualPropertiesAreAChange) {
  const auto once = Apply(base_, {SetProperties{{{"a", "1"}}}});
  const auto twice =
      ApplyUpdates(once, "f2", std::vector<MetadataUpdate>{SetProperties{{{"a", "1"}}}}, kNow);
  ASSERT_TRUE(twice);
  EXPECT_TRUE(twice->changed);
  EXPECT_EQ(Refusal(base_, {SetProperties{{{"current-schema", "{}"}}}}),
            "Cannot set reserved property: current-schema");
}

TEST_F(UpdateTest, TheBaseEntersTheMetadataLog) {
  const auto next = Apply(base_, {SetProperties{{{"a", "1"}}}}, kNow + 7);
  ASSERT_EQ(next->metadata_log.size(), 1U);
  EXPECT_EQ(next->metadata_log[0].metadata_file, kBaseFile);
  EXPECT_EQ(next->metadata_log[0].timestamp_ms, kNow);
  EXPECT_EQ(next->last_updated_ms, kNow + 7);
}

TEST_F(UpdateTest, TheMetadataLogIsCutByTheLimitOfTheSameCommit) {
  TableMetadata long_log = *base_;
  for (int i = 0; i < 5; ++i) long_log.metadata_log.push_back({kNow, fmt::format("f{}", i)});
  const auto base = std::make_shared<const TableMetadata>(long_log);
  const std::vector<MetadataUpdate> updates = {
      SetProperties{{{"write.metadata.previous-versions-max", "2"}}}};
  const auto result = ApplyUpdates(base, "f5", updates, kNow);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->metadata->metadata_log.size(), 2U);
  EXPECT_EQ(result->metadata->metadata_log[0].metadata_file, "f4");
  EXPECT_EQ(result->metadata->metadata_log[1].metadata_file, "f5");
  EXPECT_THAT(result->dropped_metadata_files, ElementsAre("f0", "f1", "f2", "f3"));
  // Never less than the newest.
  const auto one = Apply(base, {SetProperties{{{"write.metadata.previous-versions-max", "0"}}}});
  EXPECT_EQ(one->metadata_log.size(), 1U);
}

TEST_F(UpdateTest, UpgradesGoUpOnly) {
  const auto v1 = Apply(nullptr, Creation(1));
  const auto v2 = Apply(v1, {UpgradeFormatVersion{2}});
  EXPECT_EQ(v2->last_sequence_number, SequenceNumber(0));
  EXPECT_EQ(v2->next_row_id, std::nullopt);
  const auto v3 = Apply(v2, {UpgradeFormatVersion{3}});
  EXPECT_EQ(v3->next_row_id, 0);
  EXPECT_EQ(Refusal(v3, {UpgradeFormatVersion{1}}), "Cannot downgrade v3 table to v1");
  EXPECT_EQ(Refusal(v3, {UpgradeFormatVersion{4}}),
            "Cannot upgrade table to unsupported format version: v4 (supported: v3)");
}

TEST_F(UpdateTest, AnEqualSchemaIsReusedAndMinusOneNamesIt) {
  Schema same = Columns();
  same.id = SchemaId(17);
  Schema other = Columns();
  other.fields.push_back(Column(3, "c"));
  auto table = Apply(base_, {AddSchema{other}, SetCurrentSchema{}});
  EXPECT_EQ(table->current_schema_id, SchemaId(1));
  EXPECT_EQ(table->last_column_id, FieldId(3));
  table = Apply(table, {AddSchema{same}, SetCurrentSchema{}});
  EXPECT_EQ(table->schemas.size(), 2U);
  EXPECT_EQ(table->current_schema_id, SchemaId(0));
  EXPECT_EQ(table->last_column_id, FieldId(3));
  // A doc is a difference; the order of identifier fields is none.
  same.fields[0].doc = "d";
  EXPECT_EQ(Apply(table, {AddSchema{same}})->schemas.back().id, SchemaId(2));

  EXPECT_EQ(Refusal(base_, {SetCurrentSchema{}}),
            "Cannot set last added schema: no schema has been added");
  EXPECT_EQ(Refusal(base_, {SetCurrentSchema{SchemaId(7)}}),
            "Cannot set current schema to unknown schema: 7");
}

TEST_F(UpdateTest, SchemasThatTheVersionLacksAreRefused) {
  Schema schema = Columns();
  schema.fields.push_back({.id = FieldId(3), .name = "v", .type = {.kind = TypeKind::kVariant}});
  schema.fields.push_back(Column(4, "d"));
  schema.fields.back().initial_default = "5";
  EXPECT_EQ(Refusal(base_, {AddSchema{schema}}),
            "Invalid schema for v2:\n"
            "- Invalid type for v: variant is not supported until v3\n"
            "- Invalid initial default for d: non-null default (5) is not supported until v3");
  EXPECT_NE(Apply(base_, {UpgradeFormatVersion{3}, AddSchema{schema}}), nullptr);
}

TEST_F(UpdateTest, RemovedSchemasAndSpecs) {
  Schema other = Columns();
  other.fields.push_back(Column(3, "c"));
  auto table = Apply(base_, {AddSchema{other}, AddPartitionSpec{Spec({Identity(2, "b")})}});
  EXPECT_EQ(Refusal(table, {RemoveSchemas{{SchemaId(0)}}}), "Cannot remove the current schema");
  EXPECT_EQ(Refusal(table, {RemovePartitionSpecs{{SpecId(0)}}}),
            "Cannot remove the default partition spec");
  table = Apply(table, {RemoveSchemas{{SchemaId(1)}}, RemovePartitionSpecs{{SpecId(1)}}});
  EXPECT_EQ(table->schemas.size(), 1U);
  EXPECT_EQ(table->partition_specs.size(), 1U);
  // The highest id that was removed is given again; ids of columns and partition fields never are.
  EXPECT_EQ(Apply(table, {AddSchema{other}})->schemas.back().id, SchemaId(1));
  EXPECT_EQ(table->last_column_id, FieldId(3));
  EXPECT_EQ(table->last_partition_id, PartitionFieldId(1001));
}

TEST_F(UpdateTest, AnEqualSpecIsReusedWhateverItsIds) {
  PartitionSpec same = base_->partition_specs[0];
  same.id = SpecId(5);
  same.fields[0].id = PartitionFieldId(4711);
  auto table = Apply(base_, {AddPartitionSpec{Spec({Identity(2, "b")})}, SetDefaultSpec{}});
  EXPECT_EQ(table->default_spec_id, SpecId(1));
  table = Apply(table, {AddPartitionSpec{same}, SetDefaultSpec{}});
  EXPECT_EQ(table->default_spec_id, SpecId(0));
  EXPECT_EQ(table->partition_specs.size(), 2U);
  EXPECT_EQ(Refusal(base_, {SetDefaultSpec{}}),
            "Cannot set last added spec: no spec has been added");
  EXPECT_EQ(Refusal(base_, {SetDefaultSpec{SpecId(9)}}),
            "Cannot set default partition spec to unknown spec: 9");
}

TEST_F(UpdateTest, PartitionFieldsWithoutIdsGetThoseOfTheirEquals) {
  PartitionSpec spec = Spec({Identity(2, "b"), base_->partition_specs[0].fields[0]});
  for (PartitionField& field : spec.fields) field.id = kUnassignedPartitionFieldId;
  spec.fields[1].name = "renamed";
  const auto table = Apply(base_, {AddPartitionSpec{spec}});
  EXPECT_EQ(table->partition_specs[1].fields[0].id, PartitionFieldId(1001));
  EXPECT_EQ(table->partition_specs[1].fields[1].id, PartitionFieldId(1000));
  EXPECT_EQ(table->last_partition_id, PartitionFieldId(1001));
}

TEST_F(UpdateTest, SpecsThatDoNotFitAreRefused) {
  const auto refusal = [&](PartitionField field) {
    return Refusal(base_, {AddPartitionSpec{Spec({std::move(field)})}});
  };
  EXPECT_EQ(refusal(Identity(9, "x")),
            "Cannot find source column for partition field: 1001: x: identity(9)");
  EXPECT_EQ(refusal(Identity(1, "b")),
            "Cannot create identity partition sourced from different field in schema: b");
  PartitionField bucket = Identity(1, "a");
  bucket.transform = {.kind = TransformKind::kBucket, .parameter = 4};
  EXPECT_EQ(refusal(bucket), "Cannot create partition from name that exists in schema: a");
  PartitionField day = Identity(1, "a_day");
  day.transform = {.kind = TransformKind::kDay};
  EXPECT_EQ(refusal(day), "Invalid source type long for transform: day");
  EXPECT_EQ(refusal(Identity(1, "")), "Cannot use empty partition name: ");
  EXPECT_EQ(Refusal(base_, {AddPartitionSpec{Spec({Identity(1, "p"), Identity(2, "p")})}}),
            "Cannot use partition name more than once: p");
  EXPECT_THAT(Refusal(base_, {AddPartitionSpec{Spec({Identity(1, "p"), Identity(1, "q")})}}),
              HasSubstr("Cannot add redundant partition"));
  // A source that is gone is fine for what is void.
  PartitionField gone = Identity(9, "gone");
  gone.transform = {.kind = TransformKind::kVoid};
  EXPECT_NE(Apply(base_, {AddPartitionSpec{Spec({gone})}}), nullptr);
}

TEST_F(UpdateTest, Version1CountsPartitionFieldsFrom1000) {
  const auto v1 = Apply(nullptr, Creation(1));
  EXPECT_THAT(Refusal(v1, {AddPartitionSpec{Spec({Identity(2, "b")})}}),
              HasSubstr("Spec does not use sequential IDs that are required in v1"));
  PartitionSpec unassigned = Spec({Identity(2, "b")});
  unassigned.fields[0].id = kUnassignedPartitionFieldId;
  const auto table = Apply(v1, {AddPartitionSpec{unassigned}});
  EXPECT_EQ(table->partition_specs[1].fields[0].id, PartitionFieldId(1000));
}

TEST_F(UpdateTest, DroppingTheSourceOfTheDefaultSpecIsRefused) {
  Schema narrow = Columns();
  narrow.fields.erase(narrow.fields.begin());
  EXPECT_EQ(Refusal(base_, {AddSchema{narrow}, SetCurrentSchema{}}),
            "Cannot find source column for partition field: 1000: a_bucket: bucket[16](1)");
  const std::vector<MetadataUpdate> with_spec = {AddSchema{narrow}, SetCurrentSchema{},
                                                 AddPartitionSpec{}, SetDefaultSpec{}};
  EXPECT_NE(Apply(base_, with_spec), nullptr);
}

TEST_F(UpdateTest, SortOrders) {
  SortOrder order{.id = SortOrderId(44), .fields = {SortField{.source_ids = {FieldId(1)}}}};
  auto table = Apply(base_, {AddSortOrder{order}, SetDefaultSortOrder{}});
  EXPECT_EQ(table->default_sort_order_id, SortOrderId(2));
  table = Apply(table, {AddSortOrder{}, SetDefaultSortOrder{}});
  EXPECT_EQ(table->default_sort_order_id, SortOrderId(0));
  table = Apply(table, {AddSortOrder{order}, SetDefaultSortOrder{}});
  EXPECT_EQ(table->default_sort_order_id, SortOrderId(2));
  EXPECT_EQ(table->sort_orders.size(), 3U);
  order.id = SortOrderId(0);
  EXPECT_EQ(Refusal(base_, {AddSortOrder{order}}),
            "Sort order ID 0 is reserved for unsorted order");
  order.id = SortOrderId(3);
  order.fields[0].source_ids = {FieldId(9)};
  EXPECT_THAT(Refusal(base_, {AddSortOrder{order}}),
              HasSubstr("Cannot find source column for sort field"));
  EXPECT_EQ(Refusal(base_, {SetDefaultSortOrder{}}),
            "Cannot set last added sort order: no sort order has been added");
}

TEST_F(UpdateTest, LocationsAndKeys) {
  EXPECT_EQ(Apply(base_, {SetLocation{"s3://b/x//"}})->location, "s3://b/x");
  EXPECT_THAT(Refusal(base_, {SetLocation{""}}), HasSubstr("location"));
  auto table = Apply(base_, {AddEncryptionKey{{"k1", "AAA="}}, AddEncryptionKey{{"k2", "BBB="}}});
  table = Apply(table, {AddEncryptionKey{{"k1", "other"}}, RemoveEncryptionKey{"k2"}});
  ASSERT_EQ(table->encryption_keys.size(), 1U);
  EXPECT_EQ(table->encryption_keys[0].encrypted_key_metadata, "AAA=");
}

TEST_F(UpdateTest, OneStatisticsFilePerSnapshot) {
  auto table = Apply(base_, {AddSnapshot{Numbered(5, 1)}, SetStatistics{{SnapshotId(5), "old"}},
                             SetPartitionStatistics{{SnapshotId(5), "p"}}});
  const std::vector<MetadataUpdate> replaced = {SetStatistics{{SnapshotId(5), "new"}}};
  const auto result = ApplyUpdates(table, "f1", replaced, kNow);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->metadata->statistics.size(), 1U);
  EXPECT_EQ(result->metadata->statistics[0].path, "new");
  EXPECT_THAT(result->dropped_statistics_files, ElementsAre("old"));
  const std::vector<MetadataUpdate> removed = {RemoveSnapshots{{SnapshotId(5)}}};
  const auto without = ApplyUpdates(result->metadata, "f2", removed, kNow);
  ASSERT_TRUE(without);
  EXPECT_THAT(without->metadata->statistics, IsEmpty());
  EXPECT_THAT(without->dropped_statistics_files, ElementsAre("new", "p"));
}

}  // namespace
}  // namespace tarn::iceberg
