// SPDX-License-Identifier: Apache-2.0
// TIMESTAMP_TZ in DuckDB's vectors. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <cstdint>
#include <optional>

namespace tarn::engine {

struct Zoned {
  int64_t micros = 0;  ///< since the epoch, UTC
  int32_t offset = 0;  ///< minutes east of UTC
};

duckdb::LogicalType ZonedType();

/// Reads a vector of ZonedType.
class ZonedColumn {
 public:
  ZonedColumn(duckdb::Vector& vector, duckdb::idx_t count);
  std::optional<Zoned> At(duckdb::idx_t row) const;

 private:
  mutable duckdb::Vector flat_;
};

}  // namespace tarn::engine
