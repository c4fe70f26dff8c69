// SPDX-License-Identifier: Apache-2.0
#include "lake/journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/testing/scratch_directory.h"

namespace tarn::lake {
namespace {

namespace fs = std::filesystem;

class JournalTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> Open() const { return OpenAt(scratch_.path() + "/journal"); }

  static std::unique_ptr<Journal> OpenAt(const std::string& directory) {
    auto journal = Journal::Open(directory);
    EXPECT_TRUE(journal) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
  }

  static TransactionKey Key(uint64_t xid) {
    return {.uuid = Uuid::Random(), .full_xid = xid, .database_oid = 5};
  }

  std::string log() const { return scratch_.path() + "/journal/log"; }

  storage::ScratchDirectory scratch_;
};

TEST_F(JournalTest, RemembersWhatWasAdded) {
  const TransactionKey key = Key((uint64_t{3} << 32) + 7);
  const DroppedLocation dropped{"s3://b/t2", "s3://b/t2/metadata/00003-x.metadata.json",
                                Uuid::Random()};
  const ExpiredFiles expired{"s3://b/t1", "s3://b/t1/metadata/m", {"l1", "l2"}, {"m0"}};
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddLocation(key, "s3://b/t1", true));
    ASSERT_TRUE(journal->AddLocation(key, "s3://b/t1", true)) << "known already";
    ASSERT_TRUE(journal->AddLocation(key, "s3://b/\"odd\"\n\xC3\xA9", false));
    ASSERT_TRUE(journal->AddDropped(key, {dropped}));
    ASSERT_TRUE(journal->AddExpired(key, {expired}));
  }
  const auto journal = Open();
  const auto entry = journal->Find(key.uuid);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->key.full_xid, key.full_xid);
  EXPECT_EQ(entry->key.database_oid, 5u);
  EXPECT_EQ(entry->locations, (std::vector<JournalledLocation>{
                                  {"s3://b/t1", true}, {"s3://b/\"odd\"\n\xC3\xA9", false}}));
  EXPECT_EQ(entry->dropped, std::vector<DroppedLocation>{dropped});
  EXPECT_EQ(entry->expired, std::vector<ExpiredFiles>{expired});
  EXPECT_FALSE(entry->committed_ms);
}

TEST_F(JournalTest, ACommitIsWrittenDownOnlyLater) {
  const TransactionKey key = Key(7);
  const TransactionKey dropping = Key(8);
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddLocation(key, "s3://b/t", false));
    ASSERT_TRUE(journal->AddDropped(dropping, {{"s3://b/u", "m", Uuid::Random()}}));
    journal->Commit(key.uuid, 1'000'000);
    journal->Commit(dropping.uuid, 1'000'000);
    ASSERT_TRUE(journal->RecordCommits(1'000'500));
    EXPECT_TRUE(journal->Find(key.uuid)->committed_ms);
  }
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->Find(key.uuid)) << "PostgreSQL must be asked after a crash";
    EXPECT_FALSE(journal->Find(key.uuid)->committed_ms);
    journal->Commit(key.uuid, 1'000'000);
    journal->Commit(dropping.uuid, 1'000'000);
    ASSERT_TRUE(journal->RecordCommits(1'100'000));
    EXPECT_FALSE(journal->Find(key.uuid));
    EXPECT_EQ(journal->Find(dropping.uuid)->committed_ms, 1'000'000);
  }
  const auto journal = Open();
  EXPECT_FALSE(journal->Find(key.uuid));
  EXPECT_EQ(journal->Find(dropping.uuid)->committed_ms, 1'000'000);
  ASSERT_TRUE(journal->Forget(dropping.uuid));
  EXPECT_TRUE(journal->Entries().empty());
}

TEST_F(JournalTest, ATornTailIsDropped) {
  const TransactionKey first = Key(1);
  const TransactionKey second = Key(2);
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddLocation(first, "s3://b/t", false));
    ASSERT_TRUE(journal->AddLocation(second, "s3://b/t", false));
  }
  const std::string saved = scratch_.path() + "/saved";
  fs::copy(log(), saved);
  const auto size = fs::file_size(saved);
  for (uintmax_t cut = 1; cut < size / 2; cut += 7) {
    fs::copy(saved, log(), fs::copy_options::overwrite_existing);
    fs::resize_file(log(), size - cut);
    const auto journal = Open();
    EXPECT_TRUE(journal->Find(first.uuid)) << cut;
    EXPECT_EQ(journal->Find(second.uuid).has_value(), cut == 1)
        << cut << ": only the line feed is gone";
  }
}

TEST_F(JournalTest, ManyThreadsShareItAndItStaysSmall) {
  const auto journal = Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&journal, i] {
      const std::string location = "s3://bucket/" + std::string(2000, static_cast<char>('a' + i));
      for (int round = 0; round < 500; ++round) {
        const TransactionKey key = Key(round);
        ASSERT_TRUE(journal->AddLocation(key, location, false));
        if (round == 250) continue;
        ASSERT_TRUE(journal->Forget(key.uuid));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(journal->Entries().size(), 8u);
  EXPECT_LT(fs::file_size(log()), 6u << 20) << "8 MB were written";
}

TEST_F(JournalTest, ACopyIsAnotherNode) {
  const TransactionKey key = Key(9);
  Uuid node;
  {
    const auto journal = Open();
    node = journal->node();
    ASSERT_TRUE(journal->AddLocation(key, "s3://b/t", false));
  }
  EXPECT_EQ(Open()->node(), node);
  const std::string copy = scratch_.path() + "/copy";
  fs::copy(scratch_.path() + "/journal", copy, fs::copy_options::recursive);
  const auto copied = OpenAt(copy);
  EXPECT_NE(copied->node(), node);
  EXPECT_TRUE(copied->Entries().empty());
  EXPECT_TRUE(fs::exists(copy + "/log." + node.ToString()));
  const auto original = Open();
  EXPECT_EQ(original->node(), node);
  EXPECT_TRUE(original->Find(key.uuid));
}

TEST_F(JournalTest, AMalformedNodeFileIsAnError) {
  fs::create_directories(scratch_.path() + "/journal");
  std::ofstream(scratch_.path() + "/journal/node") << "{}";
  const auto journal = Journal::Open(scratch_.path() + "/journal");
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace tarn::lake
