// SPDX-License-Identifier: Apache-2.0
// Commits to tables with a past that this version would not have written: of version 1, of evolved
// columns, of other writers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/avro/container.h"
#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class ForeignHistoryTest : public CommitFixture {
 protected:
  /// A table of `format_version`, partitioned by the identity of the column "part".
  LoadedTable Partitioned(Type type, int32_t format_version = 2) {
    Schema schema = TwoColumns();
    schema.fields.push_back({.id = FieldId(3), .name = "part", .type = std::move(type)});
    const PartitionSpec spec{
        .fields = {{.source_ids = {FieldId(3)}, .id = PartitionFieldId(1000), .name = "part"}}};
    auto metadata =
        NewTableMetadata(Uuid::Random(), kLocation, schema, spec, {}, now_ms_, format_version);
    EXPECT_TRUE(metadata) << metadata.error().message;
    return Commit({"", std::make_shared<const TableMetadata>(*std::move(metadata))}, {}).table;
  }

  LoadedTable AppendIn(const LoadedTable& table, const std::string& name, Value part) {
    const CommitContext context = Context();
    const SnapshotId id = NewSnapshotId(table.metadata.get());
    DataFile file = File(name);
    file.partition = {std::move(part)};
    ChangeSet changes{.appended_files = 1, .appended_rows = 10, .appended_bytes = 1000};
    auto manifest = WriteAppendManifest(context, *table.metadata, table.metadata->current_schema(),
                                        {file}, id, 0);
    EXPECT_TRUE(manifest) << manifest.error().message;
    changes.appended_manifests = {*manifest};
    return Commit(context, table, changes, id).table;
  }

  LoadedTable WithUpdates(const LoadedTable& table, std::vector<MetadataUpdate> updates) {
    ChangeSet changes;
    changes.updates = std::move(updates);
    return Commit(table, changes).table;
  }

  std::vector<Value> LiveParts(const LoadedTable& table) {
    std::vector<Value> parts;
    for (const ManifestFile& manifest : Manifests(table)) {
      for (const ManifestEntry& entry : Entries(manifest)) {
        if (entry.status != EntryStatus::kDeleted) parts.push_back(entry.data_file.partition.at(0));
      }
    }
    return parts;
  }
};

TEST_F(ForeignHistoryTest, ManifestsOfAPromotedPartitionSourceMerge) {
  policy_.manifest_min_count_to_merge = 2;
  LoadedTable table = Partitioned(Type::Primitive(TypeKind::kInt));
  table = AppendIn(table, "a", int32_t{7});
  Schema promoted = table.metadata->current_schema();
  promoted.fields[2].type = Type::Primitive(TypeKind::kLong);
  table = WithUpdates(table, {AddSchema{promoted}, SetCurrentSchema{}});
  table = AppendIn(table, "b", int64_t{8});
  table = AppendIn(table, "c", int64_t{9});
  EXPECT_LT(Manifests(table).size(), 3U);
  EXPECT_THAT(LiveParts(table),
              ElementsAre(Value(int64_t{7}), Value(int64_t{8}), Value(int64_t{9})));
  EXPECT_THAT(LiveFiles(Truncate(table).table), IsEmpty());
}

TEST_F(ForeignHistoryTest, ManifestsOfADroppedPartitionSourceMerge) {
  policy_.manifest_min_count_to_merge = 2;
  LoadedTable table = Partitioned(Type::Primitive(TypeKind::kString));
  table = AppendIn(table, "a", std::string("x"));
  table = AppendIn(table, "b", std::string("y"));
  Schema narrow = table.metadata->current_schema();
  narrow.fields.pop_back();
  table = WithUpdates(
      table, {AddPartitionSpec{}, SetDefaultSpec{}, AddSchema{narrow}, SetCurrentSchema{}});
  for (const char* name : {"c", "d"}) table = Append(table, {name}).table;
  EXPECT_THAT(LiveFiles(table), ElementsAre("a", "b", "c", "d"));
  // Even when no schema of the table has the column any more.
  table = WithUpdates(table, {RemoveSchemas{{SchemaId(0)}}});
  EXPECT_THAT(LiveFiles(Truncate(table).table), IsEmpty());
}

// A file may come back under its old name (add_files of other engines).
TEST_F(ForeignHistoryTest, AFileThatWasDeletedAndAddedAgainIsNoGarbage) {
  policy_.min_snapshots_to_keep = 1;
  policy_.max_snapshot_age_ms = 0;
  LoadedTable table = Append(CreateTable(), {"again", "other"}).table;
  const SnapshotId pinned = *table.metadata->current_snapshot_id;
  policy_.is_pinned = [&](SnapshotId id) { return id == pinned; };
  table = Truncate(table).table;
  table = Append(table, {"again"}).table;
  policy_.is_pinned = nullptr;
  const PreparedTable last = Append(table, {"more"});
  // The pin is gone, and with it the last snapshot that tells of the first life.
  std::vector<std::string> lists = last.expired_manifest_lists;
  ASSERT_THAT(lists, Not(IsEmpty()));
  const auto dead = DereferencedFiles(Context(), last.table, lists);
  ASSERT_TRUE(dead) << dead.error().message;
  EXPECT_THAT(*dead, Not(Contains(File("again").file_path)));
}

