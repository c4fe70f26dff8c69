// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "rest/call.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::rest {

/// "ListTablesResponse": one page of the names in the call's namespace, in any order.
Reply<Response> IdentifiersResponse(const Call& call, std::vector<std::string> names);

/// Of the objects of a kind that clients can load: those that have metadata.
Reply<Response> ListRelations(const Service& service, const Call& call, warehouse::ObjectKind kind);

/// {"source": identifier, "destination": identifier}; the object with its contents stays what it
/// is.
Reply<Response> RenameRelation(const Service& service, const Call& call,
                               warehouse::ObjectKind kind);

}  // namespace tarn::rest
