// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/result.h"
#include "engine/engine.h"
#include "storage/publication.h"

namespace tarn::table {

/// Gives the location of a new data file, after all that must be durable before it.
using NewDataFile = std::function<Result<std::string>()>;

/// Writes rows of one set of columns into data files of the target size, for a publication: those
/// that ended become durable meanwhile, and appear with the others. Used by one thread; what it
/// refers to outlives it.
class DataFileRoller {
 public:
  struct Target {
    engine::Engine& engine;
    storage::Publication& publication;
    const std::vector<Field>& fields;
    const engine::DataFileOptions& options;
    int64_t file_size_bytes;
  };

  DataFileRoller(const Target& target, NewDataFile new_data_file)
      : target_(target), new_data_file_(std::move(new_data_file)) {}

  /// Large batches are cut where a file is full.
  Result<> Append(const BatchView& batch);
  /// Ends the file in progress.
  Result<> EndFile();
  bool is_open() const { return writer_ != nullptr; }
  int64_t memory_bytes() const { return writer_ == nullptr ? 0 : writer_->memory_bytes(); }

  /// Files that have ended since the last call, in order.
  std::vector<iceberg::DataFile> TakeFiles() { return std::exchange(files_, {}); }

 private:
  Result<> AppendPart(const BatchView& batch);

  const Target target_;
  const NewDataFile new_data_file_;
  std::unique_ptr<engine::DataFileWriter> writer_;
  std::vector<iceberg::DataFile> files_;
};

}  // namespace tarn::table
