// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "iceberg/commit/commit_files.h"
#include "iceberg/testing/commit_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CommitTest : public CommitFixture {};

TEST_F(CommitTest, CreationWritesTheFirstMetadataFile) {
  const Uuid transaction = Uuid::Random();
  const LoadedTable base = Unwritten({{"owner", "me"}});
  const PreparedTable created = Commit(Context(transaction), base, {}, SnapshotId(1));
  EXPECT_EQ(
      created.table.metadata_location,
      fmt::format("s3://bucket/table/metadata/00000-{}.metadata.json", transaction.ToString()));
  EXPECT_THAT(created.written_files, ElementsAre(created.table.metadata_location));

  const auto loaded = LoadTable(storage(), created.table.metadata_location);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->metadata->format_version, 2);
  EXPECT_EQ(loaded->metadata->last_column_id, FieldId(2));
  EXPECT_EQ(loaded->metadata->current_snapshot_id, std::nullopt);
  EXPECT_EQ(loaded->metadata->properties.at("owner"), "me");
  EXPECT_THAT(loaded->metadata->metadata_log, IsEmpty());
}

TEST_F(CommitTest, NewTablesAreChecked) {
  EXPECT_FALSE(NewTableMetadata(Uuid::Random(), "s3://b/t/", TwoColumns(), {}, {}, 0));
  Schema twice = TwoColumns();
  twice.fields[1].id = FieldId(1);
  EXPECT_FALSE(NewTableMetadata(Uuid::Random(), kLocation, twice, {}, {}, 0));
  const PartitionSpec unknown_source{
      .fields = {{.source_ids = {FieldId(9)}, .id = PartitionFieldId(1000), .name = "p"}}};
  EXPECT_FALSE(NewTableMetadata(Uuid::Random(), kLocation, TwoColumns(), unknown_source, {}, 0));
}

TEST_F(CommitTest, AppendMakesOneSnapshot) {
  const LoadedTable base = CreateTable();
  const PreparedTable prepared = Append(base, {"a", "b"});
  const auto loaded = LoadTable(storage(), prepared.table.metadata_location);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const TableMetadata& metadata = *loaded->metadata;
  const Snapshot* snapshot = metadata.current_snapshot();
  ASSERT_NE(snapshot, nullptr);

  EXPECT_EQ(metadata.last_sequence_number, SequenceNumber(1));
  EXPECT_EQ(snapshot->sequence_number, SequenceNumber(1));
  EXPECT_EQ(snapshot->parent_id, std::nullopt);
  EXPECT_EQ(snapshot->operation, SnapshotOperation::kAppend);
  EXPECT_EQ(snapshot->schema_id, metadata.current_schema_id);
  EXPECT_EQ(snapshot->timestamp_ms, metadata.last_updated_ms);
  EXPECT_EQ(metadata.refs.at("main").snapshot_id, snapshot->id);
  ASSERT_EQ(metadata.snapshot_log.size(), 1U);
  EXPECT_EQ(metadata.snapshot_log[0].snapshot_id, snapshot->id);
  ASSERT_EQ(metadata.metadata_log.size(), 1U);
  EXPECT_EQ(metadata.metadata_log[0].metadata_file, base.metadata_location);
  EXPECT_EQ(metadata.metadata_log[0].timestamp_ms, base.metadata->last_updated_ms);

  const std::map<std::string, std::string> expected = {
      {"added-data-files", "2"},   {"added-records", "20"},         {"added-files-size", "2000"},
      {"total-data-files", "2"},   {"total-records", "20"},         {"total-files-size", "2000"},
      {"total-delete-files", "0"}, {"total-position-deletes", "0"}, {"total-equality-deletes", "0"},
  };
  EXPECT_EQ(snapshot->summary, expected);
  EXPECT_THAT(LiveFiles(*loaded), ElementsAre("a", "b"));
  EXPECT_THAT(prepared.written_files,
              ElementsAre(snapshot->manifest_list, prepared.table.metadata_location));
}

TEST_F(CommitTest, AppendedEntriesInheritTheirSequenceNumber) {
  LoadedTable table = Append(CreateTable(), {"a"}).table;
  table = Append(table, {"b"}).table;
  const std::vector<ManifestFile> manifests = Manifests(table);
  ASSERT_EQ(manifests.size(), 2U);
  EXPECT_EQ(manifests[1].sequence_number, SequenceNumber(2));
  EXPECT_EQ(manifests[1].min_sequence_number, SequenceNumber(2));
  const ManifestEntry entry = Entries(manifests[1]).at(0);
  EXPECT_EQ(entry.snapshot_id, table.metadata->current_snapshot_id);
  EXPECT_EQ(entry.sequence_number, SequenceNumber(2));
  EXPECT_EQ(entry.file_sequence_number, SequenceNumber(2));
  // As it stands in the file the numbers are absent: the manifest was written before they were
  // known.
  const auto verbatim = DecodeManifestVerbatim(*storage().Read(manifests[1].manifest_path));
  ASSERT_TRUE(verbatim) << verbatim.error().message;
  EXPECT_EQ(verbatim->entries[0].sequence_number, std::nullopt);
}

