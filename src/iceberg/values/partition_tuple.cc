// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/partition_tuple.h"

#include <algorithm>
#include <set>

#include "iceberg/manifests/manifest_fields.h"

namespace tarn::iceberg {
namespace {

using avro::BinaryReader;
using avro::BinaryWriter;
using avro::Kind;
using avro::Node;

constexpr size_t kInt128Bytes = 16;

/// Bytes that two's complement of this many decimal digits needs (spec, Appendix A: "minimum number
/// of bytes").
size_t DecimalBytes(int32_t precision) {
  Int128 limit = 1;
  for (int32_t i = 0; i < precision; ++i) limit *= 10;
  size_t bytes = 1;
  while (bytes < kInt128Bytes && (static_cast<Int128>(1) << (8 * bytes - 1)) < limit) ++bytes;
  return bytes;
}

std::string TimestampJson(std::string_view unit, bool utc) {
  return fmt::format(R"({{"type":"long","logicalType":"timestamp-{}","adjust-to-utc":{}}})", unit,
                     utc);
}

/// `suffix` keeps the names of fixed types apart: Avro allows each to be defined once.
Result<std::string> TypeJson(const Type& type, std::string_view suffix) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return R"("boolean")";
    case TypeKind::kInt:
      return R"("int")";
    case TypeKind::kLong:
      return R"("long")";
    case TypeKind::kFloat:
      return R"("float")";
    case TypeKind::kDouble:
      return R"("double")";
    case TypeKind::kString:
      return R"("string")";
    case TypeKind::kBinary:
      return R"("bytes")";
    case TypeKind::kDate:
      return R"({"type":"int","logicalType":"date"})";
    case TypeKind::kTime:
      return R"({"type":"long","logicalType":"time-micros"})";
    case TypeKind::kTimestamp:
      return TimestampJson("micros", false);
    case TypeKind::kTimestampTz:
      return TimestampJson("micros", true);
    case TypeKind::kTimestampNs:
      return TimestampJson("nanos", false);
    case TypeKind::kTimestampTzNs:
      return TimestampJson("nanos", true);
    case TypeKind::kUuid:
      return fmt::format(
          R"({{"type":"fixed","name":"uuid_fixed{}","size":16,"logicalType":"uuid"}})", suffix);
    case TypeKind::kFixed:
      return fmt::format(R"({{"type":"fixed","name":"fixed_{0}{1}","size":{0}}})", type.length,
                         suffix);
    case TypeKind::kDecimal:
      return fmt::format(
          R"({{"type":"fixed","name":"decimal_{0}_{1}{2}","size":{3},"logicalType":"decimal",)"
          R"("precision":{0},"scale":{1}}})",
          type.precision, type.scale, suffix, DecimalBytes(type.precision));
    default:
      return Fail(ErrorKind::kInvalidArgument, "type {} can't be partitioned by",
                  static_cast<int>(type.kind));
  }
}

void PutDecimal(const Type& type, Int128 value, BinaryWriter& out) {
  std::string bytes(DecimalBytes(type.precision), '\0');
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, value >>= 8) {
    *byte = static_cast<char>(value & 0xff);
  }
  out.PutFixed(bytes);
}

void PutValue(const Type& type, const Value& value, BinaryWriter& out) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return out.PutBoolean(std::get<bool>(value));
    case TypeKind::kInt:
    case TypeKind::kDate:
      return out.PutLong(std::get<int32_t>(value));
    case TypeKind::kFloat:
      return out.PutFloat(std::get<float>(value));
    case TypeKind::kDouble:
      return out.PutDouble(std::get<double>(value));
    case TypeKind::kDecimal:
      return PutDecimal(type, std::get<Int128>(value), out);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return out.PutBytes(std::get<std::string>(value));
    case TypeKind::kUuid:
    case TypeKind::kFixed:
      return out.PutFixed(std::get<std::string>(value));
    default:
      return out.PutLong(std::get<int64_t>(value));
  }
}

