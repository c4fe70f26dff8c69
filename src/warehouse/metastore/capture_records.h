// SPDX-License-Identifier: Apache-2.0
// What the connector replicates and how that fares, as it is stored (docs/internals/connector.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// Never reused: a source that was added again is another one.
using DataSourceId = StrongId<int64_t, struct DataSourceIdTag>;

/// Of DataSource::mode.
inline constexpr const char* kConnectorMode = "CONNECTOR";
inline constexpr const char* kMirrorMode = "MIRROR";

/// A row of DATA_SOURCES. How to reach it is not here: that is in files and agents.
struct DataSource {
  DataSourceId id;
  ObjectId application;
  std::string name;
  std::string database;                   ///< by its name, which may not be there
  std::optional<std::string> schedule;    ///< absent: continuous
  std::optional<int64_t> scheduled_ms;    ///< since when it has the schedule
  std::string status = "WAITING";         ///< "ONGOING"
  std::optional<std::string> agent;       ///< from which the settings came
  std::optional<std::string> run_status;  ///< of the last scheduled run: "DONE", "WARNING"
  std::optional<int64_t> run_ended_ms;
  int64_t added_ms = 0;
  std::string mode = kConnectorMode;
};

template <>
struct Fields<DataSource> {
  static constexpr auto kAll = std::tuple{Field{"id", &DataSource::id},
                                          Field{"application_id", &DataSource::application},
                                          Field{"name", &DataSource::name},
                                          Field{"database_name", &DataSource::database},
                                          Field{"schedule", &DataSource::schedule},
                                          Field{"scheduled_ms", &DataSource::scheduled_ms},
                                          Field{"status", &DataSource::status},
                                          Field{"agent", &DataSource::agent},
                                          Field{"run_status", &DataSource::run_status},
                                          Field{"run_ended_ms", &DataSource::run_ended_ms},
                                          Field{"added_ms", &DataSource::added_ms},
                                          Field{"mode", &DataSource::mode}};
};

/// What is known of a replication slot; positions of the source's log as text.
struct SourceSlot {
  DataSourceId data_source;
  std::string slot, system_identifier, created, acknowledged;
};

template <>
struct Fields<SourceSlot> {
  static constexpr auto kAll = std::tuple{
      Field{"data_source_id", &SourceSlot::data_source}, Field{"slot", &SourceSlot::slot},
      Field{"system_identifier", &SourceSlot::system_identifier},
      Field{"created", &SourceSlot::created}, Field{"acknowledged", &SourceSlot::acknowledged}};
};

/// A table that is replicated, and the state that REPLICATION_STATE shows. Words of states are the
/// view's.
struct CapturedTable {
  DataSourceId data_source;
  std::string schema, table;
  std::vector<std::string> included, excluded;  ///< masks of columns
  std::string phase = "SCHEMA_INTROSPECTION";
  std::string introspection = "WAITING", snapshot = "WAITING", incremental = "WAITING";
  std::string error;      ///< why it is retried or has failed
  bool removing = false;  ///< nothing is written to it any more when it is gone from here
  int64_t added_ms = 0;
  bool operator==(const CapturedTable&) const = default;
};

template <>
struct Fields<CapturedTable> {
  static constexpr auto kAll = std::tuple{Field{"data_source_id", &CapturedTable::data_source},
                                          Field{"schema_name", &CapturedTable::schema},
                                          Field{"table_name", &CapturedTable::table},
                                          Field{"included", &CapturedTable::included},
                                          Field{"excluded", &CapturedTable::excluded},
                                          Field{"phase", &CapturedTable::phase},
                                          Field{"introspection", &CapturedTable::introspection},
                                          Field{"snapshot", &CapturedTable::snapshot},
                                          Field{"incremental", &CapturedTable::incremental},
                                          Field{"error", &CapturedTable::error},
                                          Field{"removing", &CapturedTable::removing},
                                          Field{"added_ms", &CapturedTable::added_ms}};
};

/// Changes of one table that one commit brought.
struct AppliedBatch {
  DataSourceId data_source;
  std::string schema, table;
  std::string process;     ///< the writer
  int64_t started_ms = 0;  ///< when the first of them came from the source
  int64_t ended_ms = 0;
  int64_t rows = 0;
  int64_t read_ms = 0, applied_ms = 0;  ///< durations
};

template <>
struct Fields<AppliedBatch> {
  static constexpr auto kAll = std::tuple{Field{"data_source_id", &AppliedBatch::data_source},
                                          Field{"schema_name", &AppliedBatch::schema},
                                          Field{"table_name", &AppliedBatch::table},
                                          Field{"process", &AppliedBatch::process},
                                          Field{"started_ms", &AppliedBatch::started_ms},
                                          Field{"ended_ms", &AppliedBatch::ended_ms},
                                          Field{"rows", &AppliedBatch::rows},
                                          Field{"read_ms", &AppliedBatch::read_ms},
                                          Field{"applied_ms", &AppliedBatch::applied_ms}};
};

/// The batches of one table in one hour.
struct AppliedHour {
  DataSourceId data_source;
  std::string schema, table;
  int64_t hour_ms = 0;  ///< its beginning
  int64_t rows = 0;
  int64_t duration_ms = 0;
};

