// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/nested_column.h"

#include <fmt/core.h>

#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

namespace {

/// Writes the pattern. Names of members are a user's, so they are arguments.
class NestedPattern {
 public:
  explicit NestedPattern(std::vector<Expression>& arguments) : arguments_(arguments) {}

  std::string Of(const Type& type, const std::string& value) {
    switch (type.kind) {
      case TypeKind::kStruct:
        return Struct(type, value);
      case TypeKind::kList: {
        const std::string element = fmt::format("e{}", depth_++);
        return fmt::format("tarn_array_of(list_transform({}, lambda {}: {}))", value, element,
                           OrNull(type.children.at(0).type, element));
      }
      case TypeKind::kMap: {
        const std::string key = fmt::format("e{}", depth_++);
        const std::string element = fmt::format("e{}", depth_++);
        return fmt::format(
            "CASE WHEN {0} IS NOT NULL THEN tarn_object_of(list_transform(map_keys({0}), lambda "
            "{1}: CAST({1} AS VARCHAR)), list_transform(map_values({0}), lambda {2}: {3})) END",
            value, key, element, OrNull(type.children.at(1).type, element));
      }
      default:
        return Scalar(type, value);
    }
  }

 private:
  std::string OrNull(const Type& type, const std::string& value) {
    return "coalesce(" + Of(type, value) + ", 'null')";
  }

  std::string Struct(const Type& type, const std::string& value) {
    std::string members;
    for (size_t i = 0; i < type.children.size(); ++i) {
      const size_t name = arguments_.size();
      arguments_.push_back(TextConstant(type.children[i].name));
      members += fmt::format(
          "{}{{{}}}, {}", i > 0 ? ", " : "", name,
          Of(type.children[i].type, fmt::format("struct_extract_at({}, {})", value, i + 1)));
    }
    return fmt::format("CASE WHEN {} IS NOT NULL THEN tarn_object_keep({}) END", value, members);
  }

  static std::string Scalar(const Type& type, const std::string& value) {
    const std::string text = "CAST(" + value + " AS VARCHAR)";
    switch (type.kind) {
      case TypeKind::kBoolean:
      case TypeKind::kInt:
      case TypeKind::kLong:
        return text;
      case TypeKind::kDecimal:
        return "tarn_variant_number(" + text + ")";
      case TypeKind::kFloat:
      case TypeKind::kDouble:
        return "tarn_variant_double(CAST(" + value + " AS DOUBLE))";
      case TypeKind::kString:
      case TypeKind::kUuid:
        return "tarn_variant_text(" + text + ")";
      case TypeKind::kDate:
        return "('@D\"' || " + text + " || '\"')";
      case TypeKind::kTime:
        return "('@T\"' || " + text + " || '\"')";
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampNs:
        return "('@N\"' || " + text + " || '\"')";
      case TypeKind::kTimestampTz:
        return fmt::format(
            "('@L\"' || tarn_zone_text(CAST({0} AS TIMESTAMP), CAST({0} AT TIME ZONE 'UTC' AS "
            "TIMESTAMP)) || '\"')",
            value);
      case TypeKind::kBinary:
      case TypeKind::kFixed:
        return "('@B\"' || hex(" + value + ") || '\"')";
      default:
        FailUnsupported("columns with members of such a type");
    }
  }

  std::vector<Expression>& arguments_;
  int depth_ = 0;
};

}  // namespace

Expression NestedAsText(Expression column) {
  const Type carrier = column.carrier;
  const DataType type = column.type;
  std::vector<Expression> arguments = {std::move(column)};
  std::string pattern = NestedPattern(arguments).Of(carrier, "{0}");
  Expression result = Call("json", std::move(pattern), std::move(arguments), type,
                           Type::Primitive(TypeKind::kString));
  result.nullable = true;
  return result;
}

}  // namespace tarn::sql