TEST_F(ForeignHistoryTest, Version1IsWrittenAsVersion1) {
  LoadedTable table = Partitioned(Type::Primitive(TypeKind::kString), 1);
  table = AppendIn(table, "a", std::string("x"));
  table = AppendIn(table, "b", std::string("y"));
  const auto text = storage().Read(table.metadata_location);
  ASSERT_TRUE(text);
  for (const char* member : {"\"schema\":{", "\"partition-spec\":[", "\"format-version\":1"}) {
    EXPECT_NE(text->find(member), std::string::npos) << member;
  }
  EXPECT_EQ(text->find("sequence-number"), std::string::npos);
  const auto loaded = LoadTable(storage(), table.metadata_location);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->metadata->last_sequence_number, SequenceNumber(0));
  EXPECT_THAT(LiveFiles(*loaded), ElementsAre("a", "b"));
  const ManifestFile line = Manifests(table)[0];
  const auto manifest = DecodeManifestVerbatim(*storage().Read(line.manifest_path));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->header.format_version, 1);
  EXPECT_EQ(manifest->entries[0].sequence_number, std::nullopt);
  EXPECT_TRUE(manifest->entries[0].snapshot_id);

  // What was written so is older than all that comes after an upgrade.
  table = WithUpdates(table, {UpgradeFormatVersion{2}});
  table = AppendIn(table, "c", std::string("z"));
  EXPECT_THAT(LiveFiles(table), ElementsAre("a", "b", "c"));
  EXPECT_EQ(Entries(Manifests(table)[0])[0].sequence_number, SequenceNumber(0));
  EXPECT_EQ(Entries(Manifests(table)[2])[0].sequence_number, SequenceNumber(1));
}

// Lists of version 1 may leave out counts.
TEST_F(ForeignHistoryTest, ManifestsListedWithoutCountsSurviveTheNextAppend) {
  const LoadedTable table = Append(CreateTable(), {"a", "b"}).table;
  std::vector<ManifestFile> lines = Manifests(table);
  ASSERT_EQ(lines.size(), 1U);
  lines[0].added_files_count = lines[0].existing_files_count = lines[0].deleted_files_count =
      kUnknownCount;
  lines[0].added_rows_count = lines[0].existing_rows_count = lines[0].deleted_rows_count =
      kUnknownCount;
  cache_.AddManifestList(table.metadata->current_snapshot()->manifest_list, lines);
  const LoadedTable next = Append(table, {"c"}).table;
  EXPECT_THAT(LiveFiles(next), ElementsAre("a", "b", "c"));
  EXPECT_EQ(next.metadata->current_snapshot()->summary.at("total-records"), "30");
}

// Writers of before manifest lists named the manifests in the snapshot.
TEST_F(ForeignHistoryTest, SnapshotsWithAnArrayOfManifestsAreReadAndKept) {
  LoadedTable table = Partitioned(Type::Primitive(TypeKind::kString), 1);
  table = AppendIn(table, "a", std::string("x"));
  TableMetadata old = *table.metadata;
  Snapshot snapshot = *old.snapshots[0];
  const std::string manifest = Manifests(table)[0].manifest_path;
  snapshot.manifest_list.clear();
  snapshot.manifests = {manifest};
  old.snapshots[0] = CommittedSnapshot(snapshot);
  const auto text = SerializeTableMetadata(old);
  ASSERT_TRUE(text);
  auto parsed = ParseTableMetadata(*text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_THAT(parsed->snapshots[0]->manifests, ElementsAre(manifest));
  table.metadata = std::make_shared<const TableMetadata>(*std::move(parsed));

  table = AppendIn(table, "b", std::string("y"));
  EXPECT_THAT(LiveFiles(table), ElementsAre("a", "b"));
  const auto loaded = LoadTable(storage(), table.metadata_location);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_THAT(loaded->metadata->snapshots[0]->manifests, ElementsAre(manifest));
  std::vector<std::string> reached;
  EXPECT_TRUE(VisitReachableFiles(Context(), *loaded,
                                  [&](const std::string& file) { reached.push_back(file); }));
  EXPECT_THAT(reached, Contains(manifest));
  EXPECT_THAT(reached, Contains(File("a").file_path));
}

}  // namespace
}  // namespace tarn::iceberg
