// SPDX-License-Identifier: Apache-2.0
// Most refreshes find nothing to do: these are told from the rest by what the metastore says of
// their sources, without a session and without the engine.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/frontier.h"
#include "warehouse/dynamic/refresh.h"

namespace tarn::warehouse {

/// A dynamic table as it is, at one moment.
struct RefreshTarget {
  Object<DynamicTable> object;
  PinnedTable pinned;
  SessionState owner;
  std::optional<Frontier> frontier;
};

StatementResult<RefreshTarget> ReadRefreshTarget(const QueryContext& context, ObjectId id);

/// Of those of `tables` that show what they would show now, and so does every dynamic table that
/// they read, records refreshes without data, all in one transaction. Returns which, those that
/// they read among them. A table whose query cannot be bound is none.
StatementResult<std::set<ObjectId>> EndUnchanged(const QueryContext& context,
                                                 const std::vector<ObjectId>& tables,
                                                 RefreshTrigger trigger,
                                                 const std::string& query_id = "");

}  // namespace tarn::warehouse
