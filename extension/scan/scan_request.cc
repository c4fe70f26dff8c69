// SPDX-License-Identifier: Apache-2.0
#include "scan/scan_request.h"

extern "C" {
#include <access/sysattr.h>
#include <executor/executor.h>
#include <optimizer/optimizer.h>
#include <utils/memutils.h>
}

#include <algorithm>
#include <vector>

#include "boundary/guard.h"
#include "scan/filter_builder.h"

namespace tarn::extension {
namespace {

/// Rows that a limit needs, those skipped by OFFSET included; none if the bound is null, or wrong
/// (the Limit node reports it).
std::optional<int64_t> EvaluateBounds(List* bounds, ExprContext* context) {
  int64_t total = 0;
  ListCell* cell;
  foreach (cell, bounds) {
    auto* expression = static_cast<Expr*>(lfirst(cell));
    struct Bound {
      int64 value;
      bool is_null;
    };
    const Bound bound = Pg([&] {
      Bound evaluated{};
      ExprState* state = ExecInitExprWithParams(expression, context->ecxt_param_list_info);
      evaluated.value = DatumGetInt64(ExecEvalExpr(state, context, &evaluated.is_null));
      return evaluated;
    });
    // LIMIT null is no limit, OFFSET null is none to skip.
    if (bound.is_null) {
      if (foreach_current_index(cell) == 0) return std::nullopt;
      continue;
    }
    if (bound.value < 0 || __builtin_add_overflow(total, bound.value, &total)) return std::nullopt;
  }
  return total;
}

void AddColumnsOfPushed(const IcebergScanState* state, std::vector<AttrNumber>& attnums) {
  const auto* plan = reinterpret_cast<const Scan*>(state->css.ss.ps.plan);
  Bitmapset* attributes = Pg([&] {
    Bitmapset* found = nullptr;
    pull_varattnos(reinterpret_cast<Node*>(state->expressions.pushed), plan->scanrelid, &found);
    return found;
  });
  for (int member = -1; (member = bms_next_member(attributes, member)) >= 0;) {
    const auto attnum = static_cast<AttrNumber>(member + FirstLowInvalidHeapAttributeNumber);
    if (attnum > 0) attnums.push_back(attnum);
  }
  std::ranges::sort(attnums);
  const auto repeated = std::ranges::unique(attnums);
  attnums.erase(repeated.begin(), repeated.end());
}

}  // namespace

LakeScanOptions BuildScanOptions(IcebergScanState* state) {
  LakeScanOptions options;
  ListCell* cell;
  foreach (cell, state->columns.attnums) {
    options.attnums.push_back(static_cast<AttrNumber>(lfirst_int(cell)));
  }
  options.tids = state->columns.tids;
  const bool has_clauses = state->expressions.pushed != NIL || state->expressions.bounds != NIL;
  if (!has_clauses) return options;
  ExprContext* expressions = state->css.ss.ps.ps_ExprContext;
  MemoryContext caller = CurrentMemoryContext;
  MemoryContext scratch = Pg([] {
    return AllocSetContextCreate(CurrentMemoryContext, "tarn filter", ALLOCSET_SMALL_SIZES);
  });
  MemoryContextSwitchTo(scratch);
  FilterBuilder builder(state->css.ss.ss_currentRelation, expressions);
  options.filter = builder.Build(state->expressions.pushed);
  state->filters_here = options.filter && !FilterBuilder::FitsRequest(*options.filter);
  if (state->filters_here) {
    options.filter.reset();
    AddColumnsOfPushed(state, options.attnums);
  } else if (state->expressions.bounds != NIL) {
    options.limit = EvaluateBounds(state->expressions.bounds, expressions);
  }
  MemoryContextSwitchTo(caller);
  MemoryContextDelete(scratch);
  return options;
}

}  // namespace tarn::extension
