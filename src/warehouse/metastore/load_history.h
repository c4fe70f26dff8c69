// SPDX-License-Identifier: Apache-2.0
// Which files COPY INTO has loaded into a table (Snowflake, "COPY INTO <table>", "Loading older
// files"): so that none is loaded twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// For how long it is remembered that a file was loaded.
inline constexpr int64_t kLoadHistoryMs = int64_t{64} * 24 * 3'600 * 1'000;

/// A file as it was when its rows came into the table. Size and time tell its states apart.
struct LoadedFile {
  std::string location;
  int64_t size = 0;
  int64_t modified_ms = 0;
  std::string status;  ///< "LOADED", "PARTIALLY_LOADED"
  int64_t rows = 0;    ///< that were loaded
  int64_t loaded_ms = 0;
  bool operator==(const LoadedFile&) const = default;
};

template <>
struct Fields<LoadedFile> {
  static constexpr auto kAll = std::tuple{Field{"location", &LoadedFile::location},
                                          Field{"size", &LoadedFile::size},
                                          Field{"modified_ms", &LoadedFile::modified_ms},
                                          Field{"status", &LoadedFile::status},
                                          Field{"rows", &LoadedFile::rows},
                                          Field{"loaded_ms", &LoadedFile::loaded_ms}};
};

/// Absent: the file was not loaded into the table within the last 64 days.
Result<std::optional<LoadedFile>> FindLoadedFile(const Snapshot& snapshot, ObjectId table,
                                                 std::string_view location);
/// When the first file was loaded into the table since it was made or truncated; absent: none was.
Result<std::optional<int64_t>> FirstLoadOf(const Snapshot& snapshot, ObjectId table);

/// In place of what was known of the file. Forgets what is older than 64 days, of this table.
Result<> RecordLoad(Transaction& transaction, ObjectId table, const LoadedFile& file);
/// All of the table: its files may be loaded again.
Result<> ForgetLoads(Transaction& transaction, ObjectId table);

}  // namespace tarn::warehouse
