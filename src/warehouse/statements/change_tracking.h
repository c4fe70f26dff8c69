// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: tables whose changes are told row by row.
#pragma once

#include <functional>

#include "warehouse/statements/execute.h"
#include "warehouse/time_travel/table_version.h"

namespace tarn::warehouse {

/// Becomes visible with the tracking; gets the table's state from then on.
using OnTracked = std::function<StatementResult<>(Transaction&, const PinnedTable& table,
                                                  const TableVersion& from)>;

/// The table says that its changes are tracked. Unless it was declared an Iceberg table of a
/// version of its own, its rows get ids, which makes it one of version 3. For its owner. Waits
/// until nobody changes it. `then` may be null.
StatementResult<> TrackChanges(const StatementContext& context, const ObjectName& name,
                               const OnTracked& then);

}  // namespace tarn::warehouse
