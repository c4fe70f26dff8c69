// SPDX-License-Identifier: Apache-2.0
// What all sessions hold together stays within the process's budget.
#include <algorithm>

#include "lake/memory_shares.h"
#include "lake/testing/test_service.h"
#include "lake/wire_maintenance.h"

namespace tarn::lake {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int kSessions = 12;
constexpr int64_t kBatchRows = 10'000;
constexpr int kBatches = 20;

/// A service whose sessions have little in common: 8 MiB, of which write buffers may take three.
class MemoryTest : public testing::Test {
 protected:
  MemoryTest() {
    service_.lake().memory = &memory_;
    service_.lake().limits.min_early_file_bytes = kMiB / 4;
  }

  MemoryConsumer Consumer(TestClient& client, std::string_view name) {
    std::vector<uint8_t> frame;
    AppendFrameHeader(frame, MessageType::kMemoryUsage);
    EXPECT_TRUE(client.channel().Write(frame));
    const auto answer = client.Receive();
    EXPECT_TRUE(answer) << answer.error().message;
    const auto used = ParsePayload<MemoryUsed>(answer->payload());
    EXPECT_TRUE(used);
    const auto found = std::ranges::find(used->consumers, name, &MemoryConsumer::name);
    EXPECT_NE(found, used->consumers.end());
    return *found;
  }

  MemoryBudget memory_{8 * kMiB};
  TestService service_;
};

TEST_F(MemoryTest, ManySessionsShareOneBudget) {
  struct Writer {
    std::unique_ptr<TestClient> client;
    TestWrite write;
  };
  std::vector<Writer> writers(kSessions);
  int64_t sent_bytes = 0;
  for (int i = 0; i < kSessions; ++i) {
    Writer& writer = writers[static_cast<size_t>(i)];
    writer.client = service_.Connect();
    writer.write.place = service_.NewPlace(static_cast<uint32_t>(1000 + i));
    writer.write.key.full_xid = static_cast<uint64_t>(700 + i);
    writer.write.live = {{0, kBatches * kBatchRows}};
    writer.client->Send(MessageType::kBeginWrite, BeginWrite{writer.write.key, writer.write.storage,
                                                             writer.write.place, TestFields()});
    for (int batch = 0; batch < kBatches; ++batch) {
      const auto rows = MakeRows(batch * kBatchRows, kBatchRows);
      sent_bytes += static_cast<int64_t>(EncodeRows(rows).size());
      writer.client->Append(writer.write.storage, batch * kBatchRows, rows);
    }
    writer.client->Ping();
  }
  // Without a common limit all of it would be in memory: no session reaches its own.
  ASSERT_GT(sent_bytes, 4 * memory_.limit_bytes());
  const MemoryConsumer all = Consumer(*writers[0].client, "all");
  EXPECT_LE(all.peak_bytes, memory_.limit_bytes());
  EXPECT_GT(all.used_bytes, 0);
  EXPECT_EQ(all.share_bytes, memory_.limit_bytes());
  EXPECT_GT(Consumer(*writers[0].client, "write buffers").refusals, 0);
  for (Writer& writer : writers) {
    ASSERT_TRUE(writer.client->Prepare(writer.write.prepare()));
    const auto committed = writer.client->Commit(writer.write.commit());
    ASSERT_TRUE(committed) << committed.error().message;
    writer.client->Finish(writer.write.key.uuid, Outcome::kCommitted);
    const std::string& metadata = committed->tables[0].metadata_location;
    EXPECT_EQ(writer.client->Rows(metadata), MakeRows(0, kBatches * kBatchRows));
    service_.ExpectSound(metadata);
  }
  EXPECT_EQ(Consumer(*writers[0].client, "write buffers").used_bytes, 0);
  EXPECT_EQ(Consumer(*writers[0].client, "scan batches").used_bytes, 0);
}

TEST_F(MemoryTest, SmallSessionsWriteNoTinyFiles) {
  MemoryReservation others = Open(memory_, kWriteBuffers);
  others.Grow(memory_.limit_bytes());
  const auto client = service_.Connect();
  TestWrite write{.place = service_.NewPlace()};
  client->Send(MessageType::kBeginWrite,
               BeginWrite{write.key, write.storage, write.place, TestFields()});
  for (int i = 0; i < 100; ++i) client->Append(write.storage, i * 10, MakeRows(i * 10, 10));
  client->Ping();
  EXPECT_TRUE(std::ranges::none_of(
      service_.Files(), [](const std::string& file) { return file.ends_with(".parquet"); }));
  write.live = {{0, 1000}};
  ASSERT_TRUE(client->Prepare(write.prepare()));
  const auto committed = client->Commit(write.commit());
  ASSERT_TRUE(committed) << committed.error().message;
  client->Finish(write.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(client->Rows(committed->tables[0].metadata_location), MakeRows(0, 1000));
  service_.ExpectSound(committed->tables[0].metadata_location);
}

}  // namespace
}  // namespace tarn::lake
