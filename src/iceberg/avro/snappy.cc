// SPDX-License-Identifier: Apache-2.0
#include "iceberg/avro/snappy.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

namespace tarn::iceberg::avro {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr size_t kFirstReservation = size_t{64} << 10;
/// Literals of 60 bytes and more have their length in bytes of its own.
constexpr size_t kLongLiteral = 60;

std::unexpected<Error> Malformed() {
  return Fail(ErrorKind::kCorruption, "malformed snappy data in an avro block");
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  Result<std::string> Run(size_t max_bytes) {
    TARN_ASSIGN(length_, Length());
    if (length_ > max_bytes) {
      return Fail(ErrorKind::kCorruption, "avro block expands to more than {} bytes", max_bytes);
    }
    out_.reserve(std::min(length_, kFirstReservation));
    while (!bytes_.empty()) TARN_TRY(Element());
    if (out_.size() != length_) return Malformed();
    return std::move(out_);
  }

 private:
  /// The next `count` bytes as a little-endian number.
  Result<size_t> Number(size_t count) {
    if (bytes_.size() < count) return Malformed();
    size_t value = 0;
    for (size_t i = count; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes_[i - 1]);
    bytes_.remove_prefix(count);
    return value;
  }

  Result<size_t> Length() {
    size_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      TARN_ASSIGN(const size_t byte, Number(1));
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Malformed();
  }

  Result<> Element() {
    TARN_ASSIGN(const size_t tag, Number(1));
    const size_t upper = tag >> 2;
    if ((tag & 3) == 0) {
      size_t length = upper;
      if (upper >= kLongLiteral) {
        TARN_ASSIGN(length, Number(upper - kLongLiteral + 1));
      }
      return Literal(length + 1);
    }
    if ((tag & 3) == 1) {
      TARN_ASSIGN(const size_t low, Number(1));
      return Copy((tag >> 5) << 8 | low, (upper & 7) + 4);
    }
    TARN_ASSIGN(const size_t offset, Number((tag & 3) == 2 ? 2 : 4));
    return Copy(offset, upper + 1);
  }

  Result<> Literal(size_t length) {
    if (length > bytes_.size() || length > length_ - out_.size()) return Malformed();
    out_ += bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return {};
  }

  /// What is copied may run into what the copy itself writes.
  Result<> Copy(size_t offset, size_t length) {
    if (offset == 0 || offset > out_.size() || length > length_ - out_.size()) return Malformed();
    for (; length > 0; --length) out_.push_back(out_[out_.size() - offset]);
    return {};
  }

  std::string_view bytes_;
  std::string out_;
  size_t length_ = 0;
};

}  // namespace

Result<std::string> DecompressSnappy(std::string_view bytes, size_t max_bytes) {
  if (bytes.size() < kChecksumBytes) return Malformed();
  const std::string_view checksum = bytes.substr(bytes.size() - kChecksumBytes);
  TARN_ASSIGN(std::string content,
              Decoder(bytes.substr(0, bytes.size() - kChecksumBytes)).Run(max_bytes));
  uint32_t expected = 0;
  for (const char c : checksum) expected = expected << 8 | static_cast<uint8_t>(c);
  const auto actual = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (actual != expected) {
    return Fail(ErrorKind::kCorruption, "an avro block has another checksum than its content");
  }
  return content;
}

}  // namespace tarn::iceberg::avro
