// SPDX-License-Identifier: Apache-2.0
// What concurrent commits do to a change that was computed before them. The expectations are those
// of the reference implementation's isolation levels, and stricter where two deletes of one row
// would both count it.
#include "iceberg/commit/validation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/testing/row_change_fixture.h"

namespace tarn::iceberg {
namespace {

using testing::HasSubstr;

Filter IdBelow(int64_t bound) {
  return {.op = FilterOp::kLess,
          .field = FieldId(1),
          .type = Type::Primitive(TypeKind::kLong),
          .values = {Value(bound)}};
}

constexpr Validation kSerializable{.no_new_data = true, .no_new_deletes = true};

class ValidationTest : public RowChangeFixture {
 protected:
  /// Commits both to `read`, `first` before `second`.
  Result<PreparedTable> Race(const LoadedTable& read, const Change& first, const Change& second) {
    const auto winner = Try(read, first);
    EXPECT_TRUE(winner) << winner.error().message;
    if (winner) ExpectSound(winner->table);
    auto result = Try(winner ? winner->table : read, second);
    if (result) ExpectSound(result->table);
    return result;
  }

  void ExpectConflict(const Result<PreparedTable>& result, const std::string& about) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kConflict) << result.error().message;
    EXPECT_THAT(result.error().message + " " + result.error().detail, HasSubstr(about));
  }
};

TEST_F(ValidationTest, AppendsNeverConflict) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a")});
  const Change append = Prepare(read, {}, {Data("b")});
  EXPECT_TRUE(Race(read, Prepare(read, {}, {Data("c")}), append));
  EXPECT_TRUE(Race(read, Prepare(read, {.removed_data_files = {Removed(read, "a")}}, {}), append));
  EXPECT_TRUE(Race(read, Prepare(read, ChangeSet{.replace_all = true}, {}), append));
}

// ddb#1038, ice#15006
TEST_F(ValidationTest, TwoVectorsForOneFileConflict_ddb1038) {
  LoadedTable read = Add(CreateVersion(3), {Data("a"), Data("b")});
  const Change mine = Prepare(read, {}, {Vector("a", "mine", 4)});
  ExpectConflict(Race(read, Prepare(read, {}, {Vector("a", "other", 4)}), mine), "other");
  EXPECT_TRUE(Race(read, Prepare(read, {}, {Vector("b", "other", 4)}), mine));
  read = Add(read, {Vector("a", "old", 4)});
  const ChangeSet replace{.removed_delete_files = {Removed(read, "old#4")}};
  ExpectConflict(Race(read, Prepare(read, replace, {Vector("a", "other", 4)}),
                      Prepare(read, replace, {Vector("a", "mine", 4)})),
                 "data/old");
}

TEST_F(ValidationTest, TwoPositionDeletesOfOneFileConflict) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a"), Data("b")});
  const Change mine = Prepare(read, {}, {Positions("mine", "a")});
  ExpectConflict(Race(read, Prepare(read, {}, {Positions("other", "a")}), mine), "other");
  EXPECT_TRUE(Race(read, Prepare(read, {}, {Positions("other", "b")}), mine));
  DataFile several = Positions("several", "a");
  several.referenced_data_file.reset();
  ExpectConflict(Race(read, Prepare(read, {}, {several}), mine), "several");
  several.lower_bounds = several.upper_bounds = {{FieldId(2147483546), Path("b")}};
  EXPECT_TRUE(Race(read, Prepare(read, {}, {several}), mine));
}

TEST_F(ValidationTest, DeletesNeedTheirDataFile) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a"), Data("b")});
  const Change mine = Prepare(read, {}, {Positions("mine", "a")});
  ExpectConflict(Race(read, Prepare(read, {.removed_data_files = {Removed(read, "a")}}, {}), mine),
                 "data/a");
  const ChangeSet compaction{.removed_data_files = {Removed(read, "a")}, .is_rewrite = true};
  ExpectConflict(Race(read, Prepare(read, compaction, {Data("c")}), mine), "rewrote");
  EXPECT_TRUE(Race(read, Prepare(read, {.removed_data_files = {Removed(read, "b")}}, {}), mine));
  EXPECT_TRUE(Race(read, Prepare(read, {.merge_manifests = true}, {}), mine));
  // Deletes of several files name them apart.
  DataFile several = Positions("several", "a");
  several.referenced_data_file.reset();
  ChangeSet changes;
  changes.validation.referenced_data_files = {Path("a")};
  ExpectConflict(
      Race(read, Prepare(read, compaction, {Data("c")}), Prepare(read, changes, {several})),
      "data/a");
}

