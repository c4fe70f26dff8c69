// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/deletion_vector.h"

#include <zlib.h>

#include <limits>
#include <utility>

namespace tarn::iceberg {
namespace {

constexpr std::string_view kMagic = "\xD1\xD3\x39\x64";
constexpr size_t kWordBytes = 4;

void AppendBigEndian(uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

uint32_t BigEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < kWordBytes; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

uint32_t Checksum(std::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorKind::kCorruption, "malformed deletion vector: {}", what);
}

}  // namespace

Result<std::string> EncodeDeletionVector(const PositionBitmap& positions) {
  const std::string bitmap = positions.Serialize();
  const size_t length = kMagic.size() + bitmap.size();
  if (length > std::numeric_limits<int32_t>::max() - 2 * kWordBytes) {
    return Fail(ErrorKind::kInvalidArgument, "deletion vector of {} bytes is too large", length);
  }
  std::string blob;
  blob.reserve(length + 2 * kWordBytes);
  AppendBigEndian(static_cast<uint32_t>(length), blob);
  blob += kMagic;
  blob += bitmap;
  AppendBigEndian(Checksum(std::string_view(blob).substr(kWordBytes)), blob);
  return blob;
}

Result<PositionBitmap> DecodeDeletionVector(std::string_view blob, int64_t cardinality) {
  if (blob.size() < 2 * kWordBytes + kMagic.size()) return Malformed("it is too short");
  const uint32_t length = BigEndian(blob);
  if (length != blob.size() - 2 * kWordBytes) {
    return Malformed(
        fmt::format("it declares {} bytes and has {}", length, blob.size() - 2 * kWordBytes));
  }
  const std::string_view content = blob.substr(kWordBytes, length);
  if (!content.starts_with(kMagic)) return Malformed("its magic number is wrong");
  if (BigEndian(blob.substr(kWordBytes + length)) != Checksum(content)) {
    return Malformed("its checksum is wrong");
  }
  TARN_ASSIGN(auto positions, PositionBitmap::Deserialize(content.substr(kMagic.size())));
  if (positions.cardinality() != cardinality) {
    return Malformed(fmt::format("it holds {} positions, its manifest entry says {}",
                                 positions.cardinality(), cardinality));
  }
  return positions;
}

}  // namespace tarn::iceberg
