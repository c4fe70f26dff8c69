// SPDX-License-Identifier: Apache-2.0
// Rows that a query gives for a table: checked, numbered, handed on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/batch.h"
#include "sql/bind/bind_change.h"
#include "warehouse/session/query.h"

namespace tarn::warehouse {

/// Checks what the query could not: NOT NULL and the length of BINARY; and fills in numbers that
/// count. Of one statement on one table.
class RowIntake {
 public:
  /// Both outlive it.
  RowIntake(const QueryContext& context, const PinnedTable& table);

  /// Types of the table's columns in files.
  const std::vector<Type>& types() const { return types_; }

  /// What Give would say of this value; absent: nothing.
  std::optional<StatementError> Refusal(size_t column, const ColumnView& values, int64_t row) const;

  /// `rows` are of the table's columns; `counted` those that get numbers instead of what they have.
  /// 100072 (22000) for a null that may not be, 100078 for bytes that are too many.
  using Take = std::function<Result<>(const BatchView&)>;
  StatementResult<> Give(BatchView rows, const std::vector<bool>& counted, const Take& take) const;

 private:
  StatementResult<std::vector<uint64_t>> Numbers(size_t column, int64_t rows) const;
  StatementResult<> Check(size_t column, const ColumnView& values) const;

  const QueryContext& context_;
  const PinnedTable& table_;
  std::vector<Type> types_;
};

/// Runs the query and calls `visit` with every batch, decoded; a cancel of the statement reaches
/// it.
StatementResult<> ForEachBatch(const QueryContext& context, std::vector<engine::QueryTable> tables,
                               const sql::BoundQuery& query,
                               const std::function<StatementResult<>(BatchView)>& visit);

}  // namespace tarn::warehouse
