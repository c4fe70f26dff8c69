// SPDX-License-Identifier: Apache-2.0
#include "table/commit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "catalog/catalog_state.h"
#include "catalog/directory_catalog.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/faulty_storage.h"
#include "storage/testing/borrowed_storage.h"
#include "storage/testing/memory_storage.h"
#include "table/commit_outcome.h"
#include "table/table_cache.h"

namespace tarn::table {
namespace {

using catalog::StateVersion;
using catalog::TableName;
using iceberg::LoadedTable;
using iceberg::SnapshotId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kLocation = "s3://bucket/lake";
constexpr size_t kCacheBytes = size_t{64} << 20;
constexpr int64_t kTableCacheBytes = 16 << 20;
const TableName kOrders{{"shop"}, "orders"};
const TableName kItems{{"shop"}, "items"};

/// A process of its own: storage with its faults, cache, catalog.
struct Client {
  explicit Client(storage::Storage* shared, storage::FaultPlan plan = nullptr)
      : storage(plan ? storage::MakeFaultyStorage(
                           std::make_unique<storage::BorrowedStorage>(shared), std::move(plan))
                     : std::make_unique<storage::BorrowedStorage>(shared)),
        cache(storage.get(), kCacheBytes),
        tables(storage.get(), kTableCacheBytes),
        catalog(catalog::OpenDirectoryCatalog(storage.get(), &cache, kLocation, {})),
        context{.storage = storage.get(), .manifests = &cache, .tables = &tables} {}

  Result<TableChange> Append(const TableName& name, const std::string& file) {
    TARN_ASSIGN(const LoadedTable base, catalog->LoadTable(name));
    TableChange commit{.table = name, .table_uuid = base.metadata->table_uuid};
    commit.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    const iceberg::CommitContext writing = MakeCommitContext(context, Uuid::Random());
    iceberg::DataFile data;
    data.file_path = file;
    data.record_count = 1;
    data.file_size_bytes = 10;
    TARN_ASSIGN(
        iceberg::ManifestFile manifest,
        iceberg::WriteAppendManifest(writing, *base.metadata, base.metadata->current_schema(),
                                     {data}, commit.snapshot_id, 0));
    commit.changes.appended_manifests.push_back(std::move(manifest));
    commit.changes.appended_files = 1;
    commit.changes.appended_rows = 1;
    commit.changes.appended_bytes = 10;
    return commit;
  }

  Result<std::vector<LoadedTable>> Commit(std::span<const TableChange> changes) {
    const Writer writer{.id = Uuid::Random(), .issuer = "test"};
    return CommitTables(context, *catalog, writer, changes, options);
  }

  Result<> AppendTo(const TableName& name, const std::string& file) {
    TARN_ASSIGN(const TableChange commit, Append(name, file));
    TARN_TRY(Commit({&commit, 1}));
    return {};
  }

  std::unique_ptr<storage::Storage> storage;
  iceberg::ManifestCache cache;
  TableCache tables;
  std::unique_ptr<catalog::Catalog> catalog;
  TableContext context;
  /// Many writers meet here, and none wants to wait long.
  CommitOptions options{.retry = {.retries = 100, .min_wait_ms = 1, .max_wait_ms = 20},
                        .status_check = {.retries = 3, .min_wait_ms = 1, .max_wait_ms = 5}};
};

iceberg::TableMetadata First(const TableName& name) {
  const iceberg::Schema schema{
      .fields = {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)}}};
  return *iceberg::NewTableMetadata(Uuid::Random(), fmt::format("{}/{}", kLocation, name.name),
                                    schema, {}, {}, 1'700'000'000'000);
}

class CommitTablesTest : public testing::Test {
 protected:
  CommitTablesTest() : client_(&memory_) {
    EXPECT_TRUE(client_.catalog->CreateTable(kOrders, First(kOrders)));
    EXPECT_TRUE(client_.catalog->CreateTable(kItems, First(kItems)));
  }

