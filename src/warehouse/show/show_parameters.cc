// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show_parameters.h"

#include "warehouse/metastore/parameters.h"
#include "warehouse/show/list_filter.h"

namespace tarn::warehouse {
namespace {

StatementResult<std::string> LevelOf(const Snapshot& snapshot, ObjectId set_on) {
  if (set_on == kAccountId) return std::string("ACCOUNT");
  STATEMENT_ASSIGN(const auto head, snapshot.FindHead(set_on));
  return head ? std::string(FactsOf(head->kind).sql) : std::string();
}

}  // namespace

StatementResult<RowSet> ShowParameters(const Snapshot& snapshot, ObjectId object,
                                       std::span<const ParameterFacts> known,
                                       const std::optional<std::string>& like) {
  RowSet set{.columns = {{"key"}, {"value"}, {"default"}, {"level"}, {"description"}, {"type"}},
             .rows = {}};
  for (const ParameterFacts& facts : known) {
    if (like && !MatchesLike(facts.name, *like)) continue;
    STATEMENT_ASSIGN(const auto value, FindParameter(snapshot, object, facts.name));
    std::string level;
    if (value) {
      STATEMENT_ASSIGN(level, LevelOf(snapshot, value->set_on));
    }
    set.rows.push_back({std::string(facts.name), value ? value->value : std::string(facts.fallback),
                        std::string(facts.fallback), level, std::string(facts.description),
                        std::string(facts.type)});
  }
  return set;
}

}  // namespace tarn::warehouse
