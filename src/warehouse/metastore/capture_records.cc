// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/capture_records.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kHourMs = 3'600'000;

/// "SELECT <fields> FROM <rest>", `rest` being a literal.
template <typename Record, typename... Values>
Result<std::vector<Record>> ReadRecords(const Snapshot& snapshot, std::string_view rest,
                                        const Values&... values) {
  static const std::string fields = "SELECT " + FieldList<Record>("", "") + " FROM ";
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), fields + std::string(rest), values...));
  std::vector<Record> records;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return records;
    TARN_TRY(ReadFields(rows, 0, records.emplace_back()));
  }
}

template <typename Record, typename... Values>
Result<std::optional<Record>> ReadRecord(const Snapshot& snapshot, std::string_view rest,
                                         const Values&... values) {
  TARN_ASSIGN(auto records, ReadRecords<Record>(snapshot, rest, values...));
  if (records.empty()) return std::optional<Record>();
  return std::optional<Record>(std::move(records.front()));
}

/// `verb` begins the statement: "INSERT INTO t".
template <typename Record>
Result<> WriteRecord(Transaction& transaction, std::string_view verb, const Record& record) {
  std::string marks = "?";
  for (int i = 1; i < kFieldCount<Record>; ++i) marks += ", ?";
  const std::string sql =
      std::string(verb) + " (" + FieldList<Record>("", "") + ") VALUES (" + marks + ")";
  TARN_ASSIGN(Rows rows, transaction.connection().Prepare(sql));
  BindFields(rows, record);
  TARN_TRY(rows.Next());
  return {};
}

}  // namespace

Result<std::vector<DataSource>> DataSourcesOf(const Snapshot& snapshot,
                                              std::optional<ObjectId> application) {
  if (!application) return ReadRecords<DataSource>(snapshot, "data_source ORDER BY name, id");
  return ReadRecords<DataSource>(snapshot, "data_source WHERE application_id = ? ORDER BY name",
                                 *application);
}

Result<std::optional<DataSource>> FindDataSource(const Snapshot& snapshot, ObjectId application,
                                                 std::string_view name) {
  return ReadRecord<DataSource>(snapshot, "data_source WHERE application_id = ? AND name = ?",
                                application, name);
}

Result<std::optional<DataSource>> FindDataSource(const Snapshot& snapshot, DataSourceId id) {
  return ReadRecord<DataSource>(snapshot, "data_source WHERE id = ?", id);
}

Result<> AddDataSource(Transaction& transaction, DataSource source) {
  source.added_ms = transaction.now_ms();
  return Execute(transaction.connection(),
                 "INSERT INTO data_source (application_id, name, database_name, status, added_ms, "
                 "mode) VALUES (?, ?, ?, ?, ?, ?)",
                 source.application, source.name, source.database, source.status, source.added_ms,
                 source.mode);
}

Result<> RemoveDataSource(Transaction& transaction, DataSourceId id) {
  return Execute(transaction.connection(), "DELETE FROM data_source WHERE id = ?", id);
}

Result<> UpdateDataSource(Transaction& transaction, const DataSource& source) {
  return Execute(transaction.connection(),
                 "UPDATE data_source SET schedule = ?, scheduled_ms = ?, status = ?, agent = ?, "
                 "run_status = ?, run_ended_ms = ? WHERE id = ?",
                 source.schedule, source.scheduled_ms, source.status, source.agent,
                 source.run_status, source.run_ended_ms, source.id);
}

Result<std::optional<SourceSlot>> FindSourceSlot(const Snapshot& snapshot, DataSourceId source) {
  return ReadRecord<SourceSlot>(snapshot, "source_slot WHERE data_source_id = ?", source);
}

Result<> PutSourceSlot(Transaction& transaction, const SourceSlot& slot) {
  return WriteRecord(transaction, "INSERT OR REPLACE INTO source_slot", slot);
}

Result<std::vector<CapturedTable>> CapturedTablesOf(const Snapshot& snapshot, DataSourceId source) {
  return ReadRecords<CapturedTable>(
      snapshot, "captured_table WHERE data_source_id = ? ORDER BY schema_name, table_name", source);
}

