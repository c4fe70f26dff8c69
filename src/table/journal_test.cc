// SPDX-License-Identifier: Apache-2.0
#include "table/journal.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/testing/scratch_directory.h"

namespace tarn::table {
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

  static Writer NewWriter(uint64_t xid) {
    return {.id = Uuid::Random(), .issuer = "test", .token = std::to_string(xid)};
  }

  std::string log() const { return scratch_.path() + "/journal/log"; }

  storage::ScratchDirectory scratch_;
};

TEST_F(JournalTest, RemembersWhatWasAdded) {
  const Writer writer = NewWriter((uint64_t{3} << 32) + 7);
  const DroppedLocation dropped{"s3://b/t2", "s3://b/t2/metadata/00003-x.metadata.json",
                                Uuid::Random(), "database 5"};
  const ExpiredFiles expired{"s3://b/t1", "s3://b/t1/metadata/m", {"l1", "l2"}, {"m0"}, "me"};
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddLocation(writer, "s3://b/t1", true));
    ASSERT_TRUE(journal->AddLocation(writer, "s3://b/t1", true)) << "known already";
    ASSERT_TRUE(journal->AddLocation(writer, "s3://b/\"odd\"\n\xC3\xA9", false));
    ASSERT_TRUE(journal->AddDropped(writer, {dropped}));
    ASSERT_TRUE(journal->AddExpired(writer, {expired}));
  }
  const auto journal = Open();
  const auto entry = journal->Find(writer.id);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->writer, writer);
  EXPECT_EQ(entry->locations, (std::vector<JournalledLocation>{
                                  {"s3://b/t1", true}, {"s3://b/\"odd\"\n\xC3\xA9", false}}));
  EXPECT_EQ(entry->dropped, std::vector<DroppedLocation>{dropped});
  EXPECT_EQ(entry->expired, std::vector<ExpiredFiles>{expired});
  EXPECT_FALSE(entry->committed_ms);
}

TEST_F(JournalTest, ACommitIsWrittenDownOnlyWhenItIsProven) {
  const Writer writer = NewWriter(7);
  const Writer dropping = NewWriter(8);
  const DroppedLocation dropped{"s3://b/u", "m", Uuid::Random(), "me"};
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->AddLocation(writer, "s3://b/t", false));
    ASSERT_TRUE(journal->AddDropped(dropping, {dropped}));
    journal->Commit(writer.id, 1'000'000);
    journal->Commit(dropping.id, 1'000'000);
    EXPECT_TRUE(journal->Find(writer.id)->committed_ms);
  }
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->Find(writer.id)) << "its issuer must be asked after a crash";
    EXPECT_FALSE(journal->Find(writer.id)->committed_ms);
    journal->Commit(dropping.id, 1'000'000);
    ASSERT_TRUE(journal->Settle({writer.id, dropping.id}, "test", "mark", 900'000));
    EXPECT_TRUE(journal->Entries().empty());
  }
  const auto journal = Open();
  EXPECT_TRUE(journal->Entries().empty());
  const auto garbage = journal->Garbage();
  ASSERT_EQ(garbage.size(), 1u);
  EXPECT_EQ(garbage[0]->issuer, "test");
  EXPECT_EQ(garbage[0]->mark, "mark");
  EXPECT_EQ(garbage[0]->committed_ms, 1'000'000);
  EXPECT_EQ(garbage[0]->dropped, std::vector<DroppedLocation>{dropped});
  ASSERT_TRUE(journal->ReplaceGarbage(garbage[0]->id, std::nullopt));
  EXPECT_TRUE(journal->Garbage().empty());
}

