// SPDX-License-Identifier: Apache-2.0
// The executor's side of the custom scan.
#include "boundary/guard.h"
#include "scan/custom_scan_node.h"
#include "scan/filter_builder.h"
#include "scan/lake_scan.h"
#include "scan/scan_request.h"

extern "C" {
#include <executor/executor.h>
#include <nodes/nodeFuncs.h>
#include <utils/memutils.h>
}

#include <algorithm>

namespace tarn::extension {
namespace {

IcebergScanState* StateOf(ScanState* node) { return reinterpret_cast<IcebergScanState*>(node); }
IcebergScanState* StateOf(CustomScanState* node) {
  return reinterpret_cast<IcebergScanState*>(node);
}

bool FindExecParam(Node* node, void* /*context*/) {
  if (node == nullptr) return false;
  if (IsA(node, Param) && castNode(Param, node)->paramkind == PARAM_EXEC) return true;
  return expression_tree_walker(node, FindExecParam, nullptr);
}

void OpenScan(IcebergScanState* state) {
  EState* estate = state->css.ss.ps.state;
  MemoryContext caller = CurrentMemoryContext;
  LakeScanOptions options = BuildScanOptions(state);
  options.own_slot = true;
  // The scan ends with the query at the latest.
  MemoryContextSwitchTo(estate->es_query_cxt);
  state->scan =
      LakeScan::Open(state->css.ss.ss_currentRelation, estate->es_snapshot, std::move(options))
          .release();
  MemoryContextSwitchTo(caller);
}

/// Does a row pass what the engine was, or could not be, asked for? Also one that was locked in a
/// newer version.
bool RecheckRow(ScanState* node, TupleTableSlot* slot) {
  IcebergScanState* state = StateOf(node);
  if (state->recheck == nullptr) {
    MemoryContext caller = MemoryContextSwitchTo(node->ps.state->es_query_cxt);
    state->recheck = ExecInitQual(state->expressions.pushed, &node->ps);
    MemoryContextSwitchTo(caller);
  }
  ExprContext* context = node->ps.ps_ExprContext;
  context->ecxt_scantuple = slot;
  ResetExprContext(context);
  return ExecQual(state->recheck, context);
}

TupleTableSlot* NextRow(ScanState* node) {
  IcebergScanState* state = StateOf(node);
  TupleTableSlot* slot = node->ss_ScanTupleSlot;
  MemoryContext caller = CurrentMemoryContext;
  while (true) {
    Guard([state, slot] {
      if (state->scan == nullptr) OpenScan(state);
      state->scan->Next(slot);
    });
    MemoryContextSwitchTo(caller);
    if (!state->filters_here || TupIsNull(slot) || RecheckRow(node, slot)) return slot;
  }
}

/// ExecScan for what most scans are: no condition of PostgreSQL's own, and no row checked anew.
TupleTableSlot* ExecIcebergScan(CustomScanState* node) {
  PlanState& plan = node->ss.ps;
  if (plan.qual != nullptr || plan.state->es_epq_active != nullptr) {
    return ExecScan(&node->ss, NextRow, RecheckRow);
  }
  TupleTableSlot* slot = NextRow(&node->ss);
  if (plan.ps_ProjInfo == nullptr) return slot;
  if (TupIsNull(slot)) return ExecClearTuple(plan.ps_ProjInfo->pi_state.resultslot);
  ResetExprContext(plan.ps_ExprContext);
  plan.ps_ExprContext->ecxt_scantuple = slot;
  return ExecProject(plan.ps_ProjInfo);
}

void BeginScan(CustomScanState* node, EState* /*estate*/, int /*flags*/) {
  IcebergScanState* state = StateOf(node);
  auto* plan = castNode(CustomScan, node->ss.ps.plan);
  state->expressions = UnpackScanExpressions(plan);
  state->columns = UnpackScanColumns(plan);
  state->has_exec_params =
      FindExecParam(reinterpret_cast<Node*>(state->expressions.pushed), nullptr);
}

void CloseScan(IcebergScanState* state) {
  delete state->scan;
  state->scan = nullptr;
}

void EndScan(CustomScanState* node) { CloseScan(StateOf(node)); }

void ReScan(CustomScanState* node) {
  IcebergScanState* state = StateOf(node);
  ExecScanReScan(&node->ss);
  if (state->scan == nullptr) return;
  if (node->ss.ps.chgParam != nullptr && state->has_exec_params) {
    CloseScan(state);
  } else {
    Guard([state] { state->scan->Rewind(); });
  }
}

const CustomExecMethods kExecMethods = {
    .CustomName = kCustomScanName,
    .BeginCustomScan = BeginScan,
    .ExecCustomScan = ExecIcebergScan,
    .EndCustomScan = EndScan,
    .ReScanCustomScan = ReScan,
    .MarkPosCustomScan = nullptr,
    .RestrPosCustomScan = nullptr,
    .EstimateDSMCustomScan = nullptr,
    .InitializeDSMCustomScan = nullptr,
    .ReInitializeDSMCustomScan = nullptr,
    .InitializeWorkerCustomScan = nullptr,
    .ShutdownCustomScan = nullptr,
    .ExplainCustomScan = ExplainIcebergScan,
};

}  // namespace

Node* CreateScanState(CustomScan* /*plan*/) {
  auto* state =
      reinterpret_cast<IcebergScanState*>(newNode(sizeof(IcebergScanState), T_CustomScanState));
  state->css.methods = &kExecMethods;
  state->css.slotOps = &TTSOpsVirtual;
  return reinterpret_cast<Node*>(state);
}

}  // namespace tarn::extension
