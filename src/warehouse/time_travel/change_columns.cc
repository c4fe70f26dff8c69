// SPDX-License-Identifier: Apache-2.0
#include "warehouse/time_travel/change_columns.h"

#include "sql/bind/coercion.h"
#include "table/row_changes.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/time_travel/narrow_changes.h"

namespace tarn::warehouse {
namespace {

using iceberg::SnapshotId;

constexpr size_t kChangeColumns = 3;
/// No schema gives out such ids.
constexpr int32_t kFirstId = 2147483100;

std::vector<engine::ScanColumn> ScanColumnsOf(const std::vector<sql::NamedColumn>& columns) {
  std::vector<engine::ScanColumn> result;
  for (const sql::NamedColumn& column : columns) {
    result.push_back({.field = column.field, .default_value = {}});
  }
  return result;
}

StatementResult<iceberg::ScanPlan> PlanSnapshot(const table::TableContext& tables,
                                                const PinnedTable& pinned, SnapshotId snapshot) {
  const auto& metadata = pinned.loaded.metadata;
  if (pinned.area != nullptr) {
    const iceberg::Snapshot* const found = metadata->FindSnapshot(snapshot);
    if (found != nullptr) STATEMENT_TRY(CheckSnapshotFiles(tables, *pinned.area, *found));
  }
  STATEMENT_ASSIGN(iceberg::ScanPlan plan,
                   iceberg::PlanScan(table::MakeCommitContext(tables, Uuid()), metadata,
                                     {.snapshot = snapshot}));
  if (pinned.area != nullptr) STATEMENT_TRY(CheckPlannedFiles(*pinned.area, plan));
  return plan;
}

/// Both ends, and what lies between them.
StatementResult<> CheckArea(const table::TableContext& tables, const PinnedTable& pinned,
                            const TableChanges& changes) {
  const auto& metadata = *pinned.loaded.metadata;
  for (const TableVersion& end : {changes.from, changes.to}) {
    if (end.snapshot) STATEMENT_TRY(PlanSnapshot(tables, pinned, *end.snapshot));
  }
  if (changes.information == ChangeInformation::kDefault) return {};
  for (const auto& snapshot : metadata.snapshots) {
    STATEMENT_TRY(CheckSnapshotFiles(tables, *pinned.area, *snapshot));
  }
  return {};
}

StatementError WithHint(Error error) {
  if (error.kind == ErrorKind::kNotFound) {
    error.hint = "Read changes from a later moment on; a stream must be made anew.";
  } else if (error.kind == ErrorKind::kUnsupported) {
    error.hint = "Tables with row ids (ICEBERG_VERSION = 3, CHANGE_TRACKING = TRUE) can do it.";
  }
  return AsStatementError(std::move(error));
}

StatementResult<engine::QueryDifference> PlanChanges(const table::TableContext& tables,
                                                     const PinnedTable& pinned,
                                                     std::vector<engine::ScanColumn> columns,
                                                     bool only_columns) {
  const TableChanges& changes = *pinned.changes;
  if (!changes.to.snapshot || changes.from == changes.to) {
    return engine::QueryDifference{
        .rows = {.metadata = pinned.loaded.metadata, .columns = std::move(columns)}};
  }
  if (pinned.area != nullptr) STATEMENT_TRY(CheckArea(tables, pinned, changes));
  table::RowChangesRequest request{.table = pinned.loaded,
                                   .from = changes.from.snapshot,
                                   .to = *changes.to.snapshot,
                                   .columns = std::move(columns),
                                   .filter = std::nullopt,
                                   .only_columns = only_columns};
  const bool whole_files = changes.information == ChangeInformation::kInsertOnly;
  auto rows = changes.information == ChangeInformation::kDefault
                  ? table::PlanRowChanges(tables, std::move(request))
                  : table::PlanAppendedRows(tables, std::move(request),
                                            whole_files ? table::AppendedRows::kNewFiles
                                                        : table::AppendedRows::kNewRows);
  if (!rows) return std::unexpected(WithHint(std::move(rows).error()));
  if (pinned.area != nullptr) {
    iceberg::ScanPlan files;
    for (const engine::FileRows& file : rows->rows.after) files.files.push_back(file.file);
    STATEMENT_TRY(CheckPlannedFiles(*pinned.area, files));
  }
  return *std::move(rows);
}

}  // namespace

void AppendChangeColumns(std::vector<sql::NamedColumn>& columns) {
  int32_t id = kFirstId;
  const auto add = [&](const char* name, sql::DataType type, TypeKind kind, bool nullable) {
    columns.push_back({.name = name,
                       .type = std::move(type),
                       .field = {.id = FieldId(id++), .name = name, .type = Type::Primitive(kind)},
                       .nullable = nullable});
  };
  add("METADATA$ACTION", sql::VarcharType(), TypeKind::kString, false);
  add("METADATA$ISUPDATE", sql::BooleanType(), TypeKind::kBoolean, false);
  add("METADATA$ROW_ID", sql::VarcharType(), TypeKind::kString, true);
}

StatementResult<engine::QueryTable> PlanPast(const table::TableContext& tables,
                                             const PinnedTable& pinned,
                                             const std::vector<sql::NamedColumn>& columns) {
  engine::QueryTable table;
  std::vector<engine::ScanColumn> scanned = ScanColumnsOf(columns);
  if (pinned.changes) {
    scanned.resize(scanned.size() - kChangeColumns);
    STATEMENT_ASSIGN(table.difference, PlanChanges(tables, pinned, std::move(scanned), false));
    return table;
  }
  table.columns = std::move(scanned);
  if (!pinned.version->snapshot) return table;
  STATEMENT_ASSIGN(table.plan, PlanSnapshot(tables, pinned, *pinned.version->snapshot));
  return table;
}

StatementResult<engine::QueryTable> PlanNarrowChanges(
    const table::TableContext& tables, const PinnedTable& pinned,
    const std::vector<sql::NamedColumn>& columns) {
  engine::QueryTable table;
  std::vector<engine::ScanColumn> scanned = ScanColumnsOf(columns);
  scanned.resize(scanned.size() - kChangeColumns);
  STATEMENT_ASSIGN(table.difference, PlanChanges(tables, pinned, std::move(scanned), true));
  return table;
}

}  // namespace tarn::warehouse
