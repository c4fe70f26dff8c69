// SPDX-License-Identifier: Apache-2.0
// The warehouse's types as PostgreSQL's clients know them.
#pragma once

#include <cstdint>

#include "sql/data_type.h"

namespace tarn::server::postgres {

/// Of PostgreSQL's pg_type.dat; they never change.
namespace oid {
inline constexpr uint32_t kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21,
                          kInt4 = 23, kText = 25, kOid = 26, kJson = 114, kFloat4 = 700,
                          kFloat8 = 701, kUnknown = 705, kBpchar = 1042, kVarchar = 1043,
                          kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestampTz = 1184,
                          kInterval = 1186, kTimeTz = 1266, kNumeric = 1700, kUuid = 2950,
                          kJsonb = 3802, kVoid = 2278;
inline constexpr uint32_t kBoolArray = 1000, kByteaArray = 1001, kNameArray = 1003,
                          kInt2Array = 1005, kInt4Array = 1007, kTextArray = 1009,
                          kVarcharArray = 1015, kInt8Array = 1016, kFloat4Array = 1021,
                          kFloat8Array = 1022, kOidArray = 1028, kTimestampArray = 1115,
                          kDateArray = 1182, kTimeArray = 1183, kTimestampTzArray = 1185,
                          kNumericArray = 1231, kUuidArray = 2951, kJsonArray = 199,
                          kJsonbArray = 3807;
}  // namespace oid

/// What RowDescription says of a type.
struct WireType {
  uint32_t oid = oid::kText;
  int16_t length = -1;
  int32_t typmod = -1;
  bool operator==(const WireType&) const = default;
};

/// What a session may change of it.
struct TypeChoices {
  bool wide_integers_as_int8 = false;  ///< NUMBER(19..38,0): int8 in place of numeric
  bool json_as_text = false;
};

WireType WireTypeOf(const sql::DataType& type, const TypeChoices& choices);

/// The type of a parameter that a client declares. kNull: to be inferred (0, unknown, and types
/// that the warehouse has no type for, whose values come as texts).
sql::DataType DataTypeOf(uint32_t type_oid);

/// The element of one of PostgreSQL's array types; 0: none.
uint32_t ElementOf(uint32_t array_oid);

}  // namespace tarn::server::postgres
