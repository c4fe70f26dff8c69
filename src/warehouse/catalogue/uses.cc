// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/uses.h"

#include <algorithm>

#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

/// Kinds that must not go while `by` names them.
bool IsHeldBy(ObjectKind kind, ObjectKind by) {
  switch (kind) {
    case ObjectKind::kNetworkPolicy:
      return by == ObjectKind::kUser || by == ObjectKind::kPostgresInstance;
    case ObjectKind::kNetworkRule:
      return by == ObjectKind::kNetworkPolicy;
    case ObjectKind::kExternalVolume:
      return by == ObjectKind::kTable;
    case ObjectKind::kCatalogIntegration:
      return by == ObjectKind::kTable || by == ObjectKind::kDatabase;
    case ObjectKind::kStorageIntegration:
      return by == ObjectKind::kPostgresInstance;
    case ObjectKind::kPostgresInstance:
      return by == ObjectKind::kCatalogIntegration || by == ObjectKind::kStorageIntegration;
    default:
      return false;
  }
}

/// Conditions on `object o` for what lives in a schema, or in a database's schemas.
constexpr const char* kInSchema = "o.container_id = ?";
constexpr const char* kInDatabase =
    "o.container_id IN (SELECT id FROM object WHERE container_id = ? AND kind = 'schema')";

Result<std::vector<ObjectHead>> LivingIn(const Snapshot& snapshot, const ObjectHead& container,
                                         ObjectKind kind) {
  const char* where = container.kind == ObjectKind::kDatabase ? kInDatabase : kInSchema;
  return snapshot.AllHeads(std::string("WHERE o.kind = ? AND o.dropped_ms IS NULL AND ") + where,
                           kind, container.id);
}

Result<bool> IsInside(const Snapshot& snapshot, const ObjectHead& head, ObjectId container) {
  for (ObjectId at = head.container; at != kAccountId;) {
    if (at == container) return true;
    TARN_ASSIGN(const auto parent, snapshot.FindHead(at));
    if (!parent) return false;
    at = parent->container;
  }
  return false;
}

StatementResult<> CheckRulesOf(const Snapshot& snapshot, const ObjectHead& container) {
  STATEMENT_ASSIGN(const auto rules, LivingIn(snapshot, container, ObjectKind::kNetworkRule));
  for (const ObjectHead& rule : rules) {
    STATEMENT_ASSIGN(const auto users, UsersOf(snapshot, rule.id));
    const auto policy = std::ranges::find(users, ObjectKind::kNetworkPolicy, &ObjectHead::kind);
    if (policy == users.end()) continue;
    const bool database = container.kind == ObjectKind::kDatabase;
    return CompilationError(
        database ? "098507" : "098508", "2BP01",
        fmt::format("Cannot drop {} {} as it includes network rules that are associated with "
                    "network policies, for example {}.",
                    database ? "database" : "schema", container.name, policy->name));
  }
  return {};
}

}  // namespace

Result<std::vector<ObjectHead>> UsersOf(const Snapshot& snapshot, ObjectId id) {
  TARN_ASSIGN(std::vector<ObjectHead> heads,
              snapshot.AllHeads("WHERE o.id IN (SELECT from_id FROM reference WHERE to_id = ?) "
                                "ORDER BY o.id",
                                id));
  std::vector<ObjectHead> living;
  for (ObjectHead& head : heads) {
    TARN_ASSIGN(const bool alive, snapshot.IsAlive(head.id));
    if (alive) living.push_back(std::move(head));
  }
  return living;
}

StatementResult<> CheckNotInUse(const Snapshot& snapshot, const ObjectHead& head) {
  if (head.kind == ObjectKind::kDatabase || head.kind == ObjectKind::kSchema) {
    return CheckRulesOf(snapshot, head);
  }
  STATEMENT_ASSIGN(const auto users, UsersOf(snapshot, head.id));
  for (const ObjectHead& user : users) {
    if (!IsHeldBy(head.kind, user.kind)) continue;
    STATEMENT_ASSIGN(const std::string name, snapshot.QualifiedName(user.id));
    return InUse(head.kind, head.name, fmt::format("{} {}", FactsOf(user.kind).sql, name));
  }
  return {};
}

StatementResult<> CheckNoDependents(const Snapshot& snapshot, const ObjectHead& head) {
  std::vector<ObjectHead> tables;
  if (head.kind == ObjectKind::kTable) {
    tables.push_back(head);
  } else if (head.kind == ObjectKind::kDatabase || head.kind == ObjectKind::kSchema) {
    STATEMENT_ASSIGN(tables, LivingIn(snapshot, head, ObjectKind::kTable));
  }
  for (const ObjectHead& table : tables) {
    STATEMENT_ASSIGN(const auto users, UsersOf(snapshot, table.id));
    for (const ObjectHead& user : users) {
      if (user.kind != ObjectKind::kTable || user.id == table.id) continue;
      STATEMENT_ASSIGN(const bool inside, IsInside(snapshot, user, head.id));
      if (inside) continue;
      STATEMENT_ASSIGN(const std::string name, snapshot.QualifiedName(user.id));
      return DependentObjects(head.kind, head.name, "the foreign key of table " + name);
    }
  }
  return {};
}

}  // namespace tarn::warehouse
