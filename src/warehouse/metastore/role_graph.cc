// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/role_graph.h"

#include <algorithm>

#include "warehouse/metastore/stored_value.h"

namespace tarn::warehouse {

Result<std::shared_ptr<const RoleGraph>> RoleGraph::Load(Connection& connection) {
  auto graph = std::make_shared<RoleGraph>();
  TARN_ASSIGN(Rows rows, Select(connection, "SELECT grantee_id, role_id FROM role_grant"));
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) break;
    graph->granted_[ObjectId(rows.Int(0))].push_back(ObjectId(rows.Int(1)));
  }
  TARN_ASSIGN(const auto everybody,
              SelectOne<ObjectId>(connection,
                                  "SELECT id FROM object WHERE kind = 'role' AND name = 'PUBLIC' "
                                  "AND container_id = 0"));
  graph->public_role_ = everybody.value_or(ObjectId());
  return graph;
}

std::span<const ObjectId> RoleGraph::GrantedTo(ObjectId grantee) const {
  const auto found = granted_.find(grantee);
  return found == granted_.end() ? std::span<const ObjectId>() : found->second;
}

std::vector<ObjectId> RoleGraph::Closure(std::span<const ObjectId> first) const {
  std::set<ObjectId> seen(first.begin(), first.end());
  seen.insert(public_role_);
  std::vector<ObjectId> open(seen.begin(), seen.end());
  while (!open.empty()) {
    const ObjectId role = open.back();
    open.pop_back();
    for (const ObjectId granted : GrantedTo(role)) {
      if (seen.insert(granted).second) open.push_back(granted);
    }
  }
  return {seen.begin(), seen.end()};
}

bool RoleGraph::WouldCycle(ObjectId role, ObjectId grantee) const {
  const std::vector<ObjectId> had = Closure({&role, 1});
  return std::ranges::binary_search(had, grantee);
}

}  // namespace tarn::warehouse
