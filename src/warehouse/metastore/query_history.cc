// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/query_history.h"

#include <iterator>

#include <nlohmann/json.hpp>

namespace tarn::warehouse {
namespace {

constexpr int64_t kPruneIntervalMs = int64_t{60} * 60 * 1000;

const std::string kSelectRecord =
    "SELECT " + FieldList<QueryRecord>("", "") + " FROM query_history ";

Result<> Insert(Transaction& transaction, const QueryRecord& record) {
  static const std::string kInsert = [] {
    std::string marks = "?";
    for (int i = 1; i < kFieldCount<QueryRecord>; ++i) marks += ", ?";
    return "INSERT OR REPLACE INTO query_history (" + FieldList<QueryRecord>("", "") +
           ") VALUES (" + marks + ")";
  }();
  TARN_ASSIGN(Rows rows, transaction.connection().Prepare(kInsert));
  BindFields(rows, record);
  TARN_TRY(rows.Next());
  return {};
}

}  // namespace

QueryHistory::~QueryHistory() { (void)Flush(); }

Result<> QueryHistory::Record(QueryRecord record) {
  {
    const std::lock_guard lock(mutex_);
    pending_.push_back(std::move(record));
    if (pending_.size() < kBatch) return {};
  }
  return Flush();
}

Result<> QueryHistory::Flush() {
  std::vector<QueryRecord> records;
  std::optional<int64_t> now_ms;
  {
    const std::lock_guard lock(mutex_);
    records.swap(pending_);
    if (!records.empty() && records.back().started_ms >= prune_at_ms_) {
      now_ms = records.back().started_ms;
      prune_at_ms_ = *now_ms + kPruneIntervalMs;
    }
  }
  if (records.empty()) return {};
  if (now_ms) TARN_TRY(Prune(*now_ms - kAgeMs));
  auto written = metastore_->CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
    for (const QueryRecord& record : records) STATEMENT_TRY(Insert(transaction, record));
    return {};
  });
  if (!written) {
    const std::lock_guard lock(mutex_);
    std::ranges::move(records, std::back_inserter(pending_));
  }
  return WithoutCode(std::move(written));
}

Result<std::vector<QueryRecord>> QueryHistory::List(const QueryFilter& filter) {
  static const std::string kList =
      kSelectRecord +
      "WHERE (?1 IS NULL OR ended_ms >= ?1) AND (?2 IS NULL OR ended_ms < ?2) "
      "AND (?3 IS NULL OR session_id = ?3) AND (?4 IS NULL OR user_name = ?4) "
      "AND (?5 IS NULL OR warehouse_name = ?5) "
      "AND (user_name = ?6 OR EXISTS (SELECT 1 FROM json_each(?7) AS visible WHERE "
      "visible.value ->> 0 = warehouse_name AND visible.value ->> 1 <= started_ms)) "
      "ORDER BY ended_ms DESC, started_ms DESC, query_id LIMIT ?8";
  TARN_TRY(Flush());
  nlohmann::json visible = nlohmann::json::array();
  for (const auto& [name, since_ms] : filter.visible_warehouses) {
    visible.push_back({name, since_ms});
  }
  TARN_ASSIGN(const auto snapshot, metastore_->Read());
  TARN_ASSIGN(Rows rows,
              Select(snapshot->connection(), kList, filter.ended_from_ms, filter.ended_before_ms,
                     filter.session_id, filter.user_name, filter.warehouse_name,
                     filter.visible_to_user, visible.dump(), filter.limit));
  std::vector<QueryRecord> records;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return records;
    TARN_TRY(ReadFields(rows, 0, records.emplace_back()));
  }
}

Result<std::optional<QueryRecord>> QueryHistory::Find(const Uuid& query_id) {
  TARN_TRY(Flush());
  TARN_ASSIGN(const auto snapshot, metastore_->Read());
  TARN_ASSIGN(Rows rows,
              Select(snapshot->connection(), kSelectRecord + "WHERE query_id = ?", query_id));
  TARN_ASSIGN(const bool found, rows.Next());
  if (!found) return std::optional<QueryRecord>();
  QueryRecord record;
  TARN_TRY(ReadFields(rows, 0, record));
  return std::optional<QueryRecord>(std::move(record));
}

Result<> QueryHistory::Prune(int64_t started_before_ms) {
  return WithoutCode(metastore_->CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(Execute(transaction.connection(),
                          "DELETE FROM query_history WHERE started_ms < ?", started_before_ms));
    return {};
  }));
}

}  // namespace tarn::warehouse