template <>
struct Fields<AppliedHour> {
  static constexpr auto kAll = std::tuple{Field{"data_source_id", &AppliedHour::data_source},
                                          Field{"schema_name", &AppliedHour::schema},
                                          Field{"table_name", &AppliedHour::table},
                                          Field{"hour_ms", &AppliedHour::hour_ms},
                                          Field{"rows", &AppliedHour::rows},
                                          Field{"duration_ms", &AppliedHour::duration_ms}};
};

/// A row of SCHEMA_CHANGE_HISTORY.
struct CapturedSchema {
  DataSourceId data_source;
  std::string schema, table;
  int64_t version = 0;
  std::string state;                ///< "ACCEPTED", "APPLIED"
  std::string source, destination;  ///< JSON
  int64_t inserted_ms = 0;
};

template <>
struct Fields<CapturedSchema> {
  static constexpr auto kAll = std::tuple{Field{"data_source_id", &CapturedSchema::data_source},
                                          Field{"schema_name", &CapturedSchema::schema},
                                          Field{"table_name", &CapturedSchema::table},
                                          Field{"version", &CapturedSchema::version},
                                          Field{"state", &CapturedSchema::state},
                                          Field{"source", &CapturedSchema::source},
                                          Field{"destination", &CapturedSchema::destination},
                                          Field{"inserted_ms", &CapturedSchema::inserted_ms}};
};

/// A row of AUDIT_LOG or AGENT_AUDIT_LOG.
struct ApplicationEvent {
  ObjectId application;
  bool by_agent = false;
  int64_t time_ms = 0;
  std::string action;
  std::string parameters;  ///< JSON
};

template <>
struct Fields<ApplicationEvent> {
  static constexpr auto kAll = std::tuple{Field{"application_id", &ApplicationEvent::application},
                                          Field{"by_agent", &ApplicationEvent::by_agent},
                                          Field{"time_ms", &ApplicationEvent::time_ms},
                                          Field{"action", &ApplicationEvent::action},
                                          Field{"parameters", &ApplicationEvent::parameters}};
};

/// For how long a batch is told by itself; hours are told for ever.
inline constexpr int64_t kAppliedBatchMs = int64_t{7} * 24 * 3'600 * 1'000;
/// Of those, the newest.
inline constexpr int64_t kToldBatchesMax = 100'000;

/// Of one application, or of all; by name.
Result<std::vector<DataSource>> DataSourcesOf(const Snapshot& snapshot,
                                              std::optional<ObjectId> application);
Result<std::optional<DataSource>> FindDataSource(const Snapshot& snapshot, ObjectId application,
                                                 std::string_view name);
/// By id; absent: its application was dropped.
Result<std::optional<DataSource>> FindDataSource(const Snapshot& snapshot, DataSourceId id);
/// `id` and `added_ms` are given here. AlreadyExists for a name that is taken.
Result<> AddDataSource(Transaction& transaction, DataSource source);
/// Whatever changed of it but its name, its database and its mode.
Result<> UpdateDataSource(Transaction& transaction, const DataSource& source);
/// With everything that was known of its tables. Those of the destination stay.
Result<> RemoveDataSource(Transaction& transaction, DataSourceId id);

Result<std::optional<SourceSlot>> FindSourceSlot(const Snapshot& snapshot, DataSourceId source);
Result<> PutSourceSlot(Transaction& transaction, const SourceSlot& slot);

/// By schema and name.
Result<std::vector<CapturedTable>> CapturedTablesOf(const Snapshot& snapshot, DataSourceId source);
Result<std::optional<CapturedTable>> FindCapturedTable(const Snapshot& snapshot,
                                                       DataSourceId source, std::string_view schema,
                                                       std::string_view table);
/// New, or in place of the one of its name.
Result<> PutCapturedTable(Transaction& transaction, const CapturedTable& table);
Result<> RemoveCapturedTable(Transaction& transaction, const CapturedTable& table);

/// Counts into its hour too; forgets what is older than kAppliedBatchMs.
Result<> AddAppliedBatch(Transaction& transaction, const AppliedBatch& batch);
/// The newest first.
Result<std::vector<AppliedBatch>> AppliedBatchesOf(const Snapshot& snapshot, DataSourceId source);
Result<std::vector<AppliedHour>> AppliedHoursOf(const Snapshot& snapshot, DataSourceId source);

/// `inserted_ms` and `time_ms` become now.
Result<> AddCapturedSchema(Transaction& transaction, CapturedSchema version);
Result<std::vector<CapturedSchema>> CapturedSchemasOf(const Snapshot& snapshot,
                                                      DataSourceId source);
Result<> AddApplicationEvent(Transaction& transaction, ApplicationEvent event);
Result<std::vector<ApplicationEvent>> ApplicationEventsOf(const Snapshot& snapshot,
                                                          ObjectId application, bool by_agent);

/// Names of applications that the account is to have and has not got yet.
Result<std::vector<std::string>> PendingApplications(const Snapshot& snapshot);
Result<> ForgetPendingApplication(Transaction& transaction, std::string_view name);

}  // namespace tarn::warehouse
