// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "warehouse/metastore/database.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

/// Which roles every role and user has been granted, at one moment. Immutable; thread-safe. It
/// changes far more rarely than grants on objects, so the metastore keeps the newest one.
class RoleGraph {
 public:
  static Result<std::shared_ptr<const RoleGraph>> Load(Connection& connection);

  /// The roles granted to `grantee` directly.
  std::span<const ObjectId> GrantedTo(ObjectId grantee) const;
  /// `first` and all that they have, sorted, each once. PUBLIC is everybody's.
  std::vector<ObjectId> Closure(std::span<const ObjectId> first) const;
  /// Whether granting `role` to `grantee` would close a circle.
  bool WouldCycle(ObjectId role, ObjectId grantee) const;

  ObjectId public_role() const { return public_role_; }

 private:
  std::unordered_map<ObjectId, std::vector<ObjectId>> granted_;
  ObjectId public_role_;
};

}  // namespace tarn::warehouse
