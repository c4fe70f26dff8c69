// SPDX-License-Identifier: Apache-2.0
#include "server/testing/batch_builder.h"

#include <cstring>
#include <deque>

namespace tarn::server {
namespace {

/// Owns the buffers of a batch while it is encoded.
class Builder {
 public:
  ColumnView Column(const Type& carrier, const std::vector<const Cell*>& cells) {
    ColumnView view{.rows = static_cast<int64_t>(cells.size())};
    std::string& validity = buffers_.emplace_back((cells.size() + 7) / 8 + 8, '\0');
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i]->null) validity[i / 8] = static_cast<char>(validity[i / 8] | 1 << i % 8);
    }
    view.validity = Bytes(validity);
    if (carrier.kind == TypeKind::kStruct) {
      Struct(carrier, cells, view);
    } else if (carrier.kind == TypeKind::kString || carrier.kind == TypeKind::kBinary) {
      Strings(cells, view);
    } else if (carrier.kind == TypeKind::kBoolean) {
      std::string& bits = buffers_.emplace_back((cells.size() + 7) / 8 + 8, '\0');
      for (size_t i = 0; i < cells.size(); ++i) {
        const bool* const value = std::get_if<bool>(&cells[i]->value);
        if (value != nullptr && *value) bits[i / 8] = static_cast<char>(bits[i / 8] | 1 << i % 8);
      }
      view.values = Bytes(bits);
      view.values_bytes = bits.size();
    } else if (carrier.kind != TypeKind::kUnknown) {
      Fixed(carrier, cells, view);
    }
    return view;
  }

 private:
  static const uint8_t* Bytes(const std::string& buffer) {
    return reinterpret_cast<const uint8_t*>(buffer.data());
  }

  void Struct(const Type& carrier, const std::vector<const Cell*>& cells, ColumnView& view) {
    for (size_t child = 0; child < carrier.children.size(); ++child) {
      const Type& type = carrier.children[child].type;
      std::vector<const Cell*> values;
      for (const Cell* const cell : cells) {
        const int64_t part = cell->null ? 0 : cell->parts[child];
        Cell made{.null = false, .value = part};
        if (type.kind == TypeKind::kInt) made.value = static_cast<int32_t>(part);
        cells_.push_back(std::move(made));
        values.push_back(&cells_.back());
      }
      view.children.push_back(Column(type, values));
    }
  }

  void Strings(const std::vector<const Cell*>& cells, ColumnView& view) {
    std::vector<int32_t>& offsets = offsets_.emplace_back(std::vector<int32_t>{0});
    std::string& bytes = buffers_.emplace_back();
    for (const Cell* const cell : cells) {
      if (const auto* const text = std::get_if<std::string>(&cell->value)) bytes += *text;
      offsets.push_back(static_cast<int32_t>(bytes.size()));
    }
    view.values = Bytes(bytes);
    view.values_bytes = bytes.size();
    view.offsets = offsets.data();
  }

  void Fixed(const Type& carrier, const std::vector<const Cell*>& cells, ColumnView& view) {
    const size_t width = FixedWidthBytes(carrier);
    std::string& bytes = buffers_.emplace_back(cells.size() * width, '\0');
    for (size_t i = 0; i < cells.size(); ++i) {
      char* const out = bytes.data() + i * width;
      std::visit(
          [out, width]<typename T>(const T& value) {
            if constexpr (std::is_same_v<T, std::string>) {
              std::memcpy(out, value.data(), std::min(width, value.size()));
            } else if constexpr (!std::is_same_v<T, std::monostate>) {
              // Integers widen to their carrier: little-endian, so the low bytes come first.
              if constexpr (std::is_integral_v<T> || std::is_same_v<T, Int128>) {
                const Int128 wide = value;
                std::memcpy(out, &wide, width);
              } else {
                std::memcpy(out, &value, std::min(width, sizeof value));
              }
            }
          },
          cells[i]->value);
    }
    view.values = Bytes(bytes);
    view.values_bytes = bytes.size();
  }

  std::deque<std::string> buffers_;
  std::deque<std::vector<int32_t>> offsets_;
  std::deque<Cell> cells_;
};

}  // namespace

std::vector<uint8_t> BuildBatch(std::span<const Type> carriers,
                                const std::vector<std::vector<Cell>>& rows) {
  Builder builder;
  BatchView view{.rows = static_cast<int64_t>(rows.size())};
  for (size_t i = 0; i < carriers.size(); ++i) {
    std::vector<const Cell*> cells;
    for (const std::vector<Cell>& row : rows) cells.push_back(&row[i]);
    view.columns.push_back(builder.Column(carriers[i], cells));
  }
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  return bytes;
}

}  // namespace tarn::server
