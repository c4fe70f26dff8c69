// SPDX-License-Identifier: Apache-2.0
// What commits do to schemas, references and metadata files beside data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/commit/commit_files.h"
#include "iceberg/json/gzip.h"
#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::StartsWith;

class CommitDefinitionsTest : public CommitFixture {
 protected:
  static Field Column(int32_t id, const char* name) {
    return {.id = FieldId(id), .name = name, .type = Type::Primitive(TypeKind::kInt)};
  }

  /// The table with this schema as its second.
  LoadedTable WithSchema(const LoadedTable& base, Schema schema) {
    ChangeSet changes;
    changes.updates = {AddSchema{std::move(schema)}, SetCurrentSchema{}};
    return Commit(base, changes).table;
  }
};

// Writers of rows know names and types of columns, and nothing else of the schema.
TEST_F(CommitDefinitionsTest, IdentifierFieldsAndDocsSurviveTheNextCommit) {
  Schema rich = TwoColumns();
  rich.identifier_field_ids = {FieldId(1)};
  rich.fields[1].doc = "what was said";
  rich.fields[1].write_default = "\"\"";
  rich.unknown_field_members[FieldId(2)] = R"({"x-mask":true})";
  const LoadedTable base = WithSchema(CreateTable(), rich);
  ASSERT_EQ(base.metadata->current_schema_id, SchemaId(1));

  ChangeSet changes;
  changes.schema = SchemaChange{base.metadata->current_schema(), TwoColumns().fields};
  EXPECT_THAT(Commit(base, changes).written_files, IsEmpty());

  changes.schema->fields.push_back(Column(3, "third"));
  const LoadedTable table = Commit(base, changes).table;
  const Schema& schema = table.metadata->current_schema();
  EXPECT_EQ(schema.fields.size(), 3U);
  EXPECT_THAT(schema.identifier_field_ids, ElementsAre(FieldId(1)));
  EXPECT_EQ(schema.fields[1].doc, "what was said");
  EXPECT_EQ(schema.fields[1].write_default, "\"\"");
  EXPECT_EQ(schema.unknown_field_members.at(FieldId(2)), R"({"x-mask":true})");
}

TEST_F(CommitDefinitionsTest, AKeyThatLosesAColumnIsNone) {
  Schema keyed = TwoColumns();
  keyed.fields[1].required = true;
  keyed.identifier_field_ids = {FieldId(1), FieldId(2)};
  auto created = NewTableMetadata(Uuid::Random(), kLocation, keyed, {}, {}, now_ms_);
  ASSERT_TRUE(created) << created.error().message;
  const LoadedTable base =
      Commit({"", std::make_shared<const TableMetadata>(*std::move(created))}, {}).table;
  ChangeSet changes;
  changes.schema = SchemaChange{base.metadata->current_schema(), {keyed.fields[0]}};
  EXPECT_THAT(Commit(base, changes).table.metadata->current_schema().identifier_field_ids,
              IsEmpty());
}

TEST_F(CommitDefinitionsTest, AColumnThatAnotherWriterAddedSurvives) {
  const LoadedTable read = CreateTable();
  Schema wider = TwoColumns();
  wider.fields.push_back(Column(3, "theirs"));
  const LoadedTable newer = WithSchema(read, wider);

  const CommitContext context = Context();
  ChangeSet changes = Appending(context, read, SnapshotId(5), {"a"});
  changes.schema = SchemaChange{TwoColumns(), TwoColumns().fields};
  const LoadedTable table = Commit(context, newer, changes, SnapshotId(5)).table;
  EXPECT_EQ(table.metadata->current_schema().fields.size(), 3U);
  EXPECT_THAT(LiveFiles(table), ElementsAre("a"));
}

TEST_F(CommitDefinitionsTest, ASchemaChangeOnAnotherSchemaIsAConflict) {
  const LoadedTable read = CreateTable();
  Schema wider = TwoColumns();
  wider.fields.push_back(Column(3, "theirs"));
  const LoadedTable newer = WithSchema(read, wider);

  ChangeSet changes;
  changes.schema = SchemaChange{TwoColumns(), TwoColumns().fields};
  changes.schema->fields.push_back(Column(3, "mine"));
  const auto prepared = PrepareCommit(Context(), newer, changes, SnapshotId(7), policy_);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().kind, ErrorKind::kConflict);
  // What both want is no conflict.
  changes.schema->fields.back() = Column(3, "theirs");
  EXPECT_THAT(Commit(newer, changes).written_files, IsEmpty());
}

