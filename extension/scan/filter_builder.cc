// SPDX-License-Identifier: Apache-2.0
#include "scan/filter_builder.h"

extern "C" {
#include <executor/executor.h>
#include <nodes/nodeFuncs.h>
#include <utils/array.h>
#include <utils/lsyscache.h>
}

#include <algorithm>
#include <string>
#include <utility>

#include "boundary/guard.h"
#include "lake/wire_archive.h"
#include "scan/filter_constant.h"
#include "transaction/pending.h"

namespace tarn::extension {
namespace {

/// kAnd of nothing is true, kOr of nothing is false.
Filter Always() { return Filter{.op = FilterOp::kAnd}; }
Filter Never() { return Filter{.op = FilterOp::kOr}; }
/// What null may be taken for (FilterBuilder::Translate).
Filter Null(bool positive) { return positive ? Never() : Always(); }

Filter Not(Filter filter) {
  Filter result{.op = FilterOp::kNot};
  result.children.push_back(std::move(filter));
  return result;
}

Filter Both(FilterOp op, Filter first, Filter second) {
  Filter result{.op = op};
  result.children.push_back(std::move(first));
  result.children.push_back(std::move(second));
  return result;
}

Filter NullTestOf(const Field& field, bool is_null) {
  return Filter{.op = is_null ? FilterOp::kIsNull : FilterOp::kIsNotNull,
                .field = field.id,
                .type = field.type};
}

Filter EqualsBool(const Field& field, bool value) {
  return Filter{
      .op = FilterOp::kEqual, .field = field.id, .type = field.type, .values = {Value(value)}};
}

std::string WithoutEscapes(const std::string& pattern, bool whole) {
  std::string literal;
  // The last % is the wildcard.
  const size_t end = whole ? pattern.size() : pattern.size() - 1;
  for (size_t i = 0; i < end; ++i) {
    if (pattern[i] == '\\') ++i;
    literal += pattern[i];
  }
  return literal;
}

constexpr int kMaxDepth = lake::WireReader::kMaxDepth - 8;  // below the request, above a type
constexpr size_t kMaxClauses = 10'000;
constexpr size_t kMaxValueBytes = size_t{64} << 20;

struct Extent {
  int depth = 0;
  size_t clauses = 0;
  size_t value_bytes = 0;
};

void Measure(const Filter& filter, int depth, Extent& extent) {
  extent.depth = std::max(extent.depth, depth);
  ++extent.clauses;
  extent.value_bytes += filter.values.size() * sizeof(int64_t);
  for (const Value& value : filter.values) {
    if (const auto* text = std::get_if<std::string>(&value)) extent.value_bytes += text->size();
  }
  for (const Filter& child : filter.children) Measure(child, depth + 1, extent);
}

struct ArrayContents {
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
};

ArrayContents Deconstruct(Datum array_datum, Oid element_type) {
  return Pg([&] {
    ArrayContents contents;
    ArrayType* array = DatumGetArrayTypeP(array_datum);
    int16 length;
    bool by_value;
    char align;
    get_typlenbyvalalign(element_type, &length, &by_value, &align);
    deconstruct_array(array, element_type, length, by_value, align, &contents.values,
                      &contents.nulls, &contents.count);
    return contents;
  });
}

}  // namespace

bool FilterBuilder::FitsRequest(const Filter& filter) {
  Extent extent;
  Measure(filter, 1, extent);
  return extent.depth <= kMaxDepth && extent.clauses <= kMaxClauses &&
         extent.value_bytes <= kMaxValueBytes;
}

FilterBuilder::FilterBuilder(Relation relation, ExprContext* context) : context_(context) {
  std::vector<Field> live = CurrentFields(relation);
  TupleDesc descriptor = RelationGetDescr(relation);
  fields_.resize(static_cast<size_t>(descriptor->natts));
  size_t next = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!TupleDescAttr(descriptor, static_cast<int>(i))->attisdropped) {
      fields_[i] = std::move(live.at(next++));
    }
  }
}

const Field& FilterBuilder::FieldOf(const Var* column) const {
  return fields_.at(static_cast<size_t>(column->varattno - 1));
}

FilterBuilder::Constant FilterBuilder::Evaluate(Expr* expression) {
  if (IsA(expression, Const)) {
    const Const* constant = castNode(Const, expression);
    return {constant->constvalue, constant->constisnull};
  }
  return Pg([&] {
    Constant constant;
    ExprState* state = ExecInitExprWithParams(expression, context_->ecxt_param_list_info);
    // In the caller's memory: the filter is built from it at once.
    constant.value = ExecEvalExpr(state, context_, &constant.is_null);
    return constant;
  });
}

std::optional<Filter> FilterBuilder::Build(List* clauses) {
  if (clauses == NIL) return std::nullopt;
  Filter filter{.op = FilterOp::kAnd};
  ListCell* cell;
  foreach (cell, clauses) {
    filter.children.push_back(Translate(static_cast<Node*>(lfirst(cell)), true));
  }
  if (filter.children.size() == 1) return std::move(filter.children.front());
  return filter;
}

