// SPDX-License-Identifier: Apache-2.0
// Which files a filter may skip, judged by the specification's rules; every expectation was worked
// out by hand.
#include "iceberg/plan/scan_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "iceberg/testing/sample_manifest.h"
#include "iceberg/values/single_value.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const Type kLong = Type::Primitive(TypeKind::kLong);
const Type kString = Type::Primitive(TypeKind::kString);
const Type kDouble = Type::Primitive(TypeKind::kDouble);

Schema PruningSchema() {
  Schema schema;
  schema.fields = {{.id = FieldId(1), .name = "n", .type = kLong},
                   {.id = FieldId(2), .name = "s", .type = kString},
                   {.id = FieldId(3), .name = "d", .type = kDouble},
                   {.id = FieldId(4), .name = "added", .type = kLong, .initial_default = "5"}};
  return schema;
}

const Type& TypeOf(int32_t field) { return field == 2 ? kString : field == 3 ? kDouble : kLong; }

Filter Leaf(FilterOp op, int32_t field, std::vector<Value> values = {}) {
  return {.op = op, .field = FieldId(field), .type = TypeOf(field), .values = std::move(values)};
}
Filter Not(Filter child) { return {.op = FilterOp::kNot, .children = {std::move(child)}}; }
Filter Both(FilterOp op, Filter a, Filter b) {
  return {.op = op, .children = {std::move(a), std::move(b)}};
}

/// 10 rows: n in 10..20 without nulls; s in "b".."dz" with 2 nulls; d in -1..0.0 with unknown NaNs.
DataFile PruningFile() {
  DataFile file;
  file.file_path = "s3://b/f.parquet";
  file.record_count = 10;
  for (const int32_t id : {1, 2, 3}) {
    file.value_counts[FieldId(id)] = 10;
    file.null_value_counts[FieldId(id)] = id == 2 ? 2 : 0;
  }
  const auto put = [&](int32_t id, const Value& lower, const Value& upper) {
    file.lower_bounds[FieldId(id)] = EncodeSingleValue(TypeOf(id), lower);
    file.upper_bounds[FieldId(id)] = EncodeSingleValue(TypeOf(id), upper);
  };
  put(1, int64_t{10}, int64_t{20});
  put(2, std::string("b"), std::string("dz"));
  put(3, -1.0, 0.0);
  return file;
}

bool May(const Filter& filter, const DataFile& file = PruningFile()) {
  return MayMatch(file, PruningSchema(), filter);
}

Value N(int64_t n) { return n; }
Value S(std::string s) { return s; }