/// One record per commit for an hour was too much to copy under the lock that commits need.
TEST_F(JournalTest, WhatManyCommitsLeaveIsOneRecordPerTable) {
  std::vector<Uuid> writers;
  {
    const auto journal = Open();
    for (int i = 0; i < 100; ++i) {
      const Writer writer = NewWriter(static_cast<uint64_t>(i));
      const std::string location = i % 2 == 0 ? "s3://b/t" : "s3://b/u";
      ASSERT_TRUE(journal->AddExpired(
          writer, {{.location = location,
                    .metadata_location =
                        fmt::format("{}/metadata/{:05}-x.metadata.json", location, (i * 37) % 100),
                    .manifest_lists = {fmt::format("list{}", i)},
                    .metadata_files = {fmt::format("file{}", i)},
                    .holder = "me"}}));
      journal->Commit(writer.id, 1000 + i);
      writers.push_back(writer.id);
    }
    ASSERT_TRUE(journal->Settle(writers, "test", "mark", 5000));
  }
  const auto journal = Open();
  const auto garbage = journal->Garbage();
  ASSERT_EQ(garbage.size(), 1u);
  EXPECT_EQ(garbage[0]->committed_ms, 1099);
  ASSERT_EQ(garbage[0]->expired.size(), 2u);
  for (const ExpiredFiles& expired : garbage[0]->expired) {
    EXPECT_EQ(expired.manifest_lists.size(), 50u);
    EXPECT_EQ(expired.metadata_files.size(), 50u);
  }
  EXPECT_EQ(garbage[0]->expired[0].metadata_location, "s3://b/t/metadata/00098-x.metadata.json");
}

TEST_F(JournalTest, ATornTailIsDropped) {
  const Writer first = NewWriter(1);
  const Writer second = NewWriter(2);
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
    EXPECT_TRUE(journal->Find(first.id)) << cut;
    EXPECT_EQ(journal->Find(second.id).has_value(), cut == 1)
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
        const Writer writer = NewWriter(round);
        ASSERT_TRUE(journal->AddLocation(writer, location, false));
        if (round == 250) continue;
        ASSERT_TRUE(journal->Forget(writer.id));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(journal->Entries().size(), 8u);
  EXPECT_LT(fs::file_size(log()), 6u << 20) << "8 MB were written";
}

TEST_F(JournalTest, ACopyIsAnotherNode) {
  const Writer writer = NewWriter(9);
  Uuid node;
  {
    const auto journal = Open();
    node = journal->node();
    ASSERT_TRUE(journal->AddLocation(writer, "s3://b/t", false));
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
  EXPECT_TRUE(original->Find(writer.id));
}

/// As the first version of the program wrote it.
TEST_F(JournalTest, TheFirstFormOfTheJournalIsRead) {
  Open();
  const std::string text =
      R"({"database":5,"kind":"dropped","location":"s3://b/t","metadata":"s3://b/t/metadata/0.json",)"
      R"("table":"11111111-2222-3333-4444-555555555555",)"
      R"("transaction":"aaaaaaaa-2222-3333-4444-555555555555","xid":4294967303})";
  const uint32_t checksum = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  std::ofstream(log()) << fmt::format("{:08x} {}\n", checksum, text);
  const auto entry = Open()->Find(Uuid::Parse("aaaaaaaa-2222-3333-4444-555555555555").value());
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->writer.issuer, "postgres");
  EXPECT_EQ(entry->writer.token, "4294967303/5");
  ASSERT_EQ(entry->dropped.size(), 1u);
  EXPECT_EQ(entry->dropped[0].holder, "database 5");
}

// Opening succeeds and reading gives EIO, as on a broken disk; opening fails.
const char* const kUnreadable[] = {"/proc/self/mem", "a loop"};

TEST_F(JournalTest, WhatCannotBeReadIsNotReplaced) {
  for (const std::string name : {"log", "node"}) {
    for (const std::string target : kUnreadable) {
      const std::string directory = scratch_.path() + "/" + name + target.substr(target.size() - 3);
      (void)OpenAt(directory);
      const std::string file = directory + "/" + name;
      fs::remove(file);
      fs::create_symlink(target == "a loop" ? file : target, file);
      const auto journal = Journal::Open(directory);
      ASSERT_FALSE(journal) << file << " -> " << target;
      EXPECT_EQ(journal.error().kind, ErrorKind::kUnavailable);
      EXPECT_TRUE(journal.error().message.contains(file)) << journal.error().message;
      EXPECT_TRUE(fs::is_symlink(file)) << "replaced";
    }
  }
}

TEST_F(JournalTest, AMalformedNodeFileIsAnError) {
  fs::create_directories(scratch_.path() + "/journal");
  std::ofstream(scratch_.path() + "/journal/node") << "{}";
  const auto journal = Journal::Open(scratch_.path() + "/journal");
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace tarn::table
