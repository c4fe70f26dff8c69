// SPDX-License-Identifier: Apache-2.0
#include "engine/encoded_rows.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "engine/testing/test_engine.h"

namespace tarn::engine {
namespace {

using Room = EncodedRows::Room;

EncodedBatch BatchOf(int64_t rows, size_t bytes = 8) {
  return {.rows = rows, .bytes = std::vector<uint8_t>(bytes)};
}

std::vector<int64_t> TakeAll(EncodedRows& rows) {
  std::vector<int64_t> taken;
  std::vector<uint8_t> memory;
  while (const auto batch = rows.Take(memory)) taken.push_back(batch->rows);
  return taken;
}

TEST(EncodedRowsTest, PartitionsComeInTheirOrder) {
  EncodedRows rows;
  rows.Add(2, BatchOf(20));
  rows.Add(0, BatchOf(1));
  rows.Add(1, BatchOf(10));
  rows.Add(0, BatchOf(2));
  rows.Add(1, BatchOf(11));
  EXPECT_EQ(TakeAll(rows), (std::vector<int64_t>{1, 2}));
  rows.Advance(1);
  EXPECT_EQ(TakeAll(rows), (std::vector<int64_t>{10, 11}));
  rows.Add(1, BatchOf(12));
  rows.Advance(7);
  EXPECT_EQ(TakeAll(rows), (std::vector<int64_t>{12, 20}));
}

TEST(EncodedRowsTest, AFullQueueHoldsASinkUntilThereIsRoom) {
  EncodedRows rows;
  const auto signal = duckdb::make_shared_ptr<duckdb::InterruptDoneSignalState>();
  const duckdb::InterruptState sink{duckdb::weak_ptr<duckdb::InterruptDoneSignalState>(signal)};
  EXPECT_EQ(rows.AskForRoom(0, sink), Room::kYes);
  rows.Add(0, BatchOf(1, size_t{16} << 20));
  EXPECT_EQ(rows.AskForRoom(1, sink), Room::kYes);
  EXPECT_EQ(rows.AskForRoom(0, sink), Room::kWait);
  std::vector<uint8_t> memory;
  ASSERT_TRUE(rows.Take(memory));
  signal->Await();  // for ever, if Take woke nobody
  EXPECT_EQ(rows.AskForRoom(0, sink), Room::kYes);
}

TEST(EncodedRowsTest, ClosingWakesSinksAndTurnsThemAway) {
  EncodedRows rows;
  const auto signal = duckdb::make_shared_ptr<duckdb::InterruptDoneSignalState>();
  const duckdb::InterruptState sink{duckdb::weak_ptr<duckdb::InterruptDoneSignalState>(signal)};
  rows.Add(5, BatchOf(1, size_t{16} << 20));
  EXPECT_EQ(rows.AskForRoom(5, sink), Room::kWait);
  rows.Close();
  signal->Await();
  EXPECT_EQ(rows.AskForRoom(5, sink), Room::kClosed);
}

class EncodedScanTest : public EngineTest {
 protected:
  /// About 30 MB in 40 row groups: more than may wait for a reader.
  void SetUp() override {
    Restart({.threads = 4});
    for (int64_t i = 0; i < kRows; ++i) {
      rows_.push_back({Value(i), Value(std::string(300, static_cast<char>('a' + i % 26)))});
    }
    file_ = WriteFile(fields_, rows_, {.row_group_rows = 2048});
  }

  std::unique_ptr<RowStream> Open() {
    return engine_->OpenScan({.plan = PlanOf({file_}), .columns = ColumnsOf(fields_)}).value();
  }

  static constexpr int64_t kRows = 80'000;
  const std::vector<Field> fields_ = {MakeField(1, "i", Type::Primitive(TypeKind::kLong)),
                                      MakeField(2, "s", Type::Primitive(TypeKind::kString))};
  std::vector<Row> rows_;
  iceberg::DataFile file_;
};

TEST_F(EncodedScanTest, RowsKeepTheirOrderWithManyThreadsAndASlowReader) {
  const auto stream = Open();
  std::vector<uint8_t> bytes;
  int64_t next = 0;
  for (int batch = 0;; ++batch) {
    ASSERT_TRUE(stream->Next(bytes));
    if (bytes.empty()) break;
    const BatchView view = Decode(fields_, bytes);
    const auto* values = reinterpret_cast<const int64_t*>(view.columns[0].values);
    for (int64_t row = 0; row < view.rows; ++row, ++next) ASSERT_EQ(values[row], next);
    // Time for the threads to fill what there is room for.
    if (batch % 8 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(next, kRows);
}

TEST_F(EncodedScanTest, AStreamThatIsDroppedLeavesTheEngineReady) {
  for (int round = 0; round < 20; ++round) {
    const auto stream = Open();
    std::vector<uint8_t> bytes;
    for (int batch = 0; batch < round % 4; ++batch) ASSERT_TRUE(stream->Next(bytes));
  }
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file_}), .columns = ColumnsOf(fields_)}), rows_));
}

TEST_F(EncodedScanTest, ManyStreamsWaitForTheirReadersAtOnce) {
  std::vector<std::unique_ptr<RowStream>> streams;
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 12; ++i) {
    streams.push_back(Open());
    ASSERT_TRUE(streams.back()->Next(bytes));
  }
  for (const auto& stream : streams) {
    int64_t rows = 0;
    while (true) {
      ASSERT_TRUE(stream->Next(bytes));
      if (bytes.empty()) break;
      rows += Decode(fields_, bytes).rows;
    }
    EXPECT_GT(rows, kRows / 2);
  }
}

TEST_F(EncodedScanTest, ALimitCutsTheBatchThatPassesIt) {
  for (const int64_t limit : {1, 4095, 30'001, 79'999}) {
    const auto rows =
        Scan({.plan = PlanOf({file_}), .columns = ColumnsOf(fields_), .limit = limit});
    EXPECT_TRUE(SameRows(rows, {rows_.begin(), rows_.begin() + limit}));
  }
}

}  // namespace
}  // namespace tarn::engine
