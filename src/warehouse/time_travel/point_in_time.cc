// SPDX-License-Identifier: Apache-2.0
#include "warehouse/time_travel/point_in_time.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/time_units.h"
#include "sql/bind/coercion.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/argument_values.h"
#include "warehouse/session/statement_log.h"

namespace tarn::warehouse {
namespace {

using iceberg::SnapshotId;
using iceberg::TableMetadata;
using sql::bound::Expression;

constexpr double kMsPerSecond = 1000;
/// Beyond any time that there will be snapshots of.
constexpr double kOffsetSecondsMax = 1e11;

/// Without a time zone it is UTC's, whatever the session's is.
StatementResult<int64_t> TimeOf(const NamingMoment& moment, const Expression& value) {
  const sql::DataTypeKind kind = value.type.kind;
  if (kind == sql::DataTypeKind::kTimestampLtz || kind == sql::DataTypeKind::kTimestampTz) {
    return InstantArgument(moment, "TIMESTAMP", value);
  }
  const sql::DataType clock = sql::TypeOfKind(sql::DataTypeKind::kTimestampNtz, 9);
  if (value.is_null_constant() || !sql::CanConvert(value.type, clock)) {
    return InvalidParameterValue("TIMESTAMP", "the argument");
  }
  STATEMENT_ASSIGN(const Expression found, EvaluateArgument(moment, sql::Convert(value, clock)));
  const auto* microseconds = std::get_if<int64_t>(&found.constant);
  if (microseconds == nullptr) return InvalidParameterValue("TIMESTAMP", "the argument");
  return *microseconds / kMicrosecondsPerMs;
}

StatementResult<int64_t> TimeOfOffset(const NamingMoment& moment, const Expression& value) {
  if (value.is_null_constant() || !sql::CanConvert(value.type, sql::FloatType())) {
    return InvalidParameterValue("OFFSET", "the argument");
  }
  STATEMENT_ASSIGN(const Expression found,
                   EvaluateArgument(moment, sql::Convert(value, sql::FloatType())));
  const auto* seconds = std::get_if<double>(&found.constant);
  if (seconds == nullptr || !(*seconds <= 0 && *seconds >= -kOffsetSecondsMax)) {
    return InvalidParameterValue(
        "OFFSET", seconds == nullptr ? std::string("the argument") : fmt::format("{}", *seconds));
  }
  return NowMs() + static_cast<int64_t>(std::ceil(*seconds * kMsPerSecond));
}

StatementResult<std::string> TextOf(const NamingMoment& moment, const char* point,
                                    const Expression& value) {
  if (value.type.kind != sql::DataTypeKind::kVarchar) {
    return InvalidParameterValue(point, "the argument");
  }
  STATEMENT_ASSIGN(const Expression found, EvaluateArgument(moment, value));
  const auto* text = std::get_if<std::string>(&found.constant);
  if (text == nullptr) return InvalidParameterValue(point, "NULL");
  return *text;
}

StatementResult<StatementPoint> StatementOf(const NamingMoment& moment, const std::string& text) {
  const auto id = Uuid::Parse(text);
  if (id && moment.session->log != nullptr) {
    STATEMENT_ASSIGN(const auto record, moment.session->log->history().Find(*id));
    if (record && record->ended_ms) return StatementPoint{*id, *record->ended_ms};
  }
  return std::unexpected(StatementError{
      .error = {ErrorKind::kNotFound, fmt::format("Statement {} not found", text), {}, {}},
      .code = "000709",
      .sqlstate = "02000"});
}

StatementResult<std::vector<StreamOffset>> OffsetsOf(const NamingMoment& moment,
                                                     const Caller& caller,
                                                     const std::string& text) {
  STATEMENT_ASSIGN(const ObjectName name, ParseObjectName(text));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head, Resolve(*moment.snapshot, caller, authority,
                                                  ObjectKind::kStream, name, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kSelect));
  STATEMENT_ASSIGN(const auto stream, moment.snapshot->Find<Stream>(head.id));
  if (!stream) return DoesNotExist(ObjectKind::kStream, name.Written());
  return stream->offsets;
}

/// What was a table's current state, the oldest first.
struct States {
  std::vector<iceberg::SnapshotLogEntry> entries;
  bool complete = true;  ///< there was nothing before the first one
};

States StatesOf(const TableMetadata& metadata) {
  States states;
  if (!metadata.current_snapshot_id) return states;
  const auto& log = metadata.snapshot_log;
  if (!log.empty() && log.back().snapshot_id == *metadata.current_snapshot_id) {
    states.entries = log;
  } else {
    // Of a writer that keeps no log: what the current state was made of.
    const iceberg::Snapshot* at = metadata.current_snapshot();
    while (at != nullptr && states.entries.size() <= metadata.snapshots.size()) {
      states.entries.push_back({at->timestamp_ms, at->id});
      at = at->parent_id ? metadata.FindSnapshot(*at->parent_id) : nullptr;
    }
    std::ranges::reverse(states.entries);
  }
  // Whatever lies before one that has expired is not told rightly any more.
  const auto gone = std::ranges::find_if(
      states.entries.rbegin(), states.entries.rend(),
      [&](const auto& entry) { return metadata.FindSnapshot(entry.snapshot_id) == nullptr; });
  states.entries.erase(states.entries.begin(), gone.base());
  if (!states.entries.empty()) {
    states.complete = !metadata.FindSnapshot(states.entries.front().snapshot_id)->parent_id;
  }
  return states;
}

bool NamesStatement(const iceberg::Snapshot& snapshot, const std::string& id) {
  const auto entry = snapshot.summary.find(kStatementIdsEntry);
  return entry != snapshot.summary.end() && entry->second.find(id) != std::string::npos;
}

/// Looks for states of one table.
class Finder {
 public:
  Finder(const NamingMoment& moment, const PinnedTable& table)
      : moment_(moment), table_(table), states_(StatesOf(metadata())) {}

