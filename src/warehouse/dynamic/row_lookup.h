// SPDX-License-Identifier: Apache-2.0
// Finds the rows of a table that a delta takes away.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/query.h"
#include "warehouse/dynamic/delta_tables.h"

namespace tarn::warehouse {

/// `net`: a table of the engine with the columns of `target`, then a weight; of no two equal rows.
/// Gives a table of the engine whose column c0 has, for rows of negative weight, the numbers of as
/// many of their like. A row is known by one column where as many rows of the table have its value
/// as are to go; else by all columns but floats, which may have been computed with another error;
/// else by all. kInternal where there are not enough.
StatementResult<std::unique_ptr<engine::KeptTable>> FindGoneRows(const DeltaTables& tables,
                                                                 const std::string& net,
                                                                 const engine::QueryTable& target);

}  // namespace tarn::warehouse
