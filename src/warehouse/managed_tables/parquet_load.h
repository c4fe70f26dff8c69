// SPDX-License-Identifier: Apache-2.0
// Files of type Parquet, loaded part by part: they may be far larger than what is held of a file.
#pragma once

#include <functional>
#include <optional>

#include "warehouse/managed_tables/file_load.h"

namespace tarn::warehouse {

/// One file. Used by one thread, once; what it is made of outlives it.
class ParquetLoad {
 public:
  ParquetLoad(const table::TableContext& tables, const StorageArea& area, const StageFile& file,
              const FileFormat& format, FileLoad& load)
      : tables_(tables), area_(area), file_(file), format_(format), load_(load) {}

  /// As FileLoad::Load of the file's rows. Where SKIP_FILE may skip it, it is read twice.
  StatementResult<FileResult> Load(const ErrorPolicy& policy);
  /// Set where Load failed since the file cannot be read, and none of its rows was given to the
  /// table.
  const std::optional<StatementError>& unreadable() const { return unreadable_; }

 private:
  using Part = std::function<StatementResult<FileResult>(const FileRows&)>;
  /// What the parts come to, until one has an error if `stop`.
  StatementResult<FileResult> ForEachPart(bool stop, const Part& part);

  const table::TableContext& tables_;
  const StorageArea& area_;
  const StageFile& file_;
  const FileFormat& format_;
  FileLoad& load_;
  bool wrote_ = false;
  std::optional<StatementError> unreadable_;
};

}  // namespace tarn::warehouse
