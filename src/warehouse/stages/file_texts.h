// SPDX-License-Identifier: Apache-2.0
// The bytes of staged files, unpacked, within what may be held of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/memory_budget.h"
#include "storage/storage.h"
#include "table/table_context.h"
#include "warehouse/objects/stage.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// What one query may hold of staged files, unpacked, and then of their rows; one file of COPY
/// INTO.
inline constexpr int64_t kStagedBytesMax = int64_t{256} << 20;
/// Of one field of CSV, or one value of JSON: what a VARCHAR without a length holds.
inline constexpr size_t kStagedValueBytesMax = size_t{16} << 20;

/// ResourceExhausted (53200), for what is beyond kStagedBytesMax.
StatementFailure MoreThanAQueryMayRead();
/// 100082, as Snowflake tells of a value that is too large.
StatementResult<> CheckValueSize(size_t bytes);

/// What is held of staged files, out of what all queries may hold. Used by one thread.
class HeldMemory {
 public:
  explicit HeldMemory(const table::TableContext& tables);
  /// As much as this from now on; ResourceExhausted where that is refused.
  StatementResult<> Set(int64_t bytes);
  int64_t bytes() const { return reservation_ == nullptr ? 0 : reservation_->bytes(); }
  /// What the rows keep.
  std::shared_ptr<const void> owner() const { return reservation_; }

 private:
  std::shared_ptr<MemoryReservation> reservation_;
};

/// Texts of files, one by one, until there are too many. All that it is made of outlives it.
class FileTexts {
 public:
  FileTexts(storage::Storage& storage, const StorageArea& area, const FileFormat& format,
            HeldMemory& held)
      : storage_(storage), area_(area), format_(format), held_(held) {}

  /// 000002 for a COMPRESSION that nobody unpacks; Corruption for damaged files.
  StatementResult<std::string> Read(const StageFile& file);
  int64_t bytes() const { return bytes_; }  ///< of all texts so far

 private:
  storage::Storage& storage_;
  const StorageArea& area_;
  const FileFormat& format_;
  HeldMemory& held_;
  int64_t bytes_ = 0;
};

}  // namespace tarn::warehouse
