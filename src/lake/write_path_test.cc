// SPDX-License-Identifier: Apache-2.0
// Rows on their way into files: written early, in several files, with columns that change underway.
#include <algorithm>

#include "lake/testing/test_service.h"

namespace tarn::lake {
namespace {

/// id (1), text (2) and a younger int column (3).
std::vector<Field> WiderFields() {
  std::vector<Field> fields = TestFields();
  fields.push_back({.id = FieldId(3), .name = "n", .type = Type::Primitive(TypeKind::kInt)});
  return fields;
}

std::vector<uint8_t> OneInt(int32_t value) {
  const BatchView view{.rows = 1,
                       .columns = {{.rows = 1,
                                    .values = reinterpret_cast<const uint8_t*>(&value),
                                    .values_bytes = sizeof value}}};
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  return bytes;
}

class WritePathTest : public testing::Test {
 protected:
  WritePathTest() : client_(service_.Connect()) { write_.place = service_.NewPlace(); }

  /// Every append goes to a file of its own at once.
  void WriteEarly() {
    service_.lake().limits.stream_start_bytes = 1;
    service_.lake().limits.target_file_bytes = 1;
  }

  void Begin(std::vector<Field> fields = TestFields()) {
    client_->Send(MessageType::kBeginWrite,
                  BeginWrite{write_.key, write_.storage, write_.place, std::move(fields)});
  }

  std::string Commit(lake::Prepare prepare) {
    const auto prepared = client_->Prepare(prepare);
    EXPECT_TRUE(prepared) << prepared.error().message;
    const auto committed = client_->Commit(write_.commit());
    EXPECT_TRUE(committed) << committed.error().message;
    client_->Finish(write_.key.uuid, Outcome::kCommitted);
    return committed ? committed->tables[0].metadata_location : "";
  }

  int64_t DataFiles() const {
    int64_t count = 0;
    for (const std::string& file : service_.Files()) count += file.ends_with(".parquet") ? 1 : 0;
    return count;
  }

