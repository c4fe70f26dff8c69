// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/logging.h"
#include "iceberg/fsck/fsck.h"
#include "lake/testing/test_service.h"

namespace tarn::lake {
namespace {

std::unexpected<Error> ErrorOf(const Frame& frame) {
  const auto answer = ParsePayload<ErrorAnswer>(frame.payload());
  if (!answer) return std::unexpected(answer.error());
  return std::unexpected(Error{answer->kind, answer->message, answer->detail, answer->hint});
}

}  // namespace

std::vector<Field> TestFields() {
  return {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)},
          {.id = FieldId(2), .name = "text", .type = Type::Primitive(TypeKind::kString)}};
}

std::vector<uint8_t> EncodeRows(const std::vector<TestRow>& rows) {
  std::vector<int64_t> ids;
  std::vector<int32_t> offsets{0};
  std::string bytes;
  for (const TestRow& row : rows) {
    ids.push_back(row.id);
    bytes += row.text;
    offsets.push_back(static_cast<int32_t>(bytes.size()));
  }
  const auto count = static_cast<int64_t>(rows.size());
  const BatchView view{.rows = count,
                       .columns = {{.rows = count,
                                    .values = reinterpret_cast<const uint8_t*>(ids.data()),
                                    .values_bytes = ids.size() * 8},
                                   {.rows = count,
                                    .values = reinterpret_cast<const uint8_t*>(bytes.data()),
                                    .values_bytes = bytes.size(),
                                    .offsets = offsets.data()}}};
  std::vector<uint8_t> encoded;
  EncodeBatch(view, encoded);
  return encoded;
}

std::vector<TestRow> MakeRows(int64_t first, int64_t count) {
  std::vector<TestRow> rows;
  for (int64_t i = first; i < first + count; ++i) rows.push_back({i, "row " + std::to_string(i)});
  return rows;
}

TestClient::TestClient(int socket, uint32_t database_oid) : channel_(socket) {
  const auto answer = Call(
      MessageType::kHello,
      Hello{
          .database_oid = database_oid, .backend_pid = 1, .system_identifier = 99, .timeline = 1});
  EXPECT_TRUE(answer) << answer.error().message;
  if (answer) hello = ParsePayload<HelloOk>(answer->payload()).value();
}

Result<Frame> TestClient::Receive() {
  TARN_ASSIGN(const auto frame, channel_.Read());
  if (!frame) return Fail(ErrorKind::kUnavailable, "closed");
  if (frame->type == MessageType::kError) return ErrorOf(*frame);
  return *frame;
}

void TestClient::Append(uint64_t storage, int64_t first_ordinal, const std::vector<TestRow>& rows) {
  std::vector<uint8_t> frame;
  BeginFrame(frame, MessageType::kAppend, lake::Append{storage, first_ordinal});
  const std::vector<uint8_t> batch = EncodeRows(rows);
  frame.insert(frame.end(), batch.begin(), batch.end());
  FinishFrame(frame, 0);
  ASSERT_TRUE(channel_.Write(frame));
}

Result<> TestClient::Prepare(const lake::Prepare& message) {
  TARN_TRY(Call(MessageType::kPrepare, message));
  return {};
}

Result<CommitOk> TestClient::Commit(const lake::Commit& message) {
  TARN_ASSIGN(const Frame answer, Call(MessageType::kCommit, message));
  return ParsePayload<CommitOk>(answer.payload());
}

void TestClient::Finish(const Uuid& transaction, Outcome outcome) {
  Send(MessageType::kFinish, lake::Finish{transaction, outcome, 100});
  Ping();
}

void TestClient::Ping() {
  std::vector<uint8_t> frame;
  AppendFrameHeader(frame, MessageType::kPing);
  ASSERT_TRUE(channel_.Write(frame));
  const auto answer = Receive();
  ASSERT_TRUE(answer) << answer.error().message;
}

Result<std::vector<TestRow>> TestClient::Scan(const std::string& metadata_location,
                                              uint64_t pending_storage,
                                              std::vector<RowRange> pending) {
  ScanOpen open{.scan = 3,
                .metadata_location = metadata_location,
                .pending_storage = pending_storage,
                .pending = std::move(pending)};
  std::vector<Type> types;
  for (const Field& field : TestFields()) {
    open.columns.push_back({field, {}});
    types.push_back(field.type);
  }
  TARN_TRY(channel_.WriteMessage(MessageType::kScanOpen, open));
  std::vector<TestRow> rows;
  for (;;) {
    TARN_ASSIGN(const Frame answer, Call(MessageType::kScanNext, ScanNext{3}));
    size_t batch_begin = 0;
    TARN_ASSIGN(const ScanBatch head, ParsePayload<ScanBatch>(answer.payload(), &batch_begin));
    if (head.done) break;
    TARN_ASSIGN(const BatchView batch, DecodeBatch(answer.payload().subspan(batch_begin), types));
    for (int64_t i = 0; i < batch.rows; ++i) {
      TestRow row;
      std::memcpy(&row.id, batch.columns[0].values + i * 8, 8);
      const int32_t* offsets = batch.columns[1].offsets;
      row.text.assign(reinterpret_cast<const char*>(batch.columns[1].values) + offsets[i],
                      static_cast<size_t>(offsets[i + 1] - offsets[i]));
      rows.push_back(std::move(row));
    }
  }
  TARN_TRY(channel_.WriteMessage(MessageType::kScanClose, ScanClose{3}));
  return rows;
}

