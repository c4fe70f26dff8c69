// SPDX-License-Identifier: Apache-2.0
// The planner's side: which scans become ours, what they cost, what goes to the engine.
#include "access_method/lake_relation.h"
#include "scan/clause_shape.h"
#include "scan/custom_scan.h"
#include "scan/custom_scan_node.h"

extern "C" {
#include <access/sysattr.h>
#include <catalog/pg_class.h>
#include <nodes/makefuncs.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
#include <optimizer/pathnode.h>
#include <optimizer/paths.h>
#include <optimizer/restrictinfo.h>
#include <parser/parsetree.h>
#include <utils/guc.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

namespace tarn::extension {
namespace {

/// Asking the engine for the first rows, in units of a page read.
constexpr double kScanStartCost = 10;
/// A compressed column file against a heap's pages.
constexpr double kPageCostShare = 0.5;
/// Rows come decoded; PostgreSQL's own share is forming a slot.
constexpr double kRowCostShare = 0.5;

bool g_pushdown = true;
set_rel_pathlist_hook_type g_next_hook = nullptr;

bool IsPushed(RestrictInfo* info, RelOptInfo* rel) {
  return !info->pseudoconstant && restriction_is_securely_promotable(info, rel) &&
         IsPushable(reinterpret_cast<Node*>(info->clause), rel->relid);
}

bool HasCurrentOf(RelOptInfo* rel) {
  ListCell* cell;
  foreach (cell, rel->baserestrictinfo) {
    if (IsA(lfirst_node(RestrictInfo, cell)->clause, CurrentOfExpr)) return true;
  }
  return false;
}

bool IsBoundExpression(Node* bound) {
  if (bound == nullptr || IsA(bound, Const)) return true;
  return IsA(bound, Param) && castNode(Param, bound)->paramkind == PARAM_EXTERN;
}

/// LIMIT and OFFSET, if the rows that the scan gives are, one for one, those that they count:
/// nothing joins, filters, groups, sorts, multiplies or locks rows in between.
List* LimitBounds(PlannerInfo* root, RelOptInfo* rel) {
  const Query* query = root->parse;
  if (rel->reloptkind != RELOPT_BASEREL || query->commandType != CMD_SELECT ||
      query->limitCount == nullptr || query->limitOption != LIMIT_OPTION_COUNT) {
    return NIL;
  }
  if (query->groupClause != NIL || query->groupingSets != NIL || query->hasAggs ||
      query->hasWindowFuncs || query->hasTargetSRFs || query->distinctClause != NIL ||
      query->sortClause != NIL || query->havingQual != nullptr || query->setOperations != nullptr ||
      query->rowMarks != NIL || root->rowMarks != NIL || query->hasModifyingCTE) {
    return NIL;
  }
  int member = 0;
  if (!bms_get_singleton_member(root->all_query_rels, &member) ||
      member != static_cast<int>(rel->relid)) {
    return NIL;
  }
  if (!IsBoundExpression(query->limitCount) || !IsBoundExpression(query->limitOffset)) return NIL;
  const bool unlimited =
      IsA(query->limitCount, Const) && castNode(Const, query->limitCount)->constisnull;
  if (unlimited) return NIL;
  ListCell* cell;
  foreach (cell, rel->baserestrictinfo) {
    auto* info = lfirst_node(RestrictInfo, cell);
    if (!info->pseudoconstant && !IsPushed(info, rel)) return NIL;
  }
  List* bounds = list_make1(query->limitCount);
  return query->limitOffset == nullptr ? bounds : lappend(bounds, query->limitOffset);
}

/// Attributes in `expression`, as pull_varattnos gives them.
Bitmapset* AddAttributes(Bitmapset* attributes, void* expression, Index relid) {
  pull_varattnos(static_cast<Node*>(expression), relid, &attributes);
  return attributes;
}

bool HasAttribute(const Bitmapset* attributes, int attnum) {
  return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, attributes);
}

ScanColumns ColumnsOf(const Bitmapset* attributes, Oid relation_oid) {
  ScanColumns columns{};
  columns.tids = HasAttribute(attributes, SelfItemPointerAttributeNumber);
  Relation relation = RelationIdGetRelation(relation_oid);
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int attnum = 1; attnum <= descriptor->natts; ++attnum) {
    if (TupleDescAttr(descriptor, attnum - 1)->attisdropped) continue;
    if (HasAttribute(attributes, attnum) || HasAttribute(attributes, InvalidAttrNumber)) {
      columns.attnums = lappend_int(columns.attnums, attnum);
    }
  }
  RelationClose(relation);
  return columns;
}

/// The share of the table's bytes that the columns take, by the planner's widths.
double WidthShare(RelOptInfo* rel, Oid relation_oid, const Bitmapset* attributes) {
  double read = 0;
  double all = 0;
  Relation relation = RelationIdGetRelation(relation_oid);
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int attnum = 1; attnum <= descriptor->natts; ++attnum) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, attnum - 1);
    if (attribute.attisdropped) continue;
    const int32 known = rel->attr_widths[attnum - rel->min_attr];
    const int32 width =
        known > 0 ? known : get_typavgwidth(attribute.atttypid, attribute.atttypmod);
    all += width;
    if (HasAttribute(attributes, attnum) || HasAttribute(attributes, InvalidAttrNumber)) {
      read += width;
    }
  }
  RelationClose(relation);
  return all > 0 ? read / all : 1;
}

