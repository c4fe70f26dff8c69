// SPDX-License-Identifier: Apache-2.0
// For tests: rows as values, in and out of batches, cell by cell, so that nothing is shared with
// the code under test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/value.h"

namespace tarn::engine {

/// One value of any type. Nested ones have items: of a struct its fields, of a list its elements,
/// of a map its entries, which have two.
struct Cell {
  Value value;
  std::vector<Cell> items;
  bool nested = false;

  Cell() = default;
  Cell(Value v)
      : value(std::move(v)) {}  // NOLINT(google-explicit-constructor): tables of cells are long
  static Cell Of(std::vector<Cell> items) {
    Cell cell;
    cell.items = std::move(items);
    cell.nested = true;
    return cell;
  }
  bool is_null() const { return !nested && std::holds_alternative<std::monostate>(value); }

  /// Bit for bit, but any NaN equals any other.
  bool operator==(const Cell& other) const {
    if (nested != other.nested || value.index() != other.value.index()) return false;
    if (nested) return items == other.items;
    if (const auto* a = std::get_if<double>(&value))
      return SameFloat(*a, std::get<double>(other.value));
    if (const auto* a = std::get_if<float>(&value))
      return SameFloat(*a, std::get<float>(other.value));
    return value == other.value;
  }

 private:
  template <typename T>
  static bool SameFloat(T a, T b) {
    return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof a) == 0;
  }
};

inline void PrintTo(const Cell& cell, std::ostream* out) {
  if (cell.nested) {
    *out << "[";
    for (const Cell& item : cell.items) PrintTo(item, &(*out << " "));
    *out << " ]";
    return;
  }
  std::visit(
      [out](const auto& v) {
        using V = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<V, std::monostate>) {
          *out << "null";
        } else if constexpr (std::is_same_v<V, Int128>) {
          *out << static_cast<double>(v);
        } else if constexpr (std::is_same_v<V, std::string>) {
          *out << '"' << v.substr(0, 40) << '"';
        } else {
          *out << v;
        }
      },
      cell.value);
}

using Row = std::vector<Cell>;

/// Where two lists of rows part, instead of both of them.
inline testing::AssertionResult SameRows(const std::vector<Row>& found,
                                         const std::vector<Row>& expected) {
  for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    if (found[i] == expected[i]) continue;
    return testing::AssertionFailure()
           << "row " << i << ": found " << testing::PrintToString(found[i]) << ", expected "
           << testing::PrintToString(expected[i]);
  }
  if (found.size() == expected.size()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "found " << found.size() << " rows, expected " << expected.size();
}

/// Owns the buffers of one column of a batch.
class TestColumn {
 public:
  TestColumn(const Type& type, const std::vector<Cell>& cells) {
    const size_t rows = cells.size();
    view_.rows = static_cast<int64_t>(rows);
    validity_.assign((rows + 63) / 64 * 8 + 8, 0);
    for (size_t i = 0; i < rows; ++i) {
      if (!cells[i].is_null()) validity_[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
    }
    bool has_null = false;
    for (const Cell& cell : cells) has_null |= cell.is_null();
    view_.validity = has_null ? validity_.data() : nullptr;
    Fill(type, cells);
  }
  TestColumn(TestColumn&&) = default;

  const ColumnView& view() const { return view_; }

 private:
  void Fill(const Type& type, const std::vector<Cell>& cells) {
    if (type.kind == TypeKind::kStruct) return AddStruct(type, cells);
    if (type.kind == TypeKind::kList) return AddLists(type.children[0].type, cells);
    if (type.kind == TypeKind::kMap) {
      return AddLists(Type{.kind = TypeKind::kStruct, .children = type.children}, cells);
    }
    if (type.kind == TypeKind::kBoolean) return AddBits(cells);
    if (type.kind == TypeKind::kString || type.kind == TypeKind::kBinary) return AddStrings(cells);
    for (const Cell& cell : cells) AppendFixed(type, cell);
    view_.values = values_.data();
    view_.values_bytes = values_.size();
  }

  void AddStruct(const Type& type, const std::vector<Cell>& cells) {
    for (size_t field = 0; field < type.children.size(); ++field) {
      std::vector<Cell> column;
      for (const Cell& cell : cells) column.push_back(cell.is_null() ? Cell() : cell.items[field]);
      AddChild(type.children[field].type, column);
    }
  }

  void AddLists(const Type& element, const std::vector<Cell>& cells) {
    std::vector<Cell> elements;
    offsets_.push_back(0);
    for (const Cell& cell : cells) {
      elements.insert(elements.end(), cell.items.begin(), cell.items.end());
      offsets_.push_back(static_cast<int32_t>(elements.size()));
    }
    view_.offsets = offsets_.data();
    AddChild(element, elements);
  }

  void AddChild(const Type& type, const std::vector<Cell>& cells) {
    children_.push_back(std::make_unique<TestColumn>(type, cells));
    view_.children.push_back(children_.back()->view());
  }

  void AddBits(const std::vector<Cell>& cells) {
    values_.assign(cells.size() / 8 + 1, 0);
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].is_null() && std::get<bool>(cells[i].value))
        values_[i / 8] |= static_cast<uint8_t>(1U << (i % 8));
    }
    view_.values = values_.data();
    view_.values_bytes = (cells.size() + 7) / 8;
  }

  void AddStrings(const std::vector<Cell>& cells) {
    offsets_.push_back(0);
    for (const Cell& cell : cells) {
      if (!cell.is_null()) {
        const auto& text = std::get<std::string>(cell.value);
        values_.insert(values_.end(), text.begin(), text.end());
      }
      offsets_.push_back(static_cast<int32_t>(values_.size()));
    }
    view_.offsets = offsets_.data();
    view_.values = values_.data();
    view_.values_bytes = values_.size();
  }

  void AppendFixed(const Type& type, const Cell& cell) {
    const size_t width = FixedWidthBytes(type);
    uint8_t bytes[16] = {};
    std::memset(bytes, 0xab, sizeof bytes);  // what lies under a null must not matter
    std::visit(
        [&](const auto& v) {
          using V = std::decay_t<decltype(v)>;
          if constexpr (std::is_same_v<V, std::string>) {
            std::memcpy(bytes, v.data(), width);
          } else if constexpr (!std::is_same_v<V, std::monostate> && !std::is_same_v<V, bool>) {
            std::memcpy(bytes, &v, sizeof v);
          }
        },
        cell.value);
    values_.insert(values_.end(), bytes, bytes + width);
  }

  ColumnView view_;
  std::vector<uint8_t> validity_;
  std::vector<uint8_t> values_;
  std::vector<int32_t> offsets_;
  std::vector<std::unique_ptr<TestColumn>> children_;
};

