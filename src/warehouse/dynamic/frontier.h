// SPDX-License-Identifier: Apache-2.0
// Which states of its sources a dynamic table shows: properties of the table itself, set in the
// commit that brings the rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "sql/bind/bind.h"
#include "warehouse/objects/object_kind.h"
#include "warehouse/time_travel/table_version.h"

namespace tarn::warehouse {

/// A plain value.
struct FrontierSource {
  ObjectId id;
  Uuid table_uuid;
  TableVersion version;
  bool operator==(const FrontierSource&) const = default;
};

/// A plain value; sources by id.
struct Frontier {
  std::vector<FrontierSource> sources;
  int64_t data_timestamp_ms = 0;
  /// Of the definition that gave the rows, with the views and functions that it used, so that they
  /// are computed anew after another one.
  std::string definition;
};

/// Of the tables that a query reads, as they are pinned. `definition` is its text.
Frontier FrontierOf(const sql::BoundQuery& query, int64_t data_timestamp_ms,
                    std::string definition);

std::map<std::string, std::string> ToProperties(const Frontier& frontier);
/// Absent: the table was never filled. Corruption for what is none of ours.
Result<std::optional<Frontier>> FrontierOf(const std::map<std::string, std::string>& properties);

}  // namespace tarn::warehouse
