// SPDX-License-Identifier: Apache-2.0
// Ends of transactions that nobody reported, owners of locations, and what is deleted afterwards.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "iceberg/commit/commit.h"
#include "lake/maintenance.h"
#include "lake/testing/test_service.h"
#include "table/pins.h"

namespace tarn::lake {
namespace {

namespace fs = std::filesystem;

class TransactionEndTest : public testing::Test {
 protected:
  TransactionEndTest() : client_(service_.Connect()) {
    place_ = service_.NewPlace();
    const auto created = service_.Append(*client_, place_, "", MakeRows(0, 3));
    EXPECT_TRUE(created) << created.error().message;
    if (created) current_ = created->metadata_location;
    place_.create = false;
    before_ = service_.Files();
  }

  /// Prepared and committed as far as the engine goes; only the end is missing.
  TestWrite Unfinished(TablePlace place, const std::string& base, int64_t first) {
    TestWrite write{.place = std::move(place), .base = base, .live = {{0, 4}}};
    client_->Send(MessageType::kBeginWrite,
                  BeginWrite{write.key, write.storage, write.place, TestFields()});
    client_->Append(write.storage, 0, MakeRows(first, 4));
    EXPECT_TRUE(client_->Prepare(write.prepare()));
    const auto committed = client_->Commit(write.commit());
    EXPECT_TRUE(committed);
    if (committed) committed_ = committed->tables[0];
    return write;
  }

  std::vector<OpenTransaction> Listed() {
    std::vector<uint8_t> frame;
    AppendFrameHeader(frame, MessageType::kListTransactions);
    EXPECT_TRUE(client_->channel().Write(frame));
    const auto answer = client_->Receive();
    EXPECT_TRUE(answer) << answer.error().message;
    auto listed = ParsePayload<Transactions>(answer->payload())->transactions;
    // Those that committed a moment before the restart are listed too.
    return listed;
  }