  std::multiset<std::string> LiveFiles(const TableName& name) {
    Client reader(&memory_);
    std::multiset<std::string> files;
    const auto table = reader.catalog->LoadTable(name);
    EXPECT_TRUE(table) << table.error().message;
    const auto* snapshot = table ? table->metadata->current_snapshot() : nullptr;
    if (snapshot == nullptr) return files;
    const auto list = reader.cache.ManifestList(snapshot->manifest_list);
    EXPECT_TRUE(list) << list.error().message;
    if (!list) return files;
    for (const iceberg::ManifestFile& file : **list) {
      const auto manifest = reader.cache.ReadManifest(file);
      EXPECT_TRUE(manifest) << manifest.error().message;
      if (!manifest) continue;
      for (const auto& entry : (*manifest)->entries) files.insert(entry.data_file.file_path);
    }
    return files;
  }

  std::set<std::string> Objects() {
    std::set<std::string> names;
    for (const auto& [name, bytes] : memory_.objects()) names.insert(name);
    return names;
  }

  storage::MemoryStorage memory_;
  Client client_;
};

TEST_F(CommitTablesTest, SeveralTablesCommitAtOnce) {
  const TableChange commits[] = {*client_.Append(kOrders, "o1"), *client_.Append(kItems, "i1")};
  ASSERT_TRUE(client_.Commit(commits));
  EXPECT_THAT(LiveFiles(kOrders), ElementsAre("o1"));
  EXPECT_THAT(LiveFiles(kItems), ElementsAre("i1"));
}

TEST_F(CommitTablesTest, OneBadTableStopsAll) {
  TableChange commits[] = {*client_.Append(kOrders, "o1"), *client_.Append(kItems, "i1")};
  commits[1].changes.appended_manifests.front().added_snapshot_id = SnapshotId(1);
  const std::set<std::string> before = Objects();
  EXPECT_EQ(client_.Commit(commits).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(Objects(), before);
  EXPECT_THAT(LiveFiles(kOrders), IsEmpty());
}

TEST_F(CommitTablesTest, StaleBasesAreRebased) {
  const TableChange stale = *client_.Append(kOrders, "stale");
  ASSERT_TRUE(client_.AppendTo(kOrders, "newer"));
  ASSERT_TRUE(client_.Commit({&stale, 1}));
  EXPECT_THAT(LiveFiles(kOrders), ElementsAre("newer", "stale"));
}

TEST_F(CommitTablesTest, ReplacedTableIsAConflict_go1659_py2890) {
  const TableChange stale = *client_.Append(kOrders, "stale");
  ASSERT_TRUE(client_.catalog->DropTable(kOrders));
  ASSERT_TRUE(client_.catalog->CreateTable(kOrders, First(kOrders)));
  EXPECT_EQ(client_.Commit({&stale, 1}).error().kind, ErrorKind::kConflict);
  EXPECT_THAT(LiveFiles(kOrders), IsEmpty());
}

TEST_F(CommitTablesTest, CommittedTwiceIsRefused_ice14583) {
  const TableChange commit = *client_.Append(kOrders, "once");
  ASSERT_TRUE(client_.Commit({&commit, 1}));
  EXPECT_EQ(client_.Commit({&commit, 1}).error().kind, ErrorKind::kAlreadyExists);
  EXPECT_THAT(LiveFiles(kOrders), ElementsAre("once"));
}

TEST_F(CommitTablesTest, NothingToDoPublishesNothing) {
  TableChange commit{.table = kOrders};
  commit.snapshot_id = SnapshotId(3);
  const std::set<std::string> before = Objects();
  ASSERT_TRUE(client_.Commit({&commit, 1}));
  EXPECT_EQ(Objects(), before);
}

TEST_F(CommitTablesTest, OldStatesAreRemoved) {
  for (int i = 0; i < 130; ++i) ASSERT_TRUE(client_.AppendTo(kOrders, std::to_string(i)));
  int64_t states = 0;
  for (const std::string& name : Objects()) states += StateVersion(name) > 0 ? 1 : 0;
  EXPECT_GE(states, 100);
  EXPECT_LT(states, 120);
  EXPECT_EQ(LiveFiles(kOrders).size(), 130U);
}

/// The answer to the put of a state gets lost.
storage::FaultPlan OnceAtState(storage::Fault::Kind kind) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  return [=](int64_t, storage::Operation operation, std::string_view location) -> storage::Fault {
    if (operation != storage::Operation::kClose || StateVersion(location) < 0) return {};
    if (done->exchange(true)) return {};
    return {.kind = kind};
  };
}