/// A batch in the encoded form, which owns its bytes.
inline std::shared_ptr<std::vector<uint8_t>> EncodeRows(const std::vector<Field>& fields,
                                                        std::span<const Row> rows) {
  std::vector<TestColumn> columns;
  BatchView view{.rows = static_cast<int64_t>(rows.size()), .columns = {}};
  for (size_t i = 0; i < fields.size(); ++i) {
    std::vector<Cell> cells;
    for (const Row& row : rows) cells.push_back(row[i]);
    columns.emplace_back(fields[i].type, cells);
  }
  for (const TestColumn& column : columns) view.columns.push_back(column.view());
  auto bytes = std::make_shared<std::vector<uint8_t>>();
  EncodeBatch(view, *bytes);
  return bytes;
}

template <typename T>
T LoadAt(const ColumnView& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

inline std::string BytesAt(const ColumnView& column, size_t begin, size_t length) {
  return std::string(reinterpret_cast<const char*>(column.values) + begin, length);
}

inline Cell ReadCell(const Type& type, const ColumnView& column, int64_t row) {
  if (column.is_null(row)) return {};
  switch (type.kind) {
    case TypeKind::kBoolean:
      return Value((column.values[row / 8] >> (row % 8) & 1) != 0);
    case TypeKind::kInt:
    case TypeKind::kDate:
      return Value(LoadAt<int32_t>(column, row));
    case TypeKind::kFloat:
      return Value(LoadAt<float>(column, row));
    case TypeKind::kDouble:
      return Value(LoadAt<double>(column, row));
    case TypeKind::kDecimal:
      return Value(LoadAt<Int128>(column, row));
    case TypeKind::kString:
    case TypeKind::kBinary: {
      const auto begin = static_cast<size_t>(column.offsets[row]);
      return Value(BytesAt(column, begin, static_cast<size_t>(column.offsets[row + 1]) - begin));
    }
    case TypeKind::kUuid:
    case TypeKind::kFixed: {
      const size_t width = FixedWidthBytes(type);
      return Value(BytesAt(column, static_cast<size_t>(row) * width, width));
    }
    case TypeKind::kStruct: {
      std::vector<Cell> items;
      for (size_t i = 0; i < type.children.size(); ++i) {
        items.push_back(ReadCell(type.children[i].type, column.children[i], row));
      }
      return Cell::Of(std::move(items));
    }
    case TypeKind::kList:
    case TypeKind::kMap: {
      const Type element = type.kind == TypeKind::kList
                               ? type.children[0].type
                               : Type{.kind = TypeKind::kStruct, .children = type.children};
      std::vector<Cell> items;
      for (int32_t i = column.offsets[row]; i < column.offsets[row + 1]; ++i) {
        items.push_back(ReadCell(element, column.children[0], i));
      }
      return Cell::Of(std::move(items));
    }
    default:
      return Value(LoadAt<int64_t>(column, row));
  }
}

inline std::vector<Row> ReadRows(const std::vector<Type>& types, const BatchView& batch) {
  std::vector<Row> rows;
  for (int64_t row = 0; row < batch.rows; ++row) {
    Row cells;
    for (size_t i = 0; i < types.size(); ++i)
      cells.push_back(ReadCell(types[i], batch.columns[i], row));
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace tarn::engine
