// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/column_type.h"
#include "iceberg/model/ids.h"
#include "iceberg/values/transform.h"

namespace tarn::iceberg {

/// In the place of an id: the table gives one when the spec is added.
inline constexpr PartitionFieldId kUnassignedPartitionFieldId{-1};

/// Unknown members of the JSON are kept as the text of an object ("" = none) and written back; so
/// in all of these.
struct PartitionField {
  std::vector<FieldId> source_ids;  ///< one, but for multi-argument transforms (v3)
  PartitionFieldId id;
  std::string name;
  Transform transform;
  std::string unknown_members_json;
  bool operator==(const PartitionField&) const = default;
};

struct PartitionSpec {
  SpecId id;
  std::vector<PartitionField> fields;  ///< empty = unpartitioned
  std::string unknown_members_json;
  bool operator==(const PartitionSpec&) const = default;
};

enum class NullOrder : uint8_t { kNullsFirst, kNullsLast };

struct SortField {
  std::vector<FieldId> source_ids;
  Transform transform;
  bool descending = false;
  NullOrder null_order = NullOrder::kNullsFirst;
  std::string unknown_members_json;
  bool operator==(const SortField&) const = default;
};

struct SortOrder {
  SortOrderId id;
  std::vector<SortField> fields;
  std::string unknown_members_json;
  bool operator==(const SortOrder&) const = default;
};

}  // namespace tarn::iceberg
