// SPDX-License-Identifier: Apache-2.0
#include "engine/column_metrics.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/value.h"
#include "iceberg/values/single_value.h"

namespace tarn::engine {

namespace {

/// One byte per row: whether a row of a column is there and not null. Empty = all are.
using Presence = std::vector<uint8_t>;

int64_t CountPresent(const Presence& presence, int64_t rows) {
  if (presence.empty()) return rows;
  return std::ranges::count(presence, uint8_t{1});
}

/// `parents` of a column, less its own nulls.
Presence Combine(const Presence& parents, const ColumnView& column) {
  if (column.validity == nullptr) return parents;
  Presence result(static_cast<size_t>(column.rows));
  for (int64_t row = 0; row < column.rows; ++row) {
    result[static_cast<size_t>(row)] = column.validity[row >> 3] >> (row & 7) & 1;
  }
  for (size_t row = 0; row < parents.size(); ++row) result[row] &= parents[row];
  return result;
}

template <typename T>
struct Extremes {
  T least = std::numeric_limits<T>::max();
  T greatest = std::numeric_limits<T>::lowest();
  bool any = false;

  void Add(T value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
};

/// Without branches, so that the compiler can use vector instructions.
template <typename T>
void AddIntegers(const ColumnView& column, const Presence& present, Extremes<int64_t>& extremes) {
  const auto* values = reinterpret_cast<const T*>(column.values);
  Extremes<T> found;
  if (present.empty()) {
    for (int64_t row = 0; row < column.rows; ++row) found.Add(values[row]);
  } else {
    for (int64_t row = 0; row < column.rows; ++row) {
      const bool there = present[static_cast<size_t>(row)] != 0;
      found.least = std::min(found.least, there ? values[row] : std::numeric_limits<T>::max());
      found.greatest =
          std::max(found.greatest, there ? values[row] : std::numeric_limits<T>::lowest());
    }
  }
  extremes.Add(found.least);
  extremes.Add(found.greatest);
}

/// Maps floating-point numbers to integers of the same order, with -0.0 before +0.0. Its own
/// inverse.
template <typename Bits>
Bits OrderedBits(Bits bits) {
  return bits ^ ((bits >> (sizeof(Bits) * 8 - 1)) & std::numeric_limits<Bits>::max());
}

/// Returns the number of NaNs.
template <typename Float, typename Bits>
int64_t AddFloats(const ColumnView& column, const Presence& present, Extremes<int64_t>& extremes,
                  bool& negative_zero) {
  const auto* values = reinterpret_cast<const Float*>(column.values);
  int64_t nans = 0;
  for (int64_t row = 0; row < column.rows; ++row) {
    if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
    const Float value = values[row];
    if (value != value) {
      ++nans;
      continue;
    }
    const Bits bits = std::bit_cast<Bits>(value);
    negative_zero |= bits == std::numeric_limits<Bits>::min();
    extremes.any = true;
    extremes.Add(OrderedBits(bits));
  }
  return nans;
}

void AddDecimals(const ColumnView& column, const Presence& present, Extremes<Int128>& extremes) {
  for (int64_t row = 0; row < column.rows; ++row) {
    if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
    Int128 value = 0;
    std::memcpy(&value, column.values + row * 16, 16);
    extremes.any = true;
    extremes.Add(value);
  }
}

/// Least and greatest byte strings. Only new extremes are copied.
struct StringExtremes {
  std::optional<std::string> least;
  std::string greatest;

  void Add(std::string_view value) {
    if (!least) {
      least = greatest = std::string(value);
    } else if (value < *least) {
      least->assign(value);
    } else if (value > greatest) {
      greatest.assign(value);
    }
  }
};

}  // namespace

struct FileMetrics::Node {
  Node(const Field& source, bool can_have_bounds, const DataFileOptions& options)
      : id(source.id), type(source.type) {
    const auto own = options.column_metrics.find(id);
    metrics = own == options.column_metrics.end() ? options.metrics : own->second;
    bounded = can_have_bounds && !type.is_nested() &&
              (metrics.mode == MetricsMode::kFull ||
               (metrics.mode == MetricsMode::kTruncate && metrics.length > 0));
    const bool inside = can_have_bounds && type.kind == TypeKind::kStruct;
    for (const Field& child : type.children) children.emplace_back(child, inside, options);
  }

