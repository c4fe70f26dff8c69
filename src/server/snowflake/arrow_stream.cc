// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/arrow_stream.h"

#include "server/snowflake/flat_builder.h"

namespace tarn::server::snowflake {
namespace {

using Offset = FlatBuilder::Offset;

// Of Arrow's Message.fbs and Schema.fbs.
constexpr int16_t kVersion5 = 4;
constexpr uint8_t kSchemaHeader = 1, kBatchHeader = 3;
enum class TypeNumber : uint8_t {
  kInt = 2,
  kFloatingPoint = 3,
  kBinary = 4,
  kUtf8 = 5,
  kBool = 6,
  kDecimal = 7,
  kDate = 8,
  kStruct = 13,
};
constexpr int16_t kDoublePrecision = 2, kDayUnit = 0;
constexpr int32_t kDecimalBits = 128;
constexpr uint32_t kContinuation = 0xffffffff;
constexpr size_t kAlignment = 8;

struct Node {
  int64_t rows, nulls;
};
struct Place {
  int64_t offset, bytes;
};

TypeNumber TypeOf(ArrowKind kind) {
  switch (kind) {
    case ArrowKind::kInt32:
    case ArrowKind::kInt64:
      return TypeNumber::kInt;
    case ArrowKind::kDouble:
      return TypeNumber::kFloatingPoint;
    case ArrowKind::kBoolean:
      return TypeNumber::kBool;
    case ArrowKind::kUtf8:
      return TypeNumber::kUtf8;
    case ArrowKind::kBinary:
      return TypeNumber::kBinary;
    case ArrowKind::kDate:
      return TypeNumber::kDate;
    case ArrowKind::kDecimal:
      return TypeNumber::kDecimal;
    case ArrowKind::kStruct:
      break;
  }
  return TypeNumber::kStruct;
}

Offset BuildType(const ArrowField& field, FlatBuilder& builder) {
  builder.StartTable();
  switch (field.kind) {
    case ArrowKind::kInt32:
    case ArrowKind::kInt64:
      builder.Add<int32_t>(0, field.kind == ArrowKind::kInt32 ? 32 : 64);
      builder.Add<uint8_t>(1, 1);
      break;
    case ArrowKind::kDouble:
      builder.Add(0, kDoublePrecision);
      break;
    case ArrowKind::kDate:
      builder.Add(0, kDayUnit);
      break;
    case ArrowKind::kDecimal:
      builder.Add(0, field.precision);
      builder.Add(1, field.scale);
      builder.Add(2, kDecimalBits);
      break;
    default:
      break;
  }
  return builder.EndTable();
}

Offset BuildField(const ArrowField& field, FlatBuilder& builder) {
  std::vector<Offset> children, metadata;
  for (const ArrowField& child : field.children) children.push_back(BuildField(child, builder));
  for (const auto& [key, value] : field.metadata) {
    const Offset key_text = builder.String(key), value_text = builder.String(value);
    builder.StartTable();
    builder.AddOffset(0, key_text);
    builder.AddOffset(1, value_text);
    metadata.push_back(builder.EndTable());
  }
  const Offset name = builder.String(field.name);
  const Offset type = BuildType(field, builder);
  const Offset child_list = builder.Vector(children), metadata_list = builder.Vector(metadata);
  builder.StartTable();
  builder.AddOffset(0, name);
  builder.Add<uint8_t>(1, 1);  // nullable
  builder.Add(2, static_cast<uint8_t>(TypeOf(field.kind)));
  builder.AddOffset(3, type);
  builder.AddOffset(5, child_list);
  builder.AddOffset(6, metadata_list);
  return builder.EndTable();
}

/// The message's metadata with its length in front.
void WriteMetadata(FlatBuilder& builder, uint8_t header_kind, Offset header, int64_t body_bytes,
                   std::string& out) {
  builder.StartTable();
  builder.Add(3, body_bytes);
  builder.AddOffset(2, header);
  builder.Add(0, kVersion5);
  builder.Add(1, header_kind);
  const std::string metadata = builder.Finish(builder.EndTable());
  const auto length = static_cast<uint32_t>(metadata.size());
  out.append(reinterpret_cast<const char*>(&kContinuation), sizeof(kContinuation));
  out.append(reinterpret_cast<const char*>(&length), sizeof(length));
  out += metadata;
}

size_t Padded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Depth-first, as readers go: of every array its node and its buffers.
struct Body {
  std::vector<Node> nodes;
  std::vector<Place> places;
  std::vector<std::span<const uint8_t>> buffers;
  size_t bytes = 0;

  void Take(std::span<const uint8_t> buffer) {
    places.push_back(
        {.offset = static_cast<int64_t>(bytes), .bytes = static_cast<int64_t>(buffer.size())});
    buffers.push_back(buffer);
    bytes += Padded(buffer.size());
  }
  void Take(const ArrowArray& array) {
    nodes.push_back({.rows = array.rows, .nulls = array.nulls});
    Take(array.validity);
    for (const auto& buffer : array.buffers) Take(buffer);
    for (const ArrowArray& child : array.children) Take(child);
  }
};

}  // namespace

void WriteArrowSchema(std::span<const ArrowField> fields, std::string& out) {
  FlatBuilder builder;
  std::vector<Offset> built;
  for (const ArrowField& field : fields) built.push_back(BuildField(field, builder));
  const Offset list = builder.Vector(built);
  builder.StartTable();
  builder.AddOffset(1, list);
  const Offset schema = builder.EndTable();
  WriteMetadata(builder, kSchemaHeader, schema, 0, out);
}

void WriteArrowBatch(int64_t rows, std::span<const ArrowArray> columns, std::string& out) {
  Body body;
  for (const ArrowArray& column : columns) body.Take(column);
  FlatBuilder builder;
  const Offset places = builder.StructVector(body.places.data(), sizeof(Place), body.places.size());
  const Offset nodes = builder.StructVector(body.nodes.data(), sizeof(Node), body.nodes.size());
  builder.StartTable();
  builder.Add(0, rows);
  builder.AddOffset(1, nodes);
  builder.AddOffset(2, places);
  const Offset batch = builder.EndTable();
  WriteMetadata(builder, kBatchHeader, batch, static_cast<int64_t>(body.bytes), out);
  out.reserve(out.size() + body.bytes);
  for (const auto& buffer : body.buffers) {
    out.append(reinterpret_cast<const char*>(buffer.data()), buffer.size());
    out.append(Padded(buffer.size()) - buffer.size(), '\0');
  }
}

void WriteArrowEnd(std::string& out) {
  out.append(reinterpret_cast<const char*>(&kContinuation), sizeof(kContinuation));
  out.append(sizeof(uint32_t), '\0');
}

}  // namespace tarn::server::snowflake
