// SPDX-License-Identifier: Apache-2.0
// Which dynamic tables read which, who is suspended with whom, and what is due.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/metastore/transaction.h"
#include "warehouse/objects/table.h"
#include "warehouse/session/account.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Dynamic tables that are there, and what each reads. Of one moment.
struct DynamicGraph {
  struct Node {
    Object<DynamicTable> table;
    std::vector<ObjectId> reads;  ///< all its sources
  };
  std::map<ObjectId, Node> nodes;

  std::vector<ObjectId> ReadersOf(ObjectId table) const;
  /// Dynamic tables that it reads, through others too.
  std::set<ObjectId> AllReadBy(ObjectId table) const;
  /// Of itself or, where that is DOWNSTREAM, the least of its readers'; absent: nobody asks.
  std::optional<int64_t> EffectiveLagSeconds(ObjectId table) const;
};

Result<DynamicGraph> ReadDynamicGraph(const table::TableContext& tables, const Snapshot& snapshot);

/// `table` is the object's definition, which the caller stores; those of its readers are stored
/// here. Readers are suspended with it, and resumed if they were suspended so.
StatementResult<> SuspendTable(const table::TableContext& tables, Transaction& transaction,
                               ObjectId id, DynamicTable& table, std::string_view reason);
StatementResult<> ResumeTable(const table::TableContext& tables, Transaction& transaction,
                              ObjectId id, DynamicTable& table);

/// Tables to be refreshed at `now_ms`, readers before what they read: a refresh of a reader brings
/// what it reads along.
Result<std::vector<ObjectId>> DueTables(const DynamicGraph& graph, const Snapshot& snapshot,
                                        int64_t now_ms);

}  // namespace tarn::warehouse