TEST_F(ValidationTest, OnlySerializableChangesMindNewRows) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a", 0)});
  const Change append = Prepare(read, {}, {Data("new", 100)});
  ChangeSet changes;
  EXPECT_TRUE(Race(read, append, Prepare(read, changes, {Positions("p", "a")})));
  changes.validation = kSerializable;
  ExpectConflict(Race(read, append, Prepare(read, changes, {Positions("p", "a")})), "data/new");
  changes.validation.conflict_filter = IdBelow(100);
  EXPECT_TRUE(Race(read, append, Prepare(read, changes, {Positions("p", "a")})));
  changes.validation.conflict_filter = IdBelow(101);
  ExpectConflict(Race(read, append, Prepare(read, changes, {Positions("p", "a")})), "data/new");
  // A compaction brings no rows.
  const ChangeSet compaction{.removed_data_files = {Removed(read, "a")}, .is_rewrite = true};
  const LoadedTable two = Add(read, {Data("b", 500)});
  EXPECT_TRUE(Race(two, Prepare(two, compaction, {Data("c", 0)}),
                   Prepare(two, changes, {Positions("p", "b")})));
}

TEST_F(ValidationTest, UpdatesMindOtherDeletesOfTheirRows) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a", 0), Data("b", 100)});
  DataFile equality = Equality("e");
  const Type type = Type::Primitive(TypeKind::kLong);
  equality.lower_bounds =
      equality.upper_bounds = {{FieldId(1), EncodeSingleValue(type, Value(int64_t{50}))}};
  const Change other = Prepare(read, {}, {equality});
  ChangeSet update;
  EXPECT_TRUE(Race(read, other, Prepare(read, update, {Positions("p", "a"), Data("n", 900)})));
  update.validation.no_new_deletes = true;
  ExpectConflict(Race(read, other, Prepare(read, update, {Positions("p", "a"), Data("n", 900)})),
                 "data/e");
  update.validation.conflict_filter = IdBelow(50);
  EXPECT_TRUE(Race(read, other, Prepare(read, update, {Positions("p", "a"), Data("n", 900)})));
}

TEST_F(ValidationTest, CompactionLosesToNewDeletesOfItsFiles) {
  for (const int32_t version : {2, 3}) {
    const LoadedTable read = Add(CreateVersion(version), {Data("a"), Data("b")});
    const auto deletes = [&](const std::string& of) {
      return Prepare(read, {}, {version == 2 ? Positions("p", of) : Vector(of, "p", 4)});
    };
    ChangeSet changes{.removed_data_files = {Removed(read, "a")}, .is_rewrite = true};
    ExpectConflict(Race(read, deletes("a"), Prepare(read, changes, {Data("c")})), "data/p");
    EXPECT_TRUE(Race(read, deletes("b"), Prepare(read, changes, {Data("c")})));
    EXPECT_TRUE(Race(read, Prepare(read, {}, {Data("d")}), Prepare(read, changes, {Data("c")})));
    // Equality deletes reach the new file if it keeps the old number.
    const Change equality = Prepare(read, {}, {Equality("e")});
    ExpectConflict(Race(read, equality, Prepare(read, changes, {Data("c")})), "data/e");
    changes.data_sequence_number = SequenceNumber(1);
    EXPECT_TRUE(Race(read, equality, Prepare(read, changes, {Data("c")})));
    ExpectConflict(Race(read, deletes("a"), Prepare(read, changes, {Data("c")})), "data/p");
  }
}

TEST_F(ValidationTest, OfTwoRemovalsOfOneFileOneLoses) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a"), Data("b")});
  const ChangeSet removal{.removed_data_files = {Removed(read, "a")}};
  ExpectConflict(Race(read, Prepare(read, removal, {}), Prepare(read, removal, {Data("new")})),
                 "data/a");
}

