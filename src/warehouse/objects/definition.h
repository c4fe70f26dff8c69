// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "warehouse/objects/application.h"
#include "warehouse/objects/database.h"
#include "warehouse/objects/integration.h"
#include "warehouse/objects/network.h"
#include "warehouse/objects/object.h"
#include "warehouse/objects/postgres_instance.h"
#include "warehouse/objects/principals.h"
#include "warehouse/objects/routine.h"
#include "warehouse/objects/sequence.h"
#include "warehouse/objects/stage.h"
#include "warehouse/objects/stream.h"
#include "warehouse/objects/table.h"
#include "warehouse/objects/tag.h"
#include "warehouse/objects/task.h"
#include "warehouse/objects/warehouse.h"

namespace tarn::warehouse {

/// What an object is beyond its head. Its kind is that of the alternative.
using Definition =
    std::variant<Database, Schema, VirtualWarehouse, Role, User, Table, View, DynamicTable,
                 Sequence, FileFormat, Function, Procedure, Stage, Stream, Task, PostgresInstance,
                 NetworkRule, NetworkPolicy, StorageIntegration, CatalogIntegration, ExternalVolume,
                 Tag, Application>;

inline ObjectKind KindOf(const Definition& definition) {
  return std::visit([]<typename Noun>(const Noun&) { return Noun::kKind; }, definition);
}

}  // namespace tarn::warehouse
