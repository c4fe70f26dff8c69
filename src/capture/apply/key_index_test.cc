// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/key_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "capture/apply/key_hash.h"

namespace tarn::capture {
namespace {

// The vectors of the authors' reference implementation for 128 bits (vectors.h: key 00 01 … 0f,
// messages "", 00, 00 01, …), read as two little-endian words.
TEST(SipHash128, GivesTheVectorsOfTheReferenceImplementation) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const auto hash_of = [&](size_t length) {
    std::string bytes;
    for (size_t i = 0; i < length; ++i) bytes += static_cast<char>(i);
    return SipHash128(key, bytes);
  };
  EXPECT_EQ(hash_of(0), (KeyHash{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  EXPECT_EQ(hash_of(1), (KeyHash{0x44af996bd8c187da, 0x45fc229b11597634}));
  EXPECT_EQ(hash_of(8), (KeyHash{0x61f55862baa9623b, 0xb49714f364e2830f}));
}

// Against a map, with few home slots, so that entries move when others go.
TEST(KeyIndex, AgreesWithAMapUnderRandomChanges) {
  const unsigned seed = 20260915;
  std::mt19937 random(seed);
  KeyIndex index;
  std::map<KeyHash, RowPlace> expected;
  for (int step = 0; step < 200'000; ++step) {
    const KeyHash key{random() % 7 * 1019, random() % 600};
    if (random() % 3 == 0) {
      index.Erase(key);
      expected.erase(key);
    } else {
      const RowPlace place{IndexedFile(static_cast<uint32_t>(random() % 5)),
                           static_cast<uint32_t>(random())};
      index.Put(key, place);
      expected[key] = place;
    }
    const KeyHash asked{random() % 7 * 1019, random() % 600};
    const auto found = index.Find(asked);
    const auto there = expected.find(asked);
    ASSERT_EQ(found.has_value(), there != expected.end()) << "seed " << seed << ", step " << step;
    if (found) {
      ASSERT_EQ(*found, there->second);
    }
    ASSERT_EQ(index.size(), expected.size());
  }
  size_t visited = 0;
  index.ForEach([&](const KeyHash& key, RowPlace place) {
    ++visited;
    EXPECT_EQ(expected.at(key), place);
  });
  EXPECT_EQ(visited, expected.size());
}

}  // namespace
}  // namespace tarn::capture
