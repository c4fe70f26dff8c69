// SPDX-License-Identifier: Apache-2.0
#include "base/batch.h"

#include <bit>
#include <cstring>
#include <limits>

namespace tarn {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint32_t kMagic = 0x54414254;  // "TBAT"
constexpr size_t kHeaderBytes = 16;
constexpr size_t kNodeBytes = 56;
constexpr int32_t kEmptyOffsets[1] = {0};  // of a column without rows

struct Buffer {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

struct Node {
  int64_t rows = 0;
  Buffer validity, values, offsets;
};
static_assert(sizeof(Node) == kNodeBytes);

size_t RoundUp(size_t size) { return (size + 7) & ~size_t{7}; }
size_t BitmapBytes(int64_t rows) { return (static_cast<size_t>(rows) + 7) / 8; }
size_t OffsetBytes(int64_t rows) { return (static_cast<size_t>(rows) + 1) * sizeof(int32_t); }

size_t CountNodes(const std::vector<ColumnView>& columns) {
  size_t count = columns.size();
  for (const ColumnView& column : columns) count += CountNodes(column.children);
  return count;
}

/// Depth-first: positions of every node's buffers, starting at `end`, which moves on.
void PlaceNodes(const std::vector<ColumnView>& columns, size_t& end, std::vector<Node>& nodes) {
  const auto place = [&end](const void* data, size_t bytes) {
    if (data == nullptr || bytes == 0) return Buffer{};
    const Buffer buffer{end, bytes};
    end += RoundUp(bytes);
    return buffer;
  };
  for (const ColumnView& column : columns) {
    nodes.push_back({.rows = column.rows,
                     .validity = place(column.validity, BitmapBytes(column.rows)),
                     .values = place(column.values, column.values_bytes),
                     .offsets = place(column.offsets, OffsetBytes(column.rows))});
    PlaceNodes(column.children, end, nodes);
  }
}

void CopyNodes(const std::vector<ColumnView>& columns, const Node*& node, uint8_t* base) {
  const auto copy = [base](const Buffer& buffer, const void* data) {
    if (buffer.bytes == 0) return;
    std::memcpy(base + buffer.offset, data, buffer.bytes);
    std::memset(base + buffer.offset + buffer.bytes, 0, RoundUp(buffer.bytes) - buffer.bytes);
  };
  for (const ColumnView& column : columns) {
    copy(node->validity, column.validity);
    copy(node->values, column.values);
    copy(node->offsets, column.offsets);
    ++node;
    CopyNodes(column.children, node, base);
  }
}

/// Writes every byte from `start` on: only what `out` grows by is zeroed before.
void EncodeBatchAt(const BatchView& batch, size_t start, std::vector<uint8_t>& out) {
  const auto node_count = static_cast<uint32_t>(CountNodes(batch.columns));
  std::vector<Node> nodes;
  nodes.reserve(node_count);
  size_t end = kHeaderBytes + node_count * kNodeBytes;
  PlaceNodes(batch.columns, end, nodes);

  out.resize(start + end);
  uint8_t* base = out.data() + start;
  std::memcpy(base, &kMagic, 4);
  std::memcpy(base + 4, &node_count, 4);
  std::memcpy(base + 8, &batch.rows, 8);
  if (nodes.empty()) return;
  std::memcpy(base + kHeaderBytes, nodes.data(), nodes.size() * kNodeBytes);
  const Node* node = nodes.data();
  CopyNodes(batch.columns, node, base);
}

void TruncateColumn(ColumnView& column, int64_t rows) {
  column.rows = rows;
  const int64_t entries = column.offsets == nullptr ? rows : column.offsets[rows];
  if (column.children.empty() && column.offsets != nullptr) {
    column.values_bytes = static_cast<size_t>(entries);
  }
  for (ColumnView& child : column.children) TruncateColumn(child, entries);
}

/// Reads the node table against the types, one node after the other in depth-first order.
class Decoder {
 public:
  Decoder(std::span<const uint8_t> bytes, uint32_t node_count)
      : bytes_(bytes), node_count_(node_count) {}

  Result<> Column(const Type& type, int64_t rows, ColumnView& out) {
    Node node;
    TARN_TRY(Next(rows, node));
    out.rows = rows;
    TARN_TRY(Validity(node, out));
    switch (type.kind) {
      case TypeKind::kStruct:
        return Children(type, rows, out);
      case TypeKind::kList:
        TARN_TRY(Offsets(node, std::numeric_limits<int32_t>::max(), out));
        if (type.children.size() != 1) return Malformed("a list without an element type");
        out.children.resize(1);
        return Column(type.children[0].type, out.offsets[rows], out.children[0]);
      case TypeKind::kMap: {
        TARN_TRY(Offsets(node, std::numeric_limits<int32_t>::max(), out));
        if (type.children.size() != 2) return Malformed("a map without key and value types");
        out.children.resize(1);
        return Entries(type, out.offsets[rows], out.children[0]);
      }
      case TypeKind::kString:
      case TypeKind::kBinary:
        out.values_bytes = node.values.bytes;
        // Never null, so that empty strings can be taken from it like others.
        out.values = node.values.bytes == 0 ? bytes_.data() : At(node.values);
        return Offsets(node, node.values.bytes, out);
      case TypeKind::kUnknown:
        return {};
      default:
        return FixedWidth(type, node, out);
    }
  }

  Result<> Finish() const {
    if (next_ != node_count_) return Malformed("more columns than its types");
    return {};
  }

  static std::unexpected<Error> Malformed(const char* what) {
    return Fail(ErrorKind::kCorruption, "malformed batch: {}", what);
  }

