// SPDX-License-Identifier: Apache-2.0
// From namespaces and names to objects, as the caller may see them. Names are compared exactly:
// what SQL would fold is for SQL to fold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rest/call.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object.h"

namespace tarn::rest {

/// What a namespace denotes: nothing where it has more levels than there can be.
struct NamespaceName {
  std::optional<std::string> database, schema;
};
std::optional<NamespaceName> NamespaceNameOf(const Call& call,
                                             const std::vector<std::string>& levels);

/// A database or a schema that the caller may know of; 404 NoSuchNamespace.
Reply<warehouse::ObjectHead> FindNamespace(const warehouse::Snapshot& snapshot, const Call& call,
                                           const std::vector<std::string>& levels);

/// A schema and its database, which the caller may use: 403 where it may only know of them.
struct Place {
  warehouse::ObjectHead database, schema;
};
Reply<Place> FindSchema(const warehouse::Snapshot& snapshot, const Call& call,
                        const std::vector<std::string>& levels);

/// A table or view as it stands in the metastore.
struct Relation {
  Place place;
  warehouse::ObjectHead head;
  std::optional<warehouse::TablePointer> pointer;

  warehouse::ObjectName name() const {
    return {.database = place.database.name, .schema = place.schema.name, .name = head.name};
  }
};

/// Whatever has the name in the schema; absent: nothing, or nothing that the caller may know of.
Reply<std::optional<Relation>> FindRelation(const warehouse::Snapshot& snapshot, const Call& call,
                                            const Place& place, const std::string& name);
/// 404 NoSuchTable, also where the namespace is missing: clients ask for `ns.table.files` in hope.
Reply<Relation> FindTable(const warehouse::Snapshot& snapshot, const Call& call,
                          const Identifier& identifier);
Reply<Relation> FindView(const warehouse::Snapshot& snapshot, const Call& call,
                         const Identifier& identifier);

/// "Table already exists: ns.t", or that there is a view of the name.
std::unexpected<Failure> NameIsTaken(warehouse::ObjectKind wanted, warehouse::ObjectKind existing,
                                     const Identifier& identifier);

}  // namespace tarn::rest