void CostScan(PlannerInfo* root, RelOptInfo* rel, Oid relation_oid, CustomPath* path) {
  List* pushed = NIL;
  List* local = NIL;
  ListCell* cell;
  foreach (cell, rel->baserestrictinfo) {
    auto* info = lfirst_node(RestrictInfo, cell);
    if (IsPushed(info, rel)) {
      pushed = lappend(pushed, info);
    } else {
      local = lappend(local, info);
    }
  }
  Bitmapset* attributes = AddAttributes(nullptr, rel->reltarget->exprs, rel->relid);
  foreach (cell, rel->baserestrictinfo) {
    attributes = AddAttributes(attributes, lfirst_node(RestrictInfo, cell)->clause, rel->relid);
  }
  const double returned =
      clamp_row_est(rel->tuples * clauselist_selectivity(root, pushed, 0, JOIN_INNER, nullptr));
  QualCost local_cost;
  cost_qual_eval(&local_cost, local, root);
  if (path->path.param_info != nullptr) {
    QualCost param_cost;
    cost_qual_eval(&param_cost, path->path.param_info->ppi_clauses, root);
    local_cost.startup += param_cost.startup;
    local_cost.per_tuple += param_cost.per_tuple;
  }
  const double pages =
      rel->pages * WidthShare(rel, relation_oid, attributes) * seq_page_cost * kPageCostShare;
  const double per_row = cpu_tuple_cost * kRowCostShare + local_cost.per_tuple;
  path->path.startup_cost =
      kScanStartCost * seq_page_cost + local_cost.startup + path->path.pathtarget->cost.startup;
  path->path.total_cost = path->path.startup_cost + pages + rel->tuples * cpu_operator_cost +
                          returned * per_row +
                          path->path.rows * path->path.pathtarget->cost.per_tuple;
}

Plan* PlanScan(PlannerInfo* root, RelOptInfo* rel, CustomPath* path, List* tlist, List* clauses,
               List* /*custom_plans*/) {
  List* pushed = NIL;
  List* local = NIL;
  ListCell* cell;
  foreach (cell, clauses) {
    auto* info = lfirst_node(RestrictInfo, cell);
    if (info->pseudoconstant) continue;
    // Only clauses of the table itself: those of a parameterised path refer to other tables.
    if (list_member_ptr(rel->baserestrictinfo, info) && IsPushed(info, rel)) {
      pushed = lappend(pushed, info->clause);
    } else {
      local = lappend(local, info->clause);
    }
  }
  auto* plan = makeNode(CustomScan);
  plan->scan.plan.targetlist = tlist;
  plan->scan.plan.qual = local;
  plan->scan.scanrelid = rel->relid;
  plan->flags = path->flags;
  plan->methods = &kScanPlanMethods;
  plan->custom_exprs = PackScanExpressions({pushed, path->custom_private});
  // The planner may put another target list onto the plan later, made of the same columns.
  Bitmapset* attributes = AddAttributes(nullptr, rel->reltarget->exprs, rel->relid);
  attributes = AddAttributes(attributes, tlist, rel->relid);
  attributes = AddAttributes(attributes, local, rel->relid);
  plan->custom_private =
      PackScanColumns(ColumnsOf(attributes, planner_rt_fetch(rel->relid, root)->relid));
  return &plan->scan.plan;
}