TEST(FilePruning, ComparesWithBothBounds) {
  EXPECT_FALSE(May(Leaf(FilterOp::kLess, 1, {N(10)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kLess, 1, {N(11)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kLessOrEqual, 1, {N(9)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kLessOrEqual, 1, {N(10)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kGreater, 1, {N(20)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kGreater, 1, {N(19)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kGreaterOrEqual, 1, {N(21)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kGreaterOrEqual, 1, {N(20)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 1, {N(9)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 1, {N(21)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 1, {N(15)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kNotEqual, 1, {N(15)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kIn, 1, {N(1), N(30)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kIn, 1, {N(1), N(12)})));
  EXPECT_FALSE(May(Leaf(FilterOp::kIn, 1, {})));
}

TEST(FilePruning, JudgesNullsByTheirCount) {
  EXPECT_FALSE(May(Leaf(FilterOp::kIsNull, 1)));
  EXPECT_TRUE(May(Leaf(FilterOp::kIsNull, 2)));
  EXPECT_TRUE(May(Leaf(FilterOp::kIsNotNull, 2)));
  EXPECT_FALSE(May(Not(Leaf(FilterOp::kIsNotNull, 1))));
}

TEST(FilePruning, KeepsLogicThreeValued) {
  const Filter inside = Leaf(FilterOp::kEqual, 1, {N(15)});
  const Filter outside = Leaf(FilterOp::kEqual, 1, {N(99)});
  EXPECT_FALSE(May(Both(FilterOp::kAnd, inside, outside)));
  EXPECT_TRUE(May(Both(FilterOp::kOr, inside, outside)));
  EXPECT_FALSE(May(Both(FilterOp::kOr, outside, outside)));
  EXPECT_TRUE(May(Not(outside)));
  EXPECT_FALSE(May(Not(Leaf(FilterOp::kLess, 1, {N(21)}))));
  EXPECT_TRUE(May(Not(Leaf(FilterOp::kLess, 1, {N(20)}))));
  EXPECT_FALSE(May(Not(Both(FilterOp::kOr, Leaf(FilterOp::kLess, 1, {N(21)}), outside))));
  EXPECT_TRUE(May({.op = FilterOp::kAnd})) << "an empty AND is true";
  EXPECT_FALSE(May({.op = FilterOp::kOr})) << "an empty OR is false";
}

// ddb#1171: a file that holds nothing but nulls has no bounds, and no comparison is true in it.
TEST(FilePruningTraps, T8Ddb1171AllNullFilesMatchOnlyIsNull) {
  DataFile file = PruningFile();
  file.null_value_counts[FieldId(2)] = 10;
  file.lower_bounds.erase(FieldId(2));
  file.upper_bounds.erase(FieldId(2));
  EXPECT_TRUE(May(Leaf(FilterOp::kIsNull, 2), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kIsNotNull, 2), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 2, {S("x")}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kNotEqual, 2, {S("x")}), file));
  EXPECT_FALSE(May(Not(Leaf(FilterOp::kEqual, 2, {S("x")})), file)) << "NOT null is null";
  EXPECT_FALSE(May(Leaf(FilterOp::kStartsWith, 2, {S("")}), file));
}

// py#3521, #3503, #3528, rust#2351: NaN is above everything, equal to itself, and not in the
// bounds.
TEST(FilePruningTraps, T8Py3521NanIsBeyondTheBounds) {
  EXPECT_TRUE(May(Leaf(FilterOp::kGreater, 3, {Value(1e300)}))) << "a NaN may be there";
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 3, {Value(kNaN)})));
  DataFile file = PruningFile();
  file.nan_value_counts[FieldId(3)] = 0;
  EXPECT_FALSE(May(Leaf(FilterOp::kGreater, 3, {Value(1e300)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 3, {Value(kNaN)}), file));
  EXPECT_TRUE(May(Leaf(FilterOp::kLess, 3, {Value(kNaN)}), file)) << "all numbers are below NaN";
  EXPECT_FALSE(May(Leaf(FilterOp::kGreater, 3, {Value(kNaN)}), file));
  EXPECT_TRUE(May(Leaf(FilterOp::kNotEqual, 3, {Value(kNaN)}), file));
  file.nan_value_counts[FieldId(3)] = 10;
  EXPECT_FALSE(May(Leaf(FilterOp::kLess, 3, {Value(0.5)}), file)) << "nothing but NaN";
  EXPECT_TRUE(May(Leaf(FilterOp::kGreater, 3, {Value(0.5)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kNotEqual, 3, {Value(kNaN)}), file));
  // A writer that puts NaN into bounds has said nothing.
  file = PruningFile();
  file.upper_bounds[FieldId(3)] = file.lower_bounds[FieldId(3)] =
      std::string("\0\0\0\0\0\0\xf8\x7f", 8);
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 3, {Value(5.0)}), file));
}

TEST(FilePruningTraps, T8ZerosOfBothSignsAreEqual) {
  DataFile file = PruningFile();
  file.nan_value_counts[FieldId(3)] = 0;
  file.lower_bounds[FieldId(3)] = EncodeSingleValue(kDouble, Value(0.0));
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 3, {Value(-0.0)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kLess, 3, {Value(0.0)}), file));
  file.upper_bounds[FieldId(3)] = EncodeSingleValue(kDouble, Value(-0.0));
  EXPECT_TRUE(May(Leaf(FilterOp::kGreaterOrEqual, 3, {Value(0.0)}), file));
}

// py#3412: a bound of zero is a bound.
TEST(FilePruningTraps, T8Py3412ZeroBoundsCount) {
  DataFile file = PruningFile();
  file.lower_bounds[FieldId(1)] = file.upper_bounds[FieldId(1)] = std::string(8, '\0');
  EXPECT_FALSE(May(Leaf(FilterOp::kLess, 1, {N(0)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kGreater, 1, {N(0)}), file));
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 1, {N(0)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kNotEqual, 1, {N(0)}), file));
  EXPECT_TRUE(May(Leaf(FilterOp::kNotEqual, 1, {N(1)}), file));
}

// ice#16692, go#1558: a column added later is in no old file; its rows have the default.
TEST(FilePruningTraps, T8Ice16692ColumnsWithoutMetricsMayHoldAnything) {
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 4, {N(5)})));
  EXPECT_TRUE(May(Leaf(FilterOp::kIsNotNull, 4)));
  EXPECT_TRUE(May(Leaf(FilterOp::kIsNull, 4)));
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 77, {N(5)}))) << "not in the schema at all";
}

