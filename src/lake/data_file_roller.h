// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "lake/limits.h"
#include "lake/request_guard.h"
#include "lake/write_buffer.h"
#include "storage/publication.h"
#include "table/data_file_roller.h"

namespace tarn::lake {

/// Data files of one table for a publication, of rows and of files made elsewhere. Used by one
/// thread.
class DataFileRoller {
 public:
  DataFileRoller(engine::Engine& engine, const LakeLimits& limits, RequestGuard& request,
                 storage::Publication& publication, NewDataFile new_data_file,
                 std::vector<Field> fields)
      : engine_(engine),
        request_(request),
        fields_(std::move(fields)),
        roller_({engine, publication, fields_, options_, limits.target_file_bytes},
                std::move(new_data_file)) {}

  Result<> Append(const BatchView& batch);
  /// All rows of a scan whose columns are those of the files.
  Result<> AppendScan(engine::ScanRequest scan);
  /// The files in order; ends the last one.
  Result<std::vector<iceberg::DataFile>> Finish();

  /// A file made elsewhere takes its place in the order.
  Result<> AddFile(iceberg::DataFile file);

 private:
  Result<> EndFile();

  engine::Engine& engine_;
  RequestGuard& request_;
  const std::vector<Field> fields_;
  const engine::DataFileOptions options_;
  table::DataFileRoller roller_;
  std::vector<iceberg::DataFile> files_;
};

}  // namespace tarn::lake
