// SPDX-License-Identifier: Apache-2.0
#include "iceberg/avro/binary_reader.h"

#include <cstring>
#include <limits>

namespace tarn::iceberg::avro {

void BinaryReader::Fail(const char* why) {
  if (error_ == nullptr) {
    error_ = why;
    failed_at_ = position_;
  }
  position_ = bytes_.size();
}

Error BinaryReader::error() const {
  return Error{ErrorKind::kCorruption, fmt::format("{} at byte {}", error_, failed_at_), {}, {}};
}

bool BinaryReader::ReadBoolean() {
  const std::string_view byte = ReadFixed(1);
  if (byte.empty()) return false;
  if (static_cast<uint8_t>(byte[0]) > 1) Fail("boolean is neither 0 nor 1");
  return byte[0] == 1;
}

int64_t BinaryReader::ReadLongNumber() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (position_ == bytes_.size()) {
      Fail("bytes end within a number");
      return 0;
    }
    const auto byte = static_cast<uint8_t>(bytes_[position_++]);
    if (shift == 63 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  Fail("number exceeds 64 bits");
  return 0;
}

int32_t BinaryReader::ReadInt() {
  const int64_t value = ReadLong();
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    Fail("int exceeds 32 bits");
    return 0;
  }
  return static_cast<int32_t>(value);
}

float BinaryReader::ReadFloat() {
  const std::string_view raw = ReadFixed(sizeof(float));
  float value = 0;
  if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

double BinaryReader::ReadDouble() {
  const std::string_view raw = ReadFixed(sizeof(double));
  double value = 0;
  if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

std::string_view BinaryReader::ReadBytes() {
  const int64_t length = ReadLong();
  if (length < 0 || static_cast<uint64_t>(length) > remaining()) {
    Fail("length exceeds what follows");
    return {};
  }
  return ReadFixed(static_cast<size_t>(length));
}

std::string_view BinaryReader::ReadFixed(size_t length) {
  if (length > remaining()) {
    Fail("bytes end within a value");
    return {};
  }
  const std::string_view value = bytes_.substr(position_, length);
  position_ += length;
  return value;
}

int64_t BinaryReader::NextBlock() {
  int64_t count = ReadLong();
  if (count < 0) {
    // A negative count is followed by the block's size in bytes, which only a reader that skips
    // needs.
    const int64_t size = ReadLong();
    if (count == std::numeric_limits<int64_t>::min() || size < 0 ||
        static_cast<uint64_t>(size) > remaining()) {
      Fail("malformed block of items");
      return 0;
    }
    count = -count;
  }
  if (static_cast<uint64_t>(count) > remaining()) {
    Fail("more items than bytes");
    return 0;
  }
  return count;
}

}  // namespace tarn::iceberg::avro