// Bounds of four bytes stay behind when an int becomes a long.
TEST(FilePruningTraps, T8PromotedColumnsKeepNarrowBounds) {
  DataFile file = PruningFile();
  file.lower_bounds[FieldId(1)] = std::string("\xf6\xff\xff\xff", 4);  // -10
  file.upper_bounds[FieldId(1)] = std::string("\x0a\0\0\0", 4);
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 1, {N(-10)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 1, {N(-11)}), file));
  EXPECT_FALSE(May(Leaf(FilterOp::kGreater, 1, {N(10)}), file));
  file.lower_bounds[FieldId(3)] = std::string("\0\0\x80\x3f", 4);  // 1.0f
  file.upper_bounds[FieldId(3)] = std::string("\0\0\0\x40", 4);    // 2.0f
  file.nan_value_counts[FieldId(3)] = 0;
  EXPECT_FALSE(May(Leaf(FilterOp::kLess, 3, {Value(0.5)}), file));
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 3, {Value(1.5)}), file));
  file.lower_bounds[FieldId(1)] = "abc";
  EXPECT_TRUE(May(Leaf(FilterOp::kLess, 1, {N(-100)}), file)) << "malformed bounds say nothing";
}

// Truncated bounds are bounds, not values; ice#17656: notStartsWith.
TEST(FilePruningTraps, T8TruncatedBoundsAreNotExact) {
  DataFile file = PruningFile();
  file.null_value_counts[FieldId(2)] = 0;
  file.lower_bounds[FieldId(2)] = file.upper_bounds[FieldId(2)] = "abcdefghijklmnop";
  EXPECT_TRUE(May(Leaf(FilterOp::kNotEqual, 2, {S("abcdefghijklmnop")}), file));
  EXPECT_TRUE(May(Not(Leaf(FilterOp::kStartsWith, 2, {S("abc")})), file));
}

TEST(FilePruning, ComparesPrefixesByteWise) {
  EXPECT_TRUE(May(Leaf(FilterOp::kStartsWith, 2, {S("c")})));
  EXPECT_TRUE(May(Leaf(FilterOp::kStartsWith, 2, {S("")})));
  EXPECT_TRUE(May(Leaf(FilterOp::kStartsWith, 2, {S("dz")})));
  EXPECT_FALSE(May(Leaf(FilterOp::kStartsWith, 2, {S("dz1")})));
  EXPECT_FALSE(May(Leaf(FilterOp::kStartsWith, 2, {S("a")})));
  EXPECT_FALSE(May(Leaf(FilterOp::kStartsWith, 2, {S("\xc3\xa4")}))) << "ä is above ASCII";
}

TEST(FilePruning, SkipsFilesWithoutRecordsAndKeepsOddConstants) {
  DataFile file = PruningFile();
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 1, {Value()}), file))
      << "a null constant: not our business";
  EXPECT_TRUE(May(Leaf(FilterOp::kEqual, 1, {S("x")}), file)) << "a constant of another type";
  file.record_count = 0;
  EXPECT_FALSE(May(Leaf(FilterOp::kEqual, 1, {N(15)}), file));
}

/// A table of three data manifests with two files each: n in [0,9], [10,19], … with 10 rows per
/// file.
class ScanPlanTest : public testing::Test {
 protected:
  ScanPlanTest() : cache_(&storage_, 1 << 20) {
    metadata_.location = "s3://b/t";
    metadata_.schemas = {PruningSchema()};
    metadata_.partition_specs = {PartitionSpec{}};
    ManifestHeader header;
    header.schema = PruningSchema();
    for (int manifest = 0; manifest < 3; ++manifest) {
      std::vector<ManifestEntry> entries;
      for (int file = 0; file < 2; ++file) entries.push_back(Entry(manifest * 2 + file));
      lines_.push_back(Write(header, entries, manifest));
    }
  }

  static ManifestEntry Entry(int64_t index) {
    ManifestEntry entry = SampleEntry("s3://b/t/data/f" + std::to_string(index), 10);
    entry.data_file.value_counts[FieldId(1)] = 10;
    entry.data_file.null_value_counts[FieldId(1)] = 0;
    entry.data_file.lower_bounds[FieldId(1)] = EncodeSingleValue(kLong, Value(index * 10));
    entry.data_file.upper_bounds[FieldId(1)] = EncodeSingleValue(kLong, Value(index * 10 + 9));
    return entry;
  }