TEST_F(CommitDefinitionsTest, SnapshotsGoToTheBranchNamed) {
  LoadedTable table = Append(CreateTable(), {"a"}).table;
  const auto main = table.metadata->current_snapshot_id;
  for (const char* name : {"b", "c"}) {
    const CommitContext context = Context();
    const SnapshotId id = NewSnapshotId(table.metadata.get());
    ChangeSet changes = Appending(context, table, id, {name});
    changes.branch = "audit";
    table = Commit(context, table, changes, id).table;
  }
  EXPECT_EQ(table.metadata->current_snapshot_id, main);
  EXPECT_EQ(table.metadata->snapshot_log.size(), 1U);
  const Snapshot* head = table.metadata->FindSnapshot(table.metadata->refs.at("audit").snapshot_id);
  ASSERT_NE(head, nullptr);
  EXPECT_EQ(head->summary.at("total-data-files"), "3");
  EXPECT_EQ(head->sequence_number, SequenceNumber(3));
  // It began where main was.
  EXPECT_EQ(table.metadata->snapshots[1]->parent_id, main);

  ChangeSet tag;
  tag.updates = {SetSnapshotRef{"v1", {.snapshot_id = *main, .is_tag = true}}};
  table = Commit(table, tag).table;
  ChangeSet moved{.replace_all = true};
  moved.branch = "v1";
  EXPECT_EQ(PrepareCommit(Context(), table, moved, SnapshotId(9), policy_).error().kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(CommitDefinitionsTest, MetadataIsCompressedWhereThePropertySaysSo) {
  const LoadedTable base = CreateTable({{"write.metadata.compression-codec", "gzip"}});
  EXPECT_THAT(base.metadata_location, EndsWith(".gz.metadata.json"));
  EXPECT_TRUE(IsGzip(*storage().Read(base.metadata_location)));
  const LoadedTable next = Append(base, {"a"}).table;
  EXPECT_EQ(MetadataVersionNumber(next.metadata_location), 1);
  const auto loaded = LoadTable(storage(), next.metadata_location);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->metadata->current_snapshot_id, next.metadata->current_snapshot_id);

  policy_.metadata_gzip_from_bytes = 0;
  EXPECT_THAT(CreateTable().metadata_location, EndsWith(".gz.metadata.json"));
  const LoadedTable plain = CreateTable({{"write.metadata.compression-codec", "none"}});
  EXPECT_FALSE(IsGzip(*storage().Read(plain.metadata_location)));
}

TEST_F(CommitDefinitionsTest, MetadataGoesWhereThePropertySaysIfTheCallerFollows) {
  const std::map<std::string, std::string> properties = {
      {"write.metadata.path", "s3://elsewhere/m/"}};
  EXPECT_THAT(CreateTable(properties).metadata_location, StartsWith(kLocation));
  policy_.follows_metadata_path = true;
  LoadedTable table = CreateTable(properties);
  EXPECT_THAT(table.metadata_location, StartsWith("s3://elsewhere/m/00000-"));
  table = Append(table, {"a"}).table;
  EXPECT_THAT(table.metadata->current_snapshot()->manifest_list,
              StartsWith("s3://elsewhere/m/snap-"));
}

TEST_F(CommitDefinitionsTest, MetadataThatFellOutOfTheLogIsKeptWhereThePropertySaysSo) {
  LoadedTable table = CreateTable({{"write.metadata.previous-versions-max", "1"},
                                   {"write.metadata.delete-after-commit.enabled", "false"}});
  for (int i = 0; i < 3; ++i) {
    const PreparedTable prepared = Append(table, {std::to_string(i)});
    EXPECT_THAT(prepared.expired_metadata_files, IsEmpty());
    table = prepared.table;
  }
  EXPECT_EQ(table.metadata->metadata_log.size(), 1U);
}

TEST_F(CommitDefinitionsTest, Version3NumbersItsRows) {
  ChangeSet upgrade;
  upgrade.updates = {UpgradeFormatVersion{3}};
  LoadedTable table = Append(CreateTable(), {"old"}).table;
  table = Commit(table, upgrade).table;
  EXPECT_EQ(table.metadata->next_row_id, 0);
  table = Append(table, {"a", "b"}).table;
  const Snapshot* snapshot = table.metadata->current_snapshot();
  // Rows from before the upgrade get their ids with the first commit after it.
  EXPECT_EQ(snapshot->first_row_id, 0);
  EXPECT_EQ(snapshot->added_rows, 30);
  EXPECT_EQ(table.metadata->next_row_id, 30);
  const std::vector<ManifestFile> manifests = Manifests(table);
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[0].first_row_id, 0);
  EXPECT_EQ(manifests[1].first_row_id, 10);

  table = Append(table, {"c"}).table;
  EXPECT_EQ(table.metadata->current_snapshot()->first_row_id, 30);
  EXPECT_EQ(table.metadata->current_snapshot()->added_rows, 10);
}

}  // namespace
}  // namespace tarn::iceberg