  TestService service_;
  std::unique_ptr<TestClient> client_;
  TestWrite write_;
};

TEST_F(WritePathTest, ManyBatchesMakeOneFile) {
  Begin();
  for (int i = 0; i < 1000; ++i) client_->Append(write_.storage, i, MakeRows(i, 1));
  write_.live = {{0, 1000}};
  const std::string metadata = Commit(write_.prepare());
  EXPECT_EQ(DataFiles(), 1);
  EXPECT_EQ(client_->Rows(metadata), MakeRows(0, 1000));
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, AStreamBecomesOneFile) {
  service_.lake().limits.stream_start_bytes = 10'000;
  service_.lake().limits.queue_bytes = 20'000;
  Begin();
  for (int i = 0; i < 200; ++i) client_->Append(write_.storage, i * 100, MakeRows(i * 100, 100));
  write_.live = {{0, 20'000}};
  const std::string metadata = Commit(write_.prepare());
  EXPECT_EQ(DataFiles(), 1);
  EXPECT_EQ(client_->Rows(metadata), MakeRows(0, 20'000));
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, ScansSeeRowsOnTheirWayToAFile) {
  service_.lake().limits.stream_start_bytes = 1;
  Begin();
  client_->Append(write_.storage, 0, MakeRows(0, 50));
  EXPECT_EQ(client_->Rows("", write_.storage, {{0, 50}}), MakeRows(0, 50));
  client_->Append(write_.storage, 50, MakeRows(50, 50));
  EXPECT_EQ(client_->Rows("", write_.storage, {{40, 60}}), MakeRows(40, 20));
  client_->Append(write_.storage, 100, MakeRows(100, 50));
  write_.live = {{0, 150}};
  const std::string metadata = Commit(write_.prepare());
  EXPECT_EQ(client_->Rows(metadata), MakeRows(0, 150));
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, DeadEarlyFilesGoAndHalfDeadOnesAreRewritten) {
  WriteEarly();
  Begin();
  for (int i = 0; i < 4; ++i) {
    client_->Append(write_.storage, i * 10, MakeRows(i * 10, 10));
    client_->Rows("", write_.storage, {{0, (i + 1) * 10}});
  }
  EXPECT_EQ(DataFiles(), 4);
  write_.live = {{0, 10}, {25, 30}};
  const std::string metadata = Commit(write_.prepare());
  EXPECT_EQ(DataFiles(), 2) << "one kept, one rewritten";
  std::vector<TestRow> expected = MakeRows(0, 10);
  for (const TestRow& row : MakeRows(25, 5)) expected.push_back(row);
  EXPECT_EQ(client_->Rows(metadata), expected);
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, ATransactionThatKeepsNothingLeavesNothing) {
  WriteEarly();
  Begin();
  client_->Append(write_.storage, 0, MakeRows(0, 10));
  client_->Rows("", write_.storage, {{0, 10}});
  client_->Send(MessageType::kDiscardWrites, DiscardWrites{write_.storage});
  ASSERT_TRUE(client_->Prepare({.transaction = write_.key}));
  client_->Finish(write_.key.uuid, Outcome::kCommitted);
  EXPECT_EQ(service_.Files(), std::set<std::string>{});
}

TEST_F(WritePathTest, MemoryOfAConnectionIsBounded) {
  service_.lake().limits.session_buffer_bytes = 50'000;
  Begin();
  TestWrite other{.key = write_.key, .place = service_.NewPlace(1001), .storage = 18};
  client_->Send(MessageType::kBeginWrite,
                BeginWrite{other.key, other.storage, other.place, TestFields()});
  client_->Append(write_.storage, 0, MakeRows(0, 100));
  client_->Append(other.storage, 0, MakeRows(0, 3000));
  client_->Ping();
  EXPECT_EQ(DataFiles(), 1) << "the larger one went to a file";
  client_->Finish(write_.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), std::set<std::string>{});
}

TEST_F(WritePathTest, RowsOfOlderColumnsGetTheDefault) {
  for (const bool early : {false, true}) {
    SCOPED_TRACE(early);
    if (early) WriteEarly();
    write_.place = service_.NewPlace(early ? 2001 : 2000);
    write_.key.uuid = Uuid::Random();
    Begin();
    client_->Append(write_.storage, 0, MakeRows(0, 5));
    Begin(WiderFields());
    write_.live = {{0, 5}};
    lake::Prepare prepare = write_.prepare();
    prepare.tables[0].fields = WiderFields();
    prepare.tables[0].last_column_id = 3;
    prepare.tables[0].defaults = {{FieldId(3), OneInt(42)}};
    const std::string metadata = Commit(prepare);
    EXPECT_EQ(client_->Rows(metadata), MakeRows(0, 5));
    service_.ExpectSound(metadata);
    const auto table = iceberg::LoadTable(*service_.lake().storage, metadata);
    ASSERT_TRUE(table);
    const auto plan =
        iceberg::PlanScan(table::MakeCommitContext(service_.lake(), {}), table->metadata, {});
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->files.size(), 1u);
    const iceberg::DataFile& file = plan->files[0].file();
    EXPECT_EQ(file.lower_bounds.at(FieldId(3)), std::string("\x2A\0\0\0", 4));
    EXPECT_EQ(file.null_value_counts.at(FieldId(3)), 0);
  }
}

TEST_F(WritePathTest, CommittedRowsGetTheDefaultToo) {
  const auto created = service_.Append(*client_, write_.place, "", MakeRows(0, 7));
  ASSERT_TRUE(created);
  write_.place.create = false;
  write_.base = created->metadata_location;
  write_.storage = 0;
  lake::Prepare prepare = write_.prepare();
  prepare.tables[0].fields = WiderFields();
  prepare.tables[0].last_column_id = 3;
  prepare.tables[0].defaults = {{FieldId(3), OneInt(-1)}};
  prepare.tables[0].materialize_defaults = true;
  const std::string metadata = Commit(prepare);
  EXPECT_EQ(client_->Rows(metadata), MakeRows(0, 7));
  EXPECT_EQ(client_->Rows(created->metadata_location), MakeRows(0, 7));
  service_.ExpectSound(metadata);
  ScanOpen count{.scan = 9, .metadata_location = metadata};
  count.filter = Filter{.op = FilterOp::kEqual,
                        .field = FieldId(3),
                        .type = Type::Primitive(TypeKind::kInt),
                        .values = {Value(int32_t{-1})}};
  count.filter_columns = {{WiderFields()[2], {}}};
  client_->Send(MessageType::kScanOpen, count);
  const auto answer = client_->Call(MessageType::kScanNext, ScanNext{9});
  ASSERT_TRUE(answer) << answer.error().message;
  size_t begin = 0;
  ASSERT_TRUE(ParsePayload<ScanBatch>(answer->payload(), &begin));
  EXPECT_EQ(DecodeBatch(answer->payload().subspan(begin), {})->rows, 7);
}

TEST_F(WritePathTest, TruncateReplacesAllRows) {
  const auto created = service_.Append(*client_, write_.place, "", MakeRows(0, 7));
  ASSERT_TRUE(created);
  write_.place.create = false;
  write_.base = created->metadata_location;
  Begin();
  client_->Append(write_.storage, 0, MakeRows(100, 2));
  write_.live = {{0, 2}};
  lake::Prepare prepare = write_.prepare();
  prepare.tables[0].replace_all = true;
  const std::string metadata = Commit(prepare);
  EXPECT_EQ(client_->Rows(metadata), MakeRows(100, 2));
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, TheSecondAppenderRebases) {
  const auto created = service_.Append(*client_, write_.place, "", MakeRows(0, 2));
  ASSERT_TRUE(created);
  write_.place.create = false;
  write_.base = created->metadata_location;
  Begin();
  client_->Append(write_.storage, 0, MakeRows(10, 2));
  write_.live = {{0, 2}};
  ASSERT_TRUE(client_->Prepare(write_.prepare()));
  const auto other = service_.Connect();
  const auto between =
      service_.Append(*other, write_.place, created->metadata_location, MakeRows(5, 2));
  ASSERT_TRUE(between) << between.error().message;
  write_.base = between->metadata_location;
  const auto committed = client_->Commit(write_.commit());
  ASSERT_TRUE(committed) << committed.error().message;
  client_->Finish(write_.key.uuid, Outcome::kCommitted);
  const std::string metadata = committed->tables[0].metadata_location;
  auto rows = client_->Rows(metadata);
  std::ranges::sort(rows);
  std::vector<TestRow> expected = MakeRows(0, 2);
  for (const TestRow& row : MakeRows(5, 2)) expected.push_back(row);
  for (const TestRow& row : MakeRows(10, 2)) expected.push_back(row);
  EXPECT_EQ(rows, expected);
  service_.ExpectSound(metadata);
}

TEST_F(WritePathTest, ErrorsOfUnansweredMessagesComeAtPrepare) {
  Begin();
  client_->Append(write_.storage, 0, MakeRows(0, 2));
  client_->Append(write_.storage, 7, MakeRows(0, 2));
  client_->Append(write_.storage, 2, MakeRows(2, 2));
  EXPECT_FALSE(client_->Scan("", write_.storage, {{0, 2}}));
  write_.live = {{0, 4}};
  const auto prepared = client_->Prepare(write_.prepare());
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().message.find("ordinal 7"), std::string::npos)
      << prepared.error().message;
  client_->Finish(write_.key.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), std::set<std::string>{});
  client_->Ping();
}

}  // namespace
}  // namespace tarn::lake