Filter FilterBuilder::Translate(Node* clause, bool positive) {
  switch (nodeTag(clause)) {
    case T_OpExpr: {
      auto* operation = castNode(OpExpr, clause);
      const bool is_prefix = Pg([&] { return MatchPrefix(operation).matched; });
      return is_prefix ? TranslatePrefix(operation) : TranslateComparison(operation, positive);
    }
    case T_ScalarArrayOpExpr:
      return TranslateMembership(castNode(ScalarArrayOpExpr, clause), positive);
    case T_NullTest: {
      auto* test = castNode(NullTest, clause);
      return NullTestOf(FieldOf(castNode(Var, test->arg)), test->nulltesttype == IS_NULL);
    }
    case T_BooleanTest:
      return TranslateBooleanTest(castNode(BooleanTest, clause));
    case T_BoolExpr:
      return TranslateConnective(castNode(BoolExpr, clause), positive);
    default:
      return EqualsBool(FieldOf(MatchColumn(clause)), true);
  }
}

Filter FilterBuilder::TranslateComparison(OpExpr* clause, bool positive) {
  const ComparisonShape shape = Pg([&] { return MatchComparison(clause); });
  const Field& field = FieldOf(shape.column);
  const Constant constant = Evaluate(shape.constant);
  if (constant.is_null) return Null(positive);
  return CompareWith(field, shape.op,
                     LocateConstant(field.type, shape.constant_type, constant.value));
}

Filter FilterBuilder::TranslatePrefix(OpExpr* clause) {
  const PrefixShape shape = Pg([&] { return MatchPrefix(clause); });
  const Field& field = FieldOf(shape.column);
  std::string literal = BytesOf(shape.pattern->constvalue);
  if (shape.is_pattern) literal = WithoutEscapes(literal, shape.whole);
  Filter filter{.op = shape.whole ? FilterOp::kEqual : FilterOp::kStartsWith,
                .field = field.id,
                .type = field.type,
                .values = {Value(std::move(literal))}};
  return shape.negated ? Not(std::move(filter)) : filter;
}

Filter FilterBuilder::TranslateMembership(ScalarArrayOpExpr* clause, bool positive) {
  const MembershipShape shape = Pg([&] { return MatchMembership(clause); });
  const Field& field = FieldOf(shape.column);
  const Constant array = Evaluate(shape.array);
  if (array.is_null) return Null(positive);
  const ArrayContents contents = Deconstruct(array.value, shape.element_type);
  // Of an empty array, = ANY is false and <> ALL true, even for null.
  if (contents.count == 0) return shape.negated ? Always() : Never();
  Filter members{.op = FilterOp::kIn, .field = field.id, .type = field.type};
  bool has_null = false;
  for (int i = 0; i < contents.count; ++i) {
    if (contents.nulls[i]) {
      has_null = true;
      continue;
    }
    ConstantPosition position = LocateConstant(field.type, shape.element_type, contents.values[i]);
    // What the type can't hold equals nothing.
    if (position.kind == ConstantPosition::kExact) {
      members.values.push_back(std::move(position.value));
    }
  }
  Filter result = members.values.empty() ? NeverUnlessNull(field) : std::move(members);
  if (!shape.negated) {
    // With a null among the members, whoever is not found gives null.
    return has_null && !positive ? Always() : result;
  }
  if (!has_null) return Not(std::move(result));
  return positive ? Never() : Not(std::move(result));
}

Filter FilterBuilder::TranslateBooleanTest(BooleanTest* test) {
  const Field& field = FieldOf(MatchColumn(reinterpret_cast<Node*>(test->arg)));
  switch (test->booltesttype) {
    case IS_TRUE:
      return Both(FilterOp::kAnd, NullTestOf(field, false), EqualsBool(field, true));
    case IS_FALSE:
      return Both(FilterOp::kAnd, NullTestOf(field, false), EqualsBool(field, false));
    case IS_NOT_TRUE:
      return Both(FilterOp::kOr, NullTestOf(field, true), EqualsBool(field, false));
    case IS_NOT_FALSE:
      return Both(FilterOp::kOr, NullTestOf(field, true), EqualsBool(field, true));
    case IS_UNKNOWN:
      return NullTestOf(field, true);
    case IS_NOT_UNKNOWN:
      return NullTestOf(field, false);
  }
  pg_unreachable();
}

Filter FilterBuilder::TranslateConnective(BoolExpr* clause, bool positive) {
  if (clause->boolop == NOT_EXPR) {
    return Not(Translate(static_cast<Node*>(linitial(clause->args)), !positive));
  }
  Filter filter{.op = clause->boolop == AND_EXPR ? FilterOp::kAnd : FilterOp::kOr};
  ListCell* cell;
  foreach (cell, clause->args) {
    filter.children.push_back(Translate(static_cast<Node*>(lfirst(cell)), positive));
  }
  return filter;
}

}  // namespace tarn::extension
