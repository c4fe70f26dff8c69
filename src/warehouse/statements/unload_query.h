// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: the SELECT whose values COPY INTO a location writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/bound/query.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Over `source`, the text of a table or a query in parentheses, which has these columns: texts for
/// CSV and JSON, values for Parquet. 000002, by name, for what the format cannot hold.
StatementResult<std::string> UnloadQuery(std::string_view source,
                                         const std::vector<sql::bound::OutputColumn>& columns,
                                         const FileFormat& format);

/// Whether CSV may enclose values of the type: all but numbers and booleans.
bool IsEnclosed(const sql::DataType& type);

/// 000002, by name, for options that nobody follows when files are written.
StatementResult<> CheckUnloadable(const FileFormat& format);

/// Of the options COMPRESSION and FILE_EXTENSION: whether texts are packed, and how names end.
struct FileEnding {
  bool packed = true;
  std::string extension;
};
StatementResult<FileEnding> EndingOf(const FileFormat& format);

}  // namespace tarn::warehouse
