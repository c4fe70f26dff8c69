// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "server/postgres/cursor.h"
#include "server/postgres/row_encoder.h"
#include "server/postgres/statement.h"

namespace tarn::server::postgres {

/// A statement with its values, as Bind makes it, or a cursor that DECLARE made: one space of
/// names. Used by one thread.
struct Portal {
  StatementPtr statement;
  std::vector<warehouse::BoundValue> values;
  std::vector<Format> parameter_formats, formats;
  std::unique_ptr<RowSource> source;    ///< set when it has begun to run
  std::unique_ptr<RowEncoder> encoder;  ///< as source, where there are rows
  std::shared_ptr<Cursor> cursor;       ///< of DECLARE
  bool ended = false;
  bool hold = false;  ///< a cursor that is to outlive its transaction
  bool kept = false;  ///< and does: it needs nothing of it any more

  RunFormats run_formats() const { return {parameter_formats, formats}; }
  const SentColumns& columns() const {
    return cursor != nullptr ? cursor->columns() : statement->columns;
  }
};

}  // namespace tarn::server::postgres