TEST_F(CommitTest, TotalsGrow) {
  LoadedTable table = Append(CreateTable(), {"a"}).table;
  table = Append(table, {"b", "c"}).table;
  const auto& summary = table.metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("added-records"), "20");
  EXPECT_EQ(summary.at("total-records"), "30");
  EXPECT_EQ(summary.at("total-files-size"), "3000");
  EXPECT_EQ(table.metadata->current_snapshot()->parent_id, table.metadata->snapshots[0]->id);
}

TEST_F(CommitTest, CallersSummaryStandsBesideTheCounters) {
  const LoadedTable base = CreateTable();
  const CommitContext context = Context();
  ChangeSet changes = Appending(context, base, SnapshotId(5), {"a"});
  changes.summary = {{"app-id", "7"}, {"total-records", "99"}, {"operation", "delete"}};
  const LoadedTable table = Commit(context, base, changes, SnapshotId(5)).table;
  const Snapshot* snapshot = table.metadata->current_snapshot();
  EXPECT_EQ(snapshot->summary.at("app-id"), "7");
  EXPECT_EQ(snapshot->summary.at("total-records"), "10");
  EXPECT_EQ(snapshot->operation, SnapshotOperation::kAppend);
  EXPECT_FALSE(snapshot->summary.contains("operation"));
}

// The list of a stale parent submitted again would lose the rows of the other writer.
TEST_F(CommitTest, RebaseKeepsTheOtherWritersRows_go976) {
  const LoadedTable base = Append(CreateTable(), {"a"}).table;
  const CommitContext context = Context();
  const SnapshotId id = NewSnapshotId(base.metadata.get());
  const ChangeSet changes = Appending(context, base, id, {"mine"});
  const PreparedTable first = Commit(context, base, changes, id);
  const LoadedTable other = Append(base, {"other"}).table;

  const PreparedTable rebased = Commit(context, other, changes, id);
  EXPECT_THAT(LiveFiles(rebased.table), ElementsAre("a", "other", "mine"));
  const Snapshot* snapshot = rebased.table.metadata->current_snapshot();
  EXPECT_EQ(snapshot->id, id);
  EXPECT_EQ(snapshot->parent_id, other.metadata->current_snapshot_id);
  EXPECT_EQ(snapshot->sequence_number, SequenceNumber(3));
  EXPECT_EQ(snapshot->summary.at("total-records"), "30");
  // No name is given to two contents, or a cache of the first would show them for the second.
  EXPECT_NE(snapshot->manifest_list, first.table.metadata->current_snapshot()->manifest_list);
  EXPECT_NE(rebased.table.metadata_location, first.table.metadata_location);
}

TEST_F(CommitTest, NothingChangedWritesNothing) {
  const LoadedTable base = Append(CreateTable({{"k", "v"}}), {"a"}).table;
  ChangeSet changes;
  changes.schema = SchemaChange{TwoColumns(), TwoColumns().fields};
  changes.set_properties = {{"k", "v"}};
  changes.removed_properties = {"absent"};
  const size_t before = memory_.objects().size();
  const PreparedTable prepared = Commit(base, changes);
  EXPECT_THAT(prepared.written_files, IsEmpty());
  EXPECT_EQ(prepared.table.metadata_location, base.metadata_location);
  EXPECT_EQ(memory_.objects().size(), before);

  const LoadedTable empty = CreateTable();
  EXPECT_THAT(Truncate(empty).written_files, IsEmpty());
}

