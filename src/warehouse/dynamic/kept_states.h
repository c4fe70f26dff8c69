// SPDX-License-Identifier: Apache-2.0
// Groups that dynamic tables keep in the engine between refreshes. Nothing durable depends on them:
// whatever is missing or stands elsewhere than the table is computed anew.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/kept_table.h"
#include "incremental/delta.h"
#include "warehouse/dynamic/frontier.h"

namespace tarn::warehouse {

/// Of one dynamic table: its groups at one frontier.
struct KeptState {
  std::string definition;
  std::vector<FrontierSource> sources;
  std::vector<incremental::KeptNames> names;  ///< by number of the node; empty: nothing is kept
  std::vector<std::unique_ptr<engine::KeptTable>> tables;
  std::vector<size_t> columns;  ///< of each
};

/// Thread-safe. The engine outlives it.
class KeptStates {
 public:
  /// What was put for the table, which is the caller's from then on; null: nothing, or of another
  /// frontier.
  std::unique_ptr<KeptState> Take(ObjectId table, const Frontier& frontier);
  void Put(ObjectId table, std::unique_ptr<KeptState> state);
  void Drop(ObjectId table);
  /// Drops those of all other tables.
  void Retain(const std::function<bool(ObjectId)>& is_there);

 private:
  std::mutex mutex_;
  std::map<ObjectId, std::unique_ptr<KeptState>> states_;
};

}  // namespace tarn::warehouse
