// SPDX-License-Identifier: Apache-2.0
// Which clauses the engine evaluates exactly as PostgreSQL does: the list of proven functions,
// operators and types. Each entry is proven against a heap table by tests/sql/test_pushdown.py.
// Everything here may ereport and owns nothing: call it from C frames, or inside Pg.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/primnodes.h>
}

#include "base/filter.h"

namespace tarn::extension {

/// `column op constant`, whichever side they stood on.
struct ComparisonShape {
  bool matched = false;
  FilterOp op = FilterOp::kEqual;
  Var* column = nullptr;
  Expr* constant = nullptr;  ///< no columns, nothing volatile; its type is `constant_type`
  Oid constant_type = InvalidOid;
};

/// `column = ANY (array)` or `column <> ALL (array)`.
struct MembershipShape {
  bool matched = false;
  bool negated = false;
  Var* column = nullptr;
  Expr* array = nullptr;
  Oid element_type = InvalidOid;
};

/// `column LIKE 'literal%'`, `column ^@ 'literal'`, or a pattern without wildcards.
struct PrefixShape {
  bool matched = false;
  bool negated = false;
  bool whole = false;  ///< the value is the literal, not only its beginning
  Var* column = nullptr;
  Const* pattern = nullptr;
  bool is_pattern = false;  ///< of LIKE: escapes are taken out of the literal
};

ComparisonShape MatchComparison(OpExpr* clause);
MembershipShape MatchMembership(ScalarArrayOpExpr* clause);
PrefixShape MatchPrefix(OpExpr* clause);
/// A column under relabelings that do not change its value, or null.
Var* MatchColumn(Node* expression);
/// IS [NOT] NULL of a column whose nullness is that of the value.
bool IsPlainNullTest(NullTest* test);

/// True if the engine can evaluate the clause over columns of relation `relid` of the query: not if
/// it is nested too deep.
bool IsPushable(Node* clause, Index relid);

}  // namespace tarn::extension
