// SPDX-License-Identifier: Apache-2.0
#include "iceberg/manifests/manifest_cache.h"

#include <gtest/gtest.h>

#include <thread>

#include "iceberg/testing/sample_manifest.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg {
namespace {

class ManifestCacheTest : public testing::Test {
 protected:
  ManifestFile Store(const std::string& name, int64_t sequence = 7) {
    const ManifestHeader header = SampleHeader();
    const std::vector<ManifestEntry> entries = {SampleEntry("s3://b/data/" + name, 5)};
    ManifestFile file = SummarizeManifest(header, entries, SnapshotId(1));
    file.manifest_path = "s3://b/metadata/" + name;
    file.sequence_number = SequenceNumber(sequence);
    const auto bytes = EncodeManifest(header, entries);
    file.manifest_length_bytes = static_cast<int64_t>(bytes->size());
    EXPECT_TRUE(
        storage_.Put(file.manifest_path, std::string_view(*bytes), storage::PutMode::kReplace));
    return file;
  }

  storage::MemoryStorage storage_;
};

TEST_F(ManifestCacheTest, ReadsEachFileOnce) {
  ManifestCache cache(&storage_, 1 << 20);
  const ManifestFile file = Store("m0.avro");
  const auto list = EncodeManifestList({.snapshot_id = SnapshotId(1)}, std::vector{file});
  ASSERT_TRUE(storage_.Put("s3://b/l.avro", std::string_view(*list), storage::PutMode::kReplace));
  const auto first = cache.ReadManifest(file);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)->entries[0].sequence_number, SequenceNumber(7));
  EXPECT_EQ((*cache.ReadManifest(file)).get(), first->get());
  EXPECT_EQ((*cache.ManifestList("s3://b/l.avro"))->size(), 1u);
  EXPECT_EQ((*cache.ManifestList("s3://b/l.avro"))->at(0).manifest_path, file.manifest_path);
  EXPECT_EQ(storage_.opened(), 2);
}

TEST_F(ManifestCacheTest, StaysWithinItsLimitAndDropsTheOldest) {
  const ManifestFile a = Store("a.avro"), b = Store("b.avro"), c = Store("c.avro");
  size_t one = 0;
  {
    ManifestCache probe(&storage_, 1 << 20);
    ASSERT_TRUE(probe.ReadManifest(a));
    one = probe.memory_bytes();
    EXPECT_GT(one, sizeof(ManifestEntry));
  }
  ManifestCache cache(&storage_, one * 2 + one / 2);
  const auto kept = cache.ReadManifest(a);
  ASSERT_TRUE(cache.ReadManifest(b));
  ASSERT_TRUE(cache.ReadManifest(a));  // b is the oldest now
  ASSERT_TRUE(cache.ReadManifest(c));
  EXPECT_LE(cache.memory_bytes(), one * 2 + one / 2);
  const int opened = storage_.opened();
  ASSERT_TRUE(cache.ReadManifest(a));
  ASSERT_TRUE(cache.ReadManifest(c));
  EXPECT_EQ(storage_.opened(), opened);
  ASSERT_TRUE(cache.ReadManifest(b));
  EXPECT_EQ(storage_.opened(), opened + 1);
  EXPECT_EQ((*kept)->entries[0].data_file.file_path, "s3://b/data/a.avro");
}

TEST_F(ManifestCacheTest, KeepsWhatTheBudgetHasRoomFor) {
  const ManifestFile a = Store("a.avro"), b = Store("b.avro");
  ManifestCache probe(&storage_, 1 << 20);
  ASSERT_TRUE(probe.ReadManifest(a));
  const auto one = static_cast<int64_t>(probe.memory_bytes());
  MemoryBudget budget(one * 2);
  {
    ManifestCache cache(&storage_, 1 << 20, budget.Open("manifests"));
    ASSERT_TRUE(cache.ReadManifest(a));
    EXPECT_EQ(budget.used_bytes(), one);
    MemoryReservation others = budget.Open("others");
    others.Grow(one);
    ASSERT_TRUE(cache.ReadManifest(b));  // in the place of the other one
    EXPECT_EQ(budget.used_bytes(), 2 * one);
    others.Grow(one);
    ASSERT_TRUE(cache.ReadManifest(a));  // there is no place at all: read, and not kept
    EXPECT_EQ(cache.memory_bytes(), 0);
    EXPECT_EQ(budget.used_bytes(), 2 * one);
  }
  EXPECT_EQ(budget.used_bytes(), 0);
}

