// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/metastore.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "warehouse/catalogue/alter.h"
#include "warehouse/metastore/query_history.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

class MetastoreFileTest : public MetastoreTest {
 protected:
  Result<> Insert(Transaction& transaction, const std::string& name) {
    TARN_TRY(transaction.Insert({.name = name}, VirtualWarehouse{}));
    return {};
  }
};

TEST_F(MetastoreFileTest, OneProcessHasIt) {
  const auto second = Metastore::Open({.path = path(), .clock = &clock_});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kUnavailable);
}

TEST_F(MetastoreFileTest, EveryChangeIsAVersionAndWakes) {
  const int64_t before = metastore_->version();
  std::vector<int64_t> told;
  const int64_t subscription =
      metastore_->Subscribe([&](int64_t version) { told.push_back(version); });
  EXPECT_FALSE(metastore_->WaitForChange(before, milliseconds(0)));
  std::thread waiter([&] { EXPECT_TRUE(metastore_->WaitForChange(before, milliseconds(60'000))); });
  Must(Change([&](Transaction& transaction) { return Insert(transaction, "A"); }));
  waiter.join();
  EXPECT_EQ(metastore_->version(), before + 1);
  EXPECT_THAT(told, ElementsAre(before + 1));
  Must(metastore_->CommitQuietly([](Transaction&) { return StatementResult<>(); }));
  metastore_->Unsubscribe(subscription);
  Must(Change([&](Transaction& transaction) { return Insert(transaction, "B"); }));
  EXPECT_THAT(told, ElementsAre(before + 1));
  EXPECT_EQ(metastore_->version(), before + 2);
  Reopen();
  EXPECT_EQ(metastore_->version(), before + 2);
}

TEST_F(MetastoreFileTest, AMomentDoesNotMove) {
  const auto before = Must(metastore_->Read());
  Must(Change([&](Transaction& transaction) { return Insert(transaction, "A"); }));
  EXPECT_FALSE(Must(before->FindNamed(kAccountId, "warehouse", "A")));
  const auto after = Must(metastore_->Read());
  EXPECT_TRUE(Must(after->FindNamed(kAccountId, "warehouse", "A")));
  EXPECT_EQ(before->version() + 1, after->version());
}

/// Writers move pairs of objects between two names in one transaction; readers always find one of
/// each pair, and the number of all as it was at their moment.
TEST_F(MetastoreFileTest, ReadersSeeWholeTransactions) {
  Must(Change([&](Transaction& transaction) { return Insert(transaction, "EVEN"); }));
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto snapshot = Must(metastore_->Read());
        const bool even = Must(snapshot->FindNamed(kAccountId, "warehouse", "EVEN")).has_value();
        const bool odd = Must(snapshot->FindNamed(kAccountId, "warehouse", "ODD")).has_value();
        EXPECT_NE(even, odd);
        ++reads;
      }
    });
  }
  const auto flip = [&](Transaction& transaction) -> Result<> {
    TARN_ASSIGN(auto head, transaction.FindNamed(kAccountId, "warehouse", "EVEN"));
    const char* next = head ? "ODD" : "EVEN";
    if (!head) {
      TARN_ASSIGN(head, transaction.FindNamed(kAccountId, "warehouse", "ODD"));
    }
    TARN_TRY(transaction.Erase(head->id));
    return Insert(transaction, next);
  };
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < 50; ++n) Must(Change(flip));
    });
  }
  for (std::thread& writer : writers) writer.join();
  while (reads < 10) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(metastore_->OldestRead(), metastore_->version());
}

