// SPDX-License-Identifier: Apache-2.0
// From names to objects, as a caller sees them.
#pragma once

#include <string_view>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"

namespace tarn::warehouse {

/// What a name is looked up for. To be used, what lies in a database or schema takes any privilege
/// on both ("Access control best practices: Accessing database objects"); to be granted, shown or
/// described, managing grants does.
enum class NameUse : uint8_t { kUse, kTell };

/// The living object of the kind that the caller may know of. DoesNotExist otherwise; for kinds
/// that share their names with others, an error that says which kind was found. `action`
/// ("DROP TABLE") words the failure of a name that needs a current database or schema.
StatementResult<ObjectHead> Resolve(const Snapshot& snapshot, const Caller& caller,
                                    const Authority& authority, ObjectKind kind,
                                    const ObjectName& name, std::string_view action, NameUse use);
/// To be used.
StatementResult<ObjectHead> Resolve(const Snapshot& snapshot, const Caller& caller,
                                    const Authority& authority, ObjectKind kind,
                                    const ObjectName& name, std::string_view action);

/// Any relation (table, view, dynamic table) of the name, to be used.
StatementResult<ObjectHead> ResolveRelation(const Snapshot& snapshot, const Caller& caller,
                                            const Authority& authority, const ObjectName& name,
                                            std::string_view action);

/// Where an object of the kind and name lives or would live: the account, a database, a schema. The
/// caller may know of it.
StatementResult<ObjectId> ResolveContainer(const Snapshot& snapshot, const Caller& caller,
                                           const Authority& authority, ObjectKind kind,
                                           const ObjectName& name, std::string_view action,
                                           NameUse use);
/// To be used.
StatementResult<ObjectId> ResolveContainer(const Snapshot& snapshot, const Caller& caller,
                                           const Authority& authority, ObjectKind kind,
                                           const ObjectName& name, std::string_view action);

/// A database, or an application, which is one to those who name what is in it.
StatementResult<ObjectHead> ResolveDatabase(const Snapshot& snapshot, const Caller& caller,
                                            const Authority& authority, const std::string& name,
                                            std::string_view action, NameUse use);

/// A name in the text of an option ('DB.SCHEMA."my rule"'): folds what is not quoted.
/// InvalidArgument where it is none.
Result<ObjectName> ParseObjectName(std::string_view text);

}  // namespace tarn::warehouse
