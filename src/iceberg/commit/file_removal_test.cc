// SPDX-License-Identifier: Apache-2.0
// Files that leave a table. What manifests must hold afterwards is the specification's ("Manifest
// Entry Fields", "Deletion Vectors"), summaries are those of the reference implementation.
#include "iceberg/commit/file_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/testing/row_change_fixture.h"
#include "storage/faulty_storage.h"
#include "storage/testing/borrowed_storage.h"

namespace tarn::iceberg {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

Filter IdBelow(int64_t bound) {
  return {.op = FilterOp::kLess,
          .field = FieldId(1),
          .type = Type::Primitive(TypeKind::kLong),
          .values = {Value(bound)}};
}

Filter NoteIs(const std::string& note) {
  return {.op = FilterOp::kEqual,
          .field = FieldId(2),
          .type = Type::Primitive(TypeKind::kString),
          .values = {Value(note)}};
}

class FileRemovalTest : public RowChangeFixture {};

TEST_F(FileRemovalTest, DeletedEntriesKeepTheirNumbersAndOthersStay_py3236_py3237) {
  LoadedTable table = Add(CreateVersion(2), {Data("a"), Data("b")});
  const SnapshotId added_by = Head(table).id;
  table = Add(table, {Data("c")});
  const std::string untouched = Find(table, "c").line.manifest_path;

  const LoadedTable after = Apply(table, {.removed_data_files = {Removed(table, "a")}});
  EXPECT_THAT(Live(after), UnorderedElementsAre("b", "c"));
  EXPECT_EQ(Find(after, "c").line.manifest_path, untouched);
  const ManifestFile line = Find(after, "b").line;
  EXPECT_EQ(line.added_snapshot_id, Head(after).id);
  EXPECT_EQ(line.sequence_number, SequenceNumber(3));
  EXPECT_EQ(line.min_sequence_number, SequenceNumber(1));
  const auto verbatim = DecodeManifestVerbatim(*storage().Read(line.manifest_path));
  ASSERT_TRUE(verbatim);
  ASSERT_EQ(verbatim->entries.size(), 2U);
  const ManifestEntry& gone = verbatim->entries[0];
  EXPECT_EQ(gone.status, EntryStatus::kDeleted);
  EXPECT_EQ(gone.snapshot_id, Head(after).id);
  const ManifestEntry& stays = verbatim->entries[1];
  EXPECT_EQ(stays.status, EntryStatus::kExisting);
  EXPECT_EQ(stays.snapshot_id, added_by);
  for (const ManifestEntry& entry : verbatim->entries) {
    EXPECT_EQ(entry.sequence_number, SequenceNumber(1));
    EXPECT_EQ(entry.file_sequence_number, SequenceNumber(1));
  }
  EXPECT_EQ(Head(after).operation, SnapshotOperation::kDelete);
  const std::map<std::string, std::string> summary = {
      {"deleted-data-files", "1"},     {"deleted-records", "10"},
      {"removed-files-size", "1000"},  {"changed-partition-count", "1"},
      {"total-data-files", "2"},       {"total-records", "20"},
      {"total-files-size", "2000"},    {"total-delete-files", "0"},
      {"total-position-deletes", "0"}, {"total-equality-deletes", "0"}};
  EXPECT_EQ(Head(after).summary, summary);
  // The next snapshot has no use for the deletion.
  const LoadedTable next = Apply(after, {.removed_data_files = {Removed(after, "b")}});
  for (const ManifestFile& manifest : Manifests(next)) EXPECT_LE(manifest.deleted_files_count, 1);
}

TEST_F(FileRemovalTest, FilesAreFoundAfterTheirManifestWasMerged) {
  policy_.manifest_min_count_to_merge = 3;
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  RemovedFile stale = Removed(table, "a");
  for (const std::string name : {"b", "c", "d", "e"}) table = Add(table, {Data(name)});
  EXPECT_NE(Find(table, "a").line.manifest_path, stale.manifest_path);
  EXPECT_THAT(Live(Apply(table, {.removed_data_files = {stale}})),
              UnorderedElementsAre("b", "c", "d", "e"));
  stale.manifest_path.clear();
  EXPECT_THAT(Live(Apply(table, {.removed_data_files = {stale}})),
              UnorderedElementsAre("b", "c", "d", "e"));
}

TEST_F(FileRemovalTest, WhatIsNotThereCantBeRemoved) {
  const LoadedTable table = Add(CreateVersion(2), {Data("a"), Data("b")});
  const Change change = Prepare(table, {.removed_data_files = {Removed(table, "a")}}, {});
  const LoadedTable without = Commit(table, ChangeSet{.replace_all = true}).table;
  Change unvalidated = change;
  unvalidated.changes.read_snapshot = Head(without).id;
  const auto refused = Try(without, unvalidated);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("data/a"));
}

