// SPDX-License-Identifier: Apache-2.0
// How columns of a source's table and of the destination's belong together.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/result.h"
#include "capture/capture.h"
#include "capture/capture_mode.h"
#include "capture/destination.h"
#include "capture/source_table.h"
#include "capture/values/value_decoder.h"
#include "iceberg/model/schema.h"

namespace tarn::capture {

/// The connector's columns behind those of the source.
inline constexpr std::string_view kInsertedAt = "_SNOWFLAKE_INSERTED_AT";
inline constexpr std::string_view kUpdatedAt = "_SNOWFLAKE_UPDATED_AT";
inline constexpr std::string_view kDeleted = "_SNOWFLAKE_DELETED";
/// Behind the name of a column that the source no longer has.
inline constexpr std::string_view kDroppedSuffix = "__SNOWFLAKE_DELETED";

/// Which field of the destination has the values of a source's column: by identities that outlive
/// renames on both sides.
struct ColumnBinding {
  int16_t attribute_number = 0;
  FieldId field;
  bool operator==(const ColumnBinding&) const = default;
};

/// The columns that are replicated, by the masks of the request and with those of the key.
/// InvalidArgument for a mask that names a column as included and as excluded.
Result<SourceTable> SelectColumns(SourceTable table, const TableRequest& request);

/// "PRICE" for "price", as the connector names it; a mirror's is the source's.
std::string TargetColumnName(std::string_view source, CaptureMode mode);

/// The destination's table for a table of the source. The connector's has its columns in upper
/// case, then its own three. InvalidArgument, with what to do, for a table without a key, for names
/// that the connector does not take (quotes, its own names and suffix, two names that differ only
/// in case), Unsupported for types.
Result<TargetTable> PlanTarget(const SourceTable& source, CaptureMode mode);

/// Where the connector's columns are.
struct OwnFields {
  size_t inserted_at = 0, updated_at = 0, deleted = 0;
};

/// Immutable, shared between threads.
struct TableLayout {
  CaptureMode mode = CaptureMode::kConnector;
  SourceTable source;
  std::vector<Field> fields;  ///< of the destination's table, in its order
  std::vector<Type> types;    ///< theirs
  /// By column of the source: the field that it goes to, and what makes its values. A mirror's
  /// column that was renamed is there under its names of before, too, as one that is retired.
  std::vector<size_t> field_of;
  std::vector<std::unique_ptr<ValueDecoder>> decoders;
  std::vector<size_t> replicated;  ///< fields that have values of the source, each once
  std::vector<size_t> key;         ///< fields
  std::optional<OwnFields> own;    ///< kConnector
  /// kMirror: of columns that are gone on both sides. Rows that have them may still come, and a
  /// column that gets such a name is not theirs.
  std::vector<ColumnBinding> gone;

  bool is_mirror() const { return mode == CaptureMode::kMirror; }
  std::vector<ColumnBinding> Bindings() const;
};

/// Binds them where they are: by `bindings`, and by name where a column has none. InvalidArgument
/// where the destination has no field for a column, or one of another type: somebody changed it.
Result<std::shared_ptr<const TableLayout>> BindLayout(SourceTable source,
                                                      const iceberg::Schema& schema,
                                                      std::span<const ColumnBinding> bindings,
                                                      CaptureMode mode,
                                                      std::vector<ColumnBinding> gone = {});

}  // namespace tarn::capture
