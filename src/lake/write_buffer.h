// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "lake/file_stream.h"
#include "lake/limits.h"
#include "lake/memory_shares.h"
#include "lake/wire.h"

namespace tarn::lake {

using SharedFields = std::shared_ptr<const std::vector<Field>>;

/// A data file that was written before the transaction ended.
struct EarlyFile {
  iceberg::DataFile file;
  int64_t first_ordinal = 0;
  SharedFields fields;
  int64_t end_ordinal() const { return first_ordinal + file.record_count; }
};

/// Gives the location of a new data file, after all that must be durable before it.
using NewDataFile = std::function<Result<std::string>()>;

/// Pending rows of one storage in the order of their ordinals: files that are written, then one
/// that is being written or batches in memory. Used by one thread.
class WriteBuffer {
 public:
  WriteBuffer(engine::Engine& engine, const LakeLimits& limits, MemoryBudget& memory,
              NewDataFile new_data_file)
      : engine_(engine),
        limits_(limits),
        memory_(memory),
        new_data_file_(std::move(new_data_file)),
        held_(Open(memory, kWriteBuffers)) {}

  /// The columns of what is appended from now on.
  Result<> SetFields(std::vector<Field> fields);
  /// `batch` is encoded by EncodeBatch and lies in `owner`.
  Result<> Append(int64_t first_ordinal, std::shared_ptr<const std::vector<uint8_t>> owner,
                  std::span<const uint8_t> batch);

  int64_t rows() const { return next_ordinal_; }
  int64_t memory_bytes() const { return held_.bytes(); }
  /// What came last found no room in the memory budget.
  bool is_crowded() const { return crowded_; }

  /// All rows so far go to files.
  Result<> FlushToFile();
  /// Ends a file that is being written, so that all rows are in `files()` and `batches()`.
  Result<> CloseStream();

  const std::vector<EarlyFile>& files() const { return files_; }
  const std::vector<engine::PendingRows::Batch>& batches() const { return batches_; }
  /// First ordinal that is not in a written file.
  int64_t first_unwritten() const { return first_unwritten_; }
  bool is_streaming() const { return stream_ != nullptr; }
  const SharedFields& fields() const { return fields_; }

  /// What a scan reads. The visible ranges are ascending.
  Result<engine::PendingRows> RowsForScan(const std::vector<RowRange>& visible);

 private:
  Result<> StartStream();

  engine::Engine& engine_;
  const LakeLimits& limits_;
  MemoryBudget& memory_;
  const NewDataFile new_data_file_;
  SharedFields fields_;
  std::vector<Type> types_;  ///< of fields_
  std::vector<EarlyFile> files_;
  std::vector<engine::PendingRows::Batch> batches_;  ///< in memory, empty while streaming
  std::unique_ptr<FileStream> stream_;
  int64_t first_unwritten_ = 0;
  int64_t next_ordinal_ = 0;
  MemoryReservation held_;  ///< batches_
  bool crowded_ = false;
};

}  // namespace tarn::lake
