// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

enum class OnExisting : uint8_t {
  kFail,
  kKeep,     ///< IF NOT EXISTS
  kReplace,  ///< OR REPLACE
  kAlter,    ///< OR ALTER: the definition becomes this one, id, grants and history stay
};

/// CREATE of any kind, apart from what files it makes. A plain value.
struct CreateRequest {
  ObjectName name;
  Definition definition;
  OnExisting on_existing = OnExisting::kFail;
  /// The caller's session's own: it stands beside what is everybody's, and hides it.
  bool temporary = false;
  std::string comment;
  bool copy_grants = false;
  Options parameters;  ///< of the new object, by name
};

enum class CreateResult : uint8_t { kCreated, kReplaced, kKept, kAltered };

struct CreateOutcome {
  ObjectId id;
  CreateResult result = CreateResult::kCreated;
  std::string status;  ///< "Table T successfully created."
  /// What was replaced; its files go when it is purged.
  std::optional<ObjectHead> replaced;
};

/// What has the name in the container, among what is everybody's or, for a temporary object, among
/// what is the caller's session's: what OR REPLACE and IF NOT EXISTS mean.
Result<std::optional<ObjectHead>> FindExisting(const Snapshot& snapshot, const Caller& caller,
                                               ObjectId container, const CreateRequest& request);

/// Checks name, privileges and definition, and makes the object the caller's primary role's. A
/// database gets its schemas PUBLIC and INFORMATION_SCHEMA; future grants become grants.
StatementResult<CreateOutcome> CreateObject(Transaction& transaction, const Caller& caller,
                                            const CreateRequest& request);

}  // namespace tarn::warehouse
