// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connector_views.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/time_units.h"
#include "warehouse/connector/capture_views.h"
#include "warehouse/connector/installation.h"
#include "warehouse/metastore/capture_records.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;
using ViewRows = std::vector<std::vector<Value>>;
using Columns = std::vector<MadeColumn>;

constexpr int32_t kDigitsMax = 38;
constexpr int32_t kSecondsScale = 3;  ///< milliseconds
constexpr int64_t kMsPerSecond = 1'000;
constexpr const char* kFailed = "FAILED";

MadeColumn Text(const char* name) {
  return {name, {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}};
}
MadeColumn Number(const char* name) {
  return {name, {.kind = DataTypeKind::kNumber, .precision = kDigitsMax}};
}
MadeColumn Seconds(const char* name) {
  return {name, {.kind = DataTypeKind::kNumber, .precision = kDigitsMax, .scale = kSecondsScale}};
}
MadeColumn Time(const char* name) {
  return {name, {.kind = DataTypeKind::kTimestampNtz, .precision = kSecondsScale}};
}
MadeColumn Variant(const char* name) { return {name, {.kind = DataTypeKind::kVariant}}; }
MadeColumn Date(const char* name) { return {name, {.kind = DataTypeKind::kDate}}; }

Value TimeOf(int64_t ms) { return ms * kMicrosecondsPerMs; }
Value TimeOf(const std::optional<int64_t>& ms) { return ms ? TimeOf(*ms) : Value(); }
Value TextOf(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }
Value SecondsOf(int64_t ms) { return Int128{ms}; }
/// Of what took less than a millisecond nobody knows the rate: as if it took one.
Value RatePerSecond(int64_t rows, int64_t ms) {
  return rows * kMsPerSecond / std::max<int64_t>(ms, 1);
}

Columns ConfigurationColumns() {
  return {Text("CONFIG_GROUP"), Text("CONFIG_KEY"), Text("VALUE"), Time("UPDATED_AT")};
}
Result<ViewRows> ConfigurationRows(const Snapshot& snapshot, ObjectId application) {
  TARN_ASSIGN(const auto head, snapshot.FindHead(application));
  if (!head) return ViewRows();
  const Value since = TimeOf(head->created_ms);
  const auto row = [&](const char* key) {
    return std::vector<Value>{std::string("connector_configuration"), std::string(key),
                              std::string(kConnectorWarehouse), since};
  };
  return ViewRows{row("operational_warehouse"), row("warehouse")};
}

Columns DataSourcesColumns() {
  return {Text("NAME"), Text("SCHEDULE"), Text("DESTINATION_DB_NAME")};
}
Result<ViewRows> DataSourcesRows(const Snapshot& snapshot, ObjectId application) {
  TARN_ASSIGN(const auto sources, DataSourcesOf(snapshot, application));
  ViewRows rows;
  for (const DataSource& source : sources) {
    rows.push_back({source.name, TextOf(source.schedule), source.database});
  }
  return rows;
}

Columns SourceStateColumns() {
  return {Text("NAME"),
          Number("TABLES_ADDED_COUNT"),
          Text("CONNECTED_AGENT_ID"),
          Text("SCHEDULE"),
          Text("REPLICATION_STATUS"),
          Text("PREVIOUS_SCHEDULED_RUN_STATUS"),
          Time("PREVIOUS_RUN_FINISHED_AT")};
}
Result<ViewRows> SourceStateRows(const Snapshot& snapshot, ObjectId application) {
  TARN_ASSIGN(const auto sources, DataSourcesOf(snapshot, application));
  ViewRows rows;
  for (const DataSource& source : sources) {
    TARN_ASSIGN(const auto tables, CapturedTablesOf(snapshot, source.id));
    const int64_t replicated = std::ranges::count_if(tables, [](const CapturedTable& table) {
      return table.introspection != kFailed && table.snapshot != kFailed &&
             table.incremental != kFailed;
    });
    const bool scheduled = source.schedule.has_value();
    rows.push_back({source.name, replicated, TextOf(source.agent), TextOf(source.schedule),
                    source.status, scheduled ? TextOf(source.run_status) : Value(),
                    scheduled ? TimeOf(source.run_ended_ms) : Value()});
  }
  return rows;
}