  StatementResult<TableVersion> Find(const PointInTime& point) const {
    if (const auto* at_ms = std::get_if<int64_t>(&point.at)) return AtTime(*at_ms, point.before);
    if (const auto* statement = std::get_if<StatementPoint>(&point.at)) {
      return AtStatement(*statement, point.before);
    }
    if (const auto* id = std::get_if<SnapshotId>(&point.at)) return AtSnapshot(*id, point.before);
    for (const StreamOffset& offset : std::get<std::vector<StreamOffset>>(point.at)) {
      if (offset.object != table_.head.id) continue;
      if (!offset.snapshot_id) return TableVersion{};
      return AtSnapshot(SnapshotId(*offset.snapshot_id), false);
    }
    return CompilationError("001003", "42000",
                            fmt::format("the stream in AT is not on table '{}'", table_.head.name));
  }

 private:
  const TableMetadata& metadata() const { return *table_.loaded.metadata; }
  bool managed() const { return table_.definition.kind == TableKind::kManaged; }

  /// The state before the i-th.
  StatementResult<TableVersion> Before(size_t i) const {
    if (i > 0) return TableVersion{states_.entries[i - 1].snapshot_id};
    if (states_.complete) return TableVersion{};
    return NoTimeTravelData(table_.head.name);
  }

  StatementResult<TableVersion> AtTime(int64_t at_ms, bool before) const {
    if (at_ms > std::max(moment_.snapshot->now_ms(), NowMs())) {
      return NoTimeTravelData(table_.head.name);
    }
    // Others' tables keep what they keep, from long before they were shown here.
    if (managed()) {
      STATEMENT_ASSIGN(const int64_t retention_ms, RetentionMs(*moment_.snapshot, table_.head.id));
      if (at_ms <= table_.head.created_ms || at_ms < moment_.snapshot->now_ms() - retention_ms) {
        return NoTimeTravelData(table_.head.name);
      }
    }
    return Before(CountUntil(before ? at_ms - 1 : at_ms));
  }

  /// How many states there were by then.
  size_t CountUntil(int64_t at_ms) const {
    size_t count = states_.entries.size();
    while (count > 0 && states_.entries[count - 1].timestamp_ms > at_ms) --count;
    return count;
  }

