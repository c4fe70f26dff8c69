// SPDX-License-Identifier: Apache-2.0
// What EXPLAIN says of a custom scan: columns and clauses that go to the engine, and the files that
// they leave.
#include "boundary/guard.h"
#include "scan/custom_scan_node.h"
#include "scan/lake_scan.h"
#include "scan/scan_request.h"

extern "C" {
#include <commands/explain.h>
#include <lib/stringinfo.h>
#include <nodes/makefuncs.h>
#include <optimizer/optimizer.h>
#include <utils/builtins.h>
#include <utils/ruleutils.h>
}

namespace tarn::extension {
namespace {

void ExplainColumns(const IcebergScanState* state, ExplainState* es) {
  TupleDesc descriptor = RelationGetDescr(state->css.ss.ss_currentRelation);
  List* names = NIL;
  ListCell* cell;
  foreach (cell, state->columns.attnums) {
    const char* name = NameStr(TupleDescAttr(descriptor, lfirst_int(cell) - 1)->attname);
    names = lappend(names, const_cast<char*>(quote_identifier(name)));
  }
  if (names == NIL && es->format == EXPLAIN_FORMAT_TEXT) {
    ExplainPropertyText("Columns", "none", es);
  } else {
    ExplainPropertyList("Columns", names, es);
  }
}

void ExplainExpression(const char* label, Node* expression, IcebergScanState* state,
                       List* ancestors, ExplainState* es) {
  List* context = set_deparse_context_plan(es->deparse_cxt, state->css.ss.ps.plan, ancestors);
  const bool prefix = list_length(es->rtable) > 1 || es->verbose;
  ExplainPropertyText(label, deparse_expression(expression, context, prefix, false), es);
}

/// The engine is asked only if the values in the filter are known without running parts of the
/// plan.
void ExplainFiles(IcebergScanState* state, ExplainState* es) {
  if (state->has_exec_params || es->generic) return;
  lake::ScanExplained explained;
  bool known = false;
  Guard([&] {
    try {
      explained = ExplainLakeScan(state->css.ss.ss_currentRelation,
                                  state->css.ss.ps.state->es_snapshot, BuildScanOptions(state));
      known = true;
    } catch (const LakeError& error) {
      // A plan can be shown without the engine.
      if (error.error().kind != ErrorKind::kUnavailable) throw;
    }
  });
  if (!known) return;
  ExplainPropertyInteger("Files Scanned", nullptr, explained.total_files - explained.skipped_files,
                         es);
  ExplainPropertyInteger("Files Skipped", nullptr, explained.skipped_files, es);
  if (es->verbose || es->format != EXPLAIN_FORMAT_TEXT) {
    ExplainPropertyInteger("Rows in Files", nullptr, explained.planned_rows, es);
    ExplainPropertyInteger("Bytes in Files", nullptr, explained.planned_bytes, es);
    ExplainPropertyInteger("Manifests Skipped", nullptr, explained.skipped_manifests, es);
  }
}

}  // namespace

void ExplainIcebergScan(CustomScanState* node, List* ancestors, ExplainState* es) {
  auto* state = reinterpret_cast<IcebergScanState*>(node);
  ExplainColumns(state, es);
  if (state->expressions.pushed != NIL) {
    ExplainExpression("Pushed Filter",
                      reinterpret_cast<Node*>(make_ands_explicit(state->expressions.pushed)), state,
                      ancestors, es);
  }
  if (state->expressions.bounds != NIL) {
    ExplainExpression("Pushed Limit", static_cast<Node*>(linitial(state->expressions.bounds)),
                      state, ancestors, es);
    if (list_length(state->expressions.bounds) > 1) {
      ExplainExpression("Pushed Offset", static_cast<Node*>(lsecond(state->expressions.bounds)),
                        state, ancestors, es);
    }
  }
  ExplainFiles(state, es);
}

}  // namespace tarn::extension
