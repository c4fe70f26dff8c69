// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "server/postgres/type_map.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

enum class Format : uint8_t { kText = 0, kBinary = 1 };

/// A column of a result on its way to a client.
struct SentColumn : warehouse::ResultColumn {
  SentColumn() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a session's column is sent as it is
  SentColumn(warehouse::ResultColumn column) : ResultColumn(std::move(column)) {}

  /// Set: the values come from PostgreSQL's catalogues, already in the client's form (carrier
  /// kString), and have this type there.
  std::optional<WireType> relayed;
  /// Of relayed values that are there already; else as the client asks.
  std::optional<Format> written_as;
};

using SentColumns = std::vector<SentColumn>;

}  // namespace tarn::server::postgres
