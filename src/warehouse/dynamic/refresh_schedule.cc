// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/refresh_schedule.h"

#include <algorithm>
#include <limits>
#include <set>

#include "table/table_cache.h"
#include "warehouse/dynamic/frontier.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/dynamic/target_lag.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/metastore/table_pointers.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kAlive = "WHERE o.dropped_ms IS NULL";
constexpr std::string_view kActive = "ACTIVE";
constexpr std::string_view kSuspended = "SUSPENDED";
constexpr std::string_view kUpstream = "UPSTREAM_";

void Suspend(DynamicTable& table, std::string_view reason, int64_t now_ms) {
  table.scheduling_state = kSuspended;
  table.state_reason_code = reason;
  table.last_suspended_ms = now_ms;
}

void Resume(DynamicTable& table) {
  table.scheduling_state = kActive;
  table.state_reason_code.clear();
  table.state_reason_message.clear();
}

/// How many readers stand one behind the other: those without any come first.
int64_t DepthOf(const DynamicGraph& graph, ObjectId id, std::set<ObjectId>& visited) {
  if (!visited.insert(id).second) return 0;
  int64_t depth = 0;
  for (const ObjectId reader : graph.ReadersOf(id)) {
    depth = std::max(depth, 1 + DepthOf(graph, reader, visited));
  }
  return depth;
}

/// When a refresh of the table last began.
Result<int64_t> LastBegan(const Snapshot& snapshot, const Object<DynamicTable>& table) {
  TARN_ASSIGN(const auto runs, RunsOf(snapshot, kRefreshRun, table.head.id, 0,
                                      std::numeric_limits<int64_t>::max(), 1));
  int64_t began_ms = table.value.data_timestamp_ms.value_or(0);
  if (!runs.empty()) began_ms = std::max(began_ms, runs[0].scheduled_ms);
  return began_ms;
}

}  // namespace

std::vector<ObjectId> DynamicGraph::ReadersOf(ObjectId table) const {
  std::vector<ObjectId> readers;
  for (const auto& [id, node] : nodes) {
    if (std::ranges::find(node.reads, table) != node.reads.end()) readers.push_back(id);
  }
  return readers;
}

std::set<ObjectId> DynamicGraph::AllReadBy(ObjectId table) const {
  std::set<ObjectId> all;
  std::vector<ObjectId> waiting = {table};
  while (!waiting.empty()) {
    const auto node = nodes.find(waiting.back());
    waiting.pop_back();
    if (node == nodes.end()) continue;
    for (const ObjectId read : node->second.reads) {
      if (nodes.contains(read) && all.insert(read).second) waiting.push_back(read);
    }
  }
  return all;
}

std::optional<int64_t> DynamicGraph::EffectiveLagSeconds(ObjectId table) const {
  const auto node = nodes.find(table);
  if (node == nodes.end()) return std::nullopt;
  if (const auto own = node->second.table.value.target_lag_seconds) return own;
  std::optional<int64_t> least;
  for (const ObjectId reader : ReadersOf(table)) {
    const auto lag = EffectiveLagSeconds(reader);
    if (lag && (!least || *lag < *least)) least = lag;
  }
  return least;
}

Result<DynamicGraph> ReadDynamicGraph(const table::TableContext& tables, const Snapshot& snapshot) {
  DynamicGraph graph;
  TARN_ASSIGN(auto objects, snapshot.Objects<DynamicTable>(kAlive));
  for (Object<DynamicTable>& object : objects) {
    TARN_ASSIGN(const bool alive, snapshot.IsAlive(object.head.id));
    TARN_ASSIGN(const auto pointer, FindPointer(snapshot, object.head.id));
    if (!alive || !pointer) continue;
    const ObjectId id = object.head.id;
    DynamicGraph::Node& node = graph.nodes[id];
    node.table = std::move(object);
    const auto loaded = tables.tables->Load(pointer->metadata_location);
    if (!loaded) continue;
    TARN_ASSIGN(const auto frontier, FrontierOf(loaded->metadata->properties));
    if (!frontier) continue;
    for (const FrontierSource& source : frontier->sources) node.reads.push_back(source.id);
  }
  return graph;
}

StatementResult<> SuspendTable(const table::TableContext& tables, Transaction& transaction,
                               ObjectId id, DynamicTable& table, std::string_view reason) {
  if (table.scheduling_state == kSuspended) return {};
  Suspend(table, reason, transaction.now_ms());
  STATEMENT_ASSIGN(DynamicGraph graph, ReadDynamicGraph(tables, transaction));
  std::vector<ObjectId> waiting = graph.ReadersOf(id);
  while (!waiting.empty()) {
    const ObjectId reader = waiting.back();
    waiting.pop_back();
    DynamicTable& read = graph.nodes.at(reader).table.value;
    if (read.scheduling_state == kSuspended) continue;
    Suspend(read, std::string(kUpstream) + std::string(reason), transaction.now_ms());
    STATEMENT_TRY(transaction.Update(reader, read));
    const auto further = graph.ReadersOf(reader);
    waiting.insert(waiting.end(), further.begin(), further.end());
  }
  return {};
}

StatementResult<> ResumeTable(const table::TableContext& tables, Transaction& transaction,
                              ObjectId id, DynamicTable& table) {
  Resume(table);
  STATEMENT_ASSIGN(DynamicGraph graph, ReadDynamicGraph(tables, transaction));
  std::vector<ObjectId> waiting = graph.ReadersOf(id);
  while (!waiting.empty()) {
    const ObjectId reader = waiting.back();
    waiting.pop_back();
    DynamicTable& read = graph.nodes.at(reader).table.value;
    if (!read.state_reason_code.starts_with(kUpstream)) continue;
    Resume(read);
    STATEMENT_TRY(transaction.Update(reader, read));
    const auto further = graph.ReadersOf(reader);
    waiting.insert(waiting.end(), further.begin(), further.end());
  }
  return {};
}

Result<std::vector<ObjectId>> DueTables(const DynamicGraph& graph, const Snapshot& snapshot,
                                        int64_t now_ms) {
  std::vector<std::pair<int64_t, ObjectId>> due;
  for (const auto& [id, node] : graph.nodes) {
    const DynamicTable& table = node.table.value;
    if (table.scheduling_state != kActive || table.scheduler != "ENABLE") continue;
    const auto lag = graph.EffectiveLagSeconds(id);
    if (!lag) continue;
    TARN_ASSIGN(const int64_t began_ms, LastBegan(snapshot, node.table));
    if (began_ms >= DueMoment(RefreshPeriodMs(*lag), now_ms)) continue;
    std::set<ObjectId> visited;
    due.emplace_back(DepthOf(graph, id, visited), id);
  }
  std::ranges::sort(due);
  std::vector<ObjectId> ids;
  for (const auto& [depth, id] : due) ids.push_back(id);
  return ids;
}

}  // namespace tarn::warehouse
