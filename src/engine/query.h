// SPDX-License-Identifier: Apache-2.0
// Queries over bound tables: SQL text of DuckDB that a binder made, whose only names are ours. No
// DuckDB header is needed to use it, and no DuckDB exception leaves it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"
#include "engine/engine.h"

namespace tarn::engine {

/// How two sets of rows differ, as a table (Engine::OpenDifference, in no order). Behind the
/// columns stand three more: INSERT or DELETE (kString), whether the row is a half of an update
/// (kBoolean), and the row id (kString; null in files without).
struct QueryDifference {
  DifferenceRequest rows;
  /// Only rows of `after` whose id no other file had before: not those that it stores ids of.
  /// `before` is empty.
  bool new_rows_only = false;
};

/// A table as a query reads it. In the text, `tarn_table(i)` is the request's i-th table; its
/// columns are c0, c1, … in the order of `columns`, and r, the row's number (ScanRequest). Filters
/// and projections of the query reach the files.
struct QueryTable {
  std::optional<iceberg::ScanPlan> plan;
  std::optional<PendingRows> pending;
  std::vector<ScanColumn> columns;
  /// Set: instead of all of the above. r is null.
  std::optional<QueryDifference> difference = std::nullopt;
};

/// A value of `$1`, `$2`, … of the text.
struct QueryParameter {
  Type type;
  Value value;
};

/// How the text's conversions write times: models of Snowflake's ("Date and time output formats").
struct TextFormats {
  std::string date = "YYYY-MM-DD";
  std::string time = "HH24:MI:SS";
  std::string timestamp_ntz = "YYYY-MM-DD HH24:MI:SS.FF3";
  std::string timestamp_ltz = "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM";
  std::string timestamp_tz = "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM";
};

/// A failed query. Code and SQLSTATE are Snowflake's where it has one for this, else empty.
struct QueryFailure {
  Error error;
  std::string code;
  std::string sqlstate;
};

template <typename T = void>
using QueryResult = std::expected<T, QueryFailure>;

/// Numbers that nobody else gets, for `tarn_next_value(i)` of a text. Asked by any thread, also by
/// several at once.
class NumberSource {
 public:
  /// The others follow by the increment.
  struct Block {
    int64_t first = 0;
    int64_t increment = 1;
  };

  virtual ~NumberSource() = default;
  /// What comes back is used up, whatever becomes of the query. REQUIRES: `count` > 0.
  virtual QueryResult<Block> Take(int64_t count) = 0;
};

struct QueryRequest {
  /// One SELECT. Trusted: nothing that a user wrote stands in it unquoted.
  std::string text;
  std::vector<QueryTable> tables;
  std::vector<QueryParameter> parameters;
  /// Of the columns of the result; the query gives exactly the DuckDB types of these.
  std::vector<Type> carriers;
  /// IANA name of the session's time zone, for what the text does with instants.
  std::string time_zone = "UTC";
  TextFormats formats = {};
  std::vector<std::shared_ptr<NumberSource>> numbers = {};
};

/// Rows of one query. Used by one thread at a time; Interrupt and progress from any.
class QueryStream {
 public:
  virtual ~QueryStream() = default;
  /// Replaces `out` with one encoded batch (base/batch.h) of at least one row; empty at the end. An
  /// error ends the stream.
  virtual QueryResult<> Next(std::vector<uint8_t>& out) = 0;
  virtual void Interrupt() = 0;
  /// Part that is done, 0…1; absent where DuckDB can't tell. An estimate.
  virtual std::optional<double> progress() const = 0;
};

}  // namespace tarn::engine
