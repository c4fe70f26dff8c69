// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/execnodes.h>
}

#include <optional>
#include <vector>

#include "base/filter.h"
#include "scan/clause_shape.h"

namespace tarn::extension {

/// Turns pushable clauses into a filter, with the values that their constants have now.
class FilterBuilder {
 public:
  /// False for a filter too large to be worth sending, or that the engine would not take: thousands
  /// of clauses, or values by the dozen megabytes. Then PostgreSQL evaluates its clauses.
  static bool FitsRequest(const Filter& filter);

  /// `context` is that of the scan node, with its parameters.
  FilterBuilder(Relation relation, ExprContext* context);

  /// True exactly for the rows for which all of `clauses` (IsPushable each) are true; none for an
  /// empty list.
  std::optional<Filter> Build(List* clauses);

 private:
  struct Constant {
    Datum value = 0;
    bool is_null = false;
  };
  /// `positive`: null may stand for false. Below a NOT it may stand for true, as NOT makes neither
  /// of them true.
  Filter Translate(Node* clause, bool positive);
  Filter TranslateComparison(OpExpr* clause, bool positive);
  Filter TranslatePrefix(OpExpr* clause);
  Filter TranslateMembership(ScalarArrayOpExpr* clause, bool positive);
  Filter TranslateBooleanTest(BooleanTest* test);
  Filter TranslateConnective(BoolExpr* clause, bool positive);

  Constant Evaluate(Expr* expression);
  const Field& FieldOf(const Var* column) const;

  ExprContext* context_;
  std::vector<Field> fields_;  ///< by attnum - 1
};

}  // namespace tarn::extension
