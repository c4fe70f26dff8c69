// SPDX-License-Identifier: Apache-2.0
// Where the files of a new table go.
#pragma once

#include <optional>
#include <string>

#include "base/uuid.h"
#include "warehouse/session/account.h"
#include "warehouse/session/query_names.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

struct PlaceRequest {
  Uuid table_uuid;
  std::string table;
  /// Of the statement; absent: the parameter of the schema, where the table is an ICEBERG TABLE.
  std::optional<std::string> external_volume;
  std::optional<std::string> base_location;
  bool declared_iceberg = false;
};

struct TablePlace {
  std::string location;  ///< without a slash at the end; no other table's
  std::optional<ObjectId> external_volume;
  std::string base_location;
};

/// 001008 for a base location that leads out of the volume, 002003 for a volume that the caller may
/// not use, and a failure for one that takes no writes.
StatementResult<TablePlace> PlaceOfNewTable(const Account& account, const Snapshot& snapshot,
                                            const Caller& caller, const Place& place,
                                            const PlaceRequest& request);

}  // namespace tarn::warehouse