std::vector<TestRow> TestClient::Rows(const std::string& metadata_location,
                                      uint64_t pending_storage, std::vector<RowRange> pending) {
  auto rows = Scan(metadata_location, pending_storage, std::move(pending));
  EXPECT_TRUE(rows) << rows.error().message;
  return rows.value_or(std::vector<TestRow>());
}

lake::Prepare TestWrite::prepare() const {
  return {.transaction = key,
          .tables = {{.place = place,
                      .base_metadata_location = base,
                      .fields = TestFields(),
                      .last_column_id = 2,
                      .storage = storage,
                      .live = live}}};
}

lake::Prepare TestWrite::truncate() const {
  lake::Prepare prepared = prepare();
  prepared.tables[0].storage = 0;
  prepared.tables[0].replace_all = true;
  return prepared;
}

lake::Commit TestWrite::commit() const {
  return {.transaction = key,
          .tables = {{.table_oid = place.table_oid, .base_metadata_location = base}}};
}

TestService::TestService(storage::FaultPlan plan, bool with_workers) : with_workers_(with_workers) {
  // Tests provoke warnings by the hundred.
  spdlog::set_level(spdlog::level::err);
  Start(std::move(plan));
}

void TestService::Start(storage::FaultPlan plan) {
  auto storage = storage::OpenLocalStorage({.buckets_directory = buckets_directory()});
  ASSERT_TRUE(storage) << storage.error().message;
  storage_ = std::move(*storage);
  if (plan) storage_ = storage::MakeFaultyStorage(std::move(storage_), std::move(plan));
  auto engine = engine::Engine::Open({.storage = storage_.get()});
  ASSERT_TRUE(engine) << engine.error().message;
  engine_ = std::move(*engine);
  auto journal = Journal::Open(journal_directory());
  ASSERT_TRUE(journal) << journal.error().message;
  journal_ = std::move(*journal);
  manifests_ = std::make_unique<iceberg::ManifestCache>(storage_.get(), 16 << 20);
  tables_ = std::make_unique<TableCache>(storage_.get(), 16 << 20);
  if (with_workers_) workers_ = std::make_unique<WorkerPool>(4);
  lake_.storage = storage_.get();
  lake_.engine = engine_.get();
  lake_.manifests = manifests_.get();
  lake_.tables = tables_.get();
  lake_.journal = journal_.get();
  lake_.workers = workers_.get();
  lake_.memory = &memory_;
  lake_.policy = {};
  pins_ = std::make_unique<table::PinnedSnapshots>(storage_.get());
  lake_.pins = pins_.get();
  server_ = std::make_unique<Server>(lake_);
}

void TestService::Stop() {
  server_.reset();
  workers_.reset();
  manifests_.reset();
  tables_.reset();
  engine_.reset();
  journal_.reset();
  storage_.reset();
}

void TestService::Restart(storage::FaultPlan plan) {
  Stop();
  Start(std::move(plan));
}

std::unique_ptr<TestClient> TestService::Connect(uint32_t database_oid) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) abort();
  server_->Serve(pair[1]);
  return std::make_unique<TestClient>(pair[0], database_oid);
}

TablePlace TestService::NewPlace(uint32_t oid) const {
  return {.table_oid = oid,
          .table_uuid = Uuid::Random(),
          .location = "s3://lake/frompg/tables/db/public/t/" + std::to_string(oid),
          .create = true};
}

Result<CommittedTable> TestService::Append(TestClient& client, const TablePlace& place,
                                           const std::string& base,
                                           const std::vector<TestRow>& rows) {
  static uint64_t next_xid = 800;
  TestWrite write{.place = place, .base = base};
  write.key.full_xid = next_xid++;
  write.place.create = base.empty();
  write.live = {{0, static_cast<int64_t>(rows.size())}};
  TARN_TRY(client.channel().WriteMessage(
      MessageType::kBeginWrite, BeginWrite{write.key, write.storage, write.place, TestFields()}));
  client.Append(write.storage, 0, rows);
  TARN_TRY(client.Prepare(write.prepare()));
  TARN_ASSIGN(const CommitOk committed, client.Commit(write.commit()));
  client.Finish(write.key.uuid, Outcome::kCommitted);
  return committed.tables.at(0);
}

std::set<std::string> TestService::Files() const {
  namespace fs = std::filesystem;
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(buckets_directory())) {
    if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), buckets_directory()));
  }
  return files;
}

void TestService::ExpectSound(const std::string& metadata_location, bool orphans_allowed) {
  auto storage = storage::OpenLocalStorage({.buckets_directory = buckets_directory()});
  ASSERT_TRUE(storage);
  const auto engine = engine::Engine::Open({.storage = storage->get()});
  ASSERT_TRUE(engine);
  const auto report =
      iceberg::Fsck(**storage, &(*engine)->data_file_reader(), metadata_location, {});
  ASSERT_TRUE(report) << report.error().message;
  for (const iceberg::Finding& finding : report->findings) {
    if (orphans_allowed && finding.code.find("orphan") != std::string::npos) continue;
    if (finding.location.ends_with("/tarn-owner.json")) continue;
    ADD_FAILURE() << finding.code << " at " << finding.location << ": " << finding.message;
  }
}

}  // namespace tarn::lake