 private:
  const uint8_t* At(const Buffer& buffer) const { return bytes_.data() + buffer.offset; }

  Result<> Check(const Buffer& buffer) const {
    if (buffer.bytes == 0) return {};
    if (buffer.offset % 8 != 0 || buffer.offset > bytes_.size() ||
        buffer.bytes > bytes_.size() - buffer.offset) {
      return Malformed("a buffer outside of it");
    }
    return {};
  }

  Result<> Next(int64_t rows, Node& node) {
    if (next_ == node_count_) return Malformed("fewer columns than its types");
    std::memcpy(&node, bytes_.data() + kHeaderBytes + next_ * kNodeBytes, kNodeBytes);
    ++next_;
    if (node.rows != rows) return Malformed("columns of different length");
    TARN_TRY(Check(node.validity));
    TARN_TRY(Check(node.values));
    return Check(node.offsets);
  }

  Result<> Validity(const Node& node, ColumnView& out) const {
    if (node.validity.bytes == 0) return {};
    if (node.validity.bytes < BitmapBytes(out.rows))
      return Malformed("a validity buffer too short");
    out.validity = At(node.validity);
    return {};
  }

  Result<> Offsets(const Node& node, uint64_t limit, ColumnView& out) const {
    if (node.offsets.bytes == 0 && out.rows == 0) {
      out.offsets = kEmptyOffsets;
      return {};
    }
    if (node.offsets.bytes < OffsetBytes(out.rows)) return Malformed("an offsets buffer too short");
    out.offsets = reinterpret_cast<const int32_t*>(At(node.offsets));
    bool ascending = out.offsets[0] == 0;
    for (int64_t i = 0; i < out.rows; ++i) ascending &= out.offsets[i] <= out.offsets[i + 1];
    if (!ascending || static_cast<uint64_t>(out.offsets[out.rows]) > limit) {
      return Malformed("offsets that do not ascend within their values");
    }
    return {};
  }

  Result<> FixedWidth(const Type& type, const Node& node, ColumnView& out) const {
    const size_t width = FixedWidthBytes(type);
    if (width == 0 && type.kind != TypeKind::kBoolean) return Malformed("a type it can't carry");
    const size_t needed = type.kind == TypeKind::kBoolean ? BitmapBytes(out.rows)
                                                          : static_cast<size_t>(out.rows) * width;
    if (node.values.bytes < needed) return Malformed("a values buffer too short");
    out.values_bytes = node.values.bytes;
    out.values = node.values.bytes == 0 ? bytes_.data() : At(node.values);
    return {};
  }

  Result<> Children(const Type& type, int64_t rows, ColumnView& out) {
    out.children.resize(type.children.size());
    for (size_t i = 0; i < type.children.size(); ++i) {
      TARN_TRY(Column(type.children[i].type, rows, out.children[i]));
    }
    return {};
  }

  Result<> Entries(const Type& map, int64_t rows, ColumnView& out) {
    Node node;
    TARN_TRY(Next(rows, node));
    out.rows = rows;
    TARN_TRY(Validity(node, out));
    return Children(map, rows, out);
  }

  std::span<const uint8_t> bytes_;
  uint32_t node_count_;
  uint32_t next_ = 0;
};

}  // namespace

size_t FixedWidthBytes(const Type& type) {
  switch (type.kind) {
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kFloat:
      return 4;
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
    case TypeKind::kDouble:
      return 8;
    case TypeKind::kDecimal:
    case TypeKind::kUuid:
      return 16;
    case TypeKind::kFixed:
      return type.length > 0 ? static_cast<size_t>(type.length) : 0;
    default:
      return 0;
  }
}

void EncodeBatch(const BatchView& batch, std::vector<uint8_t>& out) {
  EncodeBatchAt(batch, out.size(), out);
}

void EncodeBatchOver(const BatchView& batch, std::vector<uint8_t>& out) {
  EncodeBatchAt(batch, 0, out);
}

void TruncateBatch(BatchView& batch, int64_t rows) {
  batch.rows = rows;
  for (ColumnView& column : batch.columns) TruncateColumn(column, rows);
}

Result<BatchView> DecodeBatch(std::span<const uint8_t> bytes, std::span<const Type> types) {
  uint32_t magic = 0;
  uint32_t node_count = 0;
  BatchView batch;
  if (bytes.size() < kHeaderBytes) return Decoder::Malformed("it ends within its header");
  if (reinterpret_cast<uintptr_t>(bytes.data()) % 8 != 0) {
    return Fail(ErrorKind::kInternal, "batch at an address that is not a multiple of 8");
  }
  std::memcpy(&magic, bytes.data(), 4);
  std::memcpy(&node_count, bytes.data() + 4, 4);
  std::memcpy(&batch.rows, bytes.data() + 8, 8);
  if (magic != kMagic) return Decoder::Malformed("it does not start with its magic number");
  if ((bytes.size() - kHeaderBytes) / kNodeBytes < node_count) {
    return Decoder::Malformed("it ends within its table of columns");
  }
  // Offsets are 32 bits wide, so rows are too where there are columns.
  if (batch.rows < 0 || (!types.empty() && batch.rows > std::numeric_limits<int32_t>::max() - 1)) {
    return Decoder::Malformed("an impossible number of rows");
  }
  Decoder decoder(bytes, node_count);
  batch.columns.resize(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    TARN_TRY(decoder.Column(types[i], batch.rows, batch.columns[i]));
  }
  TARN_TRY(decoder.Finish());
  return batch;
}

}  // namespace tarn