  ManifestFile Write(const ManifestHeader& header, const std::vector<ManifestEntry>& entries,
                     int ordinal) {
    ManifestFile line = SummarizeManifest(header, entries, SnapshotId(1));
    line.manifest_path = "s3://b/t/metadata/m" + std::to_string(ordinal);
    line.sequence_number = SequenceNumber(1);
    const auto bytes = EncodeManifest(header, entries);
    EXPECT_TRUE(bytes);
    line.manifest_length_bytes = static_cast<int64_t>(bytes->size());
    EXPECT_TRUE(
        storage_.Put(line.manifest_path, std::string_view(*bytes), storage::PutMode::kReplace));
    return line;
  }

  Result<ScanPlan> Plan(const ScanOptions& options) {
    const auto list = EncodeManifestList({.snapshot_id = SnapshotId(1)}, lines_);
    EXPECT_TRUE(list);
    EXPECT_TRUE(
        storage_.Put("s3://b/t/metadata/l", std::string_view(*list), storage::PutMode::kReplace));
    Snapshot snapshot = snapshot_;
    snapshot.id = SnapshotId(1);
    snapshot.manifest_list = "s3://b/t/metadata/l";
    metadata_.snapshots = {CommittedSnapshot(snapshot)};
    metadata_.current_snapshot_id = SnapshotId(1);
    return PlanScan({.storage = &storage_, .cache = &cache_},
                    std::make_shared<const TableMetadata>(metadata_), options);
  }

  static std::vector<int64_t> FirstRows(const ScanPlan& plan) {
    std::vector<int64_t> rows;
    for (const ScanFile& file : plan.files) rows.push_back(file.first_row);
    return rows;
  }

  storage::MemoryStorage storage_;
  ManifestCache cache_;
  TableMetadata metadata_;
  Snapshot snapshot_;
  std::vector<ManifestFile> lines_;
};

