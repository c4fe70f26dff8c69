// SPDX-License-Identifier: Apache-2.0
// For tests: a lake service in this process over a scratch directory, and a client that speaks the
// wire protocol over a socket pair.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "lake/frame_channel.h"
#include "lake/lake_context.h"
#include "lake/server.h"
#include "storage/faulty_storage.h"
#include "storage/testing/scratch_directory.h"
#include "table/pins.h"

namespace tarn::lake {

struct TestRow {
  int64_t id = 0;
  std::string text;
  auto operator<=>(const TestRow&) const = default;
};

/// Columns of TestRow: id long (1), text string (2).
std::vector<Field> TestFields();
std::vector<uint8_t> EncodeRows(const std::vector<TestRow>& rows);
/// Rows first, first + 1, …
std::vector<TestRow> MakeRows(int64_t first, int64_t count);

/// Errors of the calls fail the test unless the caller asks for the Result.
class TestClient {
 public:
  explicit TestClient(int socket, uint32_t database_oid = 5);

  template <typename M>
  void Send(MessageType type, const M& message) {
    ASSERT_TRUE(channel_.WriteMessage(type, message));
  }
  Result<Frame> Receive();
  template <typename M>
  Result<Frame> Call(MessageType type, const M& message) {
    TARN_TRY(channel_.WriteMessage(type, message));
    return Receive();
  }

  void Append(uint64_t storage, int64_t first_ordinal, const std::vector<TestRow>& rows);
  Result<> Prepare(const lake::Prepare& message);
  Result<CommitOk> Commit(const lake::Commit& message);
  void Finish(const Uuid& transaction, Outcome outcome);
  /// All rows of a scan over TestFields.
  Result<std::vector<TestRow>> Scan(const std::string& metadata_location,
                                    uint64_t pending_storage = 0,
                                    std::vector<RowRange> pending = {});
  /// The same; a failure fails the test.
  std::vector<TestRow> Rows(const std::string& metadata_location, uint64_t pending_storage = 0,
                            std::vector<RowRange> pending = {});
  /// Whatever was sent before has been taken.
  void Ping();

  HelloOk hello;
  FrameChannel& channel() { return channel_; }

 private:
  FrameChannel channel_;
};

/// One append to one table, step by step.
struct TestWrite {
  TransactionKey key{.uuid = Uuid::Random(), .full_xid = 700, .database_oid = 5};
  TablePlace place;
  uint64_t storage = 17;
  std::string base;
  std::vector<RowRange> live;

  lake::Prepare prepare() const;
  /// The same without rows, in the place of all that there are.
  lake::Prepare truncate() const;
  lake::Commit commit() const;
};

class TestService {
 public:
  /// Without workers, one thread does all that a session asks for, in an order that repeats.
  explicit TestService(storage::FaultPlan plan = nullptr, bool with_workers = true);
  ~TestService() { Stop(); }

  /// The engine dies, and starts again on what it left.
  void Restart(storage::FaultPlan plan = nullptr);
  void Stop();

  std::unique_ptr<TestClient> Connect(uint32_t database_oid = 5);
  LakeContext& lake() { return lake_; }
  Server& server() { return *server_; }
  std::string journal_directory() const { return scratch_.path() + "/journal"; }
  std::string buckets_directory() const { return scratch_.path() + "/buckets"; }

  TablePlace NewPlace(uint32_t oid = 1000) const;
  /// A transaction that creates a table, or adds to it; the new metadata location.
  Result<CommittedTable> Append(TestClient& client, const TablePlace& place,
                                const std::string& base, const std::vector<TestRow>& rows);
  /// Names of files beneath the buckets, relative to them.
  std::set<std::string> Files() const;
  void ExpectSound(const std::string& metadata_location, bool orphans_allowed = false);

 private:
  void Start(storage::FaultPlan plan);

  storage::ScratchDirectory scratch_;
  MemoryBudget memory_{int64_t{512} << 20};
  const bool with_workers_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<storage::Storage> storage_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<iceberg::ManifestCache> manifests_;
  std::unique_ptr<TableCache> tables_;
  std::unique_ptr<table::PinnedSnapshots> pins_;
  LakeContext lake_;
  std::unique_ptr<Server> server_;
};

}  // namespace tarn::lake
