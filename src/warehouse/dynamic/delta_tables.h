// SPDX-License-Identifier: Apache-2.0
// The tables of delta queries, and running their statements.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/kept_table.h"
#include "incremental/delta.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/frontier.h"

namespace tarn::warehouse {

/// Whether each table of the query is another at `after`. REQUIRES: frontiers of its tables.
std::vector<bool> ChangedTables(const sql::BoundQuery& query, const Frontier& before,
                                const Frontier& after);

/// Plans tables in the states of one refresh. Both arguments outlive it. NotFound where a state of
/// `before` is gone.
class DeltaTables {
 public:
  DeltaTables(const QueryContext& context, const sql::BoundQuery& query, const Frontier& before);

  StatementResult<std::vector<engine::QueryTable>> Plan(
      const std::vector<incremental::DeltaTable>& tables) const;

  // --- Statements of the engine, in the session of the context ---
  StatementResult<std::unique_ptr<engine::KeptTable>> Keep(
      std::string name, std::string text, size_t columns,
      std::vector<engine::QueryTable> tables) const;
  StatementResult<std::unique_ptr<engine::KeptTable>> Keep(
      std::string name, const incremental::StateQuery& query) const;
  /// One row of BIGINTs.
  StatementResult<std::vector<int64_t>> Numbers(std::string text, size_t columns) const;
  StatementResult<> Change(const std::string& statements) const;

 private:
  StatementResult<engine::QueryTable> PlanOne(const incremental::DeltaTable& table) const;

  const QueryContext& context_;
  const sql::BoundQuery& query_;
  const Frontier& before_;
  std::vector<std::vector<bool>> used_;  ///< columns that the query reads, by table
};

}  // namespace tarn::warehouse
