// SPDX-License-Identifier: Apache-2.0
// Which type a column of a source gets in the lake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/column_type.h"
#include "base/result.h"
#include "capture/capture_mode.h"
#include "capture/source_table.h"

namespace tarn::capture {

/// SQL types of the warehouse, without knowing it: the destination makes columns of them, and tells
/// how each is stored (docs/internals/tables.md, "Types").
enum class TargetKind : uint8_t {
  kNumber,       ///< stored as decimal(precision, scale)
  kFloat,        ///< double
  kText,         ///< string
  kBinary,       ///< binary
  kBoolean,      ///< boolean
  kDate,         ///< date
  kTime,         ///< time: microseconds
  kTimestamp,    ///< timestamp without a zone
  kTimestampTz,  ///< struct of epoch seconds (long), nanoseconds (int), offset in minutes (int)
  kVariant,      ///< string: compact JSON
  // Of mirrors alone, where SQL's type is stored as the source has it.
  kInteger,  ///< int
  kLong,     ///< long
  kReal,     ///< float
  kInstant,  ///< timestamptz: microseconds in UTC
  kUuid,     ///< uuid
};

struct TargetType {
  TargetKind kind = TargetKind::kText;
  int32_t precision = 0, scale = 0;  ///< kNumber
  /// kText: characters; kBinary: bytes. 0: as many as the destination takes.
  int64_t length = 0;
  bool operator==(const TargetType&) const = default;
};

/// "NUMBER(38,0)", for messages and schema histories.
std::string ToString(const TargetType& type);

/// The connector's types (its documentation, "PostgreSQL to Snowflake data type mapping"): integers
/// NUMBER(38,0), float4 and float8 FLOAT, numeric(p,s) NUMBER(p,s) with the scale, json, jsonb and
/// money VARIANT, timestamptz TIMESTAMP_TZ, time and timetz TIME, what has no type of its own there
/// VARCHAR in PostgreSQL's text form. numeric without precision, or with more than 38 digits, which
/// the documentation leaves open, is VARCHAR, too: nothing is lost, NaN neither. Never fails so
/// far.
Result<TargetType> ConnectorTypeOf(const SourceType& type);

/// A mirror's types: what Iceberg has a type for that holds all of PostgreSQL's values but
/// infinities and NaN has it (docs/use/change-capture.md), json and jsonb are VARIANT, and the rest
/// is VARCHAR in PostgreSQL's text form, as the connector has it.
TargetType MirrorTypeOf(const SourceType& type);

Result<TargetType> TargetTypeOf(const SourceType& type, CaptureMode mode);

/// How a mirror's columns are stored. Absent for kTimestampTz, which none has.
std::optional<Type> MirrorStorage(const TargetType& type);

}  // namespace tarn::capture