TEST_F(MetastoreFileTest, EveryKindComesBackAsItWas) {
  MakeShop();
  const sql::DataType number{.kind = sql::DataTypeKind::kNumber, .precision = 12, .scale = 2};
  const sql::DataType list{.kind = sql::DataTypeKind::kArray,
                           .fields = {{.name = "element", .type = number}}};
  const Table table{
      .kind = TableKind::kCatalogLinked,
      .columns = {{.name = "a \"b\" ü",
                   .field_id = 7,
                   .type = list,
                   .nullable = false,
                   .default_sql = "",
                   .identity = Identity{}},
                  {.name = "c", .type = number}},
      .constraints = {{.name = "pk", .kind = ConstraintKind::kPrimaryKey, .columns = {"c"}}}};
  const Stream stream{.source_kind = StreamSource::kStage,
                      .source = ObjectId(kFirstObjectId),
                      .offsets = {{.object = ObjectId(kFirstObjectId),
                                   .table_uuid = Uuid::Random(),
                                   .snapshot_id = INT64_MIN,
                                   .directory_version = 3}}};
  Procedure procedure;
  procedure.arguments = {{.name = "X", .type = number, .default_sql = "1"}};
  procedure.returns_table = std::vector<Column>{};
  procedure.body = "BEGIN\n RETURN '$$';\nEND";
  const Task task{.state = TaskState::kStarted,
                  .predecessors = {ObjectId(1), ObjectId(2)},
                  .finalizes = ObjectId(3),
                  .session_parameters = {{"TIMEZONE", "UTC"}},
                  .resumed_ms = 5};
  const User user{.login_name = "X",
                  .scram_iterations = 4096,
                  .scram_salt = {std::string("\0\xff\x80", 3)},
                  .default_secondary_roles = {}};
  const std::vector<Definition> definitions = {
      Database{.linked_catalog =
                   LinkedCatalog{.catalog = ObjectId(9), .blocked_namespaces = {"a"}}},
      Schema{.managed_access = true},
      VirtualWarehouse{.state = WarehouseState::kSuspended, .auto_suspend_seconds = std::nullopt},
      Role{.system = true},
      user,
      table,
      View{.query = "select 1"},
      DynamicTable{.target_lag_seconds = 60},
      Sequence{.next_value = INT64_MAX},
      FileFormat{.options = {{"SKIP_HEADER", "1"}}},
      Function{},
      procedure,
      Stage{.credentials = {{"AWS_KEY_ID", "k"}}, .directory_enabled = true},
      stream,
      task,
      PostgresInstance{.settings = {{"postgres:work_mem", "128MB"}}, .network_policy = ObjectId(4)},
      NetworkRule{.values = {"0.0.0.0/0"}},
      NetworkPolicy{.blocked_rules = {ObjectId(8)}},
      StorageIntegration{.allowed_locations = {"s3://a/"}},
      CatalogIntegration{.enabled = false},
      ExternalVolume{.locations = {{.name = "l", .base_url = "s3://b/"}}},
      Tag{.allowed_values = {"x"}},
      Application{.source = "l", .version = "v", .share_events = true}};
  ASSERT_EQ(definitions.size(), std::variant_size_v<Definition>);
  std::vector<ObjectId> ids;
  for (const Definition& definition : definitions) {
    ids.push_back(Must(Change([&](Transaction& transaction) {
      return transaction.Insert({.name = fmt::format("N{}", ids.size()), .comment = "said"},
                                definition);
    })));
  }
  Reopen();
  const auto snapshot = Must(metastore_->Read());
  for (size_t i = 0; i < definitions.size(); ++i) {
    const ObjectHead head = *Must(snapshot->FindHead(ids[i]));
    EXPECT_EQ(head.comment, "said");
    EXPECT_EQ(Must(snapshot->DefinitionOf(head)), definitions[i]) << FactsOf(head.kind).stored;
  }
}

/// In a child, since the limit is the process's: no file may grow any more, so COMMIT fails.
TEST_F(MetastoreFileTest, AFailedCommitIsToldAndOverwritten) {
  metastore_.reset();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Reopen();
    signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
    setrlimit(RLIMIT_FSIZE, &none);
    const auto failed = Change([&](Transaction& transaction) { return Insert(transaction, "A"); });
    setrlimit(RLIMIT_FSIZE, &limit);
    const bool told = !failed && failed.error().error.kind == ErrorKind::kCommitStateUnknown;
    const bool hidden = Id("warehouse", "A") == ObjectId();
    const auto later = Change([&](Transaction& transaction) { return Insert(transaction, "B"); });
    std::_Exit((told ? 0 : 1) + (hidden ? 0 : 2) + (later ? 0 : 4));
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "bits: not told 1, seen 2, broken afterwards 4";
  Reopen();
  EXPECT_EQ(Id("warehouse", "A"), ObjectId());
  EXPECT_NE(Id("warehouse", "B"), ObjectId());
}

