// SPDX-License-Identifier: Apache-2.0
// What the planner hands to the executor in a custom scan of a lake table. C structures of
// PostgreSQL's, so that plans can be copied.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/execnodes.h>
#include <nodes/extensible.h>
#include <nodes/plannodes.h>
}

namespace tarn::extension {

inline constexpr const char* kCustomScanName = "IcebergScan";

/// custom_exprs of the plan: expressions that PostgreSQL adjusts with the plan.
struct ScanExpressions {
  List* pushed;  ///< clauses for the engine, implicitly ANDed
  List* bounds;  ///< {LIMIT} or {LIMIT, OFFSET}; empty = no limit
};

List* PackScanExpressions(const ScanExpressions& expressions);
ScanExpressions UnpackScanExpressions(const CustomScan* plan);

/// custom_private of the plan.
struct ScanColumns {
  List* attnums;  ///< integers, ascending
  bool tids;      ///< ctid is wanted
};

List* PackScanColumns(const ScanColumns& columns);
ScanColumns UnpackScanColumns(const CustomScan* plan);

extern const CustomScanMethods kScanPlanMethods;

/// custom_scan_exec.cc
Node* CreateScanState(CustomScan* plan);

/// A running scan, or one to be explained.
class LakeScan;
struct IcebergScanState {
  CustomScanState css;
  LakeScan* scan;  ///< opened at the first row
  ScanExpressions expressions;
  ScanColumns columns;
  bool filters_here;     ///< the filter is too large for the engine: `recheck` stands for it
  bool has_exec_params;  ///< the filter changes with parameters of outer nodes
  ExprState* recheck;    ///< of the pushed clauses; made at the first need
};

/// custom_scan_explain.cc
void ExplainIcebergScan(CustomScanState* node, List* ancestors, struct ExplainState* es);

}  // namespace tarn::extension
