// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/key_hash.h"

#include <bit>
#include <cstring>
#include <random>

namespace tarn::capture {
namespace {

constexpr int kCompressionRounds = 2, kFinalRounds = 4;
constexpr size_t kWord = sizeof(uint64_t);
constexpr int kByteBits = 8;
/// Of the paper: "somepseudorandomlygeneratedbytes", and what tells 128 bits from 64.
constexpr uint64_t kInitial[] = {0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261,
                                 0x7465646279746573};
constexpr uint64_t kWide = 0xee, kSecondHalf = 0xdd;

struct State {
  uint64_t v0, v1, v2, v3;

  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }
  void Take(uint64_t word) {
    v3 ^= word;
    Rounds(kCompressionRounds);
    v0 ^= word;
  }
  uint64_t Folded() const { return v0 ^ v1 ^ v2 ^ v3; }
};

void AppendValue(const Type& type, const ColumnView& column, int64_t row, std::string& out) {
  const bool null = column.is_null(row);
  out += static_cast<char>(null ? 0 : 1);
  if (null) return;
  const size_t width = FixedWidthBytes(type);
  const auto* values = reinterpret_cast<const char*>(column.values);
  if (width > 0) {
    out.append(values + static_cast<size_t>(row) * width, width);
  } else if (type.kind == TypeKind::kBoolean) {
    out += static_cast<char>(column.values[row >> 3] >> (row & 7) & 1);
  } else if (type.kind == TypeKind::kStruct) {
    for (size_t i = 0; i < type.children.size(); ++i) {
      AppendValue(type.children[i].type, column.children[i], row, out);
    }
  } else {
    const int32_t begin = column.offsets[row];
    const int32_t length = column.offsets[row + 1] - begin;
    out.append(reinterpret_cast<const char*>(&length), sizeof(length));
    out.append(values + begin, static_cast<size_t>(length));
  }
}

}  // namespace

SipKey SipKey::Random() {
  std::random_device random;
  const auto word = [&] { return uint64_t{random()} << 32 | random(); };
  return {word(), word()};
}

KeyHash SipHash128(const SipKey& key, std::string_view bytes) {
  State state{kInitial[0] ^ key.first, kInitial[1] ^ key.second ^ kWide, kInitial[2] ^ key.first,
              kInitial[3] ^ key.second};
  size_t at = 0;
  for (; at + kWord <= bytes.size(); at += kWord) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, kWord);
    state.Take(word);
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << (kByteBits * (kWord - 1));
  if (at < bytes.size()) {
    uint64_t rest = 0;
    std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    last |= rest;
  }
  state.Take(last);
  state.v2 ^= kWide;
  state.Rounds(kFinalRounds);
  KeyHash hash;
  hash.high = state.Folded();
  state.v1 ^= kSecondHalf;
  state.Rounds(kFinalRounds);
  hash.low = state.Folded();
  return hash;
}

KeyHasher::KeyHasher(SipKey key, std::span<const Type> types, std::span<const size_t> columns)
    : key_(key), columns_(columns.begin(), columns.end()) {
  for (const size_t column : columns) types_.push_back(types[column]);
}

KeyHash KeyHasher::Hash(const BatchView& batch, int64_t row) {
  bytes_.clear();
  for (size_t i = 0; i < columns_.size(); ++i) {
    AppendValue(types_[i], batch.columns[columns_[i]], row, bytes_);
  }
  return SipHash128(key_, bytes_);
}

KeyHash KeyHasher::HashKey(std::span<const ColumnView> key, int64_t row) {
  bytes_.clear();
  for (size_t i = 0; i < types_.size(); ++i) AppendValue(types_[i], key[i], row, bytes_);
  return SipHash128(key_, bytes_);
}

}  // namespace tarn::capture
