// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/table_publisher.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "iceberg/fsck/fsck.h"
#include "storage/storage.h"
#include "table/commit.h"
#include "table/table_cache.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using catalog::TableName;
using table::WriterFate;

const TableName kOrders{{"SHOP", "S"}, "ORDERS"};
const TableName kItems{{"SHOP", "S"}, "ITEMS"};

/// Real tables in a directory, committed to by CommitTables; their data files are bytes.
class TablePublisherTest : public MetastoreTest {
 protected:
  TablePublisherTest() {
    MakeShop();
    auto opened = storage::OpenLocalStorage(
        {.buckets_directory = directory_.path() + "/buckets", .durable = false});
    EXPECT_TRUE(opened) << opened.error().message;
    storage_ = *std::move(opened);
    manifests_ = std::make_unique<iceberg::ManifestCache>(storage_.get(), size_t{16} << 20);
    tables_ = std::make_unique<table::TableCache>(storage_.get(), 16);
    context_ = {.storage = storage_.get(), .manifests = manifests_.get(), .tables = tables_.get()};
    writers_ = std::make_unique<WarehouseWriters>(metastore_.get());
  }

  /// CREATE TABLE: the object and its first metadata appear together.
  Result<> CreateTable(const TableName& name) {
    const Uuid uuid = Uuid::Random();
    const std::string location = "s3://bucket/lake/" + name.name;
    const iceberg::Schema schema{
        .fields = {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)}}};
    TARN_ASSIGN(auto first, iceberg::NewTableMetadata(uuid, location, schema, {}, {}, kTestNowMs));
    table::TableChange change{
        .table = name, .created = std::make_shared<const iceberg::TableMetadata>(std::move(first))};
    const auto make_object = [&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_ASSIGN(
          const auto outcome,
          CreateObject(transaction, admin_, {.name = {.name = name.name}, .definition = Table{}}));
      STATEMENT_TRY(
          SetPointer(transaction, {.id = outcome.id, .table_uuid = uuid, .location = location}));
      return {};
    };
    const table::Writer writer = writers_->Begin();
    TablePublisher publisher(metastore_.get(), writer.id, make_object);
    TARN_TRY(table::CommitTables(context_, publisher, writer, {&change, 1}));
    writers_->End(writer.id);
    return {};
  }

  Result<iceberg::LoadedTable> Load(const TableName& name) {
    TablePublisher reader(metastore_.get(), Uuid());
    TARN_ASSIGN(const auto locations, reader.Newest({&name, 1}));
    return iceberg::LoadTable(*storage_, locations.front());
  }

  Result<table::TableChange> Append(const TableName& name, const Uuid& writer) {
    TARN_ASSIGN(const iceberg::LoadedTable base, Load(name));
    table::TableChange change{.table = name, .table_uuid = base.metadata->table_uuid};
    change.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    iceberg::DataFile data;
    data.file_path = base.metadata->location + "/data/" + Uuid::Random().ToString() + ".parquet";
    data.record_count = 1;
    data.file_size_bytes = 4;
    TARN_TRY(storage_->Put(data.file_path, "rows", storage::PutMode::kIfAbsent));
    TARN_ASSIGN(auto manifest, iceberg::WriteAppendManifest(
                                   table::MakeCommitContext(context_, writer), *base.metadata,
                                   base.metadata->current_schema(), {data}, change.snapshot_id, 0));
    change.changes.appended_manifests.push_back(std::move(manifest));
    change.changes.appended_files = change.changes.appended_rows = 1;
    change.changes.appended_bytes = 4;
    return change;
  }

  Result<table::Writer> AppendToBoth(TablePublisher::Effect effect = nullptr) {
    const table::Writer writer = writers_->Begin();
    std::vector<table::TableChange> changes;
    for (const TableName& name : {kOrders, kItems}) {
      TARN_ASSIGN(changes.emplace_back(), Append(name, writer.id));
    }
    TablePublisher publisher(metastore_.get(), writer.id, std::move(effect));
    const auto committed =
        table::CommitTables(context_, publisher, writer, changes, {.retry = retry_});
    writers_->End(writer.id);
    TARN_TRY(committed);
    return writer;
  }

  size_t Snapshots(const TableName& name) {
    const auto table = Load(name);
    EXPECT_TRUE(table) << table.error().message;
    return table ? table->metadata->snapshots.size() : 0;
  }

  void ExpectSound(const TableName& name) {
    const auto table = Load(name);
    ASSERT_TRUE(table) << table.error().message;
    const auto report =
        iceberg::Fsck(*storage_, nullptr, table->metadata_location, {.read_data = false});
    ASSERT_TRUE(report) << report.error().message;
    for (const iceberg::Finding& finding : report->findings) {
      EXPECT_NE(finding.severity, iceberg::Severity::kError)
          << finding.code << " " << finding.location << ": " << finding.message;
    }
  }

  const table::RetryPolicy retry_{.retries = 100, .min_wait_ms = 1, .max_wait_ms = 20};
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<iceberg::ManifestCache> manifests_;
  std::unique_ptr<table::TableCache> tables_;
  table::TableContext context_;
  std::unique_ptr<WarehouseWriters> writers_;
};