  /// Once the engine has seen that whoever made them has gone.
  std::vector<OpenTransaction> ListedOfTheDead() {
    while (true) {
      auto listed = Listed();
      if (std::ranges::none_of(listed, &OpenTransaction::connected)) return listed;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const OpenTransaction* Find(const std::vector<OpenTransaction>& listed, const Uuid& uuid) {
    for (const OpenTransaction& transaction : listed) {
      if (transaction.key.uuid == uuid) return &transaction;
    }
    return nullptr;
  }

  table::GarbageCollected Maintain(const lake::Maintain& message) {
    const auto answer = client_->Call(MessageType::kMaintain, message);
    EXPECT_TRUE(answer) << answer.error().message;
    return service_.lake().maintenance->AwaitIdle();
  }

  void Resolve(const Uuid& uuid, Outcome outcome) {
    Maintain({.verdicts = {{uuid, outcome}}, .flushed_lsn = 1000, .safe_age_ms = 1'000'000'000});
  }

  /// With everything flushed. Transactions of these tests have ids below 5001.
  table::GarbageCollected Collect(uint64_t horizon_xid) {
    return Maintain({.flushed_lsn = 1000, .next_xid = 5001, .horizon_xid = horizon_xid});
  }

  void Die() {
    client_.reset();
    service_.Restart();
    client_ = service_.Connect();
  }

  TestService service_;
  std::unique_ptr<TestClient> client_;
  TablePlace place_;
  std::string current_;
  CommittedTable committed_;
  std::set<std::string> before_;
};

/// Whoever aborts with a new engine must find the files of the one that died.
TEST_F(TransactionEndTest, AnEngineThatDiesBetweenPrepareAndCommitLeavesNothing) {
  TestWrite write{.place = place_, .base = current_, .live = {{0, 4}}};
  client_->Send(MessageType::kBeginWrite,
                BeginWrite{write.key, write.storage, write.place, TestFields()});
  client_->Append(write.storage, 0, MakeRows(10, 4));
  EXPECT_TRUE(client_->Prepare(write.prepare()));
  EXPECT_NE(service_.Files(), before_);
  client_.reset();
  service_.Restart();
  client_ = service_.Connect();
  EXPECT_FALSE(client_->Commit(write.commit()));
  client_->Finish(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
  EXPECT_EQ(Find(Listed(), write.key.uuid), nullptr);
}

TEST_F(TransactionEndTest, AbortedAfterTheEngineDied) {
  const TestWrite write = Unfinished(place_, current_, 10);
  Die();
  EXPECT_GT(service_.Files().size(), before_.size());
  const auto listed = Listed();
  const OpenTransaction* found = Find(listed, write.key.uuid);
  ASSERT_NE(found, nullptr);
  EXPECT_FALSE(found->connected);
  EXPECT_EQ(found->key.full_xid, write.key.full_xid);
  Resolve(write.key.uuid, Outcome::kPrepared);
  EXPECT_GT(service_.Files().size(), before_.size()) << "undecided: nothing happens";
  Resolve(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
  EXPECT_EQ(Find(Listed(), write.key.uuid), nullptr);
  service_.ExpectSound(current_);
}

TEST_F(TransactionEndTest, CommittedAfterTheEngineDied) {
  const TestWrite write = Unfinished(place_, current_, 10);
  Die();
  const auto files = service_.Files();
  Resolve(write.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(service_.Files(), files);
  EXPECT_EQ(client_->Rows(committed_.metadata_location).size(), 7u);
  EXPECT_EQ(Find(Listed(), write.key.uuid), nullptr);
  service_.ExpectSound(committed_.metadata_location);
}

TEST_F(TransactionEndTest, CommittedKeepsOnlyWhatItsMetadataReaches) {
  service_.lake().limits.stream_start_bytes = 1;
  TestWrite write{.place = place_, .base = current_, .live = {{4, 8}}};
  client_->Send(MessageType::kBeginWrite,
                BeginWrite{write.key, write.storage, write.place, TestFields()});
  client_->Append(write.storage, 0, MakeRows(10, 4));
  client_->Rows("", write.storage, {{0, 4}});
  client_->Append(write.storage, 4, MakeRows(20, 4));
  ASSERT_TRUE(client_->Prepare(write.prepare()));
  const auto committed = client_->Commit(write.commit());
  ASSERT_TRUE(committed);
  Die();
  const auto files = service_.Files();
  Resolve(write.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(service_.Files().size(), files.size() - 1) << "the file of the dead rows";
  service_.ExpectSound(committed->tables[0].metadata_location);
}

TEST_F(TransactionEndTest, ALostConnectionWaitsForTheVerdict) {
  const TestWrite write = Unfinished(place_, current_, 10);
  EXPECT_TRUE(Find(Listed(), write.key.uuid)->connected);
  const auto lost = std::exchange(client_, service_.Connect());
  Resolve(write.key.uuid, Outcome::kAborted);
  EXPECT_GT(service_.Files().size(), before_.size()) << "it is connected: its session decides";
  lost->channel().Shutdown();
  while (Find(Listed(), write.key.uuid)->connected) {
  }
  Resolve(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(TransactionEndTest, PreparedTransactionsWait) {
  const TestWrite write = Unfinished(place_, current_, 10);
  client_->Finish(write.key.uuid, Outcome::kPrepared);
  const auto listed = Listed();
  ASSERT_NE(Find(listed, write.key.uuid), nullptr);
  EXPECT_FALSE(Find(listed, write.key.uuid)->connected);
  Resolve(write.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(client_->Rows(committed_.metadata_location).size(), 7u);
  service_.ExpectSound(committed_.metadata_location);
}

TEST_F(TransactionEndTest, AnAbortedCreateGivesItsLocationBack) {
  const TablePlace place = service_.NewPlace(2000);
  const TestWrite write = Unfinished(place, "", 0);
  Die();
  Resolve(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
  const auto again = service_.Append(*client_, service_.NewPlace(2000), "", MakeRows(0, 1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->location, place.location);
}

TEST_F(TransactionEndTest, ATakenLocationGetsASuffix) {
  TablePlace other = service_.NewPlace();
  ASSERT_EQ(other.location, place_.location);
  const auto created = service_.Append(*client_, other, "", MakeRows(50, 1));
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->location.size(), place_.location.size() + 9);
  EXPECT_TRUE(created->location.starts_with(place_.location + "-"));
  EXPECT_TRUE(created->metadata_location.starts_with(created->location + "/metadata/"));
  service_.ExpectSound(created->metadata_location);
  service_.ExpectSound(current_);
}

TEST_F(TransactionEndTest, ForeignTablesAreReadOnlyUntilAdopted) {
  const auto stranger = service_.Connect(6);
  TestWrite write{.place = place_, .base = current_, .live = {{0, 1}}};
  write.key.database_oid = 6;
  EXPECT_EQ(stranger->Rows(current_), MakeRows(0, 3));
  stranger->Send(MessageType::kBeginWrite,
                 BeginWrite{write.key, write.storage, write.place, TestFields()});
  stranger->Append(write.storage, 0, MakeRows(9, 1));
  const auto refused = stranger->Prepare(write.prepare());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_NE(refused.error().hint.find("tarn.adopt_table"), std::string::npos);
  stranger->Finish(write.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);

  ASSERT_TRUE(stranger->Call(MessageType::kAdoptTable, AdoptTable{place_}));
  ASSERT_FALSE(service_.Append(*client_, place_, current_, MakeRows(9, 1))) << "it was ours";
  TablePlace another = place_;
  another.table_uuid = Uuid::Random();
  const auto conflict = stranger->Call(MessageType::kAdoptTable, AdoptTable{another});
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().kind, ErrorKind::kConflict);
}

TEST_F(TransactionEndTest, ACopyMayReadButNotWrite) {
  client_.reset();
  service_.Stop();
  // The journal directory moves away and comes back as a copy, as a restored backup does.
  fs::rename(service_.journal_directory(), service_.journal_directory() + ".old");
  fs::copy(service_.journal_directory() + ".old", service_.journal_directory());
  service_.Restart();
  client_ = service_.Connect();
  EXPECT_EQ(client_->Rows(current_), MakeRows(0, 3));
  const auto refused = service_.Append(*client_, place_, current_, MakeRows(9, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kPermissionDenied);
  ASSERT_TRUE(client_->Call(MessageType::kAdoptTable, AdoptTable{place_}));
  const auto appended = service_.Append(*client_, place_, current_, MakeRows(9, 1));
  ASSERT_TRUE(appended) << appended.error().message;
  service_.ExpectSound(appended->metadata_location, true);
}

TEST_F(TransactionEndTest, DroppedTablesGoWhenNobodyCanSeeThem) {
  const TransactionKey key{.uuid = Uuid::Random(), .full_xid = 5000, .database_oid = 5};
  const lake::Prepare drop{.transaction = key, .dropped = {{place_, current_}}};
  ASSERT_TRUE(client_->Prepare(drop));
  client_->Finish(key.uuid, Outcome::kAborted);
  EXPECT_EQ(Collect(9000).files, 0);
  EXPECT_EQ(service_.Files(), before_) << "the drop was rolled back";

  ASSERT_TRUE(client_->Prepare(drop));
  EXPECT_EQ(Collect(9000).files, 0) << "not committed yet";
  client_->Finish(key.uuid, Outcome::kCommitted);
  EXPECT_EQ(Collect(5000).waiting, 1) << "somebody may still see it";
  EXPECT_EQ(service_.Files(), before_);
  const table::GarbageCollected collected = Collect(5001);
  EXPECT_EQ(collected.waiting, 0);
  EXPECT_EQ(collected.files, static_cast<int64_t>(before_.size()));
  EXPECT_EQ(service_.Files(), std::set<std::string>{});
}

TEST_F(TransactionEndTest, AnAdoptedTableIsNoLongerTheDroppersToDelete) {
  const TransactionKey key{.uuid = Uuid::Random(), .full_xid = 5000, .database_oid = 5};
  ASSERT_TRUE(client_->Prepare({.transaction = key, .dropped = {{place_, current_}}}));
  const auto copy = service_.Connect(6);
  ASSERT_TRUE(copy->Call(MessageType::kAdoptTable, AdoptTable{place_}));
  client_->Finish(key.uuid, Outcome::kCommitted);
  const table::GarbageCollected collected = Collect(9000);
  EXPECT_EQ(collected.waiting, 0);
  EXPECT_EQ(collected.files, 0);
  EXPECT_EQ(service_.Files(), before_);
  EXPECT_EQ(copy->Rows(current_), MakeRows(0, 3));
}

TEST_F(TransactionEndTest, ExpiredSnapshotsOfAnAdoptedTableStay) {
  service_.lake().policy.min_snapshots_to_keep = 1;
  service_.lake().policy.max_snapshot_age_ms = 0;
  ASSERT_TRUE(service_.Append(*client_, place_, current_, MakeRows(100, 1)));
  ASSERT_TRUE(service_.Connect(6)->Call(MessageType::kAdoptTable, AdoptTable{place_}));
  EXPECT_EQ(Collect(uint64_t{1} << 40).files, 0);
  // The copy was made before the original's last commit.
  service_.ExpectSound(current_, true);
}

TEST_F(TransactionEndTest, ExpiredSnapshotsGoAndTheTableStaysSound) {
  service_.lake().policy.min_snapshots_to_keep = 2;
  service_.lake().policy.max_snapshot_age_ms = 0;
  service_.lake().policy.max_metadata_files = 3;
  std::string metadata = current_;
  for (int i = 0; i < 8; ++i) {
    const auto appended = service_.Append(*client_, place_, metadata, MakeRows(100 + i, 1));
    ASSERT_TRUE(appended) << appended.error().message;
    metadata = appended->metadata_location;
  }
  const auto files = service_.Files();
  EXPECT_GT(Collect(uint64_t{1} << 40).files, 0);
  EXPECT_LT(service_.Files().size(), files.size());
  EXPECT_EQ(client_->Rows(metadata).size(), 11u);
  service_.ExpectSound(metadata);
  EXPECT_EQ(Collect(uint64_t{1} << 40).waiting, 0);
}

/// The snapshot that tells of a deletion must not be collected before the one that had the file:
/// its writer's end is known first when a backend dies before it told its own.
TEST_F(TransactionEndTest, SnapshotsGoInTheOrderOfTheirCommits) {
  service_.lake().policy.min_snapshots_to_keep = 1;
  service_.lake().policy.max_snapshot_age_ms = 0;
  service_.lake().policy.max_metadata_files = 1;
  TestWrite truncate{.place = place_, .base = current_};
  ASSERT_TRUE(client_->Prepare(truncate.truncate()));
  const auto truncated = client_->Commit(truncate.commit());
  ASSERT_TRUE(truncated) << truncated.error().message;
  const auto other = service_.Connect();
  const auto appended =
      service_.Append(*other, place_, truncated->tables[0].metadata_location, MakeRows(10, 1));
  ASSERT_TRUE(appended) << appended.error().message;
  other->Ping();
  EXPECT_EQ(Collect(uint64_t{1} << 40).files, 0) << "what came before is not known to be over";

  client_ = service_.Connect();
  lake::Maintain verdicts{.flushed_lsn = 1000, .next_xid = 5001, .horizon_xid = uint64_t{1} << 40};
  for (const OpenTransaction& open : ListedOfTheDead()) {
    verdicts.verdicts.push_back({open.key.uuid, Outcome::kCommitted});
  }
  EXPECT_EQ(verdicts.verdicts.size(), 2U);
  Maintain(verdicts);
  EXPECT_EQ(Collect(uint64_t{1} << 40).waiting, 0);
  service_.ExpectSound(appended->metadata_location);
}

/// wal_writer_delay may be ten seconds: time is no proof.
TEST_F(TransactionEndTest, ACommitCountsWhenPostgresqlHasItOnDisk) {
  const TransactionKey key{.uuid = Uuid::Random(), .full_xid = 5000, .database_oid = 5};
  ASSERT_TRUE(client_->Prepare({.transaction = key, .dropped = {{place_, current_}}}));
  client_->Finish(key.uuid, Outcome::kCommitted);  // its record ends at 100
  client_->Ping();
  Maintain({.flushed_lsn = 99, .next_xid = 5001, .horizon_xid = 9000});
  EXPECT_EQ(service_.Files(), before_);
  Die();
  const auto listed = Listed();
  ASSERT_NE(Find(listed, key.uuid), nullptr) << "after a crash, PostgreSQL must be asked again";
  Maintain({.verdicts = {{key.uuid, Outcome::kAborted}},
            .flushed_lsn = 90,
            .next_xid = 5001,
            .horizon_xid = 9000});
  EXPECT_EQ(service_.Files(), before_) << "the drop was lost with PostgreSQL's crash";
  EXPECT_EQ(client_->Rows(current_), MakeRows(0, 3));
}

TEST_F(TransactionEndTest, APreparedTransactionThatCommitsIsNotLookedFor) {
  const TestWrite write = Unfinished(place_, current_, 10);
  client_->Finish(write.key.uuid, Outcome::kPrepared);
  client_->Ping();
  const std::string metadata =
      service_.buckets_directory() + "/lake/" + place_.location.substr(10) + "/metadata";
  // Whoever walks the table now meets a damaged metadata file.
  std::ofstream(metadata + "/00009-" + write.key.uuid.ToString() + ".metadata.json") << "{";
  Resolve(write.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(Find(Listed(), write.key.uuid), nullptr);
}

TEST_F(TransactionEndTest, APinnedSnapshotStaysReadableWhileTheTableGoesOn) {
  service_.lake().policy.min_snapshots_to_keep = 1;
  service_.lake().policy.max_snapshot_age_ms = 0;
  service_.lake().policy.max_metadata_files = 1;
  storage::Storage& storage = *service_.lake().storage;
  const auto table = iceberg::LoadTable(storage, current_);
  ASSERT_TRUE(table);
  std::string metadata = current_;
  ASSERT_TRUE(table::PutPin(storage, place_.location,
                            {.name = "reader",
                             .snapshot_id = *table->metadata->current_snapshot_id,
                             .metadata_location = current_},
                            [&]() -> Result<std::string> { return metadata; }));
  for (int i = 0; i < 8; ++i) {
    const auto appended = service_.Append(*client_, place_, metadata, MakeRows(100 + i, 1));
    ASSERT_TRUE(appended) << appended.error().message;
    metadata = appended->metadata_location;
    Collect(uint64_t{1} << 40);
  }
  EXPECT_TRUE(service_.Files().contains(current_.substr(5)));
  EXPECT_EQ(client_->Rows(current_), MakeRows(0, 3));
  service_.ExpectSound(metadata, true);
  ASSERT_TRUE(table::RemovePin(storage, place_.location, "reader"));
  Collect(uint64_t{1} << 40);
  EXPECT_FALSE(service_.Files().contains(current_.substr(5)));
}

}  // namespace
}  // namespace tarn::lake