  FieldId id;
  Type type;
  ColumnMetrics metrics;
  bool bounded = false;
  std::vector<Node> children;
  int64_t value_count = 0;
  int64_t null_count = 0;
  int64_t nan_count = 0;
  bool negative_zero = false;
  Extremes<int64_t> integers;  ///< floating-point numbers as OrderedBits
  Extremes<Int128> decimals;
  StringExtremes strings;

  bool is_float() const { return type.kind == TypeKind::kFloat || type.kind == TypeKind::kDouble; }

  /// Whether a negative zero came since the last call.
  bool TakeNegativeZero() {
    bool found = std::exchange(negative_zero, false);
    for (Node& child : children) found |= child.TakeNegativeZero();
    return found;
  }

  /// `entries`: how many of this column Parquet writes, placeholders of empty or null parents
  /// included.
  void Add(const ColumnView& column, const Presence& parents, int64_t entries) {
    const Presence present = Combine(parents, column);
    switch (type.kind) {
      case TypeKind::kStruct:
        for (size_t i = 0; i < children.size(); ++i)
          children[i].Add(column.children[i], present, entries);
        return;
      case TypeKind::kList:
        return AddElements(column, present, entries,
                           [this](const ColumnView& child, const Presence& there, int64_t n) {
                             children[0].Add(child, there, n);
                           });
      case TypeKind::kMap:
        return AddElements(column, present, entries,
                           [this](const ColumnView& child, const Presence& there, int64_t n) {
                             const Presence entry = Combine(there, child);
                             for (size_t i = 0; i < 2; ++i)
                               children[i].Add(child.children[i], entry, n);
                           });
      default:
        value_count += entries;
        const int64_t there = CountPresent(present, column.rows);
        null_count += entries - there;
        if (there > 0) AddValues(column, present);
    }
  }

  template <typename Visit>
  void AddElements(const ColumnView& column, const Presence& present, int64_t entries,
                   Visit&& visit) {
    const ColumnView& child = column.children[0];
    Presence there(static_cast<size_t>(child.rows), 0);
    int64_t elements = 0;
    int64_t filled_lists = 0;
    for (int64_t row = 0; row < column.rows; ++row) {
      if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
      const int32_t begin = column.offsets[row];
      const int32_t end = column.offsets[row + 1];
      if (begin == end) continue;
      std::fill(there.begin() + begin, there.begin() + end, uint8_t{1});
      elements += end - begin;
      ++filled_lists;
    }
    visit(child, there, elements + entries - filled_lists);
  }

  void AddValues(const ColumnView& column, const Presence& present) {
    if (is_float()) {
      nan_count += type.kind == TypeKind::kFloat
                       ? AddFloats<float, int32_t>(column, present, integers, negative_zero)
                       : AddFloats<double, int64_t>(column, present, integers, negative_zero);
      return;
    }
    if (!bounded) return;
    switch (type.kind) {
      case TypeKind::kBoolean:
        return AddBooleans(column, present);
      case TypeKind::kInt:
      case TypeKind::kDate:
        integers.any = true;
        return AddIntegers<int32_t>(column, present, integers);
      case TypeKind::kDecimal:
        return AddDecimals(column, present, decimals);
      case TypeKind::kString:
      case TypeKind::kBinary:
        return AddStrings(column, present);
      case TypeKind::kUuid:
        return AddFixed(column, present, 16);
      case TypeKind::kFixed:
        return AddFixed(column, present, static_cast<size_t>(type.length));
      default:
        integers.any = true;
        return AddIntegers<int64_t>(column, present, integers);
    }
  }

