// SPDX-License-Identifier: Apache-2.0
// Numbers that must not be mixed up get types of their own: a SnapshotId can't be passed for a
// SpecId.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace tarn {

/// A number with a name. Trivially copyable, ordered, hashable; `value()` is the way out.
template <typename Number, typename Tag>
class StrongId {
 public:
  using ValueType = Number;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Number value) : value_(value) {}
  constexpr Number value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Number value_{};
};

/// Identity of a column (or nested field) for the life of a table; never reused (Iceberg spec,
/// "Schemas and Data Types").
using FieldId = StrongId<int32_t, struct FieldIdTag>;

}  // namespace tarn

template <typename Number, typename Tag>
struct std::hash<tarn::StrongId<Number, Tag>> {
  size_t operator()(tarn::StrongId<Number, Tag> id) const noexcept {
    return std::hash<Number>{}(id.value());
  }
};
