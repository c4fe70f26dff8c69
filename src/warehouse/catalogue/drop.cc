// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/drop.h"

#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/catalogue/task_graph.h"
#include "warehouse/catalogue/uses.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

/// What tasks and owners lose with an object.
Result<> Detach(Transaction& transaction, const Caller& caller, const ObjectHead& head) {
  if (head.kind == ObjectKind::kTask) {
    TARN_TRY(SeverTask(transaction, head.id));
  }
  if (head.kind == ObjectKind::kRole) {
    TARN_ASSIGN(const auto tasks,
                transaction.Heads("WHERE o.owner_id = ? AND o.kind = 'task'", head.id));
    for (const ObjectHead& task : tasks) {
      TARN_TRY(SuspendTask(transaction, task.id, "GRANT_OWNERSHIP"));
    }
    // Its objects become the dropping role's, and so does what it granted.
    for (const char* update : {"UPDATE object SET owner_id = ? WHERE owner_id = ?",
                               "UPDATE object_grant SET grantor_id = ? WHERE grantor_id = ?",
                               "UPDATE role_grant SET grantor_id = ? WHERE grantor_id = ?"}) {
      TARN_TRY(Execute(transaction.connection(), update, caller.role, head.id));
    }
  }
  return {};
}

Result<std::vector<ObjectHead>> ExpiredDrops(const Snapshot& snapshot) {
  TARN_ASSIGN(std::vector<ObjectHead> dropped,
              snapshot.AllHeads("WHERE o.dropped_ms IS NOT NULL ORDER BY o.dropped_ms"));
  std::vector<ObjectHead> expired;
  for (ObjectHead& head : dropped) {
    // Temporary tables go with their session, whatever their retention is.
    const bool ended = head.session == kEndedSession;
    TARN_ASSIGN(const int64_t retention_ms, RetentionMs(snapshot, head.id));
    if (ended || *head.dropped_ms + retention_ms <= snapshot.now_ms()) {
      expired.push_back(std::move(head));
    }
  }
  return expired;
}

/// The object and all that lives or lived in it, innermost first.
Result<> CollectTree(const Snapshot& snapshot, const ObjectHead& head,
                     std::vector<ObjectHead>& tree) {
  if (head.kind == ObjectKind::kDatabase || head.kind == ObjectKind::kSchema) {
    TARN_ASSIGN(const auto children, snapshot.AllHeads("WHERE o.container_id = ?", head.id));
    for (const ObjectHead& child : children) TARN_TRY(CollectTree(snapshot, child, tree));
  }
  const auto same = [&](const ObjectHead& other) { return other.id == head.id; };
  if (std::ranges::none_of(tree, same)) tree.push_back(head);
  return {};
}

Result<std::vector<ObjectHead>> TreesToPurge(const Snapshot& snapshot) {
  std::vector<ObjectHead> tree;
  TARN_ASSIGN(const std::vector<ObjectHead> expired, ExpiredDrops(snapshot));
  for (const ObjectHead& head : expired) TARN_TRY(CollectTree(snapshot, head, tree));
  return tree;
}

Result<std::vector<PurgedTable>> TablesAmong(const Snapshot& snapshot,
                                             const std::vector<ObjectHead>& heads) {
  std::vector<PurgedTable> tables;
  for (const ObjectHead& head : heads) {
    TARN_ASSIGN(const auto pointer, FindPointer(snapshot, head.id));
    if (!pointer) continue;
    TARN_ASSIGN(const auto table, snapshot.Find<Table>(head.id));
    tables.push_back({.id = head.id,
                      .table_uuid = pointer->table_uuid,
                      .location = pointer->location,
                      .metadata_location = pointer->metadata_location,
                      .managed = !table || table->kind == TableKind::kManaged});
  }
  return tables;
}

}  // namespace

