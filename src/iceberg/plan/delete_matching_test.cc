// SPDX-License-Identifier: Apache-2.0
// Which data files a delete file applies to (spec, "Scan Planning"); every expectation was worked
// out by hand.
#include "iceberg/plan/delete_matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "iceberg/testing/sample_manifest.h"
#include "iceberg/values/single_value.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg {
namespace {

using testing::HasSubstr;

constexpr int64_t kUnpartitioned = 0;
constexpr int64_t kByName = 1;
constexpr int64_t kVoid = 2;

/// A delete in one word: "vector", "positions", "equality".
using Applied = std::map<std::string, std::vector<std::string>>;

class DeleteMatchingTest : public testing::Test {
 protected:
  DeleteMatchingTest() {
    metadata_.location = "s3://b/t";
    metadata_.schemas = {SampleHeader().schema};
    metadata_.current_schema_id = SchemaId(4);
    const PartitionField by_name{
        .source_ids = {FieldId(2)}, .id = PartitionFieldId(1000), .name = "name"};
    PartitionField gone = by_name;
    gone.transform = {.kind = TransformKind::kVoid};
    metadata_.partition_specs = {PartitionSpec{},
                                 {.id = SpecId(1), .fields = {by_name}},
                                 {.id = SpecId(2), .fields = {gone}}};
  }

  /// A manifest of one entry.
  ManifestFile& Add(ManifestContent content, int64_t spec, int64_t sequence, DataFile file,
                    EntryStatus status = EntryStatus::kExisting) {
    ManifestHeader header = SampleHeader();
    header.content = content;
    header.format_version = 3;
    header.spec = metadata_.partition_specs.at(static_cast<size_t>(spec));
    ManifestEntry entry;
    entry.status = status;
    entry.snapshot_id = SnapshotId(1);
    entry.sequence_number = entry.file_sequence_number = SequenceNumber(sequence);
    entry.data_file = std::move(file);
    ManifestFile line = SummarizeManifest(header, {{entry}}, SnapshotId(1));
    line.manifest_path = "s3://b/t/metadata/m" + std::to_string(lines_.size());
    line.sequence_number = SequenceNumber(99);
    const auto bytes = EncodeManifest(header, {{entry}});
    EXPECT_TRUE(bytes) << bytes.error().message;
    line.manifest_length_bytes = static_cast<int64_t>(bytes->size());
    EXPECT_TRUE(
        storage_.Put(line.manifest_path, std::string_view(*bytes), storage::PutMode::kReplace));
    return lines_.emplace_back(line);
  }

  static DataFile File(std::string path, const char* partition) {
    DataFile file{.file_path = std::move(path), .record_count = 10, .file_size_bytes = 100};
    if (partition != nullptr) file.partition = {Value(std::string(partition))};
    return file;
  }
  void Data(int64_t spec, int64_t sequence, std::string path, const char* partition = nullptr) {
    Add(ManifestContent::kData, spec, sequence, File(std::move(path), partition));
  }
  static DataFile Positions(std::string path, const char* partition = nullptr,
                            const char* referenced = nullptr) {
    DataFile file = File(std::move(path), partition);
    file.content = FileContent::kPositionDeletes;
    if (referenced != nullptr) file.referenced_data_file = referenced;
    return file;
  }
  static DataFile Vector(std::string path, const char* referenced, const char* partition = nullptr,
                         int64_t offset = 4) {
    DataFile file = Positions(std::move(path), partition, referenced);
    file.file_format = "PUFFIN";
    file.content_offset = offset;
    file.content_size_bytes = 40;
    return file;
  }
  static DataFile Equality(std::string path, const char* partition = nullptr) {
    DataFile file = File(std::move(path), partition);
    file.content = FileContent::kEqualityDeletes;
    file.equality_ids = {FieldId(1)};
    return file;
  }
  void Deletes(int64_t spec, int64_t sequence, DataFile file) {
    Add(ManifestContent::kDeletes, spec, sequence, std::move(file));
  }