TEST_F(CommitTest, SchemaAndPropertiesWithoutData) {
  const LoadedTable base = Append(CreateTable({{"old", "1"}}), {"a"}).table;
  ChangeSet changes;
  const Schema& read = base.metadata->current_schema();
  changes.schema = SchemaChange{read, read.fields};
  changes.schema->fields.push_back(
      {.id = FieldId(3), .name = "new", .type = Type::Primitive(TypeKind::kInt)});
  changes.set_properties = {{"k", "v"}};
  changes.removed_properties = {"old"};
  const LoadedTable table = Commit(base, changes).table;
  EXPECT_EQ(table.metadata->schemas.size(), 2U);
  EXPECT_EQ(table.metadata->current_schema_id, SchemaId(1));
  EXPECT_EQ(table.metadata->last_column_id, FieldId(3));
  EXPECT_EQ(table.metadata->current_snapshot_id, base.metadata->current_snapshot_id);
  EXPECT_EQ(table.metadata->last_sequence_number, base.metadata->last_sequence_number);
  EXPECT_EQ(table.metadata->properties, (std::map<std::string, std::string>{{"k", "v"}}));

  // Back to the fields of before: their schema is used again, the id of the column is not.
  changes = {};
  changes.schema = SchemaChange{table.metadata->current_schema(), TwoColumns().fields};
  const LoadedTable back = Commit(table, changes).table;
  EXPECT_EQ(back.metadata->schemas.size(), 2U);
  EXPECT_EQ(back.metadata->current_schema_id, SchemaId(0));
  EXPECT_EQ(back.metadata->last_column_id, FieldId(3));
}

TEST_F(CommitTest, TruncateRecordsWhatItDeletes_py3236) {
  LoadedTable table = Append(CreateTable(), {"a", "b"}).table;
  const SnapshotId added_by = *table.metadata->current_snapshot_id;
  table = Append(table, {"c"}).table;
  const LoadedTable empty = Truncate(table).table;
  const Snapshot* snapshot = empty.metadata->current_snapshot();
  EXPECT_EQ(snapshot->operation, SnapshotOperation::kDelete);
  EXPECT_EQ(snapshot->summary.at("deleted-data-files"), "3");
  EXPECT_EQ(snapshot->summary.at("deleted-records"), "30");
  EXPECT_EQ(snapshot->summary.at("removed-files-size"), "3000");
  EXPECT_EQ(snapshot->summary.at("total-data-files"), "0");
  EXPECT_EQ(snapshot->summary.at("total-records"), "0");
  EXPECT_EQ(snapshot->summary.at("total-files-size"), "0");
  EXPECT_THAT(LiveFiles(empty), IsEmpty());

  const std::vector<ManifestFile> manifests = Manifests(empty);
  ASSERT_EQ(manifests.size(), 1U);
  EXPECT_EQ(manifests[0].deleted_files_count, 3);
  EXPECT_EQ(manifests[0].deleted_rows_count, 30);
  EXPECT_EQ(manifests[0].added_snapshot_id, snapshot->id);
  const auto verbatim = DecodeManifestVerbatim(*storage().Read(manifests[0].manifest_path));
  ASSERT_TRUE(verbatim);
  for (const ManifestEntry& entry : verbatim->entries) {
    EXPECT_EQ(entry.status, EntryStatus::kDeleted);
    EXPECT_EQ(entry.snapshot_id, snapshot->id);
    EXPECT_NE(entry.snapshot_id, added_by);
  }
  EXPECT_EQ(verbatim->entries[0].sequence_number, SequenceNumber(1));
  EXPECT_EQ(verbatim->entries[0].file_sequence_number, SequenceNumber(1));
  EXPECT_EQ(verbatim->entries[2].sequence_number, SequenceNumber(2));

  // The next snapshot has no use for the deletions of this one.
  const LoadedTable refilled = Append(empty, {"d"}).table;
  EXPECT_EQ(Manifests(refilled).size(), 1U);
  EXPECT_THAT(LiveFiles(refilled), ElementsAre("d"));
  EXPECT_EQ(refilled.metadata->current_snapshot()->summary.at("total-files-size"), "1000");
}

TEST_F(CommitTest, RewriteIsAnOverwrite) {
  const LoadedTable base = Append(CreateTable(), {"old"}).table;
  const CommitContext context = Context();
  const SnapshotId id = NewSnapshotId(base.metadata.get());
  ChangeSet changes = Appending(context, base, id, {"new"});
  changes.replace_all = true;
  const LoadedTable table = Commit(context, base, changes, id).table;
  EXPECT_EQ(table.metadata->current_snapshot()->operation, SnapshotOperation::kOverwrite);
  EXPECT_THAT(LiveFiles(table), ElementsAre("new"));
  EXPECT_EQ(table.metadata->snapshots.size(), 2U);

  // On an empty table nothing is overwritten.
  const LoadedTable empty = CreateTable();
  const CommitContext second = Context();
  ChangeSet first_rows = Appending(second, empty, SnapshotId(4), {"x"});
  first_rows.replace_all = true;
  EXPECT_EQ(Commit(second, empty, first_rows, SnapshotId(4))
                .table.metadata->current_snapshot()
                ->operation,
            SnapshotOperation::kAppend);
}

