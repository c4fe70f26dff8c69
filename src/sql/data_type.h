// SPDX-License-Identifier: Apache-2.0
// Types of the warehouse's SQL, named as in Snowflake's documentation ("Summary of data types"),
// and how their values travel in batches (base/batch.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn::sql {

enum class DataTypeKind : uint8_t {
  kNull,  ///< of a bare NULL; no column of a table has it
  kNumber,
  kFloat,
  kVarchar,
  kBinary,
  kBoolean,
  kDate,
  kTime,
  kTimestampNtz,
  kTimestampLtz,
  kTimestampTz,
  kVariant,
  kObject,
  kArray,
  kMap,
  kUuid,
};

struct DataTypeField;

/// A plain value.
struct DataType {
  DataTypeKind kind = DataTypeKind::kNull;
  int32_t precision = 0;  ///< kNumber 1..38; kTime, kTimestamp*: digits of a second, 0..9
  int32_t scale = 0;      ///< kNumber, 0..37
  int64_t length = 0;     ///< kVarchar: characters; kBinary: bytes
  /// Structured OBJECT: its keys; structured ARRAY: {element}; MAP: {key, value}. Empty: not
  /// structured.
  std::vector<DataTypeField> fields;

  bool operator==(const DataType&) const;
};

struct DataTypeField {
  std::string name;
  DataType type;
  bool nullable = true;

  bool operator==(const DataTypeField&) const = default;
};

inline bool DataType::operator==(const DataType&) const = default;

inline constexpr int64_t kVarcharLengthDefault = 16'777'216;
inline constexpr int64_t kVarcharLengthMax = 134'217'728;
inline constexpr int64_t kBinaryLengthDefault = 8'388'608;

/// "NUMBER(38,0)", "VARCHAR(16777216)", "TIMESTAMP_NTZ(9)", "ARRAY(NUMBER(38,0))": as DESCRIBE
/// shows it.
std::string ToString(const DataType& type);

/// A result column's values travel as one of these, whichever the producer finds cheapest:
///   kNumber         kInt or kLong (scale 0), kDecimal of the same scale
///   kFloat          kDouble
///   kVarchar        kString; kBinary kBinary; kBoolean kBoolean; kDate kDate; kUuid kUuid
///   kTime           kTime (µs) for up to 6 digits, else kLong: nanoseconds of the day
///   kTimestampNtz, kTimestampLtz
///                   kTimestamp, kTimestampTz (µs) for up to 6 digits, else struct {kLong seconds
///                   since the epoch, kInt nanoseconds}
///   kTimestampTz    struct {kLong seconds since the epoch (UTC), kInt nanoseconds, kInt minutes
///                   east of UTC}
///   kVariant, kObject, kArray, kMap
///                   kString: JSON text in the form that clients see. Inside of a query, and in
///                   pending rows of tables, it is the text of engine/functions/variant_text.h;
///                   columns of files hold compact JSON
///   kNull           kUnknown
/// The values under a null are unspecified.
bool TravelsAs(const DataType& type, const Type& carrier);

}  // namespace tarn::sql