TEST_F(ScanPlanTest, ListsAllFilesInOrder) {
  const auto plan = Plan({});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(FirstRows(*plan), ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_EQ(plan->files[3].file().file_path, "s3://b/t/data/f3");
  EXPECT_EQ(plan->total_rows, 60);
  EXPECT_EQ(plan->planned_rows, 60);
  EXPECT_EQ(plan->total_files, 6);
  EXPECT_EQ(plan->planned_bytes, 6000);
  EXPECT_EQ(plan->total_manifests, 3);
}

TEST_F(ScanPlanTest, NumbersRowsAlikeWithAndWithoutPruning) {
  const Filter filter = Leaf(FilterOp::kGreaterOrEqual, 1, {N(35)});
  const auto plan = Plan({.filter = &filter});
  ASSERT_TRUE(plan);
  EXPECT_THAT(FirstRows(*plan), ElementsAre(30, 40, 50));
  EXPECT_EQ(plan->total_rows, 60);
  EXPECT_EQ(plan->planned_rows, 30);
  EXPECT_EQ(plan->skipped_files, 3);
}

TEST_F(ScanPlanTest, ReadsOnlyTheManifestsOfTheRowsAskedFor) {
  const auto plan = Plan({.row_begin = 25, .row_end = 40});
  ASSERT_TRUE(plan);
  EXPECT_THAT(FirstRows(*plan), ElementsAre(20, 30));
  EXPECT_EQ(plan->skipped_manifests, 2);
  EXPECT_EQ(plan->total_rows, 60);
  EXPECT_EQ(storage_.opened(), 2) << "the list and one manifest";
  EXPECT_THAT(Plan({.row_begin = 60})->files, IsEmpty());
  EXPECT_THAT(FirstRows(*Plan({.row_begin = 59, .row_end = 60})), ElementsAre(50));
}

TEST_F(ScanPlanTest, LeavesDeletedFilesOut) {
  ManifestHeader header;
  header.schema = PruningSchema();
  std::vector<ManifestEntry> entries = {Entry(2), Entry(3)};
  for (ManifestEntry& entry : entries) {
    entry.snapshot_id = SnapshotId(1);
    entry.sequence_number = entry.file_sequence_number = SequenceNumber(1);
  }
  entries[0].status = EntryStatus::kDeleted;
  entries[1].status = EntryStatus::kExisting;
  lines_[1] = Write(header, entries, 7);
  const auto plan = Plan({});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(FirstRows(*plan), ElementsAre(0, 10, 20, 30, 40));
  EXPECT_EQ(plan->files[2].file().file_path, "s3://b/t/data/f3");
}

TEST_F(ScanPlanTest, RefusesCountsThatDisagreeWithTheEntries) {
  ++lines_[1].added_rows_count;
  const auto error = Plan({}).error();
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
  EXPECT_THAT(error.message, testing::HasSubstr("m1"));
}

TEST_F(ScanPlanTest, KnowsWhatIsNotThere) {
  EXPECT_EQ(Plan({.snapshot = SnapshotId(5)}).error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(storage_.Delete(lines_[2].manifest_path));
  EXPECT_EQ(Plan({}).error().kind, ErrorKind::kNotFound);
  const auto empty = PlanScan({.storage = &storage_}, std::make_shared<TableMetadata>(), {});
  ASSERT_TRUE(empty);
  EXPECT_THAT(empty->files, IsEmpty());
}

TEST_F(ScanPlanTest, SkipsManifestsAndFilesByPartition) {
  PartitionSpec spec{
      .id = SpecId(0),
      .fields = {{.source_ids = {FieldId(1)},
                  .id = PartitionFieldId(1000),
                  .name = "n_trunc",
                  .transform = {.kind = TransformKind::kTruncate, .parameter = 10}},
                 {.source_ids = {FieldId(2)}, .id = PartitionFieldId(1001), .name = "s"}}};
  metadata_.partition_specs = {spec};
  ManifestHeader header;
  header.schema = PruningSchema();
  header.spec = spec;
  lines_.clear();
  for (int manifest = 0; manifest < 3; ++manifest) {
    std::vector<ManifestEntry> entries;
    for (int64_t file = manifest * 2; file < manifest * 2 + 2; ++file) {
      ManifestEntry entry = SampleEntry("s3://b/t/data/f" + std::to_string(file), 10);
      entry.data_file.partition = {N(file * 10),
                                   file == 5 ? Value() : S("p" + std::to_string(file))};
      entries.push_back(entry);
    }
    lines_.push_back(Write(header, entries, manifest + 20));
  }
  const auto first_rows = [&](Filter filter) { return FirstRows(*Plan({.filter = &filter})); };
  EXPECT_THAT(first_rows(Leaf(FilterOp::kEqual, 1, {N(25)})), ElementsAre(20));
  EXPECT_THAT(first_rows(Leaf(FilterOp::kLess, 1, {N(10)})), ElementsAre(0, 10));
  EXPECT_THAT(first_rows(Not(Leaf(FilterOp::kLess, 1, {N(31)}))), ElementsAre(30, 40, 50));
  EXPECT_THAT(first_rows(Leaf(FilterOp::kEqual, 2, {S("p4")})), ElementsAre(40));
  EXPECT_THAT(first_rows(Leaf(FilterOp::kIsNull, 2)), ElementsAre(50));
  // Equal bounds of strings prove nothing, so 40 stays; in 50 the comparison is null.
  EXPECT_THAT(first_rows(Not(Leaf(FilterOp::kEqual, 2, {S("p4")}))),
              ElementsAre(0, 10, 20, 30, 40));
  const Filter none = Leaf(FilterOp::kGreater, 1, {N(500)});
  EXPECT_EQ(Plan({.filter = &none})->skipped_manifests, 3);
}

TEST_F(ScanPlanTest, EstimatesFromTheSummaryOrTheList) {
  snapshot_.summary = {
      {"total-records", "7"}, {"total-data-files", "2"}, {"total-files-size", "9"}};
  ASSERT_TRUE(Plan({}));
  const CommitContext context{.storage = &storage_};
  const int opened = storage_.opened();
  auto size = EstimateSize(context, metadata_);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->rows, 7);
  EXPECT_EQ(size->files, 2);
  EXPECT_EQ(size->bytes, 9);
  EXPECT_EQ(storage_.opened(), opened);
  snapshot_.summary["total-position-deletes"] = "3";
  ASSERT_TRUE(Plan({}));
  EXPECT_EQ(EstimateSize(context, metadata_)->rows, 4) << "deleted rows are still in their files";
  snapshot_.summary = {{"total-records", "x"}};
  ASSERT_TRUE(Plan({}));
  size = EstimateSize(context, metadata_);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->rows, 60);
  EXPECT_EQ(size->files, 6);
  EXPECT_GT(size->bytes, 0);
  EXPECT_EQ(EstimateSize(context, TableMetadata{})->rows, 0);
}

}  // namespace
}  // namespace tarn::iceberg
