// SPDX-License-Identifier: Apache-2.0
// Which files a reader of changes looks at between two states.
#include "iceberg/plan/snapshot_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/testing/row_change_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SnapshotDifferenceTest : public RowChangeFixture {
 protected:
  static std::string Show(const std::optional<ScanFile>& file) {
    if (!file) return "-";
    std::string text = NameOf(file->file().file_path);
    if (file->deletes == nullptr) return text;
    if (file->deletes->vector) {
      text += "!" + NameOf(DeleteIdentity(file->deletes->vector->file()));
    }
    for (const DeleteFile& deletes : file->deletes->positions) {
      text += "!" + NameOf(deletes.file().file_path);
    }
    return text + (file->deletes->by_equality ? "!=" : "");
  }

  /// "before>after" of every file, with its deletes behind exclamation marks.
  std::vector<std::string> Between(const LoadedTable& table, std::optional<SnapshotId> from,
                                   SnapshotId to) {
    const auto difference = CompareSnapshots(Context(), table.metadata, from, to);
    EXPECT_TRUE(difference) << difference.error().message;
    std::vector<std::string> shown;
    if (!difference) return shown;
    for (const FileDifference& file : difference->files) {
      shown.push_back(Show(file.before) + ">" + Show(file.after));
    }
    return shown;
  }
};

TEST_F(SnapshotDifferenceTest, AppendsAndRemovals) {
  const LoadedTable one = Add(CreateVersion(2), {Data("a"), Data("b")});
  const LoadedTable two = Add(one, {Data("c")});
  const LoadedTable three = Apply(two, {.removed_data_files = {Removed(two, "a")}});
  EXPECT_THAT(Between(three, std::nullopt, Head(one).id), UnorderedElementsAre("->a", "->b"));
  EXPECT_THAT(Between(three, Head(one).id, Head(two).id), UnorderedElementsAre("->c"));
  EXPECT_THAT(Between(three, Head(one).id, Head(three).id), UnorderedElementsAre("a>-", "->c"));
  EXPECT_THAT(Between(three, Head(three).id, Head(one).id), UnorderedElementsAre("->a", "c>-"))
      << "states are compared, not histories";
  EXPECT_THAT(Between(three, Head(two).id, Head(two).id), IsEmpty());
}

// ice#16263: entries move between manifests without any row changing.
TEST_F(SnapshotDifferenceTest, MovedEntriesAreNoChange_ice16263) {
  LoadedTable table = Add(CreateVersion(3), {Data("a"), Data("b")});
  table = Add(table, {Data("c")});
  table = Add(table, {Vector("a", "v", 4)});
  const SnapshotId from = Head(table).id;
  table = Apply(table, {.merge_manifests = true});
  EXPECT_THAT(Between(table, from, Head(table).id), IsEmpty());
  table = Apply(table, {.removed_data_files = {Removed(table, "c")}});
  EXPECT_THAT(Between(table, from, Head(table).id), UnorderedElementsAre("c>-"));
}

TEST_F(SnapshotDifferenceTest, NewAndReplacedVectors) {
  LoadedTable table = Add(CreateVersion(3), {Data("a"), Data("b"), Data("c")});
  const SnapshotId none = Head(table).id;
  table = Add(table, {Vector("a", "v", 4), Vector("b", "v", 60)});
  const SnapshotId first = Head(table).id;
  EXPECT_THAT(Between(table, none, first), UnorderedElementsAre("a>a!v#4", "b>b!v#60"));
  table =
      Apply(table, {.removed_delete_files = {Removed(table, "v#60")}}, {Vector("b", "w", 4, 3)});
  EXPECT_THAT(Between(table, first, Head(table).id), UnorderedElementsAre("b!v#60>b!w#4"));
  EXPECT_THAT(Between(table, none, Head(table).id), UnorderedElementsAre("a>a!v#4", "b>b!w#4"));
  EXPECT_THAT(Between(table, Head(table).id, none), UnorderedElementsAre("a!v#4>a", "b!w#4>b"));
  EXPECT_THAT(Between(table, std::nullopt, Head(table).id),
              UnorderedElementsAre("->a!v#4", "->b!w#4", "->c"));
}

TEST_F(SnapshotDifferenceTest, DeletesOfAnotherPartitionConcernNothing) {
  LoadedTable table = Add(CreateVersion(2, ByNote()), {Data("x", 0, "x"), Data("y", 0, "y")});
  const SnapshotId from = Head(table).id;
  DataFile positions = Positions("p", "x");
  positions.partition = {Value("x")};
  DataFile several = positions;
  several.file_path = Path("q");
  several.referenced_data_file.reset();
  table = Add(table, {positions, several});
  EXPECT_THAT(Between(table, from, Head(table).id), UnorderedElementsAre("x>x!p!q"));
}

TEST_F(SnapshotDifferenceTest, EqualityDeletesReachOlderFilesOnly) {
  LoadedTable table = Add(CreateVersion(2), {Data("old")});
  const SnapshotId from = Head(table).id;
  table = Add(table, {Data("new"), Equality("e")});
  EXPECT_THAT(Between(table, from, Head(table).id), UnorderedElementsAre("old>old!=", "->new"));
}

TEST_F(SnapshotDifferenceTest, ExpiredSnapshotsAreNamed) {
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  const auto gone = CompareSnapshots(Context(), table.metadata, SnapshotId(5), Head(table).id);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(gone.error().message, HasSubstr("snapshot 5"));
  EXPECT_THAT(gone.error().detail, HasSubstr(std::to_string(Head(table).id.value())));
}

}  // namespace
}  // namespace tarn::iceberg