TEST_F(TablePublisherTest, CreatesAndCommitsSeveralTablesAtOnce) {
  Must(CreateTable(kOrders));
  Must(CreateTable(kItems));
  const table::Writer writer = warehouse::Must(AppendToBoth());
  EXPECT_EQ(Snapshots(kOrders), 1U);
  EXPECT_EQ(Snapshots(kItems), 1U);
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kCommitted});
  ExpectSound(kOrders);
  ExpectSound(kItems);
}

TEST_F(TablePublisherTest, TheObjectDoesNotAppearWithoutItsFiles) {
  Must(CreateTable(kOrders));
  EXPECT_EQ(CreateTable(kOrders).error().kind, ErrorKind::kAlreadyExists);
  EXPECT_EQ(Snapshots(kOrders), 0U);
}

TEST_F(TablePublisherTest, ConflictIsExactAndMovesNothing) {
  Must(CreateTable(kOrders));
  Must(CreateTable(kItems));
  TablePublisher publisher(metastore_.get(), Uuid::Random());
  const std::vector<TableName> names = {kOrders, kItems};
  const auto before = *publisher.Newest(names);
  const std::vector<catalog::PointerSwap> swaps = {{kOrders, before[0], "s3://bucket/new"},
                                                   {kItems, "s3://bucket/stale", "s3://x"}};
  EXPECT_EQ(publisher.Publish(Uuid::Random(), swaps).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(*publisher.Newest(names), before);
  const catalog::PointerSwap gone{{{"SHOP", "S"}, "NONE"}, "s3://bucket/a", "s3://bucket/b"};
  EXPECT_EQ(publisher.Publish(Uuid::Random(), {&gone, 1}).error().kind, ErrorKind::kConflict);
}

TEST_F(TablePublisherTest, AFailedEffectMovesNothingAndKeepsItsCode) {
  Must(CreateTable(kOrders));
  Must(CreateTable(kItems));
  const table::Writer writer = writers_->Begin();
  std::vector<table::TableChange> changes = {*Append(kOrders, writer.id)};
  TablePublisher publisher(metastore_.get(), writer.id, [](Transaction&) -> StatementResult<> {
    return std::unexpected(
        StatementError{.error = {ErrorKind::kInvalidArgument, "no", {}, {}}, .code = "090111"});
  });
  EXPECT_FALSE(table::CommitTables(context_, publisher, writer, changes));
  writers_->End(writer.id);
  EXPECT_EQ(publisher.effect_error()->code, "090111");
  EXPECT_EQ(Snapshots(kOrders), 0U);
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kAborted});
  ExpectSound(kOrders);
}

