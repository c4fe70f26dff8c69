// SPDX-License-Identifier: Apache-2.0
// Names of new data and delete files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::table {

/// `<location>/data/[<partition path>/]<writer>-<ordinal><suffix>`; with
/// write.object-storage.enabled, directories of the name's hash come first, so that stores which
/// divide their load by prefixes can (reference: Java's ObjectStoreLocationProvider). A partition
/// path is for people: its parts are cut where a file system would not take them. Used by one
/// thread.
class DataLocations {
 public:
  /// InvalidArgument where write.data.path leads out of `<location>/data`: what belongs to a table
  /// is found by its location.
  static Result<DataLocations> Make(const iceberg::TableMetadata& table, const Uuid& writer,
                                    int32_t first_ordinal);

  std::string Next(std::string_view partition_path, std::string_view suffix);
  int32_t next_ordinal() const { return ordinal_; }

 private:
  std::string directory_;  ///< without a slash at the end
  std::string writer_;
  int32_t ordinal_ = 0;
  bool hashed_ = false;
  bool partitioned_paths_ = true;
};

}  // namespace tarn::table
