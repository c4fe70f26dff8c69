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

namespace tarn::lake {

/// Writes rows of one set of columns into data files of the target size, for a publication. Used by
/// one thread.
class DataFileRoller {
 public:
  DataFileRoller(engine::Engine& engine, const LakeLimits& limits, RequestGuard& request,
                 storage::Publication& publication, NewDataFile new_data_file,
                 std::vector<Field> fields)
      : engine_(engine),
        limits_(limits),
        request_(request),
        publication_(publication),
        new_data_file_(std::move(new_data_file)),
        fields_(std::move(fields)) {}

  Result<> Append(const BatchView& batch);
  /// All rows of a scan whose columns are those of the files.
  Result<> AppendScan(engine::ScanRequest scan);
  /// Ends the file in progress: it becomes durable meanwhile, and appears with the others.
  Result<> EndFile();
  /// The files in order; ends the last one.
  Result<std::vector<iceberg::DataFile>> Finish();

  /// A file made elsewhere takes its place in the order.
  Result<> AddFile(iceberg::DataFile file);

 private:
  engine::Engine& engine_;
  const LakeLimits& limits_;
  RequestGuard& request_;
  storage::Publication& publication_;
  const NewDataFile new_data_file_;
  const std::vector<Field> fields_;
  std::unique_ptr<engine::DataFileWriter> writer_;
  std::vector<iceberg::DataFile> files_;
};

}  // namespace tarn::lake
