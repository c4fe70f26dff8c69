// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace tarn::server::postgres {

/// Backend messages one behind the other: a type byte, the length, the payload, numbers in network
/// order (PostgreSQL documentation, "Message Data Types"). Used by one thread.
class MessageWriter {
 public:
  /// Room for `bytes` more; valid until the next call. Followed by Advance with what was used.
  uint8_t* Reserve(size_t bytes) {
    if (capacity_ - size_ < bytes) Grow(bytes);
    return data_.get() + size_;
  }
  void Advance(size_t bytes) { size_ += bytes; }

  void Begin(char type) {
    Byte(static_cast<uint8_t>(type));
    message_ = size_;
    Int32(0);
  }
  /// Fills in the length of the message that Begin started.
  void End() { PutInt32(data_.get() + message_, static_cast<int32_t>(size_ - message_)); }

  /// Fills in the length of a value whose place for it is at `start`.
  void EndValue(size_t start) {
    PutInt32(data_.get() + start, static_cast<int32_t>(size_ - start - 4));
  }

  void Byte(uint8_t value) {
    *Reserve(1) = value;
    ++size_;
  }
  void Int16(int16_t value) {
    uint8_t* out = Reserve(2);
    out[0] = static_cast<uint8_t>(static_cast<uint16_t>(value) >> 8);
    out[1] = static_cast<uint8_t>(value);
    size_ += 2;
  }
  void Int32(int32_t value) {
    PutInt32(Reserve(4), value);
    size_ += 4;
  }
  void Bytes(std::string_view bytes) {
    uint8_t* out = Reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// A zero byte within ends it early, as it would at the reader.
  void CString(std::string_view text) {
    Bytes(text.substr(0, text.find('\0')));
    Byte(0);
  }

  std::span<const uint8_t> bytes() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }
  /// Leaves out everything from `size` on.
  void Truncate(size_t size) { size_ = size; }
  /// Forgets the first bytes, which were sent. Memory that one large row needed is given back.
  void RemoveFront(size_t bytes);

  static void PutInt32(uint8_t* out, int32_t value) {
    const uint32_t big = __builtin_bswap32(static_cast<uint32_t>(value));
    std::memcpy(out, &big, 4);
  }
  static void PutInt64(uint8_t* out, int64_t value) {
    const uint64_t big = __builtin_bswap64(static_cast<uint64_t>(value));
    std::memcpy(out, &big, 8);
  }

 private:
  void Grow(size_t bytes);

  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0, capacity_ = 0;
  size_t message_ = 0;  ///< where the length of the message stands
};

}  // namespace tarn::server::postgres
