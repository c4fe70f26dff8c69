// SPDX-License-Identifier: Apache-2.0
// Functions of users, as a query's names give them to the binder.
#pragma once

#include <memory>
#include <vector>

#include "sql/bind/names.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/routine.h"

namespace tarn::warehouse {

/// Those that the caller may call under a name: in the schema that is written, else in the current
/// one and then in PUBLIC. Without their names, which their owner and schema give.
struct CallableFunction {
  Object<Function> object;
  ObjectHead schema, database;
  int32_t place = 0;  ///< of the schema among those that were searched
};
StatementResult<std::vector<CallableFunction>> CallableFunctions(const Snapshot& snapshot,
                                                                 const Caller& caller,
                                                                 const ObjectName& name);

sql::NamedFunction AsNamed(const Function& function);
sql::NamedFunction AsNamed(const CallableFunction& callable, std::shared_ptr<sql::Names> names);

}  // namespace tarn::warehouse