const CustomPathMethods kPathMethods = {
    .CustomName = kCustomScanName,
    .PlanCustomPath = PlanScan,
    .ReparameterizeCustomPathByChild = nullptr,
};

/// Paths by TID stay: WHERE CURRENT OF works in no other.
List* KeepTidPaths(List* paths) {
  List* kept = NIL;
  ListCell* cell;
  foreach (cell, paths) {
    auto* path = static_cast<Path*>(lfirst(cell));
    if (path->pathtype == T_TidScan || path->pathtype == T_TidRangeScan) {
      kept = lappend(kept, path);
    }
  }
  return kept;
}

void AddScanPath(PlannerInfo* root, RelOptInfo* rel, RangeTblEntry* rte) {
  auto* path = makeNode(CustomPath);
  path->path.pathtype = T_CustomScan;
  path->path.parent = rel;
  path->path.pathtarget = rel->reltarget;
  path->path.param_info = get_baserel_parampathinfo(root, rel, rel->lateral_relids);
  path->path.rows = path->path.param_info != nullptr ? path->path.param_info->ppi_rows : rel->rows;
  path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
  path->methods = &kPathMethods;
  path->custom_private = LimitBounds(root, rel);
  CostScan(root, rel, rte->relid, path);
  rel->pathlist = KeepTidPaths(rel->pathlist);
  add_path(rel, &path->path);
}

void SetRelPathlist(PlannerInfo* root, RelOptInfo* rel, Index rti, RangeTblEntry* rte) {
  if (g_next_hook != nullptr) g_next_hook(root, rel, rti, rte);
  // An inheritance parent stands for its children; TABLESAMPLE is the access method's.
  if (rte->rtekind != RTE_RELATION || rte->inh || !IS_SIMPLE_REL(rel) || IS_DUMMY_REL(rel) ||
      !IsLakeTable(rte->relid)) {
    return;
  }
  // The engine's rows belong to one backend: no path of the table may run in a worker, whole or in
  // part.
  rel->partial_pathlist = NIL;
  rel->consider_parallel = false;
  ListCell* cell;
  foreach (cell, rel->pathlist) static_cast<Path*>(lfirst(cell))->parallel_safe = false;
  if (!g_pushdown || rte->tablesample != nullptr || HasCurrentOf(rel)) return;
  AddScanPath(root, rel, rte);
}

}  // namespace

const CustomScanMethods kScanPlanMethods = {
    .CustomName = kCustomScanName,
    .CreateCustomScanState = CreateScanState,
};

List* PackScanExpressions(const ScanExpressions& expressions) {
  return list_make2(expressions.pushed, expressions.bounds);
}

ScanExpressions UnpackScanExpressions(const CustomScan* plan) {
  return {static_cast<List*>(linitial(plan->custom_exprs)),
          static_cast<List*>(lsecond(plan->custom_exprs))};
}

List* PackScanColumns(const ScanColumns& columns) {
  return list_make2(columns.attnums, makeInteger(columns.tids ? 1 : 0));
}

ScanColumns UnpackScanColumns(const CustomScan* plan) {
  return {static_cast<List*>(linitial(plan->custom_private)),
          intVal(lsecond(plan->custom_private)) != 0};
}

void InstallCustomScan() {
  DefineCustomBoolVariable("tarn.pushdown",
                           "Lets the lake engine evaluate filters and limits, and read only the "
                           "columns that a query needs.",
                           nullptr, &g_pushdown, true, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  RegisterCustomScanMethods(&kScanPlanMethods);
  g_next_hook = set_rel_pathlist_hook;
  set_rel_pathlist_hook = SetRelPathlist;
}

}  // namespace tarn::extension