TEST_F(ManifestCacheTest, ForgetsWhatASuccessorDoesNotHave) {
  const ManifestFile gone = Store("gone.avro"), kept = Store("kept.avro"),
                     added = Store("added.avro");
  ManifestCache cache(&storage_, 1 << 20);
  for (const ManifestFile& file : {gone, kept, added}) ASSERT_TRUE(cache.ReadManifest(file));
  cache.AddManifestList("s3://b/old.avro", {gone, kept});
  cache.AddManifestList("s3://b/new.avro", {kept, added});
  storage_.Delete(gone.manifest_path).value();
  storage_.Delete(kept.manifest_path).value();
  cache.ForgetSuperseded("s3://b/old.avro", "s3://b/new.avro");
  EXPECT_FALSE(cache.ReadManifest(gone));
  EXPECT_TRUE(cache.ReadManifest(kept));
  EXPECT_FALSE(cache.ManifestList("s3://b/old.avro"));
  EXPECT_TRUE(cache.ManifestList("s3://b/new.avro"));
  // Where one of the two is not known, nothing is.
  cache.ForgetSuperseded("s3://b/new.avro", "s3://b/unknown.avro");
  EXPECT_TRUE(cache.ManifestList("s3://b/new.avro"));
}

TEST_F(ManifestCacheTest, HoldsNothingWithoutALimit) {
  ManifestCache cache(&storage_, 0);
  ASSERT_TRUE(cache.ReadManifest(Store("a.avro")));
  EXPECT_EQ(cache.memory_bytes(), 0u);
}

// risingwave#17976, ice#10919: a retried commit gives its manifest another sequence number.
TEST_F(ManifestCacheTest, T6Risingwave17976NumbersComeFromTheLineThatIsAskedFor) {
  ManifestCache cache(&storage_, 1 << 20);
  ManifestFile file = Store("a.avro", 7);
  Manifest written{SampleHeader(), {SampleEntry("s3://b/data/a.avro", 5)}};
  cache.AddManifest(file, written);
  EXPECT_EQ((*cache.ReadManifest(file))->entries[0].sequence_number, SequenceNumber(7));
  EXPECT_EQ(storage_.opened(), 0);
  file.sequence_number = SequenceNumber(8);
  EXPECT_EQ((*cache.ReadManifest(file))->entries[0].sequence_number, SequenceNumber(8));
  EXPECT_EQ((*cache.ReadManifest(file))->entries[0].sequence_number, SequenceNumber(8));
  EXPECT_EQ(storage_.opened(), 1);
}

TEST_F(ManifestCacheTest, NamesTheFileThatCannotBeRead) {
  ManifestCache cache(&storage_, 1 << 20);
  EXPECT_EQ(cache.ManifestList("s3://b/none.avro").error().kind, ErrorKind::kNotFound);
  ASSERT_TRUE(storage_.Put("s3://b/bad.avro", std::string_view("bad"), storage::PutMode::kReplace));
  const auto error = cache.ManifestList("s3://b/bad.avro").error();
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
  EXPECT_NE(error.message.find("s3://b/bad.avro"), std::string::npos);
  EXPECT_EQ(cache.memory_bytes(), 0u);
}

TEST_F(ManifestCacheTest, ServesManyThreads) {
  std::vector<ManifestFile> files;
  for (int i = 0; i < 20; ++i) files.push_back(Store("m" + std::to_string(i) + ".avro"));
  ManifestCache cache(&storage_, 20'000);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 300; ++i) {
        const ManifestFile& file = files[(i * 7 + t) % files.size()];
        const auto manifest = cache.ReadManifest(file);
        ASSERT_TRUE(manifest);
        ASSERT_EQ((*manifest)->entries[0].data_file.file_path.substr(11),
                  file.manifest_path.substr(15));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.memory_bytes(), 20'000u);
}

}  // namespace
}  // namespace tarn::iceberg
