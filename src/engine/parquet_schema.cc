// SPDX-License-Identifier: Apache-2.0
#include "engine/parquet_schema.h"

#include <utility>

namespace tarn::engine {

namespace {

using duckdb_parquet::ConvertedType;
using duckdb_parquet::FieldRepetitionType;
using duckdb_parquet::SchemaElement;
namespace physical = duckdb_parquet;

constexpr int32_t kUuidBytes = 16;
constexpr size_t kMaxDepth = 100;

bool Has(const SchemaElement& element, ConvertedType::type type) {
  return element.__isset.converted_type && element.converted_type == type;
}

/// Bytes that an unscaled decimal of this precision needs (Appendix A: "minimum number of bytes").
int32_t MinimalDecimalBytes(int32_t precision) {
  unsigned __int128 power = 1;
  for (int32_t i = 0; i < precision; ++i) power *= 10;
  int32_t bytes = 1;
  for (unsigned __int128 limit = 128; bytes < 16 && limit < power; limit *= 256) ++bytes;
  return bytes;
}

class SchemaReader {
 public:
  explicit SchemaReader(const duckdb_parquet::FileMetaData& metadata)
      : elements_(metadata.schema) {}

  Result<std::vector<ParquetColumn>> Read() {
    if (elements_.empty()) return Malformed("it is empty");
    const int32_t count = elements_[0].num_children;
    next_ = 1;
    std::vector<ParquetColumn> columns;
    for (int32_t i = 0; i < count; ++i) {
      TARN_ASSIGN(ParquetColumn column, Column("", 0));
      columns.push_back(std::move(column));
    }
    if (next_ != elements_.size()) return Malformed("elements are left over");
    return columns;
  }

 private:
  static std::unexpected<Error> Malformed(std::string_view what) {
    return Fail(ErrorKind::kCorruption, "malformed Parquet schema: {}", what);
  }

  Result<const SchemaElement*> Next(size_t depth) {
    if (next_ == elements_.size() || depth > kMaxDepth) return Malformed("it is not a tree");
    return &elements_[next_++];
  }

  Result<ParquetColumn> Column(const std::string& prefix, size_t depth,
                               const char* role = nullptr) {
    TARN_ASSIGN(const SchemaElement* element, Next(depth));
    ParquetColumn column;
    column.field.id = FieldId(element->__isset.field_id ? element->field_id : 0);
    column.field.name = role != nullptr ? role : element->name;
    column.field.required = element->repetition_type == FieldRepetitionType::REQUIRED;
    column.path = prefix.empty() ? column.field.name : prefix + "." + column.field.name;
    if (element->repetition_type == FieldRepetitionType::REPEATED) {
      return Fail(ErrorKind::kUnsupported, "column \"{}\" is repeated without being a list",
                  column.path);
    }
    if (element->__isset.num_children && element->num_children > 0) {
      TARN_TRY(Nested(*element, column, depth));
      return column;
    }
    column.leaf = leaves_++;
    TARN_TRY(Primitive(*element, column));
    return column;
  }

  Result<> AddChild(ParquetColumn& column, size_t depth, const char* role = nullptr) {
    TARN_ASSIGN(ParquetColumn child, Column(column.path, depth + 1, role));
    column.field.type.children.push_back(child.field);
    column.children.push_back(std::move(child));
    return {};
  }

  Result<> Nested(const SchemaElement& element, ParquetColumn& column, size_t depth) {
    const bool is_list = Has(element, ConvertedType::LIST) || element.logicalType.__isset.LIST;
    const bool is_map = Has(element, ConvertedType::MAP) ||
                        Has(element, ConvertedType::MAP_KEY_VALUE) ||
                        element.logicalType.__isset.MAP;
    if (!is_list && !is_map) {
      column.field.type.kind = TypeKind::kStruct;
      for (int32_t i = 0; i < element.num_children; ++i) TARN_TRY(AddChild(column, depth));
      return {};
    }
    column.field.type.kind = is_list ? TypeKind::kList : TypeKind::kMap;
    TARN_ASSIGN(const SchemaElement* group, Next(depth));
    const int32_t wanted = is_list ? 1 : 2;
    const bool three_levels = element.num_children == 1 && group->__isset.num_children &&
                              group->num_children == wanted &&
                              group->repetition_type == FieldRepetitionType::REPEATED;
    if (!three_levels) {
      return Fail(ErrorKind::kUnsupported, "column \"{}\" is not a list or map of three levels",
                  column.path);
    }
    if (is_list) return AddChild(column, depth, "element");
    TARN_TRY(AddChild(column, depth, "key"));
    return AddChild(column, depth, "value");
  }

  Result<> Primitive(const SchemaElement& element, ParquetColumn& column) {
    Type& type = column.field.type;
    switch (element.type) {
      case physical::Type::BOOLEAN:
        type = Type::Primitive(TypeKind::kBoolean);
        return {};
      case physical::Type::FLOAT:
        type = Type::Primitive(TypeKind::kFloat);
        return {};
      case physical::Type::DOUBLE:
        type = Type::Primitive(TypeKind::kDouble);
        return {};
      case physical::Type::INT32:
        return Integer(element, column, TypeKind::kInt);
      case physical::Type::INT64:
        return Integer(element, column, TypeKind::kLong);
      case physical::Type::INT96:
        type = Type::Primitive(TypeKind::kTimestampTz);
        column.deviations.emplace_back("timestamp stored as INT96");
        return {};
      case physical::Type::BYTE_ARRAY:
        return Bytes(element, column);
      default:
        return FixedBytes(element, column);
    }
  }

