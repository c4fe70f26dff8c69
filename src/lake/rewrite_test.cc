// SPDX-License-Identifier: Apache-2.0
// Compaction as a backend drives it.
#include <algorithm>

#include "lake/testing/test_service.h"
#include "lake/wire_maintenance.h"

namespace tarn::lake {
namespace {

constexpr int64_t kCommits = 12;

class RewriteTest : public testing::Test {
 protected:
  RewriteTest() : client_(service_.Connect()), place_(service_.NewPlace()) {
    for (int64_t i = 0; i < kCommits; ++i) Append(MakeRows(i * 10, 10));
    place_.create = false;
  }

  void Append(const std::vector<TestRow>& rows) {
    const auto committed = service_.Append(*client_, place_, metadata_, rows);
    ASSERT_TRUE(committed) << committed.error().message;
    metadata_ = committed->metadata_location;
    place_.location = committed->location;
  }

  Result<RewriteOutcome> Rewrite(CompactionPass pass = CompactionPass::kWhole) {
    TARN_ASSIGN(const Frame answer, client_->Call(MessageType::kRewrite,
                                                  lake::Rewrite{.transaction = key_,
                                                                .place = place_,
                                                                .base_metadata_location = metadata_,
                                                                .pass = pass,
                                                                .limits = {.nap_ms = 1000}}));
    EXPECT_EQ(answer.type, MessageType::kRewritten);
    return ParsePayload<RewriteOutcome>(answer.payload());
  }

  Result<CommitOk> Commit(const std::string& base) {
    return client_->Commit(
        {.transaction = key_,
         .tables = {{.table_oid = place_.table_oid, .base_metadata_location = base}}});
  }

  std::vector<TestRow> Sorted(const std::string& metadata) {
    auto rows = client_->Rows(metadata);
    std::ranges::sort(rows);
    return rows;
  }

  int64_t FilesOfRewrite() const {
    return std::ranges::count_if(service_.Files(), [this](const std::string& file) {
      return file.find(key_.uuid.ToString()) != std::string::npos;
    });
  }

  TestService service_;
  std::unique_ptr<TestClient> client_;
  TablePlace place_;
  std::string metadata_;
  TransactionKey key_{.uuid = Uuid::Random(), .full_xid = 9000, .database_oid = 5};
};

TEST_F(RewriteTest, FilesBecomeOneAndRowsStay) {
  const auto outcome = Rewrite();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->changes);
  EXPECT_EQ(outcome->rewritten_files, kCommits);
  EXPECT_EQ(outcome->added_files, 1);
  EXPECT_FALSE(outcome->more);
  const auto committed = Commit(metadata_);
  ASSERT_TRUE(committed) << committed.error().message;
  client_->Finish(key_.uuid, Outcome::kCommitted);
  const std::string after = committed->tables[0].metadata_location;
  EXPECT_NE(after, metadata_);
  EXPECT_EQ(client_->Rows(after), MakeRows(0, kCommits * 10));
  EXPECT_EQ(client_->Rows(metadata_), MakeRows(0, kCommits * 10));  // who reads on in the old one
  service_.ExpectSound(after);
  metadata_ = after;
  key_.uuid = Uuid::Random();
  const auto again = Rewrite();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again->changes);
}

TEST_F(RewriteTest, AppendsMeanwhileStay) {
  ASSERT_TRUE(Rewrite());
  const std::string before = metadata_;
  const auto other = service_.Connect();
  const auto appended = service_.Append(*other, place_, metadata_, MakeRows(kCommits * 10, 10));
  ASSERT_TRUE(appended) << appended.error().message;
  const auto committed = Commit(appended->metadata_location);
  ASSERT_TRUE(committed) << committed.error().message;
  client_->Finish(key_.uuid, Outcome::kCommitted);
  const std::string after = committed->tables[0].metadata_location;
  EXPECT_EQ(Sorted(after), MakeRows(0, (kCommits + 1) * 10));
  service_.ExpectSound(after);
}