/// What `read` gives of each data source, one after the other: (snapshot, id) → records; `row`
/// makes a row of (source, record).
template <typename Read, typename Row>
Result<ViewRows> OfAllSources(const Snapshot& snapshot, ObjectId application, const Read& read,
                              const Row& row) {
  TARN_ASSIGN(const auto sources, DataSourcesOf(snapshot, application));
  ViewRows rows;
  for (const DataSource& source : sources) {
    TARN_ASSIGN(const auto records, read(snapshot, source.id));
    for (const auto& record : records) rows.push_back(row(source, record));
  }
  return rows;
}

Columns TableStateColumns() {
  return {Text("DATA_SOURCE_NAME"),
          Text("SCHEMA_NAME"),
          Text("TABLE_NAME"),
          Text("REPLICATION_PHASE"),
          Text("SCHEMA_INTROSPECTION_STATUS"),
          Text("SNAPSHOT_REPLICATION_STATUS"),
          Text("INCREMENTAL_REPLICATION_STATUS")};
}
Result<ViewRows> TableStateRows(const Snapshot& snapshot, ObjectId application) {
  return OfAllSources(snapshot, application, CapturedTablesOf,
                      [](const DataSource& source, const CapturedTable& table) {
                        return std::vector<Value>{
                            source.name,         table.schema,   table.table,      table.phase,
                            table.introspection, table.snapshot, table.incremental};
                      });
}

Columns SchemaHistoryColumns() {
  return {Text("DATA_SOURCE_NAME"),
          Text("SCHEMA_NAME"),
          Text("TABLE_NAME"),
          Number("VERSION"),
          Text("STATE"),
          Variant("SOURCE_SCHEMA"),
          Variant("DESTINATION_TABLE_SCHEMA"),
          Time("INSERTED_AT")};
}
Result<ViewRows> SchemaHistoryRows(const Snapshot& snapshot, ObjectId application) {
  return OfAllSources(snapshot, application, CapturedSchemasOf,
                      [](const DataSource& source, const CapturedSchema& schema) {
                        return std::vector<Value>{source.name,        schema.schema,
                                                  schema.table,       schema.version,
                                                  schema.state,       schema.source,
                                                  schema.destination, TimeOf(schema.inserted_ms)};
                      });
}

Columns StatsColumns() {
  return {Text("RESOURCE_INGESTION_DEFINITION_ID"),
          Text("INGESTION_CONFIGURATION_ID"),
          Text("INGESTION_PROCESS_ID"),
          Text("INGESTION_DEFINITION_NAME"),
          Text("DATA_SOURCE_NAME"),
          Text("SCHEMA_NAME"),
          Text("RESOURCE_NAME"),
          Time("STARTED_AT"),
          Text("STATUS"),
          Number("INGESTED_ROWS"),
          Seconds("INGESTION_DURATION_S"),
          Seconds("NATIVE_APP_PROCESSING_DURATION_S"),
          Seconds("AGENT_PROCESSING_DURATION_S"),
          Number("THROUGHPUT_RPS"),
          Number("NATIVE_APP_THROUGHPUT_RPS")};
}
std::vector<Value> StatsRow(const DataSource& source, const AppliedBatch& batch) {
  const int64_t duration_ms = batch.ended_ms - batch.started_ms;
  return {fmt::format("{}.{}.{}", source.name, batch.schema, batch.table),
          Value(),  // Snowflake's, for "future integrations"
          batch.process,
          Value(),
          source.name,
          batch.schema,
          batch.table,
          TimeOf(batch.started_ms),
          std::string("FINISHED"),
          batch.rows,
          SecondsOf(duration_ms),
          SecondsOf(batch.applied_ms),
          SecondsOf(batch.read_ms),
          RatePerSecond(batch.rows, duration_ms),
          RatePerSecond(batch.rows, batch.applied_ms)};
}
Result<ViewRows> StatsRows(const Snapshot& snapshot, ObjectId application) {
  return OfAllSources(snapshot, application, AppliedBatchesOf, StatsRow);
}