  static bool IsDecimal(const SchemaElement& element) {
    return Has(element, ConvertedType::DECIMAL) || element.logicalType.__isset.DECIMAL;
  }

  Result<> Integer(const SchemaElement& element, ParquetColumn& column, TypeKind plain) {
    Type& type = column.field.type;
    const auto& logical = element.logicalType;
    if (IsDecimal(element)) {
      type = Type::Decimal(element.precision, element.scale);
      const bool narrow = element.precision <= 9;
      if (narrow && plain == TypeKind::kLong) {
        column.deviations.push_back(fmt::format("decimal({}, {}) stored as INT64, not INT32",
                                                element.precision, element.scale));
      }
    } else if (Has(element, ConvertedType::DATE) || logical.__isset.DATE) {
      type = Type::Primitive(TypeKind::kDate);
    } else if (logical.__isset.TIME || Has(element, ConvertedType::TIME_MICROS) ||
               Has(element, ConvertedType::TIME_MILLIS)) {
      type = Type::Primitive(TypeKind::kTime);
      if (plain == TypeKind::kInt || (logical.__isset.TIME && !logical.TIME.unit.__isset.MICROS)) {
        column.deviations.emplace_back("time not in microseconds");
      }
    } else if (logical.__isset.TIMESTAMP || Has(element, ConvertedType::TIMESTAMP_MICROS) ||
               Has(element, ConvertedType::TIMESTAMP_MILLIS)) {
      Timestamp(element, column);
    } else {
      type = Type::Primitive(plain);
      IntegerDeviations(element, column);
    }
    return {};
  }

  static void Timestamp(const SchemaElement& element, ParquetColumn& column) {
    const auto& logical = element.logicalType;
    // Without a logical type, the converted type means instants.
    const bool adjusted = !logical.__isset.TIMESTAMP || logical.TIMESTAMP.isAdjustedToUTC;
    const bool nanos = logical.__isset.TIMESTAMP && logical.TIMESTAMP.unit.__isset.NANOS;
    const bool millis = Has(element, ConvertedType::TIMESTAMP_MILLIS) ||
                        (logical.__isset.TIMESTAMP && logical.TIMESTAMP.unit.__isset.MILLIS);
    if (nanos) {
      column.field.type =
          Type::Primitive(adjusted ? TypeKind::kTimestampTzNs : TypeKind::kTimestampNs);
    } else {
      column.field.type = Type::Primitive(adjusted ? TypeKind::kTimestampTz : TypeKind::kTimestamp);
    }
    if (millis) column.deviations.emplace_back("timestamp in milliseconds");
  }

  static void IntegerDeviations(const SchemaElement& element, ParquetColumn& column) {
    const auto& logical = element.logicalType;
    if (logical.__isset.INTEGER) {
      const auto& integer = logical.INTEGER;
      const int expected = column.field.type.kind == TypeKind::kInt ? 32 : 64;
      if (integer.bitWidth != expected || !integer.isSigned) {
        column.deviations.push_back(fmt::format("integer annotated as {}{}",
                                                integer.isSigned ? "INT_" : "UINT_",
                                                static_cast<int>(integer.bitWidth)));
      }
    } else if (element.__isset.converted_type && !Has(element, ConvertedType::INT_32) &&
               !Has(element, ConvertedType::INT_64)) {
      column.deviations.push_back(
          fmt::format("integer with converted type {}", static_cast<int>(element.converted_type)));
    }
  }

  static Result<> Bytes(const SchemaElement& element, ParquetColumn& column) {
    const auto& logical = element.logicalType;
    if (IsDecimal(element)) {
      column.field.type = Type::Decimal(element.precision, element.scale);
      column.deviations.push_back(
          fmt::format("decimal({}, {}) stored as BYTE_ARRAY", element.precision, element.scale));
      return {};
    }
    const bool is_text = Has(element, ConvertedType::UTF8) || logical.__isset.STRING;
    const bool is_other_text = Has(element, ConvertedType::JSON) ||
                               Has(element, ConvertedType::ENUM) || logical.__isset.JSON ||
                               logical.__isset.ENUM;
    if (is_other_text) column.deviations.emplace_back("string annotated as JSON or ENUM");
    column.field.type =
        Type::Primitive(is_text || is_other_text ? TypeKind::kString : TypeKind::kBinary);
    return {};
  }

  static Result<> FixedBytes(const SchemaElement& element, ParquetColumn& column) {
    if (IsDecimal(element)) {
      column.field.type = Type::Decimal(element.precision, element.scale);
      const int32_t minimal = MinimalDecimalBytes(element.precision);
      if (element.precision <= 18) {
        column.deviations.push_back(
            fmt::format("decimal({}, {}) stored as bytes, not as an integer", element.precision,
                        element.scale));
      } else if (element.type_length != minimal) {
        column.deviations.push_back(fmt::format("decimal({}, {}) stored in {} bytes, not {}",
                                                element.precision, element.scale,
                                                element.type_length, minimal));
      }
      return {};
    }
    if (element.logicalType.__isset.UUID) {
      if (element.type_length != kUuidBytes) return Malformed("a uuid that has not 16 bytes");
      column.field.type = Type::Primitive(TypeKind::kUuid);
      return {};
    }
    column.field.type = Type::Fixed(element.type_length);
    return {};
  }

  const duckdb::vector<SchemaElement>& elements_;
  size_t next_ = 0;
  int leaves_ = 0;
};

}  // namespace

Result<std::vector<ParquetColumn>> ReadParquetSchema(const duckdb_parquet::FileMetaData& metadata) {
  return SchemaReader(metadata).Read();
}

}  // namespace tarn::engine
