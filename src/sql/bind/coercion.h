// SPDX-License-Identifier: Apache-2.0
// Types of expressions and conversions between them, by Snowflake's rules ("Data type conversion").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/bound/expression.h"
#include "sql/data_type.h"

namespace tarn::sql {

// --- Types ---

DataType NumberType(int32_t precision, int32_t scale);
DataType FloatType();
DataType VarcharType(int64_t length = kVarcharLengthDefault);
DataType BooleanType();
DataType DateType();
DataType TypeOfKind(DataTypeKind kind, int32_t precision = 0);

DataType VariantType();
DataType ArrayType();
DataType ObjectType();

/// VARIANT, OBJECT, ARRAY, MAP: held as text (engine/functions/variant_text.h).
bool IsSemistructured(const DataType& type);
bool IsTimestamp(const DataType& type);
/// DATE, TIME and timestamps.
bool IsTemporal(const DataType& type);

/// How a value of this type is held where nothing else is known.
Type CarrierOf(const DataType& type);

// --- Expressions ---

bound::Expression Constant(Value value, DataType type, Type carrier);
bound::Expression IntegerConstant(int64_t value);
bound::Expression TextConstant(std::string text);
bound::Expression NullConstant();
bound::Expression Call(std::string name, std::string pattern,
                       std::vector<bound::Expression> arguments, DataType type);
bound::Expression Call(std::string name, std::string pattern,
                       std::vector<bound::Expression> arguments, DataType type, Type carrier);

/// The same value, held otherwise. Numbers: as a wider integer or decimal.
bound::Expression WithCarrier(bound::Expression value, const Type& carrier);
/// As CarrierOf its type.
bound::Expression Canonical(bound::Expression value);
/// Numbers held as DECIMAL of their type.
bound::Expression AsDecimal(bound::Expression value);

// --- Conversions ---

enum class CastMode : uint8_t { kImplicit, kExplicit, kTry };

/// Throws BindFailure where there is no such conversion. Result of CAST and TRY_CAST, and of what
/// happens by itself.
bound::Expression Convert(bound::Expression value, const DataType& target,
                          CastMode mode = CastMode::kImplicit);
bool CanConvert(const DataType& from, const DataType& to, CastMode mode = CastMode::kImplicit);

/// As a number, where arithmetic wants one: text of a column is NUMBER(18,5), a literal its own.
bound::Expression ToNumeric(bound::Expression value);

/// The type of CASE, COALESCE, IN, set operators and comparisons over these; nothing if there is
/// none.
std::optional<DataType> CommonType(std::span<const bound::Expression> values);
/// Converts all to their common type and one carrier. Throws 001044-like failures.
void Unify(std::vector<bound::Expression>& values);
/// The same for values that are compared: a VARIANT beside another type is cast to that, and what
/// DuckDB would compare by its form becomes a key that compares as the value does.
void UnifyCompared(std::vector<bound::Expression>& values);
/// Such a key for ORDER BY, or the value itself.
bound::Expression SortKey(bound::Expression value);

/// As a VARIANT, whatever it is, a text too. NULL stays NULL.
bound::Expression ToVariant(bound::Expression value);

// --- TIMESTAMP_TZ ---

/// What its clock shows, as TIMESTAMP_NTZ, and back with the offset of `like`.
bound::Expression ClockOf(bound::Expression zoned);
bound::Expression WithOffsetOf(bound::Expression clock, bound::Expression like);

}  // namespace tarn::sql
