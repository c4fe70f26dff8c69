// SPDX-License-Identifier: Apache-2.0
// Expressions over rows as expressions over their groups.
#pragma once

#include <functional>
#include <set>
#include <vector>

#include "sql/bound/query.h"

namespace tarn::sql {

/// Replaces keys and aggregates by columns of `relation`: keys first, then the aggregates that it
/// collects.
class GroupRewriter {
 public:
  /// `ungrouped` is called for a column of `relations` that stands outside of both; it throws.
  GroupRewriter(const std::vector<bound::Expression>& keys, int32_t relation,
                std::set<int32_t> relations, std::function<void(bound::ColumnId)> ungrouped)
      : keys_(keys),
        relation_(relation),
        relations_(std::move(relations)),
        ungrouped_(std::move(ungrouped)) {}

  void Rewrite(bound::Expression& expression);
  const std::vector<bound::Expression>& aggregates() const { return aggregates_; }

 private:
  bound::Expression ColumnOf(const bound::Expression& value, size_t column) const;
  void RewriteParts(bound::Expression& expression);
  void RewriteQuery(bound::Query& query);
  void RewriteRelation(bound::Relation& relation);
  void RewriteOrder(std::vector<bound::OrderKey>& order);

  const std::vector<bound::Expression>& keys_;
  int32_t relation_;
  std::set<int32_t> relations_;
  std::function<void(bound::ColumnId)> ungrouped_;
  std::vector<bound::Expression> aggregates_;
  int depth_ = 0;  ///< of subqueries
};

}  // namespace tarn::sql
