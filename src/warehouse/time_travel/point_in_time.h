// SPDX-License-Identifier: Apache-2.0
// AT, BEFORE and END (Snowflake, "AT | BEFORE", "CHANGES"): which state of a table they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/uuid.h"
#include "sql/bind/names.h"
#include "warehouse/objects/stream.h"
#include "warehouse/session/query_names.h"
#include "warehouse/time_travel/table_version.h"

namespace tarn::warehouse {

/// A statement that ended.
struct StatementPoint {
  Uuid query_id;
  int64_t ended_ms = 0;
};

/// One of these, evaluated. A plain value.
struct PointInTime {
  bool before = false;
  /// A time; a statement; a snapshot; where a stream stands, for each table that it reads.
  std::variant<int64_t, StatementPoint, iceberg::SnapshotId, std::vector<StreamOffset>> at;
};

/// TIMESTAMP without a time zone is one of UTC. 000709 (02000) for a statement that is not known,
/// 001008 (22023) for a value that is none of its point's.
StatementResult<PointInTime> EvaluatePoint(const NamingMoment& moment, const Caller& caller,
                                           const sql::NamedMoment& written);

/// 000707 (02000) for a time at or before the table's creation, beyond its retention, in the
/// future, or of which the history is gone. A state that a statement made is known by the
/// statement's id, all others by the times of snapshots.
StatementResult<TableVersion> VersionAt(const NamingMoment& moment, const PinnedTable& table,
                                        const PointInTime& point);

/// The table's newest state that was made by then, but none before `not_before`.
TableVersion NewestBy(const iceberg::TableMetadata& metadata, int64_t at_ms,
                      const TableVersion& not_before);

/// Whether one state was made before the other.
bool IsBefore(const iceberg::TableMetadata& metadata, const TableVersion& one,
              const TableVersion& other);

/// 000707 (02000).
StatementFailure NoTimeTravelData(std::string_view table);

/// 091930 (22000).
StatementFailure NotTracked(std::string_view table);

/// In summaries of snapshots: ids of the statements that made them, with commas.
inline constexpr const char* kStatementIdsEntry = "tarn.statement-ids";

}  // namespace tarn::warehouse
