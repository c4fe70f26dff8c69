// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::warehouse {

/// One statement as QUERY_HISTORY shows it. A plain value.
struct QueryRecord {
  Uuid query_id;
  std::string session_id, text, command;
  std::string user_name, role_name, warehouse_name, database_name, schema_name;
  std::string query_tag, client;
  int64_t started_ms = 0;
  std::optional<int64_t> ended_ms;
  std::string state = "RUNNING";  ///< "SUCCESS", "FAILED_WITH_ERROR"
  std::string error_code, error_message;
  int64_t rows = 0;
  int64_t queued_ms = 0;
  int64_t compiled_ms = 0;
};

template <>
struct Fields<QueryRecord> {
  using Q = QueryRecord;
  static constexpr auto kAll = std::tuple{Field{"query_id", &Q::query_id},
                                          Field{"session_id", &Q::session_id},
                                          Field{"text", &Q::text},
                                          Field{"command", &Q::command},
                                          Field{"user_name", &Q::user_name},
                                          Field{"role_name", &Q::role_name},
                                          Field{"warehouse_name", &Q::warehouse_name},
                                          Field{"database_name", &Q::database_name},
                                          Field{"schema_name", &Q::schema_name},
                                          Field{"query_tag", &Q::query_tag},
                                          Field{"client", &Q::client},
                                          Field{"started_ms", &Q::started_ms},
                                          Field{"ended_ms", &Q::ended_ms},
                                          Field{"state", &Q::state},
                                          Field{"error_code", &Q::error_code},
                                          Field{"error_message", &Q::error_message},
                                          Field{"rows", &Q::rows},
                                          Field{"queued_ms", &Q::queued_ms},
                                          Field{"compiled_ms", &Q::compiled_ms}};
};

/// Which statements are wanted. Absent: any.
struct QueryFilter {
  std::optional<int64_t> ended_from_ms, ended_before_ms;
  std::optional<std::string> session_id, user_name, warehouse_name;
  /// Only those of this user, and those that started in one of these warehouses since then.
  std::string visible_to_user;
  std::vector<std::pair<std::string, int64_t>> visible_warehouses;
  int64_t limit = 100;
};

/// Statements that ended. They are kept in memory and written together, so that a SELECT costs no
/// sync of the disk: a crash loses the newest kBatch of them, and nothing but these. Those older
/// than kAgeMs are forgotten now and then. Thread-safe.
class QueryHistory {
 public:
  static constexpr size_t kBatch = 64;
  static constexpr int64_t kAgeMs = int64_t{7} * 24 * 60 * 60 * 1000;

  explicit QueryHistory(Metastore* metastore) : metastore_(metastore) {}
  ~QueryHistory();

  /// Writes when a batch is full; fails only then, and keeps the records for the next time.
  Result<> Record(QueryRecord record);
  Result<> Flush();
  /// Those that ended last come first; flushes before it looks.
  Result<std::vector<QueryRecord>> List(const QueryFilter& filter);
  Result<std::optional<QueryRecord>> Find(const Uuid& query_id);
  /// Forgets what started before.
  Result<> Prune(int64_t started_before_ms);

 private:
  Metastore* metastore_;
  std::mutex mutex_;
  std::vector<QueryRecord> pending_;
  int64_t prune_at_ms_ = 0;  ///< in the time of records
};

}  // namespace tarn::warehouse