Value DecimalValue(std::string_view bytes, BinaryReader& in) {
  if (bytes.empty() || bytes.size() > kInt128Bytes) {
    in.Fail("decimal of an impossible width");
    return {};
  }
  Int128 value = static_cast<int8_t>(bytes[0]) < 0 ? -1 : 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<uint8_t>(byte);
  return value;
}

Value ReadBytesValue(const Node& node, BinaryReader& in) {
  const std::string_view bytes =
      node.kind == Kind::kFixed ? in.ReadFixed(node.fixed_bytes) : in.ReadBytes();
  if (node.logical_type == "decimal" && in.ok()) return DecimalValue(bytes, in);
  return std::string(bytes);
}

Value ReadValue(const Node& declared, BinaryReader& in) {
  const Node& node = avro::ReadBranch(declared, in);
  switch (node.kind) {
    case Kind::kNull:
      return {};
    case Kind::kBoolean:
      return in.ReadBoolean();
    case Kind::kInt:
      return in.ReadInt();
    case Kind::kLong:
      return in.ReadLong();
    case Kind::kFloat:
      return in.ReadFloat();
    case Kind::kDouble:
      return in.ReadDouble();
    case Kind::kBytes:
    case Kind::kString:
    case Kind::kFixed:
      return ReadBytesValue(node, in);
    default:
      in.Fail("partition value is not primitive");
      return {};
  }
}

/// Manifests outlive promotions, and writers differ in how they declare days and decimals.
Value Adapt(const Type& type, Value value, BinaryReader& in) {
  if (IsOfType(type, value)) return value;
  if (const auto* narrow = std::get_if<int32_t>(&value)) {
    const Value wide = static_cast<int64_t>(*narrow);
    if (IsOfType(type, wide)) return wide;
  }
  if (const auto* wide = std::get_if<int64_t>(&value)) {
    const auto narrow = static_cast<int32_t>(*wide);
    if (narrow == *wide && IsOfType(type, Value(narrow))) return narrow;
  }
  if (const auto* narrow = std::get_if<float>(&value); narrow && type.kind == TypeKind::kDouble) {
    return static_cast<double>(*narrow);
  }
  if (const auto* bytes = std::get_if<std::string>(&value);
      bytes != nullptr && type.kind == TypeKind::kDecimal) {
    return DecimalValue(*bytes, in);
  }
  in.Fail("partition value does not fit the type of its field");
  return {};
}

bool DependsOnSource(TransformKind kind) {
  switch (kind) {
    case TransformKind::kBucket:
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
    case TransformKind::kHour:
      return false;
    default:
      return true;
  }
}

Result<Type> PartitionType(const Schema& schema, const PartitionField& field) {
  if (field.transform.kind == TransformKind::kUnknown) {
    return Fail(ErrorKind::kInvalidArgument, "partition field \"{}\" has the unknown transform {}",
                field.name, field.transform.ToString());
  }
  const Field* source =
      field.source_ids.size() == 1 ? schema.FindField(field.source_ids[0]) : nullptr;
  if (source != nullptr) return field.transform.ResultType(source->type);
  if (!DependsOnSource(field.transform.kind)) {
    const bool day = field.transform.kind == TransformKind::kDay;
    return Type::Primitive(day ? TypeKind::kDate : TypeKind::kInt);
  }
  // Only nulls are written for it, whatever their type.
  if (field.transform.kind == TransformKind::kVoid) return Type::Primitive(TypeKind::kInt);
  return Fail(ErrorKind::kInvalidArgument, "the source column of partition field \"{}\" is gone",
              field.name);
}

}  // namespace

Result<std::vector<Type>> PartitionTypes(const Schema& schema, const PartitionSpec& spec) {
  std::vector<Type> types;
  for (const PartitionField& field : spec.fields) {
    TARN_ASSIGN(Type type, PartitionType(schema, field));
    types.push_back(std::move(type));
  }
  return types;
}

