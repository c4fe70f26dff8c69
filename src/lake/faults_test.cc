// SPDX-License-Identifier: Apache-2.0
// Every operation of a transaction on the storage fails once, in every way: the last committed
// state stays sound, and no file of a dead transaction remains.
#include <algorithm>
#include <atomic>
#include <tuple>

#include "lake/maintenance.h"
#include "lake/testing/test_service.h"

namespace tarn::lake {
namespace {

using storage::Fault;

/// One fault, at the n-th operation after it was armed.
struct Trap {
  std::atomic<int64_t> countdown{-1};
  std::atomic<Fault::Kind> kind{Fault::Kind::kNone};
  std::atomic<bool> sprung{false};

  void Arm(int64_t ordinal, Fault::Kind what) {
    kind = what;
    sprung = false;
    countdown = ordinal;
  }
  void Disarm() { countdown = -1; }
  storage::FaultPlan plan() {
    return [this](int64_t, storage::Operation, std::string_view) {
      if (countdown < 0 || countdown.fetch_sub(1) != 0) return Fault{};
      sprung = true;
      return Fault{.kind = kind};
    };
  }
};

class FaultsTest : public testing::TestWithParam<std::tuple<Fault::Kind, bool>> {
 protected:
  FaultsTest() : service_(trap_.plan(), std::get<bool>(GetParam())), client_(service_.Connect()) {}

  static Fault::Kind kind() { return std::get<Fault::Kind>(GetParam()); }

  /// One transaction as a backend would do it; whether it committed.
  bool Transact(const TablePlace& place, const std::string& base, int64_t first,
                CommittedTable& out) {
    TestWrite write{.place = place, .base = base, .live = {{0, 3}}};
    client_->Send(MessageType::kBeginWrite,
                  BeginWrite{write.key, write.storage, write.place, TestFields()});
    client_->Append(write.storage, 0, MakeRows(first, 3));
    bool committed = false;
    if (client_->Prepare(write.prepare())) {
      const auto answer = client_->Commit(write.commit());
      committed = answer.has_value();
      if (committed) out = answer->tables[0];
    }
    const Outcome outcome = committed ? Outcome::kCommitted : Outcome::kAborted;
    client_->Finish(write.key.uuid, outcome);
    trap_.Disarm();
    Settle(write.key.uuid, outcome);
    return committed;
  }

  void Settle(const Uuid& transaction, Outcome outcome) {
    EXPECT_TRUE(client_->Call(MessageType::kMaintain, Maintain{.verdicts = {{transaction, outcome}},
                                                               .flushed_lsn = 1000,
                                                               .safe_age_ms = 1'000'000'000}));
    service_.lake().maintenance->AwaitIdle();
  }

  Trap trap_;
  TestService service_;
  std::unique_ptr<TestClient> client_;
};

TEST_P(FaultsTest, AppendsAreWholeOrNotAtAll) {
  const TablePlace created_place = service_.NewPlace();
  CommittedTable current;
  ASSERT_TRUE(Transact(created_place, "", 0, current));
  TablePlace place = created_place;
  place.create = false;
  std::vector<TestRow> expected = MakeRows(0, 3);
  int64_t ordinal = 0;
  for (;; ++ordinal) {
    SCOPED_TRACE(ordinal);
    trap_.Arm(ordinal, kind());
    const int64_t first = (ordinal + 1) * 10;
    if (Transact(place, current.metadata_location, first, current)) {
      for (const TestRow& row : MakeRows(first, 3)) expected.push_back(row);
    }
    auto rows = client_->Rows(current.metadata_location);
    std::ranges::sort(rows);
    ASSERT_EQ(rows, expected);
    service_.ExpectSound(current.metadata_location);
    if (!trap_.sprung || HasFailure()) break;
  }
  EXPECT_GT(ordinal, 10) << "a transaction has more operations than that";
}

TEST_P(FaultsTest, CreatesAreWholeOrNotAtAll) {
  for (int64_t ordinal = 0;; ++ordinal) {
    SCOPED_TRACE(ordinal);
    const auto before = service_.Files();
    trap_.Arm(ordinal, kind());
    CommittedTable created;
    const TablePlace place = service_.NewPlace(3000 + static_cast<uint32_t>(ordinal));
    const bool committed = Transact(place, "", 0, created);
    if (committed) {
      EXPECT_EQ(client_->Rows(created.metadata_location), MakeRows(0, 3));
      service_.ExpectSound(created.metadata_location);
    } else {
      EXPECT_EQ(service_.Files(), before);
    }
    if (!trap_.sprung || HasFailure()) break;
  }
}

TEST_P(FaultsTest, TransactionsOfSeveralTablesAreWholeOrNotAtAll) {
  constexpr uint32_t kTables = 3;
  std::vector<TablePlace> places(kTables);
  std::vector<CommittedTable> current(kTables);
  for (uint32_t i = 0; i < kTables; ++i) {
    places[i] = service_.NewPlace(2000 + i);
    ASSERT_TRUE(Transact(places[i], "", 0, current[i]));
    places[i].create = false;
  }
  for (int64_t ordinal = 0;; ++ordinal) {
    SCOPED_TRACE(ordinal);
    const auto before = service_.Files();
    const TransactionKey key{.uuid = Uuid::Random(), .full_xid = 700, .database_oid = 5};
    Prepare prepare{.transaction = key};
    Commit commit{.transaction = key};
    for (uint32_t i = 0; i < kTables; ++i) {
      const TestWrite write{.key = key,
                            .place = places[i],
                            .storage = 17 + i,
                            .base = current[i].metadata_location,
                            .live = {{0, 3}}};
      client_->Send(MessageType::kBeginWrite,
                    BeginWrite{key, write.storage, write.place, TestFields()});
      client_->Append(write.storage, 0, MakeRows(10 * (ordinal + 1), 3));
      prepare.tables.push_back(write.prepare().tables.at(0));
      commit.tables.push_back(write.commit().tables.at(0));
    }
    trap_.Arm(ordinal, kind());
    bool committed = false;
    if (client_->Prepare(prepare)) {
      const auto answer = client_->Commit(commit);
      committed = answer.has_value();
      if (committed) current = answer->tables;
    }
    const Outcome outcome = committed ? Outcome::kCommitted : Outcome::kAborted;
    client_->Finish(key.uuid, outcome);
    trap_.Disarm();
    Settle(key.uuid, outcome);
    ASSERT_EQ(current.size(), kTables);
    if (committed) {
      for (const CommittedTable& table : current) service_.ExpectSound(table.metadata_location);
    } else {
      EXPECT_EQ(service_.Files(), before);
    }
    if (!trap_.sprung || HasFailure()) {
      EXPECT_TRUE(committed);
      break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FaultsTest,
    testing::Combine(testing::Values(Fault::Kind::kFailBefore, Fault::Kind::kFailAfter,
                                     Fault::Kind::kTornWrite, Fault::Kind::kResourceExhausted),
                     testing::Bool()));

}  // namespace
}  // namespace tarn::lake
