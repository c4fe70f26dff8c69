// SPDX-License-Identifier: Apache-2.0
// Properties that clients of the Iceberg REST catalog keep on namespaces, that is on databases and
// schemas. Nothing here has a meaning of its own.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

Result<std::map<std::string, std::string>> NamespaceProperties(const Snapshot& snapshot,
                                                               ObjectId name_space);
Result<> SetNamespaceProperty(Transaction& transaction, ObjectId name_space, std::string_view key,
                              std::string_view value);
Result<> RemoveNamespaceProperty(Transaction& transaction, ObjectId name_space,
                                 std::string_view key);

}  // namespace tarn::warehouse