TEST_F(CommitTest, ReplacingRowsThatNobodyReadIsAConflict) {
  const LoadedTable read = Append(CreateTable(), {"a"}).table;
  const LoadedTable newer = Append(read, {"b"}).table;
  const ChangeSet changes{.read_snapshot = read.metadata->current_snapshot_id, .replace_all = true};
  const auto prepared = PrepareCommit(Context(), newer, changes, SnapshotId(7), policy_);
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(PrepareCommit(Context(), read, changes, SnapshotId(7), policy_));
}

TEST_F(CommitTest, WhatCantBeWrittenIsUnsupported) {
  const LoadedTable base = CreateTable();
  ChangeSet deletes;
  deletes.removed_data_files.emplace_back().file.file_path = "f";
  EXPECT_EQ(PrepareCommit(Context(), base, deletes, SnapshotId(1), policy_).error().kind,
            ErrorKind::kUnsupported);
}

TEST_F(CommitTest, ManifestsOfAnotherSnapshotAreRefused) {
  const LoadedTable base = CreateTable();
  const CommitContext context = Context();
  const ChangeSet changes = Appending(context, base, SnapshotId(1), {"a"});
  EXPECT_EQ(PrepareCommit(context, base, changes, SnapshotId(2), policy_).error().kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(CommitTest, TimeNeverGoesBack) {
  const LoadedTable base = Append(CreateTable(), {"a"}).table;
  now_ms_ -= 3'600'000;
  const LoadedTable table = Append(base, {"b"}).table;
  EXPECT_EQ(table.metadata->last_updated_ms, base.metadata->last_updated_ms);
  EXPECT_EQ(table.metadata->snapshot_log[1].timestamp_ms, base.metadata->last_updated_ms);
}

TEST_F(CommitTest, MetadataLogIsBounded) {
  LoadedTable table = CreateTable({{"write.metadata.previous-versions-max", "3"}});
  const std::string first = table.metadata_location;
  std::vector<std::string> dropped;
  for (int i = 0; i < 5; ++i) {
    const PreparedTable prepared = Append(table, {std::to_string(i)});
    dropped.insert(dropped.end(), prepared.expired_metadata_files.begin(),
                   prepared.expired_metadata_files.end());
    table = prepared.table;
  }
  EXPECT_EQ(table.metadata->metadata_log.size(), 3U);
  ASSERT_EQ(dropped.size(), 2U);
  EXPECT_EQ(dropped[0], first);
}

TEST_F(CommitTest, NamesThatAreTakenAreAvoided) {
  const LoadedTable base = CreateTable();
  const CommitContext context = Context();
  const ChangeSet changes = Appending(context, base, SnapshotId(5), {"a"});
  const PreparedTable first = Commit(context, base, changes, SnapshotId(5));
  // The same again, the files of the first attempt still there.
  const PreparedTable second = Commit(context, base, changes, SnapshotId(5));
  EXPECT_NE(first.table.metadata_location, second.table.metadata_location);
  EXPECT_THAT(LiveFiles(second.table), ElementsAre("a"));
  EXPECT_EQ(MetadataVersionNumber(second.table.metadata_location), 1);
}

TEST(MetadataFileLocation, CountsFromTheBase) {
  const Uuid uuid = *Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7");
  const struct {
    const char* base;
    const char* expected;
  } cases[] = {
      {"", "s3://b/t/metadata/00000-f79c3e09-677c-4bbd-a479-3f349cb785e7.metadata.json"},
      {"s3://b/t/metadata/00000-x.metadata.json",
       "s3://b/t/metadata/00001-f79c3e09-677c-4bbd-a479-3f349cb785e7.metadata.json"},
      {"s3://b/t/metadata/99999-x.metadata.json",
       "s3://b/t/metadata/100000-f79c3e09-677c-4bbd-a479-3f349cb785e7.metadata.json"},
      {"s3://b/t/metadata/v12.metadata.json",
       "s3://b/t/metadata/00001-f79c3e09-677c-4bbd-a479-3f349cb785e7.metadata.json"},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(MetadataFileLocation("s3://b/t", item.base, uuid), item.expected);
  }
}

TEST_F(CommitTest, MissingMetadataIsNamed) {
  const auto missing = LoadTable(storage(), "s3://bucket/none.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(
      storage().Put("s3://bucket/bad.json", std::string_view("{}"), storage::PutMode::kIfAbsent));
  const auto bad = LoadTable(storage(), "s3://bucket/bad.json");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(bad.error().message, HasSubstr("s3://bucket/bad.json"));
}

}  // namespace
}  // namespace tarn::iceberg
