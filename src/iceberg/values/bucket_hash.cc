// SPDX-License-Identifier: Apache-2.0
// Murmur3 as bucket transforms use it (spec, Appendix B, "32-bit Hash Requirements").
#include "iceberg/values/bucket_hash.h"

#include <bit>
#include <cstring>
#include <string_view>

#include "iceberg/model/schema.h"
#include "iceberg/values/calendar.h"
#include "iceberg/values/decimal_bytes.h"

namespace tarn::iceberg {
namespace {

uint32_t MixBlock(uint32_t block) { return std::rotl(block * 0xcc9e2d51U, 15) * 0x1b873593U; }

/// The 32-bit x86 variant with seed 0.
int32_t Murmur3(std::string_view bytes) {
  uint32_t hash = 0;
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    uint32_t block = 0;
    std::memcpy(&block, bytes.data() + i, sizeof block);
    hash = std::rotl(hash ^ MixBlock(block), 13) * 5 + 0xe6546b64U;
  }
  uint32_t tail = 0;
  for (size_t shift = 0; i < bytes.size(); ++i, shift += 8) {
    tail |= uint32_t{static_cast<unsigned char>(bytes[i])} << shift;
  }
  hash ^= MixBlock(tail);
  hash ^= static_cast<uint32_t>(bytes.size());
  hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
  hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
  return static_cast<int32_t>(hash ^ (hash >> 16));
}

}  // namespace

int32_t HashLong(int64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  return Murmur3({bytes, sizeof bytes});
}

int32_t HashBytes(std::string_view bytes) { return Murmur3(bytes); }

int32_t HashDecimal(Int128 unscaled) { return Murmur3(EncodeDecimal(unscaled)); }

Result<int32_t> BucketHash(const Type& type, const Value& value) {
  switch (type.kind) {
    case TypeKind::kInt:
    case TypeKind::kDate:
      // As longs, so that a promotion keeps the bucket.
      return HashLong(std::get<int32_t>(value));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return HashLong(std::get<int64_t>(value));
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return HashLong(FloorDiv(std::get<int64_t>(value), kNanosPerMicro));
    case TypeKind::kDecimal:
      return HashDecimal(std::get<Int128>(value));
    case TypeKind::kString:
    case TypeKind::kUuid:
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return Murmur3(std::get<std::string>(value));
    default:
      return Fail(ErrorKind::kInvalidArgument, "values of type {} can't be hashed into buckets",
                  PrimitiveTypeName(type));
  }
}

}  // namespace tarn::iceberg
