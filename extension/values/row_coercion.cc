// SPDX-License-Identifier: Apache-2.0
#include "values/row_coercion.h"

#include "boundary/guard.h"

extern "C" {
#include <access/tupdesc.h>
#include <executor/executor.h>
#include <nodes/makefuncs.h>
#include <optimizer/optimizer.h>
#include <parser/parse_coerce.h>
#include <utils/memutils.h>
}

namespace tarn::extension {
namespace {

/// Prepared for one relation and one kind of slot; what it points to lives in
/// TopTransactionContext.
struct Coercion {
  Oid relation;
  TupleDesc slot_descriptor;
  TupleDesc relation_descriptor;
  bool needed;
  ExprContext* context;
  TupleTableSlot* result;
  ExprState** expressions;  ///< per attribute; null: taken as it is
};
Coercion g_last;

bool Differs(TupleDesc from, TupleDesc to, int i) {
  const FormData_pg_attribute* a = TupleDescAttr(from, i);
  const FormData_pg_attribute* b = TupleDescAttr(to, i);
  return !b->attisdropped && b->atttypmod >= 0 && a->atttypmod != b->atttypmod &&
         a->atttypid == b->atttypid;
}

ExprState* MakeExpression(TupleDesc from, TupleDesc to, int i) {
  const FormData_pg_attribute* a = TupleDescAttr(from, i);
  const FormData_pg_attribute* b = TupleDescAttr(to, i);
  auto* var = reinterpret_cast<Node*>(
      makeVar(1, static_cast<AttrNumber>(i + 1), a->atttypid, a->atttypmod, a->attcollation, 0));
  Node* coerced = coerce_to_target_type(nullptr, var, a->atttypid, b->atttypid, b->atttypmod,
                                        COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (coerced == nullptr) elog(ERROR, "no length coercion for type %u", b->atttypid);
  return ExecInitExpr(expression_planner(reinterpret_cast<Expr*>(coerced)), nullptr);
}

void Prepare(Relation relation, TupleTableSlot* slot, Coercion* coercion) {
  MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
  *coercion = {};
  TupleDesc from = slot->tts_tupleDescriptor;
  TupleDesc to = RelationGetDescr(relation);
  coercion->relation = RelationGetRelid(relation);
  coercion->slot_descriptor = from;
  coercion->relation_descriptor = to;
  const int columns = Min(from->natts, to->natts);
  for (int i = 0; i < columns && !coercion->needed; ++i) coercion->needed = Differs(from, to, i);
  if (coercion->needed) {
    coercion->context = CreateStandaloneExprContext();
    coercion->result = MakeSingleTupleTableSlot(CreateTupleDescCopy(to), &TTSOpsVirtual);
    coercion->expressions =
        static_cast<ExprState**>(palloc0(sizeof(ExprState*) * static_cast<size_t>(to->natts)));
    for (int i = 0; i < columns; ++i) {
      if (Differs(from, to, i)) coercion->expressions[i] = MakeExpression(from, to, i);
    }
  }
  MemoryContextSwitchTo(caller);
}

TupleTableSlot* Apply(Coercion* coercion, TupleTableSlot* slot) {
  slot_getallattrs(slot);
  TupleTableSlot* result = coercion->result;
  ExecClearTuple(result);
  ResetExprContext(coercion->context);
  coercion->context->ecxt_scantuple = slot;
  for (int i = 0; i < result->tts_tupleDescriptor->natts; ++i) {
    if (i >= slot->tts_tupleDescriptor->natts) {
      result->tts_isnull[i] = true;
    } else if (coercion->expressions[i] == nullptr) {
      result->tts_values[i] = slot->tts_values[i];
      result->tts_isnull[i] = slot->tts_isnull[i];
    } else {
      result->tts_values[i] = ExecEvalExprSwitchContext(coercion->expressions[i], coercion->context,
                                                        &result->tts_isnull[i]);
    }
  }
  return ExecStoreVirtualTuple(result);
}

bool StillFits(const Coercion* coercion, Relation relation, TupleTableSlot* slot) {
  return coercion->slot_descriptor == slot->tts_tupleDescriptor &&
         coercion->relation == RelationGetRelid(relation) &&
         coercion->relation_descriptor == RelationGetDescr(relation);
}

}  // namespace

TupleTableSlot* CoerceRow(Relation relation, TupleTableSlot* slot) {
  if (StillFits(&g_last, relation, slot)) {
    if (!g_last.needed) return slot;
    return Pg([&] { return Apply(&g_last, slot); });
  }
  return Pg([&] {
    Coercion coercion;
    Prepare(relation, slot, &coercion);
    g_last = coercion;
    return g_last.needed ? Apply(&g_last, slot) : slot;
  });
}

void ForgetRowCoercions() { g_last = {}; }

}  // namespace tarn::extension