TEST_F(ValidationTest, OverwritesByFilterMindRemovals) {
  const LoadedTable read = Add(CreateVersion(2), {Data("a", 0), Data("b", 100)});
  ChangeSet overwrite{.removed_rows = IdBelow(50)};
  const Change removal = Prepare(read, {.removed_data_files = {Removed(read, "a")}}, {});
  EXPECT_TRUE(Race(read, removal, Prepare(read, overwrite, {Data("n", 0)})));
  overwrite.validation = {.conflict_filter = IdBelow(50), .no_new_deletes = true};
  ExpectConflict(Race(read, removal, Prepare(read, overwrite, {Data("n", 0)})), "data/a");
  const Change elsewhere = Prepare(read, {.removed_data_files = {Removed(read, "b")}}, {});
  EXPECT_TRUE(Race(read, elsewhere, Prepare(read, overwrite, {Data("n", 0)})));
}

// go#1784, py#3320: a retry looks back to the snapshot that was read, not to the last attempt.
TEST_F(ValidationTest, RetriesLookBackToWhatWasRead_go1784_py3320) {
  const LoadedTable read = Add(CreateVersion(3), {Data("a")});
  const Change mine = Prepare(read, {}, {Vector("a", "mine", 4)});
  LoadedTable newer = Apply(read, {}, {Vector("a", "other", 4)});
  ExpectConflict(Try(newer, mine), "other");
  for (const std::string name : {"x", "y"}) newer = Add(newer, {Data(name)});
  ExpectConflict(Try(newer, mine), "other");
}

TEST_F(ValidationTest, ExpiredStartsAreNamed) {
  const LoadedTable read = Add(CreateVersion(3), {Data("a")});
  const Change mine = Prepare(read, {}, {Vector("a", "mine", 4)});
  LoadedTable newer = Add(Add(read, {Data("b")}), {Data("c")});
  TableMetadata expired = *newer.metadata;
  std::erase_if(expired.snapshots,
                [&](const CommittedSnapshot& snapshot) { return snapshot->id == Head(read).id; });
  newer.metadata = std::make_shared<TableMetadata>(expired);
  ExpectConflict(Try(newer, mine), std::to_string(Head(read).id.value()));
  const auto history = SnapshotsSince(expired, expired.current_snapshot(), std::nullopt);
  EXPECT_FALSE(history) << "what expired may have deleted anything";
}

TEST_F(ValidationTest, StartsOfOtherBranchesAreRefused) {
  LoadedTable table = Add(CreateVersion(2), {Data("a")});
  table = Apply(table, {.branch = "audit"}, {Data("b")});
  Change mine = Prepare(table, {.removed_data_files = {Removed(table, "a")}}, {});
  mine.changes.read_snapshot = HeadId(table, "audit");
  ExpectConflict(Try(table, mine), "not an ancestor");
}

TEST_F(ValidationTest, DeletesHaveTheFormOfTheVersion) {
  const auto kind_of = [&](int32_t version, const DataFile& deletes) {
    const LoadedTable table = Add(CreateVersion(version), {Data("a")});
    const auto result = Try(table, Prepare(table, {}, {deletes}));
    return result ? std::optional<ErrorKind>() : result.error().kind;
  };
  EXPECT_EQ(kind_of(2, Positions("p", "a")), std::nullopt);
  EXPECT_EQ(kind_of(2, Vector("a", "v", 4)), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of(3, Vector("a", "v", 4)), std::nullopt);
  // An upgrade came between: the writer has to write vectors.
  EXPECT_EQ(kind_of(3, Positions("p", "a")), ErrorKind::kConflict);

  const LoadedTable table = Add(CreateVersion(3), {Data("a")});
  EXPECT_EQ(Try(table, Prepare(table, {.removed_data_files = {Removed(table, "a")}},
                               {Vector("a", "v", 4)}))
                .error()
                .kind,
            ErrorKind::kInvalidArgument);
  Change undescribed = Prepare(table, {}, {Vector("a", "v", 4)});
  undescribed.changes.added_deletes.clear();
  EXPECT_EQ(Try(table, undescribed).error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace tarn::iceberg
