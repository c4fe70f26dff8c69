// SPDX-License-Identifier: Apache-2.0
#include "base/batch_selection.h"

#include <cstring>

namespace tarn {
namespace {

template <typename Word>
void GatherWords(const uint8_t* from, std::span<const int32_t> rows, uint8_t* to) {
  const auto* source = reinterpret_cast<const Word*>(from);
  auto* target = reinterpret_cast<Word*>(to);
  for (const int32_t row : rows) *target++ = source[row];
}

void GatherFixed(const uint8_t* from, size_t width, std::span<const int32_t> rows, uint8_t* to) {
  if (width == 4) return GatherWords<uint32_t>(from, rows, to);
  if (width == 8) return GatherWords<uint64_t>(from, rows, to);
  for (const int32_t row : rows) {
    std::memcpy(to, from + static_cast<size_t>(row) * width, width);
    to += width;
  }
}

void GatherBits(const uint8_t* from, std::span<const int32_t> rows, uint8_t* to) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto bit = static_cast<uint8_t>(from[rows[i] >> 3] >> (rows[i] & 7) & 1);
    to[i >> 3] = static_cast<uint8_t>(to[i >> 3] | bit << (i & 7));
  }
}

int64_t ColumnBytes(const ColumnView& column) {
  auto bytes = static_cast<int64_t>(column.values_bytes);
  if (column.validity != nullptr) bytes += column.rows / 8;
  if (column.offsets != nullptr) bytes += column.rows * static_cast<int64_t>(sizeof(int32_t));
  for (const ColumnView& child : column.children) bytes += ColumnBytes(child);
  return bytes;
}

}  // namespace

BatchSelection::BatchSelection(const BatchView& batch, std::span<const Type> types,
                               std::span<const int32_t> rows) {
  view_.rows = static_cast<int64_t>(rows.size());
  for (size_t i = 0; i < types.size(); ++i) {
    view_.columns.push_back(Select(types[i], batch.columns[i], rows));
  }
}

uint8_t* BatchSelection::NewBuffer(size_t bytes) {
  // Never empty: a null pointer would mean an absent buffer.
  return reinterpret_cast<uint8_t*>(buffers_.emplace_back(bytes / sizeof(uint64_t) + 1).data());
}

ColumnView BatchSelection::Select(const Type& type, const ColumnView& column, Rows rows) {
  ColumnView selected{.rows = static_cast<int64_t>(rows.size())};
  if (column.validity != nullptr) {
    uint8_t* validity = NewBuffer(rows.size() / 8 + 1);
    GatherBits(column.validity, rows, validity);
    selected.validity = validity;
  }
  switch (type.kind) {
    case TypeKind::kUnknown:
      break;
    case TypeKind::kBoolean: {
      selected.values_bytes = (rows.size() + 7) / 8;
      uint8_t* values = NewBuffer(selected.values_bytes);
      GatherBits(column.values, rows, values);
      selected.values = values;
      break;
    }
    case TypeKind::kStruct:
      for (size_t i = 0; i < type.children.size(); ++i) {
        selected.children.push_back(Select(type.children[i].type, column.children[i], rows));
      }
      break;
    case TypeKind::kList:
      SelectElements(type.children[0].type, column, rows, selected);
      break;
    case TypeKind::kMap:
      SelectElements(Type{.kind = TypeKind::kStruct, .children = type.children}, column, rows,
                     selected);
      break;
    default:
      if (const size_t width = FixedWidthBytes(type); width > 0) {
        selected.values_bytes = rows.size() * width;
        uint8_t* values = NewBuffer(selected.values_bytes);
        GatherFixed(column.values, width, rows, values);
        selected.values = values;
      } else {
        SelectBytes(column, rows, selected);
      }
  }
  return selected;
}

void BatchSelection::SelectBytes(const ColumnView& column, Rows rows, ColumnView& selected) {
  auto* offsets = reinterpret_cast<int32_t*>(NewBuffer((rows.size() + 1) * sizeof(int32_t)));
  int32_t end = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    offsets[i] = end;
    end += column.offsets[rows[i] + 1] - column.offsets[rows[i]];
  }
  offsets[rows.size()] = end;
  uint8_t* values = NewBuffer(static_cast<size_t>(end));
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto length = static_cast<size_t>(offsets[i + 1] - offsets[i]);
    if (length > 0)
      std::memcpy(values + offsets[i], column.values + column.offsets[rows[i]], length);
  }
  selected.offsets = offsets;
  selected.values = values;
  selected.values_bytes = static_cast<size_t>(end);
}

void BatchSelection::SelectElements(const Type& element, const ColumnView& column, Rows rows,
                                    ColumnView& selected) {
  auto* offsets = reinterpret_cast<int32_t*>(NewBuffer((rows.size() + 1) * sizeof(int32_t)));
  std::vector<int32_t> elements;
  for (size_t i = 0; i < rows.size(); ++i) {
    offsets[i] = static_cast<int32_t>(elements.size());
    for (int32_t at = column.offsets[rows[i]]; at < column.offsets[rows[i] + 1]; ++at) {
      elements.push_back(at);
    }
  }
  offsets[rows.size()] = static_cast<int32_t>(elements.size());
  selected.offsets = offsets;
  selected.children.push_back(Select(element, column.children[0], elements));
}

int64_t BatchBytes(const BatchView& batch) {
  int64_t bytes = 0;
  for (const ColumnView& column : batch.columns) bytes += ColumnBytes(column);
  return bytes;
}

}  // namespace tarn
