// SPDX-License-Identifier: Apache-2.0
// The types of columns, named as in the Iceberg specification ("Schemas and Data Types"). They
// describe Iceberg schemas, the batches of base/batch.h and the wire protocol alike, so that
// nothing is translated between them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"

namespace tarn {

/// Values are part of the wire protocol: append only, never renumber.
enum class TypeKind : uint8_t {
  kBoolean = 1,
  kInt = 2,   ///< 32-bit signed
  kLong = 3,  ///< 64-bit signed
  kFloat = 4,
  kDouble = 5,
  kDecimal = 6,       ///< precision 1..38, 0 <= scale <= precision
  kDate = 7,          ///< days since 1970-01-01
  kTime = 8,          ///< microseconds since midnight
  kTimestamp = 9,     ///< microseconds since 1970-01-01 00:00:00, no zone
  kTimestampTz = 10,  ///< microseconds since 1970-01-01 00:00:00 UTC
  kString = 11,       ///< UTF-8
  kUuid = 12,         ///< 16 bytes, big-endian
  kFixed = 13,
  kBinary = 14,
  kStruct = 15,
  kList = 16,
  kMap = 17,
  // Version 3. Read and kept in metadata; batches do not carry them yet.
  kUnknown = 18,
  kTimestampNs = 19,
  kTimestampTzNs = 20,
  kVariant = 21,
  kGeometry = 22,
  kGeography = 23,
};

struct Field;

/// A value type. `children` holds the fields of a struct, {element} of a list, {key, value} of a
/// map.
struct Type {
  TypeKind kind = TypeKind::kBoolean;
  int32_t precision = 0;   ///< kDecimal
  int32_t scale = 0;       ///< kDecimal
  int32_t length = 0;      ///< kFixed, bytes
  std::string parameters;  ///< kGeometry, kGeography: the text between the parentheses
  std::vector<Field> children;

  bool is_nested() const { return kind >= TypeKind::kStruct && kind <= TypeKind::kMap; }
  bool operator==(const Type&) const;

  static Type Primitive(TypeKind kind);
  static Type Decimal(int32_t precision, int32_t scale);
  static Type Fixed(int32_t length);
};

/// A named, identified place for values. Defaults are JSON single values (Iceberg spec, Appendix D)
/// kept as text.
struct Field {
  FieldId id;
  std::string name;
  bool required = false;
  Type type;
  std::optional<std::string> doc;
  std::optional<std::string> initial_default;
  std::optional<std::string> write_default;

  bool operator==(const Field&) const = default;
};

// Only here are a type's children complete.
inline bool Type::operator==(const Type&) const = default;

inline Type Type::Primitive(TypeKind kind) { return Type{.kind = kind}; }

inline Type Type::Decimal(int32_t precision, int32_t scale) {
  return Type{.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
}

inline Type Type::Fixed(int32_t length) { return Type{.kind = TypeKind::kFixed, .length = length}; }

}  // namespace tarn