TEST_F(CommitTablesTest, LostAnswerIsLookedUp_ice12792) {
  Client client(&memory_, OnceAtState(storage::Fault::Kind::kFailAfter));
  EXPECT_TRUE(client.AppendTo(kOrders, "a"));
  EXPECT_THAT(LiveFiles(kOrders), ElementsAre("a"));
}

TEST_F(CommitTablesTest, DefiniteFailureRemovesItsFiles_ddb1120) {
  Client client(&memory_, OnceAtState(storage::Fault::Kind::kFailBefore));
  const TableChange commit = *client.Append(kOrders, "a");
  const std::set<std::string> before = Objects();
  const auto result = client.Commit({&commit, 1});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().kind, ErrorKind::kCommitStateUnknown);
  EXPECT_EQ(Objects(), before);
  // The same commit can be tried again.
  EXPECT_TRUE(client.Commit({&commit, 1}));
  EXPECT_THAT(LiveFiles(kOrders), ElementsAre("a"));
}

TEST_F(CommitTablesTest, UnknownOutcomeDeletesNothing_ddb1120_ice13443) {
  Client client(&memory_, OnceAtState(storage::Fault::Kind::kTornWrite));
  const TableChange commit = *client.Append(kOrders, "a");
  const std::set<std::string> before = Objects();
  const auto result = client.Commit({&commit, 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kCommitStateUnknown);
  // Manifest list, metadata file, and what became of the state.
  EXPECT_EQ(Objects().size(), before.size() + 3);
}

TEST_F(CommitTablesTest, TablesAndTheirRowsAppearTogether) {
  const TableName name{{"shop"}, "new"};
  const auto first = std::make_shared<const iceberg::TableMetadata>(First(name));
  TableChange change{.table = name, .created = first, .snapshot_id = SnapshotId(5)};
  iceberg::DataFile data;
  data.file_path = "rows";
  data.record_count = 1;
  data.file_size_bytes = 10;
  const auto manifest =
      iceberg::WriteAppendManifest(MakeCommitContext(client_.context, Uuid::Random()), *first,
                                   first->current_schema(), {data}, SnapshotId(5), 0);
  ASSERT_TRUE(manifest);
  change.changes.appended_manifests = {*manifest};
  ASSERT_TRUE(client_.Commit({&change, 1}));
  EXPECT_THAT(LiveFiles(name), ElementsAre("rows"));
  EXPECT_EQ(client_.Commit({&change, 1}).error().kind, ErrorKind::kAlreadyExists);
  change.created = nullptr;
  change.table.name = "absent";
  EXPECT_EQ(client_.Commit({&change, 1}).error().kind, ErrorKind::kNotFound);
}

// ice#12792, ice#2328: whoever waited for an answer finds the commit below later ones.
TEST_F(CommitTablesTest, OutcomesAreFoundBelowLaterCommits_ice2328) {
  const LoadedTable base = *client_.catalog->LoadTable(kOrders);
  const TableChange mine = *client_.Append(kOrders, "mine");
  const auto committed = client_.Commit({&mine, 1});
  ASSERT_TRUE(committed);
  for (const std::string file : {"x", "y"}) ASSERT_TRUE(client_.AppendTo(kOrders, file));
  const LoadedTable newest = *client_.catalog->LoadTable(kOrders);
  const std::string& location = committed->front().metadata_location;
  EXPECT_EQ(OutcomeOf({base.metadata_location, location, mine.snapshot_id}, newest),
            StepOutcome::kTaken);
  // A change of properties makes no snapshot; the log of metadata files knows it.
  EXPECT_EQ(OutcomeOf({base.metadata_location, location, SnapshotId(1)}, newest),
            StepOutcome::kTaken);
  EXPECT_EQ(OutcomeOf({base.metadata_location, "lost", SnapshotId(1)}, newest),
            StepOutcome::kNeverTaken);
  EXPECT_EQ(OutcomeOf({newest.metadata_location, "late", SnapshotId(1)}, newest),
            StepOutcome::kUndecided);
}

/// What a writer was told about each of its commits.
struct Outcomes {
  std::mutex mutex;
  std::set<std::string> committed, refused, unknown;
};

TEST_F(CommitTablesTest, WritersWithFaultsLoseAndInventNothing) {
  constexpr uint32_t kSeed = 7;
  constexpr int kWriters = 4;
  constexpr int kCommits = 25;
  Outcomes outcomes;
  const auto write = [&](int writer) {
    auto random = std::make_shared<std::mt19937>(kSeed + static_cast<uint32_t>(writer));
    auto guard = std::make_shared<std::mutex>();
    Client client(&memory_, [=](int64_t, storage::Operation operation, std::string_view location) {
      const std::lock_guard lock(*guard);
      const uint32_t dice = (*random)() % 200;
      // A torn object is for tests of readers; torn states would end this one.
      if (dice == 0) return storage::Fault{.kind = storage::Fault::Kind::kFailBefore};
      if (dice == 1 && operation == storage::Operation::kClose) {
        return storage::Fault{.kind = storage::Fault::Kind::kFailAfter};
      }
      if (dice == 2) {
        return storage::Fault{.kind = storage::Fault::Kind::kDelay,
                              .delay = std::chrono::milliseconds(1)};
      }
      if (dice == 3 && operation == storage::Operation::kClose && StateVersion(location) < 0) {
        return storage::Fault{.kind = storage::Fault::Kind::kTornWrite};
      }
      return storage::Fault{};
    });
    for (int i = 0; i < kCommits; ++i) {
      const std::string file = fmt::format("{}-{}", writer, i);
      auto orders = client.Append(kOrders, file);
      auto items = client.Append(kItems, file);
      if (!orders || !items) continue;
      const TableChange commits[] = {*orders, *items};
      const auto result = client.Commit(commits);
      const std::lock_guard lock(outcomes.mutex);
      if (result) {
        outcomes.committed.insert(file);
      } else if (result.error().kind == ErrorKind::kCommitStateUnknown) {
        outcomes.unknown.insert(file);
      } else {
        outcomes.refused.insert(file);
      }
    }
  };
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) writers.emplace_back(write, writer);
  for (std::thread& thread : writers) thread.join();

  const std::multiset<std::string> orders = LiveFiles(kOrders);
  EXPECT_EQ(orders, LiveFiles(kItems)) << "a commit of two tables was split";
  for (const std::string& file : outcomes.committed) EXPECT_EQ(orders.count(file), 1U) << file;
  for (const std::string& file : outcomes.refused) EXPECT_EQ(orders.count(file), 0U) << file;
  for (const std::string& file : orders) {
    EXPECT_TRUE(outcomes.committed.contains(file) || outcomes.unknown.contains(file)) << file;
  }
  EXPECT_GT(outcomes.committed.size(), static_cast<size_t>(kWriters * kCommits / 4));
  // Every commit is one snapshot, in one line of descent.
  const auto table = Client(&memory_).catalog->LoadTable(kOrders);
  EXPECT_EQ(table->metadata->current_snapshot()->summary.at("total-records"),
            std::to_string(orders.size()));
  EXPECT_EQ(table->metadata->last_sequence_number.value(), static_cast<int64_t>(orders.size()));
}

TEST_F(CommitTablesTest, WritersWithoutFaultsAllCommit) {
  constexpr int kWriters = 4;
  constexpr int kCommits = 15;
  std::atomic<int> failures = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      Client client(&memory_);
      for (int i = 0; i < kCommits; ++i) {
        if (!client.AppendTo(kOrders, fmt::format("{}-{}", writer, i))) ++failures;
      }
    });
  }
  for (std::thread& thread : writers) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(LiveFiles(kOrders).size(), static_cast<size_t>(kWriters * kCommits));
}

}  // namespace
}  // namespace tarn::table
