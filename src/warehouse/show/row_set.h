// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/value.h"
#include "sql/data_type.h"

namespace tarn::warehouse {

enum class ShownType : uint8_t {
  kText,
  kNumber,     ///< NUMBER(38,0), travels as kLong
  kTimestamp,  ///< TIMESTAMP_LTZ(3), travels as kTimestampTz (µs)
};

struct ShownColumn {
  std::string_view name;  ///< lower case, as SHOW and DESCRIBE print it; lives for ever
  ShownType type = ShownType::kText;
};

/// What SHOW and DESCRIBE give: few rows, whole. std::monostate is NULL.
struct RowSet {
  std::vector<ShownColumn> columns;
  std::vector<std::vector<Value>> rows;
};

inline sql::DataType DataTypeOf(ShownType type) {
  switch (type) {
    case ShownType::kNumber:
      return {.kind = sql::DataTypeKind::kNumber, .precision = 38};
    case ShownType::kTimestamp:
      return {.kind = sql::DataTypeKind::kTimestampLtz, .precision = 3};
    case ShownType::kText:
      break;
  }
  return {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault};
}

inline Type CarrierOf(ShownType type) {
  switch (type) {
    case ShownType::kNumber:
      return Type::Primitive(TypeKind::kLong);
    case ShownType::kTimestamp:
      return Type::Primitive(TypeKind::kTimestampTz);
    case ShownType::kText:
      break;
  }
  return Type::Primitive(TypeKind::kString);
}

}  // namespace tarn::warehouse
