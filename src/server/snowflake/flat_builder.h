// SPDX-License-Identifier: Apache-2.0
// FlatBuffers, as far as the metadata of Arrow's messages needs them ("FlatBuffers internals").
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::server::snowflake {

/// Builds one buffer from its end to its beginning: what is pointed to comes before what points to
/// it. Not thread-safe.
class FlatBuilder {
 public:
  /// Of something that was built: its distance from the end.
  using Offset = uint32_t;
  static constexpr size_t kSlotsMax = 8;

  Offset String(std::string_view text);
  Offset Vector(std::span<const Offset> elements);
  /// Structs of 8-byte numbers, as they lie in memory.
  Offset StructVector(const void* structs, size_t struct_bytes, size_t count);

  /// One table at a time; what its slots point to was built before. REQUIRES: slot < kSlotsMax.
  void StartTable();
  template <typename T>
  void Add(size_t slot, T value) {
    Align(sizeof(T), 0);
    Push(&value, sizeof(T));
    slots_[slot] = size();
  }
  void AddOffset(size_t slot, Offset target);
  Offset EndTable();

  /// The whole, of which `root` is the table that readers begin with. Its length is a multiple
  /// of 8.
  std::string Finish(Offset root);

 private:
  Offset size() const { return static_cast<Offset>(backwards_.size()); }
  /// Pads so that what ends `following` bytes from here begins at a multiple of `alignment`.
  void Align(size_t alignment, size_t following);
  void Push(const void* bytes, size_t count);
  void PushReference(Offset target);

  std::string backwards_;
  std::array<Offset, kSlotsMax> slots_{};
  Offset table_end_ = 0;
};

}  // namespace tarn::server::snowflake
