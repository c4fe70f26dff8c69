// SPDX-License-Identifier: Apache-2.0
#include "definition/statement_checks.h"

#include "access_method/lake_relation.h"
#include "boundary/postgres_headers.h"
#include "definition/publication_rules.h"

extern "C" {
#include <executor/executor.h>
#include <nodes/nodeFuncs.h>
#include <nodes/parsenodes.h>
#include <nodes/plannodes.h>
#include <optimizer/planner.h>
#include <parser/parsetree.h>
#include <replication/walsender.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

planner_hook_type g_next_planner = nullptr;
ExecutorStart_hook_type g_next_executor_start = nullptr;

const char* CommandName(CmdType command) {
  switch (command) {
    case CMD_UPDATE:
      return "UPDATE";
    case CMD_DELETE:
      return "DELETE";
    case CMD_MERGE:
      return "MERGE";
    default:
      return nullptr;
  }
}

void Refuse(const char* what, Oid relation) {
  ereport(ERROR,
          (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
           errmsg("%s is not supported on lake table \"%s\" yet", what, get_rel_name(relation)),
           errhint("Insert corrected rows, or TRUNCATE and fill the table again.")));
}

bool CheckQuery(Node* node, void* context) {
  if (node == nullptr) return false;
  if (!IsA(node, Query)) return expression_tree_walker(node, CheckQuery, context);
  auto* query = reinterpret_cast<Query*>(node);
  if (query->resultRelation > 0) {
    const Oid target = rt_fetch(query->resultRelation, query->rtable)->relid;
    const char* command = CommandName(query->commandType);
    if (command != nullptr && IsLakeTable(target)) Refuse(command, target);
    if (query->onConflict != nullptr && query->onConflict->action == ONCONFLICT_UPDATE &&
        IsLakeTable(target)) {
      Refuse("ON CONFLICT DO UPDATE", target);
    }
  }
  return query_tree_walker(query, CheckQuery, context, 0);
}

PlannedStmt* CheckedPlanner(Query* parse, const char* query_string, int cursor_options,
                            ParamListInfo parameters) {
  // Only statements that write are walked, and only where the extension is installed.
  if ((parse->commandType != CMD_SELECT || parse->hasModifyingCTE) && HasLakeAm()) {
    (void)CheckQuery(reinterpret_cast<Node*>(parse), nullptr);
  }
  if (g_next_planner != nullptr)
    return g_next_planner(parse, query_string, cursor_options, parameters);
  return standard_planner(parse, query_string, cursor_options, parameters);
}

/// Children of a partitioned or inherited target are known only in the plan.
void CheckModifyTable(ModifyTable* modify, List* rtable) {
  const char* command = CommandName(modify->operation);
  if (command == nullptr) return;
  ListCell* cell = nullptr;
  foreach (cell, modify->resultRelations) {
    const Oid relation = rt_fetch(lfirst_int(cell), rtable)->relid;
    if (IsLakeTable(relation)) Refuse(command, relation);
  }
}

/// Of the whole plan: subqueries, views, WITH and partitions have theirs in the same list.
void CheckRowLocks(PlannedStmt* statement) {
  ListCell* cell = nullptr;
  foreach (cell, statement->rowMarks) {
    auto* mark = lfirst_node(PlanRowMark, cell);
    // Others only name the row, for a later look at it.
    if (mark->strength == LCS_NONE) continue;
    if (mark->strength == LCS_FORKEYSHARE && IsForeignKeyCheck()) continue;
    const Oid relation = rt_fetch(mark->rti, statement->rtable)->relid;
    if (IsLakeTable(relation)) RefuseRowLock(get_rel_name(relation));
  }
}

void ExecutorStartChecked(QueryDesc* description, int flags) {
  PlannedStmt* statement = description->plannedstmt;
  if (am_walsender && description->dest->mydest == DestCopyOut && HasLakeAm()) {
    ListCell* cell = nullptr;
    foreach (cell, statement->rtable) {
      const auto* entry = lfirst_node(RangeTblEntry, cell);
      if (entry->rtekind == RTE_RELATION) CheckReplicationCopy(entry->relid);
    }
  }
  if (statement->rowMarks != NIL && HasLakeAm()) CheckRowLocks(statement);
  if (statement->resultRelations != NIL && HasLakeAm()) {
    // A ModifyTable is at the top of the plan, or of a subplan (WITH).
    if (IsA(statement->planTree, ModifyTable)) {
      CheckModifyTable(reinterpret_cast<ModifyTable*>(statement->planTree), statement->rtable);
    }
    ListCell* cell = nullptr;
    foreach (cell, statement->subplans) {
      auto* plan = static_cast<Plan*>(lfirst(cell));
      if (plan != nullptr && IsA(plan, ModifyTable)) {
        CheckModifyTable(reinterpret_cast<ModifyTable*>(plan), statement->rtable);
      }
    }
  }
  if (g_next_executor_start != nullptr) {
    g_next_executor_start(description, flags);
  } else {
    standard_ExecutorStart(description, flags);
  }
}

}  // namespace

bool IsForeignKeyCheck() {
  // No other queries of PostgreSQL's run so.
  return InNoForceRLSOperation();
}

void RefuseRowLock(const char* table) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("row locks are not supported on lake table \"%s\" yet", table),
                  errhint("Lock the table (LOCK TABLE ... IN SHARE ROW EXCLUSIVE MODE), rows of a "
                          "heap table (FOR UPDATE OF ...), or take pg_advisory_xact_lock().")));
}

void InstallStatementChecks() {
  g_next_planner = planner_hook;
  planner_hook = CheckedPlanner;
  g_next_executor_start = ExecutorStart_hook;
  ExecutorStart_hook = ExecutorStartChecked;
}

}  // namespace tarn::extension