  Result<ScanPlan> Plan() {
    const auto list =
        EncodeManifestList({.snapshot_id = SnapshotId(1), .format_version = 3}, lines_);
    EXPECT_TRUE(list);
    EXPECT_TRUE(
        storage_.Put("s3://b/t/metadata/l", std::string_view(*list), storage::PutMode::kReplace));
    Snapshot snapshot;
    snapshot.id = SnapshotId(1);
    snapshot.manifest_list = "s3://b/t/metadata/l";
    metadata_.snapshots = {CommittedSnapshot(snapshot)};
    metadata_.current_snapshot_id = SnapshotId(1);
    return PlanScan({.storage = &storage_}, std::make_shared<const TableMetadata>(metadata_), {});
  }

  /// By data file: what applies to it.
  Applied Planned() {
    const auto plan = Plan();
    if (!plan) {
      ADD_FAILURE() << plan.error().message;
      return {};
    }
    Applied applied;
    for (const ScanFile& file : plan->files) {
      auto& names = applied[file.file().file_path];
      if (!file.deletes) continue;
      if (file.deletes->vector) names.push_back(DeleteIdentity(file.deletes->vector->file()));
      for (const DeleteFile& source : file.deletes->positions) {
        names.push_back(source.file().file_path);
      }
      for (const EqualityDelete& each : plan->equality_deletes) {
        if (!file.deletes->by_equality) continue;
        const bool here = !each.partition || *each.partition == file.deletes->partition;
        if (here && *file.entry->sequence_number < each.source.sequence_number()) {
          names.push_back(each.source.file().file_path);
        }
      }
    }
    return applied;
  }
  std::string Failure() {
    const auto plan = Plan();
    return plan ? std::string() : plan.error().message;
  }

