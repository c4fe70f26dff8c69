// SPDX-License-Identifier: Apache-2.0
#include "table/delete_scope.h"

#include "iceberg/model/metadata_columns.h"

namespace tarn::table {

bool DeletesOnlyFrom(const iceberg::DataFile& deletes, std::string_view data_file) {
  if (deletes.referenced_data_file) return *deletes.referenced_data_file == data_file;
  const auto is_path = [&](const auto& bounds) {
    const auto bound = bounds.find(iceberg::metadata_column::kDeletePath);
    return bound != bounds.end() && bound->second == data_file;
  };
  return is_path(deletes.lower_bounds) && is_path(deletes.upper_bounds);
}

}  // namespace tarn::table
