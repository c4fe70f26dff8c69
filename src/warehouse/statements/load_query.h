// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: the SELECT over the records of a file whose values COPY INTO a table
// loads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/syntax/query.h"
#include "warehouse/objects/column.h"
#include "warehouse/statements/copy_options.h"

namespace tarn::warehouse {

/// The files that a statement's own SELECT reads. 000002 for what is no SELECT over them alone.
StatementResult<const sql::syntax::StagedFiles*> FilesOf(const sql::syntax::Query& query);

/// The largest n of $n in the text: a record without that many fields has NULL there.
size_t FieldsIn(std::string_view text);

/// As a literal of SQL.
std::string InQuotes(std::string_view text);

/// What stands for a load into these columns without a SELECT of its own. 002019 (0A000) for files
/// that give one value to several columns.
StatementResult<std::string> LoadQuery(const std::vector<Column>& columns, const FileFormat& format,
                                       ColumnMatch match);

}  // namespace tarn::warehouse
