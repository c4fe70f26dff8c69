// SPDX-License-Identifier: Apache-2.0
// Which row a key names, in 128 bits.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/batch.h"
#include "base/column_type.h"

namespace tarn::capture {

struct KeyHash {
  uint64_t high = 0, low = 0;
  auto operator<=>(const KeyHash&) const = default;
};

/// SipHash-2-4 with 128 bits (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): with a key
/// that nobody outside knows, two keys of a table do not meet, whoever chose them. A plain value.
struct SipKey {
  uint64_t first = 0, second = 0;
  static SipKey Random();
};
KeyHash SipHash128(const SipKey& key, std::string_view bytes);

/// Hashes rows by some of their columns. Equal values of equal types give equal hashes, null equals
/// null. Used by one thread.
class KeyHasher {
 public:
  /// `columns`: positions in batches of `types`.
  KeyHasher(SipKey key, std::span<const Type> types, std::span<const size_t> columns);

  KeyHash Hash(const BatchView& batch, int64_t row);
  /// The same of the key's columns alone, in their order.
  KeyHash HashKey(std::span<const ColumnView> key, int64_t row);
  /// For another thread.
  KeyHasher Copy() const { return *this; }

 private:
  SipKey key_;
  std::vector<Type> types_;  ///< of the key's columns
  std::vector<size_t> columns_;
  std::string bytes_;
};

}  // namespace tarn::capture

template <>
struct std::hash<tarn::capture::KeyHash> {
  size_t operator()(const tarn::capture::KeyHash& hash) const noexcept { return hash.low; }
};