StatementResult<> RemoveObject(Transaction& transaction, const Caller& caller,
                               const ObjectHead& head, DropBehaviour behaviour) {
  const bool system_role = head.kind == ObjectKind::kRole && head.owner == ObjectId();
  const bool virtual_schema = head.kind == ObjectKind::kSchema && head.name == kInformationSchema;
  if (system_role || virtual_schema) return InsufficientPrivileges(head.kind, head.name);
  STATEMENT_TRY(CheckNotInUse(transaction, head));
  if (behaviour == DropBehaviour::kRestrict) STATEMENT_TRY(CheckNoDependents(transaction, head));
  STATEMENT_TRY(Detach(transaction, caller, head));
  if (FactsOf(head.kind).can_be_undropped) {
    ObjectHead dropped = head;
    dropped.dropped_ms = transaction.now_ms();
    STATEMENT_TRY(transaction.UpdateHead(dropped));
    return {};
  }
  STATEMENT_TRY(transaction.Erase(head.id));
  if (head.kind == ObjectKind::kRole || head.kind == ObjectKind::kUser) {
    STATEMENT_TRY(transaction.TouchRoles());
  }
  return {};
}

StatementResult<DropOutcome> DropObject(Transaction& transaction, const Caller& caller,
                                        const DropRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  const std::string action = fmt::format("DROP {}", FactsOf(request.kind).sql);
  auto head = Resolve(transaction, caller, authority, request.kind, request.name, action);
  if (!head) {
    if (!request.if_exists || head.error().error.kind != ErrorKind::kNotFound) {
      return std::unexpected(std::move(head).error());
    }
    return DropOutcome{.status = fmt::format("Drop statement executed successfully ({} already "
                                             "dropped).",
                                             request.name.name)};
  }
  STATEMENT_TRY(authority.Require(*head, kOwnership));
  STATEMENT_TRY(RemoveObject(transaction, caller, *head, request.behaviour));
  return DropOutcome{.dropped = *head,
                     .status = fmt::format("{} successfully dropped.", head->name)};
}

StatementResult<std::string> UndropObject(Transaction& transaction, const Caller& caller,
                                          ObjectKind kind, const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  const std::string action = fmt::format("UNDROP {}", FactsOf(kind).sql);
  STATEMENT_ASSIGN(const ObjectId container,
                   ResolveContainer(transaction, caller, authority, kind, name, action));
  STATEMENT_ASSIGN(auto dropped,
                   transaction.Heads("WHERE o.container_id = ? AND o.kind = ? AND o.name = ? AND "
                                     "o.dropped_ms IS NOT NULL "
                                     "ORDER BY o.dropped_ms DESC, o.id DESC LIMIT 1",
                                     container, kind, name.name));
  if (dropped.empty() || !authority.Owns(dropped.front())) {
    STATEMENT_ASSIGN(const auto living, transaction.FindNamed(container, FamilyOf(kind), name.name,
                                                              "", caller.session));
    if (living) return AlreadyExists(name.Written());
    return DoesNotExist(kind, name.Written());
  }
  ObjectHead& head = dropped.front();
  STATEMENT_ASSIGN(const int64_t retention_ms, RetentionMs(transaction, head.id));
  if (*head.dropped_ms + retention_ms <= transaction.now_ms()) {
    return DoesNotExist(kind, name.Written());
  }
  head.dropped_ms.reset();
  auto updated = transaction.UpdateHead(head);
  if (!updated && updated.error().kind == ErrorKind::kAlreadyExists) {
    return AlreadyExists(name.Written());
  }
  STATEMENT_TRY(updated);
  return fmt::format("{} {} successfully restored.", FactsOf(kind).noun, head.name);
}

Result<std::vector<PurgedTable>> TablesToPurge(const Snapshot& snapshot) {
  TARN_ASSIGN(const std::vector<ObjectHead> tree, TreesToPurge(snapshot));
  return TablesAmong(snapshot, tree);
}

Result<bool> HasToPurge(const Snapshot& snapshot) {
  TARN_ASSIGN(const std::vector<ObjectHead> expired, ExpiredDrops(snapshot));
  return !expired.empty();
}

StatementResult<std::vector<PurgedTable>> PurgeDropped(Transaction& transaction) {
  STATEMENT_ASSIGN(const std::vector<ObjectHead> tree, TreesToPurge(transaction));
  STATEMENT_ASSIGN(std::vector<PurgedTable> tables, TablesAmong(transaction, tree));
  for (const ObjectHead& head : tree) STATEMENT_TRY(transaction.Erase(head.id));
  return tables;
}

}  // namespace tarn::warehouse
