// SPDX-License-Identifier: Apache-2.0
// Columns that no schema lists (spec, "Reserved Field IDs").
#pragma once

#include "base/strong_id.h"

namespace tarn::iceberg::metadata_column {

inline constexpr FieldId kFile{2147483646};       ///< _file, string: the location
inline constexpr FieldId kPosition{2147483645};   ///< _pos, long: of the row in its file
inline constexpr FieldId kDeleted{2147483644};    ///< _deleted, boolean
inline constexpr FieldId kSpecId{2147483643};     ///< _spec_id, int
inline constexpr FieldId kPartition{2147483642};  ///< _partition, struct by partition field ids
/// Columns of position delete files.
inline constexpr FieldId kDeletePath{2147483546};      ///< file_path, string
inline constexpr FieldId kDeletePosition{2147483545};  ///< pos, long
/// Row lineage, v3; files of rows that moved store them.
inline constexpr FieldId kRowId{2147483540};                ///< _row_id, long
inline constexpr FieldId kLastUpdatedSequence{2147483539};  ///< _last_updated_sequence_number, long

}  // namespace tarn::iceberg::metadata_column
