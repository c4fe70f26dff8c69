// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"

namespace tarn::server::catalogues {

/// Who there is, for all mirrors alike: every role and user of the account is known to everybody,
/// as SHOW ROLES and SHOW USERS show them. PostgreSQL has one space of names for both: a user and a
/// role of the same name are one there.
struct Principals {
  std::string json;  ///< for tarn_set_principals
  std::map<warehouse::ObjectId, std::string> names;
  std::map<warehouse::ObjectId, warehouse::ObjectId> owners;  ///< of roles: who stands for them
};
warehouse::StatementResult<Principals> ReadPrincipals(const warehouse::Snapshot& snapshot,
                                                      const warehouse::Caller& caller);

/// An object as the filling functions take it.
struct MirroredObject {
  enum class Kind : uint8_t { kSchema, kRelation, kRoutine } kind = Kind::kSchema;
  std::string json;
  bool operator==(const MirroredObject&) const = default;
};

/// What one caller sees of the account and of one database: what SHOW would show, and nothing else.
struct MirrorContent {
  std::string databases;  ///< for tarn_set_databases
  std::map<warehouse::ObjectId, MirroredObject> objects;
  std::map<warehouse::ObjectId, std::string> schemas;  ///< their names there
};
/// `database` absent: none is current, and there are no objects. Without the schema
/// INFORMATION_SCHEMA, in whose place PostgreSQL's own stands.
warehouse::StatementResult<MirrorContent> ReadContent(
    const warehouse::Snapshot& snapshot, const warehouse::Caller& caller,
    const warehouse::Authority& authority, const Principals& principals,
    const std::optional<warehouse::ObjectHead>& database);

}  // namespace tarn::server::catalogues
