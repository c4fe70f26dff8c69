// SPDX-License-Identifier: Apache-2.0
// Files of type Parquet: each row an OBJECT, whose keys are the columns' names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/batch.h"
#include "engine/query.h"
#include "table/table_context.h"
#include "warehouse/objects/stage.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The records of one file, as variants (engine/functions/variant_text.h), in the file's order.
/// Used by one thread; `tables` outlives it.
class ParquetRecords {
 public:
  /// As Next fails; NotFound where the file is gone.
  static StatementResult<std::unique_ptr<ParquetRecords>> Open(const table::TableContext& tables,
                                                               const StorageArea& area,
                                                               const StageFile& file,
                                                               const FileFormat& format);
  /// False: there are none any more. InvalidArgument for a file that is no Parquet, or was changed
  /// since it was listed (55000).
  StatementResult<bool> Next(std::string& record);

 private:
  ParquetRecords(storage::Storage& storage, std::string location, const StageFile& file)
      : storage_(storage), location_(std::move(location)), file_(file) {}
  StatementResult<> CheckUnchanged() const;
  StatementResult<bool> Fetch();

  storage::Storage& storage_;
  const std::string location_;
  const StageFile file_;
  std::unique_ptr<engine::QueryStream> stream_;
  std::vector<uint8_t> bytes_;
  BatchView batch_;
  int64_t next_ = 0;
};

/// A column of a file, as INFER_SCHEMA tells it.
struct ParquetColumn {
  std::string name;
  std::string type;  ///< Snowflake's: "NUMBER(38, 0)", "TEXT", …
};
/// In the file's order. Fails as ParquetRecords::Open.
StatementResult<std::vector<ParquetColumn>> ColumnsOfParquet(const table::TableContext& tables,
                                                             const StorageArea& area,
                                                             const StageFile& file,
                                                             const FileFormat& format);

}  // namespace tarn::warehouse
