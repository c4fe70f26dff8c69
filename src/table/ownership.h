// SPDX-License-Identifier: Apache-2.0
// Who may write to a table's location: one owner file `<location>/metadata/tarn-owner.json`, put if
// absent.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/uuid.h"
#include "storage/storage.h"

namespace tarn::table {

/// A plain value. Node and holder together are whoever may write.
struct Owner {
  Uuid table_uuid;
  Uuid node;           ///< Journal::node
  std::string holder;  ///< which of the node's users, in its issuer's words ("database 16384")
  Uuid writer;         ///< the one that claimed the location
  /// More about the holder, for people: not compared.
  std::string about;
};

std::string OwnerFileLocation(std::string_view table_location);

/// NotFound if there is none, Corruption if it can't be read.
Result<Owner> ReadOwner(storage::Storage& storage, std::string_view table_location);

/// Claims `location`, or `<location>-<8 hex digits>` if somebody has it, and returns the claimed
/// one. `before_claim` is called with each location that is about to be tried, and may refuse.
Result<std::string> ClaimLocation(storage::Storage& storage, const std::string& location,
                                  const Owner& owner,
                                  const std::function<Result<>(const std::string&)>& before_claim);

/// PermissionDenied, with a hint, unless the location belongs to this table, node and holder.
Result<> CheckOwner(storage::Storage& storage, const std::string& location, const Owner& owner);

/// Makes `owner` the owner, whoever was it before. Conflict if the location holds another table.
Result<> AdoptLocation(storage::Storage& storage, const std::string& location, const Owner& owner);

/// Gives a claim back if `writer` made it.
Result<> ReleaseLocation(storage::Storage& storage, const std::string& location,
                         const Uuid& writer);

}  // namespace tarn::table