TEST_F(FileRemovalTest, CompactionIsAReplaceThatKeepsTheDataSequence) {
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  table = Add(table, {Data("b")});
  DataFile both = Data("ab");
  both.record_count = 20;
  both.value_counts = {};
  both.null_value_counts = {};
  const LoadedTable after = Apply(table,
                                  {.removed_data_files = {Removed(table, "a"), Removed(table, "b")},
                                   .is_rewrite = true,
                                   .data_sequence_number = SequenceNumber(2)},
                                  {both});
  EXPECT_EQ(Head(after).operation, SnapshotOperation::kReplace);
  EXPECT_THAT(Live(after), UnorderedElementsAre("ab"));
  const Found found = Find(after, "ab");
  EXPECT_EQ(found.entry.sequence_number, SequenceNumber(2));
  EXPECT_EQ(found.entry.file_sequence_number, SequenceNumber(3));
  EXPECT_EQ(found.line.min_sequence_number, SequenceNumber(2));
  EXPECT_EQ(Head(after).summary.at("total-records"), "20");
}

TEST_F(FileRemovalTest, CompactionNeverAddsRows) {
  const LoadedTable table = Add(CreateVersion(2), {Data("a")});
  DataFile more = Data("more");
  more.record_count = 11;
  const auto refused = Try(
      table,
      Prepare(table, {.removed_data_files = {Removed(table, "a")}, .is_rewrite = true}, {more}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
}

// StarRocks#76228, ice#17497: several vectors share a file; each is known by its offset.
TEST_F(FileRemovalTest, VectorsGoWithTheirDataFileAndOthersOfTheSameFileStay_ice17497) {
  LoadedTable table = Add(CreateVersion(3), {Data("a"), Data("b")});
  table = Add(table, {Vector("a", "v", 4), Vector("b", "v", 60)});
  EXPECT_EQ(Head(table).operation, SnapshotOperation::kDelete);
  EXPECT_EQ(Head(table).summary.at("added-dvs"), "2");
  EXPECT_EQ(Head(table).summary.at("added-delete-files"), "2");
  EXPECT_EQ(Head(table).summary.at("added-position-deletes"), "2");
  EXPECT_EQ(Head(table).summary.at("added-files-size"), "80");
  EXPECT_EQ(Head(table).summary.at("total-position-deletes"), "2");
  EXPECT_FALSE(Head(table).summary.contains("added-position-delete-files"));

  const LoadedTable after = Apply(table, {.removed_data_files = {Removed(table, "a")}});
  EXPECT_THAT(Live(after), UnorderedElementsAre("b", "v#60"));
  EXPECT_EQ(Head(after).summary.at("removed-dvs"), "1");
  EXPECT_EQ(Head(after).summary.at("total-delete-files"), "1");
  EXPECT_EQ(Head(after).summary.at("total-position-deletes"), "1");

  const LoadedTable replaced =
      Apply(table, {.removed_delete_files = {Removed(table, "v#60")}}, {Vector("b", "w", 4, 3)});
  EXPECT_THAT(Live(replaced), UnorderedElementsAre("a", "b", "v#4", "w#4"));
  EXPECT_THAT(Live(Commit(replaced, ChangeSet{.replace_all = true}).table), UnorderedElementsAre());
}

TEST_F(FileRemovalTest, DanglingDeletesGoWhenTheirManifestIsWrittenAnyway) {
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  table = Add(table, {Positions("p", "a"), Equality("e")});
  table = Add(table, {Data("b")});
  table = Apply(table, {.removed_data_files = {Removed(table, "a")}});
  EXPECT_THAT(Live(table), UnorderedElementsAre("b", "p", "e"));
  // Both are older than all data.
  table = Apply(table, {.removed_delete_files = {Removed(table, "e")}});
  EXPECT_THAT(Live(table), UnorderedElementsAre("b"));
}

TEST_F(FileRemovalTest, FiltersRemoveWholeFilesOnly) {
  LoadedTable table = Add(CreateVersion(2), {Data("low", 0), Data("high", 100)});
  EXPECT_THAT(Live(Apply(table, {.removed_rows = IdBelow(10)})), UnorderedElementsAre("high"));
  EXPECT_THAT(Live(Apply(table, {.removed_rows = IdBelow(1000)})), UnorderedElementsAre());
  EXPECT_EQ(Commit(table, {.removed_rows = IdBelow(0)}).table.metadata_location,
            table.metadata_location);
  const auto part = Try(table, Prepare(table, {.removed_rows = IdBelow(9)}, {}));
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(part.error().message, "cannot delete file \"" + Path("low") +
                                      "\" where some, but not all, rows match the filter");
}

// py#3521, rust#2351: a row whose condition is null does not match.
TEST_F(FileRemovalTest, FiltersNeverRemoveRowsOfUnknownTruth_py3521) {
  DataFile nulls = Data("nulls");
  nulls.null_value_counts = {{FieldId(1), 1}, {FieldId(2), 0}};
  DataFile uncounted = Data("uncounted");
  uncounted.null_value_counts = {};
  for (const DataFile& file : {nulls, uncounted}) {
    const LoadedTable table = Add(CreateVersion(2), {file});
    EXPECT_FALSE(Try(table, Prepare(table, {.removed_rows = IdBelow(1000)}, {})));
    const Filter negated{.op = FilterOp::kNot, .children = {IdBelow(-1)}};
    EXPECT_FALSE(Try(table, Prepare(table, {.removed_rows = negated}, {})));
  }
}

TEST_F(FileRemovalTest, PartitionAndBoundsProveAFilterTogether) {
  const LoadedTable table =
      Add(CreateVersion(2, ByNote()), {Data("x", 0, "x"), Data("y", 0, "y"), Data("z", 50, "x")});
  EXPECT_THAT(Live(Apply(table, {.removed_rows = NoteIs("x")})), UnorderedElementsAre("y"));
  const Filter both{.op = FilterOp::kAnd, .children = {NoteIs("x"), IdBelow(10)}};
  EXPECT_THAT(Live(Apply(table, {.removed_rows = both})), UnorderedElementsAre("y", "z"));
}

TEST_F(FileRemovalTest, SummariesTellChangedPartitions) {
  const std::map<std::string, std::string> two = {{"write.summary.partition-limit", "2"}};
  LoadedTable table =
      Add(CreateVersion(2, ByNote(), two), {Data("x", 0, "a/b c"), Data("y", 0, "y")});
  EXPECT_EQ(Head(table).summary.at("changed-partition-count"), "2");
  EXPECT_EQ(Head(table).summary.at("partition-summaries-included"), "true");
  EXPECT_EQ(Head(table).summary.at("partitions.note=a%2Fb+c"),
            "added-data-files=1,added-files-size=1000,added-records=10");
  table = Add(table, {Data("1", 0, "1"), Data("2", 0, "2"), Data("3", 0, "3")});
  EXPECT_EQ(Head(table).summary.at("changed-partition-count"), "3");
  EXPECT_FALSE(Head(table).summary.contains("partition-summaries-included"));
}

/// Storage that notes what is opened.
class ReadNotingTest : public RowChangeFixture {
 protected:
  ReadNotingTest() : RowChangeFixture(nullptr) {}

  /// Names of the manifests that `act` reads with a cold cache.
  std::set<std::string> ReadsOf(const LoadedTable& table, const ChangeSet& changes) {
    std::set<std::string> opened;
    const auto plan = [&](int64_t, storage::Operation operation, std::string_view location) {
      if (operation == storage::Operation::kOpen) opened.insert(std::string(location));
      return storage::Fault();
    };
    const auto noting =
        storage::MakeFaultyStorage(std::make_unique<storage::BorrowedStorage>(&memory_), plan);
    ManifestCache cold(noting.get(), kCacheBytes);
    CommitContext context = Context();
    context.storage = noting.get();
    context.cache = &cold;
    EXPECT_TRUE(PrepareCommit(context, table, changes, NewSnapshotId(nullptr), policy_));
    std::erase_if(
        opened, [&](const std::string& location) { return location == Head(table).manifest_list; });
    return opened;
  }
};

TEST_F(ReadNotingTest, OnlyManifestsThatConcernAChangeAreRead) {
  LoadedTable table = CreateVersion(3, ByNote());
  for (const std::string note : {"p", "q", "r", "s"}) {
    table = Add(table, {Data(note, 0, note)});
  }
  DataFile vector = Vector("p", "v", 4);
  vector.partition = {Value("p")};
  table = Add(table, {vector});
  const std::string of_p = Find(table, "p").line.manifest_path;
  const std::string of_vector = Find(table, "v#4").line.manifest_path;
  RemovedFile removed = Removed(table, "p");
  EXPECT_EQ(ReadsOf(table, {.read_snapshot = Head(table).id, .removed_data_files = {removed}}),
            (std::set<std::string>{of_p, of_vector}));
  removed.manifest_path.clear();
  EXPECT_EQ(ReadsOf(table, {.read_snapshot = Head(table).id, .removed_data_files = {removed}}),
            (std::set<std::string>{of_p, of_vector}));
  EXPECT_EQ(ReadsOf(table, {.removed_rows = NoteIs("q")}),
            (std::set<std::string>{Find(table, "q").line.manifest_path}));
}

TEST_F(FileRemovalTest, BranchesHaveTheirOwnHead_go1637) {
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  const SnapshotId main = Head(table).id;
  const size_t logged = table.metadata->snapshot_log.size();
  table = Apply(table, {.branch = "audit"}, {Data("b")});
  EXPECT_EQ(table.metadata->current_snapshot_id, main);
  EXPECT_EQ(table.metadata->snapshot_log.size(), logged);
  const Snapshot* audit =
      table.metadata->FindSnapshot(table.metadata->refs.at("audit").snapshot_id);
  ASSERT_NE(audit, nullptr);
  EXPECT_EQ(audit->parent_id, main);
  EXPECT_EQ(audit->summary.at("total-records"), "20");
  table = Add(table, {Data("c")});
  EXPECT_EQ(Head(table).parent_id, main);
  table = Apply(table, {.branch = "audit"}, {Data("d")});
  const Snapshot* second =
      table.metadata->FindSnapshot(table.metadata->refs.at("audit").snapshot_id);
  EXPECT_EQ(second->parent_id, audit->id);
  EXPECT_EQ(second->summary.at("total-records"), "30");
  EXPECT_THAT(Live(table), UnorderedElementsAre("a", "c"));

  TableMetadata tagged = *table.metadata;
  tagged.refs["v1"] = {.snapshot_id = main, .is_tag = true};
  const LoadedTable with_tag{table.metadata_location, std::make_shared<TableMetadata>(tagged)};
  EXPECT_EQ(Try(with_tag, Prepare(with_tag, {.branch = "v1"}, {Data("e")})).error().kind,
            ErrorKind::kInvalidArgument);
}

TEST_F(FileRemovalTest, SmallManifestsMergeOnDemand) {
  LoadedTable table = CreateVersion(3);
  for (const std::string name : {"a", "b", "c"}) table = Add(table, {Data(name)});
  table = Add(table, {Vector("a", "v", 4)});
  const LoadedTable merged = Apply(table, {.merge_manifests = true});
  EXPECT_EQ(Manifests(merged).size(), 2U);
  EXPECT_EQ(Live(merged), Live(table));
  EXPECT_EQ(Head(merged).operation, SnapshotOperation::kReplace);
  EXPECT_EQ(Head(merged).summary.at("manifests-created"), "1");
  EXPECT_EQ(Head(merged).summary.at("manifests-kept"), "1");
  EXPECT_EQ(Head(merged).summary.at("manifests-replaced"), "3");
  EXPECT_EQ(Head(merged).summary.at("entries-processed"), "3");
  for (const std::string name : {"a", "b", "c", "v#4"}) {
    EXPECT_EQ(Find(merged, name).entry.sequence_number, Find(table, name).entry.sequence_number);
    EXPECT_EQ(Find(merged, name).entry.data_file.first_row_id,
              Find(table, name).entry.data_file.first_row_id);
  }
  EXPECT_EQ(Commit(merged, {.merge_manifests = true}).table.metadata_location,
            merged.metadata_location);
}

}  // namespace
}  // namespace tarn::iceberg