  storage::MemoryStorage storage_;
  TableMetadata metadata_;
  std::vector<ManifestFile> lines_;
};

TEST_F(DeleteMatchingTest, PositionDeletesReachFilesThatAreNotNewer) {
  Data(kUnpartitioned, 1, "old");
  Data(kUnpartitioned, 2, "same");
  Data(kUnpartitioned, 3, "newer");
  Deletes(kUnpartitioned, 2, Positions("d"));
  EXPECT_EQ(Planned(), (Applied{{"old", {"d"}}, {"same", {"d"}}, {"newer", {}}}));
}

TEST_F(DeleteMatchingTest, EqualityDeletesReachOlderFilesOnly) {
  Data(kUnpartitioned, 1, "old");
  Data(kUnpartitioned, 2, "same");
  Data(kUnpartitioned, 3, "newer");
  Deletes(kUnpartitioned, 2, Equality("d"));
  EXPECT_EQ(Planned(), (Applied{{"old", {"d"}}, {"same", {}}, {"newer", {}}}));
}

// ddb#1240, StarRocks#73901, rust#1758: a partition is its spec and its values.
TEST_F(DeleteMatchingTest, T3Ddb1240DeletesStayInTheirPartition) {
  Data(kByName, 1, "a", "a");
  Data(kByName, 1, "b", "b");
  Data(kUnpartitioned, 1, "of another spec");
  Deletes(kByName, 2, Equality("equality", "a"));
  Deletes(kByName, 2, Positions("positions", "b"));
  EXPECT_EQ(Planned(),
            (Applied{{"a", {"equality"}}, {"b", {"positions"}}, {"of another spec", {}}}));
}

TEST_F(DeleteMatchingTest, EqualityDeletesOfAnUnpartitionedSpecAreGlobal) {
  Data(kByName, 1, "a", "a");
  Data(kByName, 2, "newer", "a");
  Data(kUnpartitioned, 1, "plain");
  Deletes(kUnpartitioned, 2, Equality("e"));
  Deletes(kUnpartitioned, 2, Positions("p"));
  EXPECT_EQ(Planned(), (Applied{{"a", {"e"}}, {"newer", {}}, {"plain", {"p", "e"}}}))
      << "position deletes are not global";
}

TEST_F(DeleteMatchingTest, ASpecOfVoidFieldsIsUnpartitioned) {
  Data(kByName, 1, "a", "a");
  DataFile deletes = Equality("e");
  deletes.partition = {Value()};
  Deletes(kVoid, 2, deletes);
  EXPECT_EQ(Planned(), (Applied{{"a", {"e"}}}));
}

TEST_F(DeleteMatchingTest, AVectorHidesPositionDeletes) {
  Data(kUnpartitioned, 1, "a");
  Data(kUnpartitioned, 1, "b");
  Deletes(kUnpartitioned, 2, Positions("p"));
  Deletes(kUnpartitioned, 3, Vector("v.puffin", "a"));
  Deletes(kUnpartitioned, 3, Equality("e"));
  EXPECT_EQ(Planned(), (Applied{{"a", {"v.puffin#4", "e"}}, {"b", {"p", "e"}}}));
}

// StarRocks#76228, ice#17497: several vectors share a file.
TEST_F(DeleteMatchingTest, T4StarRocks76228VectorsAreToldApartByTheirOffset) {
  Data(kUnpartitioned, 1, "a");
  Data(kUnpartitioned, 1, "b");
  Deletes(kUnpartitioned, 2, Vector("v.puffin", "a", nullptr, 4));
  Deletes(kUnpartitioned, 2, Vector("v.puffin", "b", nullptr, 44));
  EXPECT_EQ(Planned(), (Applied{{"a", {"v.puffin#4"}}, {"b", {"v.puffin#44"}}}));
}

// ice#15006: which of the two is right, nobody can tell.
TEST_F(DeleteMatchingTest, T4Ice15006RefusesTwoVectorsOfOneFile) {
  Data(kUnpartitioned, 1, "a");
  Deletes(kUnpartitioned, 2, Vector("1.puffin", "a"));
  Deletes(kUnpartitioned, 3, Vector("2.puffin", "a"));
  EXPECT_THAT(Failure(), HasSubstr("second deletion vector"));
  EXPECT_EQ(Plan().error().kind, ErrorKind::kCorruption);
}

// ddb#1274, ice#16957: deletes under the wrong spec would silently have no effect.
TEST_F(DeleteMatchingTest, T3Ddb1274RefusesDeletesOfAFileInAnotherPartition) {
  Data(kByName, 1, "a", "a");
  Deletes(kUnpartitioned, 2, Vector("v.puffin", "a"));
  EXPECT_THAT(Failure(), HasSubstr("in another partition"));
  lines_.pop_back();
  Deletes(kByName, 2, Positions("p", "b", "a"));
  EXPECT_THAT(Failure(), HasSubstr("in another partition"));
}

TEST_F(DeleteMatchingTest, RefusesAVectorThatIsOlderThanItsFile) {
  Data(kUnpartitioned, 3, "a");
  Deletes(kUnpartitioned, 2, Vector("v.puffin", "a"));
  EXPECT_THAT(Failure(), HasSubstr("which is newer"));
}

TEST_F(DeleteMatchingTest, RefusesEntriesThatLackWhatTheyNeed) {
  Data(kUnpartitioned, 1, "a");
  DataFile vector = Vector("v.puffin", "a");
  vector.content_offset.reset();
  Deletes(kUnpartitioned, 2, vector);
  EXPECT_THAT(Failure(), HasSubstr("lacks"));
  lines_.pop_back();
  DataFile equality = Equality("e");
  equality.equality_ids.clear();
  Deletes(kUnpartitioned, 2, equality);
  EXPECT_THAT(Failure(), HasSubstr("no equality ids"));
  lines_.pop_back();
  DataFile orc = Positions("p.orc");
  orc.file_format = "ORC";
  Deletes(kUnpartitioned, 2, orc);
  EXPECT_EQ(Plan().error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(Failure(), HasSubstr("p.orc"));
}

// ice#10064: bounds of paths are cut off after 16 characters, an upper one not always rounded up.
TEST_F(DeleteMatchingTest, T5Ice10064CutOffPathBoundsProveLittle) {
  const FieldId path(2147483546);
  Data(kUnpartitioned, 1, "s3://b/t/data/file-1");
  Data(kUnpartitioned, 1, "s3://b/t/elsewhere");
  DataFile deletes = Positions("p");
  deletes.lower_bounds[path] = "s3://b/t/data/fi";
  deletes.upper_bounds[path] = "s3://b/t/data/fi";
  Deletes(kUnpartitioned, 2, deletes);
  EXPECT_EQ(Planned(), (Applied{{"s3://b/t/data/file-1", {"p"}}, {"s3://b/t/elsewhere", {}}}));
}

TEST_F(DeleteMatchingTest, ReferencedFilesAreTheOnlyOnes) {
  Data(kUnpartitioned, 1, "a");
  Data(kUnpartitioned, 1, "b");
  Deletes(kUnpartitioned, 1, Positions("p", nullptr, "b"));
  Deletes(kUnpartitioned, 1, Positions("q", nullptr, "gone"));
  Deletes(kUnpartitioned, 1, Vector("v.puffin", "gone"));
  EXPECT_EQ(Planned(), (Applied{{"a", {}}, {"b", {"p"}}}));
}

TEST_F(DeleteMatchingTest, DeletesThatAreGoneDeleteNothing) {
  Data(kUnpartitioned, 1, "a");
  Add(ManifestContent::kDeletes, kUnpartitioned, 2, Positions("p"), EntryStatus::kDeleted);
  EXPECT_EQ(Planned(), (Applied{{"a", {}}}));
}

TEST_F(DeleteMatchingTest, NumbersOfRowsCountDeletedOnes) {
  Data(kUnpartitioned, 1, "a");
  Data(kUnpartitioned, 1, "b");
  Deletes(kUnpartitioned, 1, Vector("v.puffin", "a"));
  const auto plan = Plan();
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->files[1].first_row, 10);
  EXPECT_EQ(plan->total_rows, 20);
}

TEST(PartitionKeyTest, ComparesByFieldIdAndAcrossPromotions) {
  const PartitionField a{.source_ids = {FieldId(1)}, .id = PartitionFieldId(1000), .name = "a"};
  const PartitionField b{.source_ids = {FieldId(2)}, .id = PartitionFieldId(1001), .name = "b"};
  const PartitionSpec one{.id = SpecId(1), .fields = {a, b}};
  const PartitionSpec swapped{.id = SpecId(1), .fields = {b, a}};
  const Value number = int32_t{7};
  const Value text = std::string("7");
  const std::string key = PartitionKey(SpecId(1), one, {number, text});
  EXPECT_EQ(key, PartitionKey(SpecId(1), swapped, {text, number}));
  EXPECT_EQ(key, PartitionKey(SpecId(1), one, {Value(int64_t{7}), text}));
  EXPECT_NE(key, PartitionKey(SpecId(2), one, {number, text}));
  EXPECT_NE(key, PartitionKey(SpecId(1), one, {Value(), text}));
  EXPECT_NE(key, PartitionKey(SpecId(1), one, {text, number}));
  EXPECT_EQ(PartitionKey(SpecId(1), one, {Value(1.5F), text}),
            PartitionKey(SpecId(1), one, {Value(1.5), text}));
  // Lengths keep neighbours apart.
  EXPECT_NE(PartitionKey(SpecId(1), one, {Value(std::string("a")), Value(std::string("bc"))}),
            PartitionKey(SpecId(1), one, {Value(std::string("ab")), Value(std::string("c"))}));
}

}  // namespace
}  // namespace tarn::iceberg
