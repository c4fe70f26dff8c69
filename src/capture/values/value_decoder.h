// SPDX-License-Identifier: Apache-2.0
// Values in PostgreSQL's binary or text form become values of a column.
#pragma once

#include <memory>
#include <string_view>

#include "base/column_builder.h"
#include "base/result.h"
#include "capture/source_table.h"
#include "capture/values/column_mapping.h"

namespace tarn::capture {

/// Of one column. Thread-safe: it has no state.
class ValueDecoder {
 public:
  virtual ~ValueDecoder() = default;
  /// Appends one value in the form that the type's send function gives (COPY BINARY, pgoutput with
  /// `binary`). InvalidArgument, and nothing is appended, for a value that the target cannot hold
  /// (year 10000, infinity, text with bytes that are no UTF-8, a length beyond the target's);
  /// Corruption for what is no value of the type. NaN and infinite numerics are null in a NUMBER.
  virtual Result<> AppendBinary(std::string_view value, ColumnBuilder& out) const = 0;
  /// The same of the form that the type's output function gives under the settings of
  /// source/source_connection.h.
  virtual Result<> AppendText(std::string_view value, ColumnBuilder& out) const = 0;
  /// Whether columns of this type can be asked for in binary. False: COPY must ask for what the
  /// output function gives (SnapshotReader::Copy does), which is then what AppendBinary takes, and
  /// a stream must not be binary (StreamOptions).
  virtual bool takes_binary() const = 0;
};

/// Internal for a pair that TargetTypeOf never gives.
Result<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const SourceType& source,
                                                       const TargetType& target);

}  // namespace tarn::capture
