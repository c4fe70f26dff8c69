// SPDX-License-Identifier: Apache-2.0
// How message fields become bytes: little-endian, fixed-width numbers, u32 length before strings
// and lists. Every message has `Visit(archive)`, which names its fields in order once for both
// directions.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/column_type.h"
#include "base/filter.h"
#include "base/result.h"
#include "base/uuid.h"
#include "base/value.h"

namespace tarn::lake {

template <typename T>
concept WireNumber = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Int128>;

/// Appends to a buffer.
class WireWriter {
 public:
  static constexpr bool kReading = false;
  explicit WireWriter(std::vector<uint8_t>& out) : out_(out) {}

  template <WireNumber T>
  void operator()(const T& number) {
    Bytes(&number, sizeof number);
  }
  void operator()(const FieldId& id) { (*this)(id.value()); }
  void operator()(const Uuid& uuid) { Bytes(uuid.bytes.data(), uuid.bytes.size()); }
  void operator()(const std::string& text) {
    (*this)(static_cast<uint32_t>(text.size()));
    Bytes(text.data(), text.size());
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    (*this)(static_cast<uint8_t>(value.has_value()));
    if (value) (*this)(*value);
  }
  template <typename T>
  void operator()(const std::vector<T>& list) {
    (*this)(static_cast<uint32_t>(list.size()));
    if constexpr (std::is_same_v<T, uint8_t>) {
      Bytes(list.data(), list.size());
    } else {
      for (const T& item : list) (*this)(item);
    }
  }
  void operator()(const Value& value) {
    (*this)(static_cast<uint8_t>(value.index()));
    std::visit(
        [this](const auto& v) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) (*this)(v);
        },
        value);
  }
  template <typename T>
    requires requires(T& t, WireWriter& w) { t.Visit(w); }
  void operator()(const T& message) {
    const_cast<T&>(message).Visit(*this);
  }
  void operator()(const Type& type);
  void operator()(const Field& field);
  void operator()(const Filter& filter);

 private:
  void Bytes(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    out_.insert(out_.end(), bytes, bytes + size);
  }
  std::vector<uint8_t>& out_;
};

/// Reads from a span. After any shortfall or bad length `failed()` is true and all values are
/// empty; nesting is bounded. Never reads outside the span.
class WireReader {
 public:
  static constexpr bool kReading = true;
  static constexpr int kMaxDepth = 64;
  explicit WireReader(std::span<const uint8_t> in) : in_(in) {}

  bool failed() const { return failed_; }
  size_t position() const { return position_; }

  template <WireNumber T>
  void operator()(T& number) {
    if (!Take(&number, sizeof number)) number = T{};
  }
  void operator()(bool& flag) {
    uint8_t byte = 0;
    (*this)(byte);
    flag = byte != 0;
  }
  void operator()(FieldId& id) {
    int32_t number = 0;
    (*this)(number);
    id = FieldId(number);
  }
  void operator()(Uuid& uuid) { Take(uuid.bytes.data(), uuid.bytes.size()); }
  void operator()(std::string& text) {
    const size_t size = Length(1);
    text.assign(reinterpret_cast<const char*>(in_.data()) + position_, size);
    position_ += size;
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    bool present = false;
    (*this)(present);
    value.reset();
    if (present && !failed_) (*this)(value.emplace());
  }
  template <typename T>
  void operator()(std::vector<T>& list) {
    list.clear();
    const size_t size = Length(1);
    if constexpr (std::is_same_v<T, uint8_t>) {
      list.assign(in_.data() + position_, in_.data() + position_ + size);
      position_ += size;
    } else {
      for (size_t i = 0; i < size && !failed_; ++i) (*this)(list.emplace_back());
    }
  }
  void operator()(Value& value);
  template <typename T>
    requires requires(T& t, WireReader& r) { t.Visit(r); }
  void operator()(T& message) {
    message.Visit(*this);
  }
  void operator()(Type& type);
  void operator()(Field& field);
  void operator()(Filter& filter);

 private:
  bool Take(void* data, size_t size) {
    if (failed_ || in_.size() - position_ < size) {
      failed_ = true;
      return false;
    }
    std::memcpy(data, in_.data() + position_, size);
    position_ += size;
    return true;
  }
  /// A count of items of at least `item_bytes` each that the rest of the span can hold.
  size_t Length(size_t item_bytes) {
    uint32_t size = 0;
    (*this)(size);
    if (failed_ || size > (in_.size() - position_) / item_bytes) {
      failed_ = true;
      return 0;
    }
    return size;
  }

  std::span<const uint8_t> in_;
  size_t position_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace tarn::lake
