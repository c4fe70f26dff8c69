// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/metastore/snapshot.h"

namespace tarn::warehouse {

/// The one transaction that changes the metastore; sees its own changes. All of it is durable when
/// Metastore::Commit returns, or nothing of it happened. Used by the thread that Commit runs it on.
/// Like Snapshot it keeps the file in order and asks nobody: checks are catalogue/'s.
class Transaction final : public Snapshot {
 public:
  Transaction(Connection* connection, int64_t version, int64_t now_ms)
      : Snapshot(connection, version, now_ms) {}

  /// `head.id`, `created_ms` and `altered_ms` are given here. AlreadyExists where the name is
  /// taken, ResourceExhausted when ids have run out.
  Result<ObjectId> Insert(ObjectHead head, const Definition& definition);
  /// Name, container, owner, comment, dropped; `altered_ms` becomes now.
  Result<> UpdateHead(const ObjectHead& head);
  /// What the object is; its kind stays.
  Result<> Update(ObjectId id, const Definition& definition);
  /// Removes the row and all that hangs on it. What lived in it must be gone.
  Result<> Erase(ObjectId id);

  /// Says that grants of roles to roles or users have changed.
  Result<> TouchRoles();
  Result<std::shared_ptr<const RoleGraph>> Roles() const override;

 private:
  Result<> WriteReferences(ObjectId id, const Definition& definition);

  mutable std::shared_ptr<const RoleGraph> roles_;
};

}  // namespace tarn::warehouse
