// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "warehouse/catalogue/authority.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/definition.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// What must hold of a definition beside its grammar: objects that it names are of the right kind
/// and type, the caller may use them, locations lie where integrations allow.
StatementResult<> CheckDefinition(const Snapshot& snapshot, const Authority& authority,
                                  const Definition& definition);

}  // namespace tarn::warehouse
