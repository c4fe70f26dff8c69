// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "warehouse/metastore/snapshot.h"
#include "warehouse/show/row_set.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// A parameter as whoever knows its meaning tells it.
struct ParameterFacts {
  std::string_view name;
  std::string_view fallback;
  std::string_view type = "STRING";  ///< "BOOLEAN", "NUMBER"
  std::string_view description;
};

/// SHOW PARAMETERS IN <object> (kAccountId: IN ACCOUNT), of those in `known`: the value that holds
/// for the object, and the level on which it was set, "" for a default.
StatementResult<RowSet> ShowParameters(const Snapshot& snapshot, ObjectId object,
                                       std::span<const ParameterFacts> known,
                                       const std::optional<std::string>& like);

}  // namespace tarn::warehouse
