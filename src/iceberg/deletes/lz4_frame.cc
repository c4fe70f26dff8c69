// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/lz4_frame.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>

namespace tarn::iceberg {
namespace {

constexpr uint32_t kFrameMagic = 0x184D2204;
constexpr uint32_t kVersion = 1;
constexpr uint32_t kUncompressedBlock = uint32_t{1} << 31;
constexpr size_t kLeastMatch = 4;
constexpr size_t kMoreLength = 15;  ///< of a half token: further bytes follow
constexpr size_t kMoreByte = 255;   ///< and a further one after it

template <typename T>
T Load(std::string_view bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorKind::kCorruption, "malformed LZ4 frame: {}", what);
}

/// XXH32 with seed 0, of which frames keep checksums (xxHash specification 0.1.1).
uint32_t Hash(std::string_view bytes) {
  constexpr uint32_t kPrimes[] = {0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1};
  constexpr size_t kStripe = 16;
  size_t at = 0;
  uint32_t hash = kPrimes[4];
  if (bytes.size() >= kStripe) {
    uint32_t lanes[] = {kPrimes[0] + kPrimes[1], kPrimes[1], 0, 0 - kPrimes[0]};
    for (; at + kStripe <= bytes.size(); at += kStripe) {
      for (size_t i = 0; i < 4; ++i) {
        lanes[i] =
            std::rotl(lanes[i] + Load<uint32_t>(bytes, at + i * 4) * kPrimes[1], 13) * kPrimes[0];
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
  }
  hash += static_cast<uint32_t>(bytes.size());
  for (; at + 4 <= bytes.size(); at += 4) {
    hash = std::rotl(hash + Load<uint32_t>(bytes, at) * kPrimes[2], 17) * kPrimes[3];
  }
  for (; at < bytes.size(); ++at) {
    hash = std::rotl(hash + static_cast<unsigned char>(bytes[at]) * kPrimes[4], 11) * kPrimes[0];
  }
  hash = (hash ^ (hash >> 15)) * kPrimes[1];
  hash = (hash ^ (hash >> 13)) * kPrimes[2];
  return hash ^ (hash >> 16);
}

/// Sequences of literals and copies of what came before (LZ4 Block Format Description).
class BlockReader {
 public:
  /// Copies may reach back to `begin` of `out`, which may grow to `end`.
  BlockReader(std::string_view block, std::string& out, size_t begin, size_t end)
      : block_(block), out_(out), begin_(begin), end_(end) {}

  /// False when the block is malformed.
  bool Run() {
    while (at_ < block_.size()) {
      const auto token = static_cast<unsigned char>(block_[at_++]);
      const auto literals = Length(token >> 4);
      if (!literals || *literals > block_.size() - at_ || *literals > end_ - out_.size()) {
        return false;
      }
      out_.append(block_, at_, *literals);
      at_ += *literals;
      if (at_ == block_.size()) return true;  // the last sequence has no match
      if (!Copy(token & kMoreLength)) return false;
    }
    return false;
  }

 private:
  std::optional<size_t> Length(size_t half) {
    size_t length = half;
    if (half != kMoreLength) return length;
    while (at_ < block_.size()) {
      const auto more = static_cast<unsigned char>(block_[at_++]);
      length += more;
      if (more != kMoreByte) return length;
    }
    return std::nullopt;
  }

  bool Copy(size_t half) {
    if (block_.size() - at_ < sizeof(uint16_t)) return false;
    const size_t offset = Load<uint16_t>(block_, at_);
    at_ += sizeof(uint16_t);
    const auto length = Length(half);
    if (!length || offset == 0 || offset > out_.size() - begin_ ||
        *length + kLeastMatch > end_ - out_.size()) {
      return false;
    }
    // Byte by byte, since a match may run into what it writes.
    for (size_t i = 0; i < *length + kLeastMatch; ++i) out_ += out_[out_.size() - offset];
    return true;
  }

  std::string_view block_;
  std::string& out_;
  const size_t begin_, end_;
  size_t at_ = 0;
};

class FrameReader {
 public:
  FrameReader(std::string_view bytes, size_t max_bytes) : bytes_(bytes), max_bytes_(max_bytes) {}

  Result<std::string> Run() {
    TARN_TRY(ReadHeader());
    while (true) {
      TARN_ASSIGN(const bool more, ReadBlock());
      if (!more) break;
    }
    if (content_checksum_) {
      if (!Has(sizeof(uint32_t))) return Malformed("it ends before its checksum");
      if (Take<uint32_t>() != Hash(out_)) return Malformed("its checksum does not fit");
    }
    if (content_bytes_ && *content_bytes_ != out_.size()) {
      return Malformed("its content has another size");
    }
    if (at_ != bytes_.size()) return Malformed("bytes follow it");
    return std::move(out_);
  }

 private:
  bool Has(size_t bytes) const { return bytes_.size() - at_ >= bytes; }
  template <typename T>
  T Take() {
    const T value = Load<T>(bytes_, at_);
    at_ += sizeof value;
    return value;
  }

  Result<> ReadHeader() {
    constexpr size_t kLeastHeader = 7;
    if (!Has(kLeastHeader) || Take<uint32_t>() != kFrameMagic) {
      return Malformed("its magic number is wrong");
    }
    const size_t begin = at_;
    const uint32_t flags = Take<uint8_t>();
    const uint32_t sizes = Take<uint8_t>();
    if (flags >> 6 != kVersion || (flags & 2) != 0) return Malformed("an unknown version");
    if ((flags & 1) != 0) {
      return Fail(ErrorKind::kUnsupported, "LZ4 frames with a dictionary are not supported");
    }
    independent_ = (flags & 0x20) != 0;
    block_checksums_ = (flags & 0x10) != 0;
    content_checksum_ = (flags & 4) != 0;
    // 64 KiB, 256 KiB, 1 MiB, 4 MiB.
    const uint32_t code = sizes >> 4 & 7;
    if ((sizes & 0x8f) != 0 || code < 4) return Malformed("an unknown size of blocks");
    block_bytes_max_ = size_t{1} << (8 + 2 * code);
    if ((flags & 8) != 0) {
      if (!Has(sizeof(uint64_t))) return Malformed("it ends in its header");
      content_bytes_ = Take<uint64_t>();
    }
    const uint32_t checksum = Hash(bytes_.substr(begin, at_ - begin)) >> 8 & 0xff;
    if (!Has(1)) return Malformed("it ends in its header");
    if (Take<uint8_t>() != checksum) return Malformed("the checksum of its header does not fit");
    return {};
  }

  /// False at the end mark.
  Result<bool> ReadBlock() {
    if (!Has(sizeof(uint32_t))) return Malformed("it ends without its end mark");
    const auto word = Take<uint32_t>();
    if (word == 0) return false;
    const size_t size = word & ~kUncompressedBlock;
    if (size > block_bytes_max_ || !Has(size + (block_checksums_ ? sizeof(uint32_t) : 0))) {
      return Malformed("a block does not fit into it");
    }
    const std::string_view block = bytes_.substr(at_, size);
    at_ += size;
    if (block_checksums_ && Take<uint32_t>() != Hash(block)) {
      return Malformed("the checksum of a block does not fit");
    }
    const size_t begin = out_.size();
    const size_t end = std::min(begin + block_bytes_max_, max_bytes_);
    if ((word & kUncompressedBlock) != 0) {
      if (size > end - begin) return Malformed("it holds too much");
      out_.append(block);
    } else if (!BlockReader(block, out_, independent_ ? begin : 0, end).Run()) {
      return Malformed("a block is no LZ4 data");
    }
    return true;
  }

  std::string_view bytes_;
  const size_t max_bytes_;
  size_t at_ = 0;
  bool independent_ = false, block_checksums_ = false, content_checksum_ = false;
  size_t block_bytes_max_ = 0;
  std::optional<uint64_t> content_bytes_;
  std::string out_;
};

}  // namespace

Result<std::string> ReadLz4Frame(std::string_view bytes, size_t max_bytes) {
  return FrameReader(bytes, max_bytes).Run();
}

}  // namespace tarn::iceberg