TEST_F(MetastoreFileTest, RunsEndOnce) {
  const RunRecord first{.kind = "task", .object = ObjectId(20'000), .scheduled_ms = kTestNowMs};
  const RunId id =
      Must(Change([&](Transaction& transaction) { return RecordRun(transaction, first); }));
  auto snapshot = Must(metastore_->Read());
  ASSERT_EQ(Must(OpenRuns(*snapshot, "task")).size(), 1U);
  EXPECT_EQ(Must(FindRun(*snapshot, id))->graph_run, id);
  // Of two that both believe to end it, one does.
  const auto end = [&] {
    return Must(
        Change([&](Transaction& transaction) { return EndRun(transaction, id, "SUCCEEDED"); }));
  };
  EXPECT_TRUE(end());
  EXPECT_FALSE(end());
  snapshot = Must(metastore_->Read());
  EXPECT_THAT(Must(OpenRuns(*snapshot, "task")), IsEmpty());
  EXPECT_EQ(Must(RunsOf(*snapshot, "task", ObjectId(20'000), 0, INT64_MAX, 10)).size(), 1U);
  EXPECT_EQ(Must(RunsOf(*snapshot, "task", ObjectId(), kTestNowMs, kTestNowMs + 1, 10)).size(), 1U);
  EXPECT_THAT(Must(RunsOf(*snapshot, "task", ObjectId(1), 0, INT64_MAX, 10)), IsEmpty());
  const auto prune = [&](int64_t before) {
    Must(Change([&](Transaction& transaction) { return PruneRuns(transaction, before); }));
    return Must(FindRun(*Must(metastore_->Read()), id)).has_value();
  };
  EXPECT_TRUE(prune(kTestNowMs));
  EXPECT_FALSE(prune(kTestNowMs + 1));
}

TEST_F(MetastoreFileTest, AnEffectAndTheEndOfItsRunAreOne) {
  MakeShop();
  const RunId id = Must(
      Change([&](Transaction& transaction) { return RecordRun(transaction, {.kind = "task"}); }));
  const auto failed = Change([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(EndRun(transaction, id, "SUCCEEDED"));
    STATEMENT_TRY(
        CreateObject(transaction, admin_, {.name = {.name = "S"}, .definition = Schema{}}));
    return {};
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(Must(OpenRuns(*Must(metastore_->Read()), "task")).size(), 1U);
}

TEST_F(MetastoreFileTest, QueryHistoryIsWrittenInBatches) {
  std::vector<Uuid> ids;
  {
    QueryHistory history(metastore_.get());
    for (size_t i = 0; i <= QueryHistory::kBatch; ++i) {
      ids.push_back(Uuid::Random());
      Must(history.Record({.query_id = ids.back(),
                           .text = "select 'ü'",
                           .user_name = i % 2 == 0 ? "A" : "B",
                           .warehouse_name = "W",
                           .started_ms = static_cast<int64_t>(i),
                           .ended_ms = static_cast<int64_t>(i) + 1,
                           .state = "SUCCESS"}));
    }
    const auto newest = Must(history.List({.visible_to_user = "A", .limit = 2}));
    ASSERT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest[0].query_id, ids.back());
    EXPECT_EQ(newest[1].query_id, ids[ids.size() - 3]) << "of the user alone";
    EXPECT_EQ(Must(history.List({.visible_warehouses = {{"V", 0}, {"W", 60}}})).size(),
              QueryHistory::kBatch + 1 - 60);
    EXPECT_EQ(
        Must(history.List({.ended_from_ms = 10, .ended_before_ms = 12, .visible_to_user = "A"}))
            .size(),
        1U);
    Must(history.Prune(1));
    EXPECT_FALSE(Must(history.Find(ids.front())));
    Must(history.Record({.query_id = ids.front(), .text = "again"}));
  }
  Reopen();
  QueryHistory history(metastore_.get());
  EXPECT_EQ(Must(history.Find(ids.front()))->text, "again");
  EXPECT_EQ(Must(history.Find(ids.back()))->state, "SUCCESS");
}

}  // namespace
}  // namespace tarn::warehouse
