// SPDX-License-Identifier: Apache-2.0
// One SELECT. Clauses are bound over the FROM; if there is grouping, the result is two queries,
// one over the other: keys and aggregates, and what is computed of them.
#pragma once

#include <string>
#include <vector>

#include "sql/bind/binder.h"

namespace tarn::sql {

class SelectBinder {
 public:
  SelectBinder(Binder& binder, const syntax::Select& select, const syntax::Query& query,
               const Scope* outer)
      : binder_(binder), select_(select), query_(query) {
    scope_.outer = outer;
  }

  void Bind(bound::Query& result);

 private:
  void BindFromList();
  /// TABLE(GETNEXTVAL(sequence)): the rows of what stands before it, each with a number.
  void NumberRows(std::vector<Binder::BoundFrom>& items, const syntax::TableExpressionNode& node,
                  const syntax::FunctionCall& call);
  void BindOuterMarks(std::vector<Binder::BoundFrom>& items);
  void AddItem(bound::Expression value, std::string name, int32_t table, int32_t table_column);
  void BindItems();
  std::string LabelOf(const syntax::SelectItem& item) const;
  void BindGroupBy();
  bound::Expression BindKey(const syntax::Expression& expression);
  std::vector<std::vector<int32_t>> SetsOf(const syntax::GroupingElement& element);
  void BindOrder(bound::Query& result);
  bound::OrderKey BindOrderItem(const syntax::OrderItem& item);
  bound::OrderKey WithSortKey(bound::OrderKey key) const;
  bool IsGrouped(const bound::Query& result) const;
  void Group(bound::Query& result);
  bound::Expression BindIn(const syntax::Expression& expression, const char* clause,
                           bool aggregates, bool windows);

  Binder& binder_;
  const syntax::Select& select_;
  const syntax::Query& query_;
  Scope scope_;
  bound::Select bound_;
  std::vector<bound::OutputColumn> columns_;
  std::vector<const syntax::Expression*> where_;  ///< conjuncts that no join has taken
  std::vector<bound::Expression> keys_;
  std::vector<std::vector<int32_t>> sets_;
  std::optional<bound::Expression> having_;
};

/// Whether an aggregate, not over a window, or a window function stands in an expression;
/// subqueries are not looked into.
bool HasAggregate(const bound::Expression& expression);
bool HasWindow(const bound::Expression& expression);

}  // namespace tarn::sql