TEST_F(RewriteTest, ItLosesToWhoeverRemovedTheRows) {
  ASSERT_TRUE(Rewrite());
  const auto other = service_.Connect();
  TestWrite truncate{.place = place_, .base = metadata_};
  truncate.key.full_xid = 9001;
  ASSERT_TRUE(other->Prepare(truncate.truncate()));
  const auto truncated = other->Commit(truncate.commit());
  ASSERT_TRUE(truncated) << truncated.error().message;
  other->Finish(truncate.key.uuid, Outcome::kCommitted);
  const std::string& base = truncated->tables[0].metadata_location;
  const auto committed = Commit(base);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::kConflict);
  EXPECT_GT(FilesOfRewrite(), 0);
  client_->Finish(key_.uuid, Outcome::kAborted);
  EXPECT_EQ(FilesOfRewrite(), 0);
  EXPECT_TRUE(client_->Rows(base).empty());
  service_.ExpectSound(base);
}

TEST_F(RewriteTest, ARollbackLeavesNothing) {
  ASSERT_TRUE(Rewrite());
  EXPECT_GT(FilesOfRewrite(), 0);
  client_->Finish(key_.uuid, Outcome::kAborted);
  EXPECT_EQ(FilesOfRewrite(), 0);
  service_.ExpectSound(metadata_);
}

TEST_F(RewriteTest, OneThatIsGivenUpLeavesNothingThoughItsTransactionCommits) {
  ASSERT_TRUE(Rewrite());
  client_->Finish(key_.uuid, Outcome::kCommitted);
  EXPECT_EQ(FilesOfRewrite(), 0);
  service_.ExpectSound(metadata_);
}

TEST_F(RewriteTest, TheBoardKnowsWhatIsWorthIt) {
  const auto ask = [&](uint32_t database) {
    const auto answer = client_->Call(MessageType::kCompactionsDue,
                                      CompactionsDue{.database_oid = database, .nap_ms = 0});
    EXPECT_TRUE(answer);
    return ParsePayload<DueDatabases>(answer->payload())->databases;
  };
  ASSERT_EQ(ask(0).size(), 1U);
  EXPECT_EQ(ask(5)[0].tables, std::vector<uint32_t>{place_.table_oid});
  EXPECT_TRUE(ask(6).empty());
  const auto answer = client_->Call(
      MessageType::kFindRewrites,
      FindRewrites{.tables = {{.table_oid = place_.table_oid, .metadata_location = metadata_}}});
  ASSERT_TRUE(answer) << answer.error().message;
  const auto found = ParsePayload<FoundRewrites>(answer->payload());
  ASSERT_EQ(found->tables.size(), 1U);
  EXPECT_EQ(found->tables[0].files, kCommits);
  const auto excluded =
      client_->Call(MessageType::kFindRewrites, FindRewrites{.excluded = {place_.table_oid}});
  ASSERT_TRUE(excluded);
  EXPECT_TRUE(ask(5).empty());
}

TEST_F(RewriteTest, SnapshotsExpireWithoutARewrite) {
  service_.lake().policy.min_snapshots_to_keep = 3;
  service_.lake().policy.max_snapshot_age_ms = -1;
  const auto outcome = Rewrite(CompactionPass::kExpire);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->changes);
  EXPECT_EQ(outcome->rewritten_files, 0);
  const auto committed = Commit(metadata_);
  ASSERT_TRUE(committed) << committed.error().message;
  client_->Finish(key_.uuid, Outcome::kCommitted);
  const std::string after = committed->tables[0].metadata_location;
  const auto table = iceberg::LoadTable(*service_.lake().storage, after);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->metadata->snapshots.size(), 3U);
  EXPECT_EQ(client_->Rows(after), MakeRows(0, kCommits * 10));
  service_.ExpectSound(after, /*orphans_allowed=*/true);
}

TEST_F(RewriteTest, ATransactionWithRowsCannotRewrite) {
  client_->Send(MessageType::kBeginWrite, BeginWrite{key_, 17, place_, TestFields()});
  const auto outcome = Rewrite();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInvalidArgument);
  client_->Finish(key_.uuid, Outcome::kAborted);
}

}  // namespace
}  // namespace tarn::lake
