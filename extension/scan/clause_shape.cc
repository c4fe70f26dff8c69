// SPDX-License-Identifier: Apache-2.0
#include "scan/clause_shape.h"

extern "C" {
#include <catalog/pg_type.h>
#include <nodes/nodeFuncs.h>
#include <optimizer/clauses.h>
#include <optimizer/optimizer.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/pg_locale.h>
#include <varatt.h>
}

#include <algorithm>
#include <array>

namespace tarn::extension {
namespace {

/// Nesting of AND, OR and NOT that goes to the engine; far below what its reader takes
/// (lake/wire_archive.h), since a comparison may come to some levels more.
constexpr int kMaxConnectives = 24;

struct ComparisonFunction {
  Oid function;
  FilterOp op;
  Oid left, right;
};

#define TARN_SIX(EQ, NE, LT, LE, GT, GE, LEFT, RIGHT)                               \
  ComparisonFunction{EQ, FilterOp::kEqual, LEFT, RIGHT},                            \
      ComparisonFunction{NE, FilterOp::kNotEqual, LEFT, RIGHT},                     \
      ComparisonFunction{LT, FilterOp::kLess, LEFT, RIGHT},                         \
      ComparisonFunction{LE, FilterOp::kLessOrEqual, LEFT, RIGHT},                  \
      ComparisonFunction{GT, FilterOp::kGreater, LEFT, RIGHT}, ComparisonFunction { \
    GE, FilterOp::kGreaterOrEqual, LEFT, RIGHT                                      \
  }
#define TARN_PLAIN(NAME, LEFT, RIGHT) \
  TARN_SIX(NAME##EQ, NAME##NE, NAME##LT, NAME##LE, NAME##GT, NAME##GE, LEFT, RIGHT)
#define TARN_CROSS(A, B, LEFT, RIGHT)                                                      \
  TARN_SIX(F_##A##_EQ_##B, F_##A##_NE_##B, F_##A##_LT_##B, F_##A##_LE_##B, F_##A##_GT_##B, \
           F_##A##_GE_##B, LEFT, RIGHT)

constexpr std::array kComparisons = {
    TARN_PLAIN(F_BOOL, BOOLOID, BOOLOID),
    TARN_PLAIN(F_INT2, INT2OID, INT2OID),
    TARN_PLAIN(F_INT24, INT2OID, INT4OID),
    TARN_PLAIN(F_INT28, INT2OID, INT8OID),
    TARN_PLAIN(F_INT42, INT4OID, INT2OID),
    TARN_PLAIN(F_INT4, INT4OID, INT4OID),
    TARN_PLAIN(F_INT48, INT4OID, INT8OID),
    TARN_PLAIN(F_INT82, INT8OID, INT2OID),
    TARN_PLAIN(F_INT84, INT8OID, INT4OID),
    TARN_PLAIN(F_INT8, INT8OID, INT8OID),
    TARN_PLAIN(F_FLOAT4, FLOAT4OID, FLOAT4OID),
    TARN_PLAIN(F_FLOAT48, FLOAT4OID, FLOAT8OID),
    TARN_PLAIN(F_FLOAT84, FLOAT8OID, FLOAT4OID),
    TARN_PLAIN(F_FLOAT8, FLOAT8OID, FLOAT8OID),
    TARN_PLAIN(F_NUMERIC_, NUMERICOID, NUMERICOID),
    TARN_PLAIN(F_DATE_, DATEOID, DATEOID),
    TARN_PLAIN(F_TIME_, TIMEOID, TIMEOID),
    TARN_PLAIN(F_TIMESTAMP_, TIMESTAMPOID, TIMESTAMPOID),
    TARN_PLAIN(F_TIMESTAMPTZ_, TIMESTAMPTZOID, TIMESTAMPTZOID),
    TARN_CROSS(DATE, TIMESTAMP, DATEOID, TIMESTAMPOID),
    TARN_CROSS(TIMESTAMP, DATE, TIMESTAMPOID, DATEOID),
    TARN_CROSS(DATE, TIMESTAMPTZ, DATEOID, TIMESTAMPTZOID),
    TARN_CROSS(TIMESTAMPTZ, DATE, TIMESTAMPTZOID, DATEOID),
    TARN_CROSS(TIMESTAMP, TIMESTAMPTZ, TIMESTAMPOID, TIMESTAMPTZOID),
    TARN_CROSS(TIMESTAMPTZ, TIMESTAMP, TIMESTAMPTZOID, TIMESTAMPOID),
    TARN_PLAIN(F_UUID_, UUIDOID, UUIDOID),
    TARN_PLAIN(F_BYTEA, BYTEAOID, BYTEAOID),
    TARN_SIX(F_TEXTEQ, F_TEXTNE, F_TEXT_LT, F_TEXT_LE, F_TEXT_GT, F_TEXT_GE, TEXTOID, TEXTOID),
};

#undef TARN_CROSS
#undef TARN_PLAIN
#undef TARN_SIX

const ComparisonFunction* FindComparison(Oid function) {
  const auto* found = std::ranges::find(kComparisons, function, &ComparisonFunction::function);
  return found == kComparisons.end() ? nullptr : found;
}

FilterOp Commute(FilterOp op) {
  switch (op) {
    case FilterOp::kLess:
      return FilterOp::kGreater;
    case FilterOp::kLessOrEqual:
      return FilterOp::kGreaterOrEqual;
    case FilterOp::kGreater:
      return FilterOp::kLess;
    case FilterOp::kGreaterOrEqual:
      return FilterOp::kLessOrEqual;
    default:
      return op;
  }
}

/// A value that is the same for all rows of a scan.
bool IsScanConstant(Node* expression) {
  return !contain_var_clause(expression) && !contain_subplans(expression) &&
         !contain_volatile_functions(expression);
}

/// The column's own values are what the function compares.
bool HasType(Var* column, Oid type) {
  const Oid base = getBaseType(column->vartype);
  return base == type || (type == TEXTOID && base == VARCHAROID);
}

/// The constant can be converted to the column's type without losing order: what a comparison of a
/// column with a constant of another type needs. A column of one time-zone kind against a constant
/// of the other would be converted row by row in the session's zone.
bool IsConvertible(Oid column_type, Oid constant_type) {
  if (column_type == DATEOID) return constant_type != TIMESTAMPTZOID;
  if (column_type == TIMESTAMPOID) return constant_type != TIMESTAMPTZOID;
  return true;
}

/// Strings in the engine compare byte by byte.
bool IsCollationSafe(Oid type, FilterOp op, Oid collation) {
  if (type != TEXTOID) return true;
  if (!OidIsValid(collation)) return false;
  if (op == FilterOp::kEqual || op == FilterOp::kNotEqual) {
    return get_collation_isdeterministic(collation);
  }
  return lc_collate_is_c(collation);
}

struct LiteralPattern {
  bool literal = false;  ///< no wildcard but a last %
  bool whole = false;    ///< none at all
};

LiteralPattern ClassifyPattern(Const* pattern) {
  struct varlena* text = PG_DETOAST_DATUM_PACKED(pattern->constvalue);
  const char* data = VARDATA_ANY(text);
  const auto size = static_cast<int>(VARSIZE_ANY_EXHDR(text));
  for (int i = 0; i < size; ++i) {
    if (data[i] == '\\') {
      // A pattern that ends in its escape character is an error, which PostgreSQL shall raise.
      if (++i == size) return {};
    } else if (data[i] == '_') {
      return {};
    } else if (data[i] == '%') {
      return {.literal = i == size - 1, .whole = false};
    }
  }
  return {.literal = true, .whole = true};
}

bool IsColumnOf(Var* column, Index relid) {
  return column->varno == static_cast<int>(relid) && column->varlevelsup == 0 &&
         column->varattno > 0;
}

bool IsPushableOperator(OpExpr* clause, Index relid) {
  const ComparisonShape comparison = MatchComparison(clause);
  if (comparison.matched) return IsColumnOf(comparison.column, relid);
  const PrefixShape prefix = MatchPrefix(clause);
  return prefix.matched && IsColumnOf(prefix.column, relid);
}

}  // namespace

Var* MatchColumn(Node* expression) {
  while (IsA(expression, RelabelType)) {
    expression = reinterpret_cast<Node*>(castNode(RelabelType, expression)->arg);
  }
  return IsA(expression, Var) ? castNode(Var, expression) : nullptr;
}

ComparisonShape MatchComparison(OpExpr* clause) {
  if (list_length(clause->args) != 2) return {};
  const Oid function = OidIsValid(clause->opfuncid) ? clause->opfuncid : get_opcode(clause->opno);
  const ComparisonFunction* known = FindComparison(function);
  if (known == nullptr) return {};
  auto* left = static_cast<Node*>(linitial(clause->args));
  auto* right = static_cast<Node*>(lsecond(clause->args));
  ComparisonShape shape;
  shape.op = known->op;
  shape.column = MatchColumn(left);
  shape.constant = reinterpret_cast<Expr*>(right);
  Oid column_type = known->left;
  shape.constant_type = known->right;
  if (shape.column == nullptr) {
    shape.op = Commute(known->op);
    shape.column = MatchColumn(right);
    shape.constant = reinterpret_cast<Expr*>(left);
    column_type = known->right;
    shape.constant_type = known->left;
  }
  shape.matched = shape.column != nullptr && HasType(shape.column, column_type) &&
                  IsConvertible(column_type, shape.constant_type) &&
                  IsCollationSafe(column_type, shape.op, clause->inputcollid) &&
                  IsScanConstant(reinterpret_cast<Node*>(shape.constant));
  return shape;
}

MembershipShape MatchMembership(ScalarArrayOpExpr* clause) {
  const Oid function = OidIsValid(clause->opfuncid) ? clause->opfuncid : get_opcode(clause->opno);
  const ComparisonFunction* known = FindComparison(function);
  if (known == nullptr) return {};
  const FilterOp wanted = clause->useOr ? FilterOp::kEqual : FilterOp::kNotEqual;
  if (known->op != wanted) return {};
  MembershipShape shape;
  shape.negated = !clause->useOr;
  shape.column = MatchColumn(static_cast<Node*>(linitial(clause->args)));
  shape.array = static_cast<Expr*>(lsecond(clause->args));
  shape.element_type = known->right;
  shape.matched = shape.column != nullptr && HasType(shape.column, known->left) &&
                  IsConvertible(known->left, known->right) &&
                  IsCollationSafe(known->left, FilterOp::kEqual, clause->inputcollid) &&
                  IsScanConstant(reinterpret_cast<Node*>(shape.array));
  return shape;
}

PrefixShape MatchPrefix(OpExpr* clause) {
  const Oid function = OidIsValid(clause->opfuncid) ? clause->opfuncid : get_opcode(clause->opno);
  PrefixShape shape;
  // The same functions have two OIDs each, one for the operator and one for its name.
  const bool is_like = function == F_TEXTLIKE || function == F_LIKE_TEXT_TEXT;
  const bool is_not_like = function == F_TEXTNLIKE || function == F_NOTLIKE_TEXT_TEXT;
  if (!is_like && !is_not_like && function != F_STARTS_WITH) return {};
  shape.negated = is_not_like;
  shape.is_pattern = is_like || is_not_like;
  shape.column = MatchColumn(static_cast<Node*>(linitial(clause->args)));
  auto* pattern = static_cast<Node*>(lsecond(clause->args));
  if (shape.column == nullptr || !HasType(shape.column, TEXTOID) || !IsA(pattern, Const) ||
      !IsCollationSafe(TEXTOID, FilterOp::kEqual, clause->inputcollid)) {
    return {};
  }
  shape.pattern = castNode(Const, pattern);
  if (shape.pattern->constisnull) return {};
  if (shape.is_pattern) {
    const LiteralPattern literal = ClassifyPattern(shape.pattern);
    if (!literal.literal) return {};
    shape.whole = literal.whole;
  }
  shape.matched = true;
  return shape;
}

bool IsPlainNullTest(NullTest* test) {
  if (test->argisrow || !IsA(test->arg, Var)) return false;
  const Oid base = getBaseType(castNode(Var, test->arg)->vartype);
  return !type_is_rowtype(base) && !OidIsValid(get_element_type(base));
}

namespace {

/// `depth`: of connectives that are still allowed.
bool IsPushableWithin(Node* clause, Index relid, int depth) {
  switch (nodeTag(clause)) {
    case T_OpExpr:
      return IsPushableOperator(castNode(OpExpr, clause), relid);
    case T_ScalarArrayOpExpr: {
      const MembershipShape shape = MatchMembership(castNode(ScalarArrayOpExpr, clause));
      return shape.matched && IsColumnOf(shape.column, relid);
    }
    case T_NullTest: {
      auto* test = castNode(NullTest, clause);
      return IsPlainNullTest(test) && IsColumnOf(castNode(Var, test->arg), relid);
    }
    case T_BooleanTest: {
      Var* column = MatchColumn(reinterpret_cast<Node*>(castNode(BooleanTest, clause)->arg));
      return column != nullptr && HasType(column, BOOLOID) && IsColumnOf(column, relid);
    }
    case T_Var:
    case T_RelabelType: {
      Var* column = MatchColumn(clause);
      return column != nullptr && HasType(column, BOOLOID) && IsColumnOf(column, relid);
    }
    case T_BoolExpr: {
      if (depth == 0) return false;
      ListCell* cell;
      foreach (cell, castNode(BoolExpr, clause)->args) {
        if (!IsPushableWithin(static_cast<Node*>(lfirst(cell)), relid, depth - 1)) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

bool IsPushable(Node* clause, Index relid) {
  return IsPushableWithin(clause, relid, kMaxConnectives);
}

}  // namespace tarn::extension
