// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/transform.h"

#include <array>
#include <charconv>

#include "iceberg/model/schema.h"

namespace tarn::iceberg {
namespace {

struct NamedTransform {
  std::string_view name;
  TransformKind kind;
};

constexpr std::array kPlain = {
    NamedTransform{"identity", TransformKind::kIdentity},
    NamedTransform{"year", TransformKind::kYear},
    NamedTransform{"month", TransformKind::kMonth},
    NamedTransform{"day", TransformKind::kDay},
    NamedTransform{"hour", TransformKind::kHour},
    NamedTransform{"void", TransformKind::kVoid},
};
constexpr std::array kParameterised = {
    NamedTransform{"bucket", TransformKind::kBucket},
    NamedTransform{"truncate", TransformKind::kTruncate},
};

bool IsTimestamp(TypeKind kind) {
  return kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz ||
         kind == TypeKind::kTimestampNs || kind == TypeKind::kTimestampTzNs;
}

bool TakesBucket(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt:
    case TypeKind::kLong:
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return true;
    default:
      return IsTimestamp(kind);
  }
}

bool TakesTruncate(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kLong || kind == TypeKind::kDecimal ||
         kind == TypeKind::kString || kind == TypeKind::kBinary;
}

bool TakesIdentity(const Type& type) {
  return !type.is_nested() && type.kind != TypeKind::kVariant && type.kind != TypeKind::kGeometry &&
         type.kind != TypeKind::kGeography && type.kind != TypeKind::kUnknown;
}

}  // namespace

std::string Transform::ToString() const {
  for (const NamedTransform& named : kPlain) {
    if (named.kind == kind) return std::string(named.name);
  }
  for (const NamedTransform& named : kParameterised) {
    if (named.kind == kind) return fmt::format("{}[{}]", named.name, parameter);
  }
  return name;
}

Result<Transform> Transform::Parse(std::string_view text) {
  if (text.empty()) return Fail(ErrorKind::kInvalidArgument, "transform without a name");
  for (const NamedTransform& named : kPlain) {
    if (text == named.name) return Transform{.kind = named.kind};
  }
  for (const NamedTransform& named : kParameterised) {
    if (!text.starts_with(named.name) || !text.substr(named.name.size()).starts_with('[')) continue;
    const std::string_view number = text.substr(named.name.size() + 1);
    int32_t parameter = 0;
    const auto result = std::from_chars(number.data(), number.data() + number.size(), parameter);
    if (result.ec != std::errc() || parameter < 1 ||
        std::string_view(result.ptr, number.data() + number.size()) != "]") {
      return Fail(ErrorKind::kInvalidArgument, "invalid transform \"{}\"", text);
    }
    return Transform{.kind = named.kind, .parameter = parameter};
  }
  return Transform{.kind = TransformKind::kUnknown, .name = std::string(text)};
}

Result<Type> Transform::ResultType(const Type& source) const {
  const auto result = [&](bool accepted, const Type& type) -> Result<Type> {
    if (accepted) return type;
    return Fail(ErrorKind::kInvalidArgument, "transform {} can't be applied to type {}", ToString(),
                PrimitiveTypeName(source));
  };
  const Type integer = Type::Primitive(TypeKind::kInt);
  switch (kind) {
    case TransformKind::kIdentity:
      return result(TakesIdentity(source), source);
    case TransformKind::kBucket:
      return result(TakesBucket(source.kind), integer);
    case TransformKind::kTruncate:
      return result(TakesTruncate(source.kind), source);
    case TransformKind::kYear:
    case TransformKind::kMonth:
      return result(source.kind == TypeKind::kDate || IsTimestamp(source.kind), integer);
    case TransformKind::kDay:
      // The specification says int; Java and its readers write the date type, which Avro stores
      // alike.
      return result(source.kind == TypeKind::kDate || IsTimestamp(source.kind),
                    Type::Primitive(TypeKind::kDate));
    case TransformKind::kHour:
      return result(IsTimestamp(source.kind), integer);
    case TransformKind::kVoid:
      return source;
    case TransformKind::kUnknown:
      break;
  }
  return Fail(ErrorKind::kUnsupported, "unknown transform \"{}\"", name);
}

}  // namespace tarn::iceberg
