// SPDX-License-Identifier: Apache-2.0
// The rows of one result, kept so that its client can fetch them piece by piece and more than once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/batch.h"
#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// What the results of one server may take, and take. Thread-safe.
struct SpoolLimits {
  std::string directory;  ///< for files, which have no name and go with the process
  int64_t result_memory_max = int64_t{256} << 10;
  int64_t memory_max = int64_t{64} << 20;  ///< of all results together
  int64_t files_max = int64_t{16} << 30;
  /// Encoded bytes of the part that the first answer has, and of each further part.
  int64_t inline_bytes = int64_t{512} << 10;
  int64_t part_bytes = int64_t{4} << 20;
  std::atomic<int64_t> memory = 0, files = 0;
};

/// Consecutive batches that a client fetches with one request.
struct ResultPart {
  size_t begin = 0, end = 0;  ///< batches
  int64_t rows = 0, bytes = 0;
};

/// Filled by one thread, then only read, by any.
class SpooledResult {
 public:
  /// The limits outlive it.
  SpooledResult(std::vector<warehouse::ResultColumn> columns, SpoolLimits* limits);
  ~SpooledResult();
  SpooledResult(const SpooledResult&) = delete;
  SpooledResult& operator=(const SpooledResult&) = delete;

  /// ResourceExhausted beyond the limits of files. `batch` is one of ResultStream.
  Result<> Append(const std::vector<uint8_t>& batch);
  /// Nothing more comes: the parts are known.
  void Finish();

  const std::vector<warehouse::ResultColumn>& columns() const { return columns_; }
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }
  /// The first one belongs into the answer; it may be empty.
  const std::vector<ResultPart>& parts() const { return parts_; }
  /// Whether every value of a column of decimals has at most 64 bits.
  bool fits_long(size_t column) const { return fits_long_[column]; }

  Result<> ForEachBatch(const ResultPart& part,
                        const std::function<void(const BatchView&)>& visit) const;

 private:
  struct Place {
    int64_t offset = 0, bytes = 0, rows = 0;
  };
  Result<> MoveToFile();
  Result<> Write(const uint8_t* bytes, size_t count);

  const std::vector<warehouse::ResultColumn> columns_;
  std::vector<Type> carriers_;
  SpoolLimits* const limits_;
  std::vector<Place> places_;
  std::vector<ResultPart> parts_;
  std::vector<std::vector<uint8_t>> held_;  ///< batches, while there is no file
  std::vector<bool> fits_long_;
  int file_ = -1;
  int64_t rows_ = 0, bytes_ = 0;
};

}  // namespace tarn::server::snowflake