bool IsOfType(const Type& type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  switch (type.kind) {
    case TypeKind::kBoolean:
      return std::holds_alternative<bool>(value);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return std::holds_alternative<int32_t>(value);
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return std::holds_alternative<int64_t>(value);
    case TypeKind::kFloat:
      return std::holds_alternative<float>(value);
    case TypeKind::kDouble:
      return std::holds_alternative<double>(value);
    case TypeKind::kDecimal:
      return std::holds_alternative<Int128>(value);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return std::holds_alternative<std::string>(value);
    case TypeKind::kUuid:
    case TypeKind::kFixed: {
      const auto* bytes = std::get_if<std::string>(&value);
      const size_t length =
          type.kind == TypeKind::kUuid ? 16 : static_cast<size_t>(std::max(type.length, 0));
      return bytes != nullptr && bytes->size() == length;
    }
    default:
      return false;
  }
}

std::string AvroName(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  std::string out;
  for (const char c : name) {
    if (is_letter(c) || (is_digit(c) && !out.empty())) {
      out += c;
    } else if (is_digit(c)) {
      out += '_';
      out += c;
    } else {
      out += fmt::format("_x{:X}", static_cast<uint8_t>(c));
    }
  }
  return out.empty() ? "_" : out;
}

Result<PartitionTupleWriter> PartitionTupleWriter::Make(const Schema& schema,
                                                        const PartitionSpec& spec) {
  PartitionTupleWriter writer;
  writer.fields_ = spec.fields;
  TARN_ASSIGN(writer.types_, PartitionTypes(schema, spec));
  for (const Type& type : writer.types_) TARN_TRY(TypeJson(type, ""));
  return writer;
}

std::string PartitionTupleWriter::SchemaJson() const {
  std::string json =
      fmt::format(R"({{"type":"record","name":"{}","fields":[)", manifest_record::kPartition);
  std::set<std::string> seen;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (i > 0) json += ',';
    std::string type = *TypeJson(types_[i], "");
    const int32_t id = fields_[i].id.value();
    if (!seen.insert(type).second) type = *TypeJson(types_[i], fmt::format("_{}", id));
    json += fmt::format(R"({{"name":"{}","type":["null",{}],"default":null,"field-id":{}}})",
                        AvroName(fields_[i].name), type, id);
  }
  return json + "]}";
}

Result<> PartitionTupleWriter::Write(std::span<const Value> tuple, BinaryWriter& out) const {
  if (tuple.size() != fields_.size()) {
    return Fail(ErrorKind::kInvalidArgument, "partition tuple has {} values, its spec {} fields",
                tuple.size(), fields_.size());
  }
  for (size_t i = 0; i < tuple.size(); ++i) {
    if (!IsOfType(types_[i], tuple[i])) {
      return Fail(ErrorKind::kInvalidArgument, "value of partition field \"{}\" is of another type",
                  fields_[i].name);
    }
    const bool null = std::holds_alternative<std::monostate>(tuple[i]);
    out.PutBranch(null ? 0 : 1);
    if (!null) PutValue(types_[i], tuple[i], out);
  }
  return {};
}

PartitionTupleReader::PartitionTupleReader(const Node& record, const PartitionSpec& spec,
                                           std::vector<Type> types)
    : record_(record), types_(std::move(types)), size_(spec.fields.size()) {
  if (spec.fields.empty()) {
    size_ = record.fields.size();
    for (size_t i = 0; i < size_; ++i) target_.push_back(static_cast<int>(i));
    return;
  }
  target_.assign(record.fields.size(), -1);
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    const PartitionField& field = spec.fields[i];
    const int index = record.FindField(field.id.value(), field.name, AvroName(field.name));
    if (index >= 0) target_[static_cast<size_t>(index)] = static_cast<int>(i);
  }
}

std::vector<Value> PartitionTupleReader::Read(BinaryReader& in) const {
  std::vector<Value> tuple(size_);
  for (size_t i = 0; i < record_.fields.size() && in.ok(); ++i) {
    const Node& node = *record_.fields[i].type;
    if (target_[i] < 0) {
      avro::Skip(node, in);
      continue;
    }
    const auto place = static_cast<size_t>(target_[i]);
    Value value = ReadValue(node, in);
    tuple[place] = types_.empty() ? std::move(value) : Adapt(types_[place], std::move(value), in);
  }
  return tuple;
}

}  // namespace tarn::iceberg
