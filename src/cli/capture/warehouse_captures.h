// SPDX-License-Identifier: Apache-2.0
// What a running warehouse captures, asked and told by its SQL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/source_table.h"
#include "cli/sql_client.h"

namespace tarn::cli {

/// A row of CAPTURE_SOURCES.
struct CapturedSourceState {
  std::string name, mode, database;
  bool connected = false;
  int64_t tables = 0;
  std::optional<double> lag_seconds;
  int64_t lag_bytes = 0, slot_retained_bytes = 0;
  std::string error;
};

/// A row of CAPTURE_TABLES.
struct CapturedTableState {
  std::string source;
  capture::SourceName name;
  std::string state;
  int64_t rows_copied = 0;
  std::optional<int64_t> rows_estimated;
  int64_t rows_applied = 0;
  double rows_per_second = 0;
  std::optional<double> lag_seconds;
  std::string error;
};

/// Used by one thread.
class WarehouseCaptures {
 public:
  static Result<WarehouseCaptures> Connect(const std::string& data);

  Result<std::vector<CapturedSourceState>> Sources();
  Result<std::vector<CapturedTableState>> Tables(const std::string& source);
  /// A mirror, whose database is made where it is missing, or opened to the application.
  Result<> AddMirror(const std::string& source, const std::string& database);
  Result<> AddTables(const std::string& source, const std::vector<capture::SourceName>& tables);
  Result<> Remove(const std::string& source);

 private:
  explicit WarehouseCaptures(std::unique_ptr<SqlClient> client) : client_(std::move(client)) {}

  using Row = std::vector<std::optional<std::string>>;
  Result<std::vector<Row>> Run(const std::string& statement);

  std::unique_ptr<SqlClient> client_;
};

}  // namespace tarn::cli