  void AddBooleans(const ColumnView& column, const Presence& present) {
    for (int64_t row = 0; row < column.rows; ++row) {
      if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
      integers.Add(column.values[row >> 3] >> (row & 7) & 1);
    }
    integers.any = true;
  }

  void AddStrings(const ColumnView& column, const Presence& present) {
    const auto* bytes = reinterpret_cast<const char*>(column.values);
    for (int64_t row = 0; row < column.rows; ++row) {
      if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
      const int32_t begin = column.offsets[row];
      strings.Add(
          std::string_view(bytes + begin, static_cast<size_t>(column.offsets[row + 1] - begin)));
    }
  }

  void AddFixed(const ColumnView& column, const Presence& present, size_t width) {
    const auto* bytes = reinterpret_cast<const char*>(column.values);
    for (int64_t row = 0; row < column.rows; ++row) {
      if (!present.empty() && present[static_cast<size_t>(row)] == 0) continue;
      strings.Add(std::string_view(bytes + static_cast<size_t>(row) * width, width));
    }
  }

  Value FromInteger(int64_t number) const {
    switch (type.kind) {
      case TypeKind::kBoolean:
        return number != 0;
      case TypeKind::kInt:
      case TypeKind::kDate:
        return static_cast<int32_t>(number);
      case TypeKind::kFloat:
        return std::bit_cast<float>(OrderedBits(static_cast<int32_t>(number)));
      case TypeKind::kDouble:
        return std::bit_cast<double>(OrderedBits(number));
      default:
        return number;
    }
  }

  void FillBounds(iceberg::DataFile& file) const {
    if (integers.any) {
      file.lower_bounds[id] = iceberg::EncodeSingleValue(type, FromInteger(integers.least));
      file.upper_bounds[id] = iceberg::EncodeSingleValue(type, FromInteger(integers.greatest));
    }
    if (decimals.any) {
      file.lower_bounds[id] = iceberg::EncodeSingleValue(type, decimals.least);
      file.upper_bounds[id] = iceberg::EncodeSingleValue(type, decimals.greatest);
    }
    if (!strings.least) return;
    if (metrics.mode == MetricsMode::kFull ||
        (type.kind != TypeKind::kString && type.kind != TypeKind::kBinary)) {
      file.lower_bounds[id] = *strings.least;
      file.upper_bounds[id] = strings.greatest;
      return;
    }
    const auto length = static_cast<size_t>(metrics.length);
    file.lower_bounds[id] = iceberg::TruncateLowerBound(type, *strings.least, length);
    if (auto upper = iceberg::TruncateUpperBound(type, strings.greatest, length)) {
      file.upper_bounds[id] = std::move(*upper);
    }
  }

  void Fill(iceberg::DataFile& file) const {
    for (const Node& child : children) child.Fill(file);
    if (type.is_nested()) return;
    if (metrics.mode == MetricsMode::kNone) {
      file.column_sizes_bytes.erase(id);
      return;
    }
    file.value_counts[id] = value_count;
    file.null_value_counts[id] = null_count;
    if (is_float()) file.nan_value_counts[id] = nan_count;
    if (bounded) FillBounds(file);
  }
};

FileMetrics::FileMetrics(std::span<const Field> fields, const DataFileOptions& options) {
  for (const Field& field : fields) nodes_.emplace_back(field, true, options);
}

FileMetrics::FileMetrics(FileMetrics&&) noexcept = default;
FileMetrics::~FileMetrics() = default;

bool FileMetrics::Add(const BatchView& batch) {
  bool negative_zero = false;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].Add(batch.columns[i], {}, batch.rows);
    negative_zero |= nodes_[i].TakeNegativeZero();
  }
  rows_ += batch.rows;
  return negative_zero;
}

void FileMetrics::Fill(iceberg::DataFile& file) const {
  file.record_count = rows_;
  for (const Node& node : nodes_) node.Fill(file);
}

}  // namespace tarn::engine