TEST_F(TablePublisherTest, FatesOfRunningAndForgottenWriters) {
  const table::Writer writer = writers_->Begin();
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kRunning});
  Must(CommitAsWriter(*metastore_, writer.id, [](Transaction&) { return StatementResult<>(); }));
  writers_->End(writer.id);
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kCommitted});
  clock_.Advance(1);
  Must(Change([&](Transaction& transaction) {
    return ForgetWriters(transaction, {writer.id}, clock_.NowMs());
  }));
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kCommitted});
  Must(Change(
      [&](Transaction& transaction) { return ForgetWriters(transaction, {}, clock_.NowMs()); }));
  EXPECT_EQ(*writers_->FatesOf({&writer, 1}), std::vector{WriterFate::kAborted});
  const table::Writer foreign{.id = Uuid::Random(), .issuer = "postgres"};
  EXPECT_EQ(*writers_->FatesOf({&foreign, 1}), std::vector{WriterFate::kUnknown});
}

TEST_F(TablePublisherTest, AMomentHoldsBackCollection) {
  auto moment = Must(metastore_->Read());
  Create(admin_, "seq", Sequence{});
  const std::string mark = Must(writers_->ReadersMark());
  EXPECT_FALSE(Must(writers_->IsBeyondReaders(mark)));
  auto later = Must(metastore_->Read());
  moment.reset();
  EXPECT_TRUE(Must(writers_->IsBeyondReaders(mark)));
  EXPECT_FALSE(writers_->IsBeyondReaders("nonsense"));
  EXPECT_TRUE(Must(writers_->IsBeyondReaders(Uuid::Random().ToString() + "/999")));
}

TEST_F(TablePublisherTest, WritersInManyThreadsAllCommit) {
  Must(CreateTable(kOrders));
  Must(CreateTable(kItems));
  constexpr int kThreads = 4;
  constexpr int kCommits = 5;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kCommits; ++n) warehouse::Must(AppendToBoth());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Load(kOrders)->metadata->last_sequence_number.value(), kThreads * kCommits);
  EXPECT_EQ(Load(kItems)->metadata->last_sequence_number.value(), kThreads * kCommits);
  ExpectSound(kOrders);
  ExpectSound(kItems);
}

/// A child process commits to both tables and counts in a sequence in the same transaction, until
/// it is killed. Whatever the moment was: tables and sequence agree.
TEST_F(TablePublisherTest, KilledInTheMiddle) {
  Must(CreateTable(kOrders));
  Must(CreateTable(kItems));
  const ObjectId counter = Create(admin_, "counter", Sequence{.next_value = 0});
  const auto count = [&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(auto sequence, transaction.Find<Sequence>(counter));
    ++sequence->next_value;
    STATEMENT_TRY(transaction.Update(counter, *sequence));
    return {};
  };
  constexpr uint32_t kSeed = 20261129;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::minstd_rand random(kSeed);
  int64_t counted = 0;
  for (int round = 0; round < 6; ++round) {
    writers_.reset();
    metastore_.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Reopen();
      admin_.database = "SHOP";
      admin_.schema = "S";
      writers_ = std::make_unique<WarehouseWriters>(metastore_.get());
      for (;;) {
        if (!AppendToBoth(count)) std::_Exit(3);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30 + random() % 150));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended with " << WEXITSTATUS(status);
    Reopen();
    writers_ = std::make_unique<WarehouseWriters>(metastore_.get());
    counted = (*Must(Must(metastore_->Read())->Find<Sequence>(counter))).next_value;
    EXPECT_EQ(Load(kOrders)->metadata->last_sequence_number.value(), counted);
    EXPECT_EQ(Load(kItems)->metadata->last_sequence_number.value(), counted);
    ExpectSound(kOrders);
    ExpectSound(kItems);
  }
  EXPECT_GT(counted, 0);
}

}  // namespace
}  // namespace tarn::warehouse
