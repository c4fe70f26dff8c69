// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/runs.h"

namespace tarn::warehouse {
namespace {

const std::string kSelectRun = "SELECT id, " + FieldList<RunRecord>("", "") + " FROM run ";

Result<std::vector<RunRecord>> ReadRuns(Rows rows) {
  std::vector<RunRecord> runs;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return runs;
    RunRecord& run = runs.emplace_back();
    TARN_TRY(ReadValue(rows, 0, run.id));
    TARN_TRY(ReadFields(rows, 1, run));
  }
}

template <typename... Values>
Result<std::vector<RunRecord>> Runs(const Snapshot& snapshot, std::string_view rest,
                                    const Values&... values) {
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(), kSelectRun + std::string(rest), values...));
  return ReadRuns(std::move(rows));
}

}  // namespace

Result<RunId> RecordRun(Transaction& transaction, RunRecord run) {
  static const std::string kInsert = [] {
    std::string marks = "?";
    for (int i = 1; i < kFieldCount<RunRecord>; ++i) marks += ", ?";
    return "INSERT INTO run (" + FieldList<RunRecord>("", "") + ") VALUES (" + marks + ")";
  }();
  {
    TARN_ASSIGN(Rows rows, transaction.connection().Prepare(kInsert));
    BindFields(rows, run);
    TARN_TRY(rows.Next());
  }
  const RunId id(transaction.connection().last_insert_id());
  if (run.graph_run == RunId()) {
    TARN_TRY(Execute(transaction.connection(), "UPDATE run SET graph_run = id WHERE id = ?", id));
  }
  return id;
}

Result<> UpdateRun(Transaction& transaction, const RunRecord& run) {
  static const std::string kUpdate =
      "UPDATE run SET " + FieldList<RunRecord>("", " = ?") + " WHERE id = ?";
  {
    TARN_ASSIGN(Rows rows, transaction.connection().Prepare(kUpdate));
    BindFields(rows, run);
    BindValue(rows, run.id);
    TARN_TRY(rows.Next());
  }
  if (transaction.connection().changes() == 1) return {};
  return Fail(ErrorKind::kNotFound, "run {} is forgotten", run.id.value());
}

Result<bool> EndRun(Transaction& transaction, RunId id, std::string_view state,
                    std::string_view error_code, std::string_view error_message,
                    const std::optional<std::string>& return_value) {
  TARN_TRY(Execute(transaction.connection(),
                   "UPDATE run SET state = ?, ended_ms = ?, error_code = ?, error_message = ?, "
                   "return_value = ? WHERE id = ? AND ended_ms IS NULL",
                   state, transaction.now_ms(), error_code, error_message, return_value, id));
  return transaction.connection().changes() == 1;
}

Result<std::optional<RunRecord>> FindRun(const Snapshot& snapshot, RunId id) {
  TARN_ASSIGN(std::vector<RunRecord> runs, Runs(snapshot, "WHERE id = ?", id));
  if (runs.empty()) return std::optional<RunRecord>();
  return std::optional<RunRecord>(std::move(runs.front()));
}

Result<std::vector<RunRecord>> OpenRuns(const Snapshot& snapshot, std::string_view kind) {
  return Runs(snapshot, "WHERE kind = ? AND ended_ms IS NULL ORDER BY id", kind);
}

Result<std::vector<RunRecord>> RunsOf(const Snapshot& snapshot, std::string_view kind,
                                      ObjectId object, int64_t from_ms, int64_t to_ms,
                                      int64_t limit) {
  return Runs(snapshot,
              "WHERE kind = ? AND (?2 = 0 OR object_id = ?2) AND scheduled_ms >= ? AND "
              "scheduled_ms < ? ORDER BY scheduled_ms DESC, id DESC LIMIT ?",
              kind, object, from_ms, to_ms, limit);
}

Result<std::vector<RunRecord>> RunsOfGraph(const Snapshot& snapshot, RunId graph_run) {
  return Runs(snapshot, "WHERE graph_run = ? ORDER BY id", graph_run);
}

Result<> PruneRuns(Transaction& transaction, int64_t ended_before_ms) {
  return Execute(transaction.connection(), "DELETE FROM run WHERE ended_ms < ?", ended_before_ms);
}

}  // namespace tarn::warehouse