Result<std::optional<CapturedTable>> FindCapturedTable(const Snapshot& snapshot,
                                                       DataSourceId source, std::string_view schema,
                                                       std::string_view table) {
  return ReadRecord<CapturedTable>(
      snapshot, "captured_table WHERE data_source_id = ? AND schema_name = ? AND table_name = ?",
      source, schema, table);
}

Result<> PutCapturedTable(Transaction& transaction, const CapturedTable& table) {
  return WriteRecord(transaction, "INSERT OR REPLACE INTO captured_table", table);
}

Result<> RemoveCapturedTable(Transaction& transaction, const CapturedTable& table) {
  return Execute(transaction.connection(),
                 "DELETE FROM captured_table WHERE data_source_id = ? AND schema_name = ? AND "
                 "table_name = ?",
                 table.data_source, table.schema, table.table);
}

Result<> AddAppliedBatch(Transaction& transaction, const AppliedBatch& batch) {
  TARN_TRY(Execute(transaction.connection(),
                   "DELETE FROM applied_batch WHERE data_source_id = ? AND started_ms < ?",
                   batch.data_source, transaction.now_ms() - kAppliedBatchMs));
  TARN_TRY(WriteRecord(transaction, "INSERT INTO applied_batch", batch));
  return Execute(
      transaction.connection(),
      "INSERT INTO applied_hour (data_source_id, schema_name, table_name, hour_ms, rows, "
      "duration_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
      "rows = rows + excluded.rows, duration_ms = duration_ms + excluded.duration_ms",
      batch.data_source, batch.schema, batch.table, batch.started_ms - batch.started_ms % kHourMs,
      batch.rows, batch.ended_ms - batch.started_ms);
}

Result<std::vector<AppliedBatch>> AppliedBatchesOf(const Snapshot& snapshot, DataSourceId source) {
  return ReadRecords<AppliedBatch>(
      snapshot, "applied_batch WHERE data_source_id = ? ORDER BY id DESC LIMIT ?", source,
      kToldBatchesMax);
}

Result<std::vector<AppliedHour>> AppliedHoursOf(const Snapshot& snapshot, DataSourceId source) {
  return ReadRecords<AppliedHour>(
      snapshot, "applied_hour WHERE data_source_id = ? ORDER BY schema_name, table_name, hour_ms",
      source);
}

Result<> AddCapturedSchema(Transaction& transaction, CapturedSchema version) {
  version.inserted_ms = transaction.now_ms();
  return WriteRecord(transaction, "INSERT INTO captured_schema", version);
}

Result<std::vector<CapturedSchema>> CapturedSchemasOf(const Snapshot& snapshot,
                                                      DataSourceId source) {
  return ReadRecords<CapturedSchema>(
      snapshot, "captured_schema WHERE data_source_id = ? ORDER BY id", source);
}

Result<> AddApplicationEvent(Transaction& transaction, ApplicationEvent event) {
  event.time_ms = transaction.now_ms();
  return WriteRecord(transaction, "INSERT INTO application_event", event);
}

Result<std::vector<ApplicationEvent>> ApplicationEventsOf(const Snapshot& snapshot,
                                                          ObjectId application, bool by_agent) {
  return ReadRecords<ApplicationEvent>(
      snapshot, "application_event WHERE application_id = ? AND by_agent = ? ORDER BY id",
      application, by_agent);
}

Result<std::vector<std::string>> PendingApplications(const Snapshot& snapshot) {
  std::vector<std::string> names;
  TARN_ASSIGN(Rows rows,
              Select(snapshot.connection(), "SELECT name FROM pending_application ORDER BY name"));
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return names;
    names.emplace_back(rows.Text(0));
  }
}

Result<> ForgetPendingApplication(Transaction& transaction, std::string_view name) {
  return Execute(transaction.connection(), "DELETE FROM pending_application WHERE name = ?", name);
}

}  // namespace tarn::warehouse