  StatementResult<TableVersion> AtStatement(const StatementPoint& statement, bool before) const {
    const std::string id = statement.query_id.ToString();
    for (size_t i = states_.entries.size(); i-- > 0;) {
      const auto* const snapshot = metadata().FindSnapshot(states_.entries[i].snapshot_id);
      if (NamesStatement(*snapshot, id)) return Before(before ? i : i + 1);
    }
    // It did not change the table: what was there when it ended.
    return AtTime(statement.ended_ms, false);
  }

  StatementResult<TableVersion> AtSnapshot(SnapshotId id, bool before) const {
    const auto* const snapshot = metadata().FindSnapshot(id);
    if (snapshot == nullptr) return NoTimeTravelData(table_.head.name);
    if (!before) return TableVersion{id};
    const auto state =
        std::ranges::find(states_.entries, id, [](const auto& entry) { return entry.snapshot_id; });
    if (state == states_.entries.end()) return NoTimeTravelData(table_.head.name);
    return Before(static_cast<size_t>(state - states_.entries.begin()));
  }

  const NamingMoment& moment_;
  const PinnedTable& table_;
  const States states_;
};

}  // namespace

StatementFailure NoTimeTravelData(std::string_view table) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kNotFound,
                fmt::format("Time travel data is not available for table {}. The requested time is "
                            "either beyond the allowed time travel period or before the object "
                            "creation time.",
                            table),
                {},
                {}},
      .code = "000707",
      .sqlstate = "02000"});
}

StatementFailure NotTracked(std::string_view table) {
  StatementFailure failure = CompilationError(
      "091930", "22000",
      fmt::format("Change tracking is not enabled or has been missing for the time range requested "
                  "on table '{}'.",
                  table));
  failure.error().error.hint =
      "ALTER TABLE … SET CHANGE_TRACKING = TRUE, or a stream on it, lets it begin.";
  return failure;
}

StatementResult<PointInTime> EvaluatePoint(const NamingMoment& moment, const Caller& caller,
                                           const sql::NamedMoment& written) {
  PointInTime point{.before = written.before, .at = int64_t{0}};
  if (written.point == "TIMESTAMP") {
    STATEMENT_ASSIGN(point.at, TimeOf(moment, written.value));
  } else if (written.point == "OFFSET") {
    STATEMENT_ASSIGN(point.at, TimeOfOffset(moment, written.value));
  } else if (written.point == "VERSION") {
    STATEMENT_ASSIGN(const Expression value, EvaluateArgument(moment, written.value));
    const auto id = IntegerConstant(value);
    if (!id) return InvalidParameterValue("VERSION", "the argument");
    point.at = SnapshotId(*id);
  } else if (written.point == "STATEMENT") {
    STATEMENT_ASSIGN(const std::string text, TextOf(moment, "STATEMENT", written.value));
    STATEMENT_ASSIGN(point.at, StatementOf(moment, text));
  } else {
    STATEMENT_ASSIGN(const std::string text, TextOf(moment, "STREAM", written.value));
    STATEMENT_ASSIGN(point.at, OffsetsOf(moment, caller, text));
    if (written.before) return UnsupportedFeature("BEFORE (STREAM => …)");
  }
  return point;
}

StatementResult<TableVersion> VersionAt(const NamingMoment& moment, const PinnedTable& table,
                                        const PointInTime& point) {
  return Finder(moment, table).Find(point);
}

bool IsBefore(const TableMetadata& metadata, const TableVersion& one, const TableVersion& other) {
  if (one == other || !other.snapshot) return false;
  if (!one.snapshot) return true;
  return metadata.FindSnapshot(*one.snapshot)->sequence_number <
         metadata.FindSnapshot(*other.snapshot)->sequence_number;
}

TableVersion NewestBy(const TableMetadata& metadata, int64_t at_ms,
                      const TableVersion& not_before) {
  const States states = StatesOf(metadata);
  for (auto entry = states.entries.rbegin(); entry != states.entries.rend(); ++entry) {
    const TableVersion version{entry->snapshot_id};
    if (entry->timestamp_ms <= at_ms || version == not_before) return version;
  }
  return not_before;
}

}  // namespace tarn::warehouse