Columns HourColumns() {
  return {Date("DATE"),
          Number("PROCESSED_ROWS_COUNT"),
          Number("THROUGHPUT_RPS"),
          Text("DATA_SOURCE_NAME"),
          Text("SCHEMA_NAME"),
          Text("SOURCE_TABLE_NAME")};
}
Result<ViewRows> HourRows(const Snapshot& snapshot, ObjectId application) {
  return OfAllSources(
      snapshot, application, AppliedHoursOf, [](const DataSource& source, const AppliedHour& hour) {
        const auto day =
            std::chrono::floor<std::chrono::days>(std::chrono::milliseconds(hour.hour_ms));
        return std::vector<Value>{static_cast<int32_t>(day.count()),
                                  hour.rows,
                                  RatePerSecond(hour.rows, hour.duration_ms),
                                  source.name,
                                  hour.schema,
                                  hour.table};
      });
}

Columns EventColumns() { return {Time("ACTION_TIME"), Text("ACTION_TYPE"), Variant("PARAMETERS")}; }
template <bool kByAgent>
Result<ViewRows> EventRows(const Snapshot& snapshot, ObjectId application) {
  TARN_ASSIGN(const auto events, ApplicationEventsOf(snapshot, application, kByAgent));
  ViewRows rows;
  for (const ApplicationEvent& event : events) {
    rows.push_back({TimeOf(event.time_ms), event.action, event.parameters});
  }
  return rows;
}

}  // namespace

std::span<const ConnectorView> ConnectorViews() {
  static constexpr std::array kViews = {
      ConnectorView{"AGENT_AUDIT_LOG", false, EventColumns, EventRows<true>},
      ConnectorView{"AGGREGATED_CONNECTOR_STATS", false, HourColumns, HourRows},
      ConnectorView{"AUDIT_LOG", false, EventColumns, EventRows<false>},
      ConnectorView{"CAPTURE_SOURCES", true, CaptureSourcesColumns, nullptr, CaptureSourcesRows},
      ConnectorView{"CAPTURE_TABLES", true, CaptureTablesColumns, nullptr, CaptureTablesRows},
      ConnectorView{"CONNECTOR_CONFIGURATION", true, ConfigurationColumns, ConfigurationRows},
      ConnectorView{"CONNECTOR_STATS", false, StatsColumns, StatsRows},
      ConnectorView{"DATA_SOURCES", true, DataSourcesColumns, DataSourcesRows},
      ConnectorView{"DATA_SOURCE_REPLICATION_STATE", false, SourceStateColumns, SourceStateRows},
      ConnectorView{"REPLICATION_STATE", false, TableStateColumns, TableStateRows},
      ConnectorView{"SCHEMA_CHANGE_HISTORY", false, SchemaHistoryColumns, SchemaHistoryRows},
  };
  return kViews;
}

StatementResult<MadeRows> ConnectorViewRows(const Snapshot& snapshot, ObjectId application,
                                            std::string_view name, const CaptureBoard* captures) {
  const auto views = ConnectorViews();
  const auto view = std::ranges::find(views, name, &ConnectorView::name);
  if (view == views.end()) return NoSuchObject(name);
  if (view->live_rows != nullptr) {
    const CaptureStatuses live = captures == nullptr ? CaptureStatuses() : captures->Read();
    STATEMENT_ASSIGN(const ViewRows rows, view->live_rows(snapshot, application, live));
    return MakeRows(view->columns(), rows);
  }
  STATEMENT_ASSIGN(const ViewRows rows, view->rows(snapshot, application));
  return MakeRows(view->columns(), rows);
}

}  // namespace tarn::warehouse
