// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/deletion_vector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "base/testing/source_directory.h"

namespace tarn::iceberg {
namespace {

std::string Fixture(const std::string& name) {
  std::ifstream in(std::string(SourceDirectory()) + "/tests/data/deletes/" + name,
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What Java's TestBitmapPositionDeleteIndex puts into the file of each name.
PositionBitmap Expected(std::string_view name) {
  PositionBitmap bitmap;
  if (name.starts_with("small-alternating")) {
    for (const int64_t position : {1, 3, 5, 7, 9}) bitmap.Add(position);
  } else if (name.starts_with("small-and-large")) {
    const int64_t large = std::numeric_limits<int32_t>::max();
    for (const int64_t position : {int64_t{100}, int64_t{101}, large + 100, large + 101}) {
      bitmap.Add(position);
    }
  } else if (name.starts_with("all-containers")) {
    const int64_t container = 1 << 16;
    const int64_t second = int64_t{1} << 32;
    bitmap.Add(5);
    bitmap.Add(7);
    bitmap.AddRange(container + 1, container + 1000);
    bitmap.AddRange(2 * container + 1, 3 * container - 1);
    bitmap.Add(second + 10);
    bitmap.Add(second + 20);
    bitmap.AddRange(second + container + 10, second + container + 500);
    bitmap.AddRange(second + 2 * container + 1, second + 3 * container - 1);
  }
  return bitmap;
}

TEST(DeletionVectorTest, IsJavasToTheLastByte) {
  for (const char* name :
       {"empty-position-index.bin", "small-alternating-values-position-index.bin",
        "small-and-large-values-position-index.bin", "all-containers-position-index.bin"}) {
    const std::string bytes = Fixture(name);
    ASSERT_FALSE(bytes.empty()) << name;
    const PositionBitmap expected = Expected(name);
    const auto decoded = DecodeDeletionVector(bytes, expected.cardinality());
    ASSERT_TRUE(decoded) << name << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, expected) << name;
    EXPECT_EQ(EncodeDeletionVector(expected).value(), bytes) << name;
  }
}

TEST(DeletionVectorTest, RefusesWhatIsNotOne) {
  const std::string good = Fixture("small-alternating-values-position-index.bin");
  ASSERT_TRUE(DecodeDeletionVector(good, 5));
  const auto message = [](std::string_view bytes, int64_t cardinality) {
    const auto decoded = DecodeDeletionVector(bytes, cardinality);
    return decoded ? std::string() : decoded.error().message;
  };
  EXPECT_THAT(message(good, 6), testing::HasSubstr("5 positions"));
  EXPECT_THAT(message(good + '\0', 5), testing::HasSubstr("declares"));
  EXPECT_THAT(message(good.substr(0, good.size() - 1), 5), testing::HasSubstr("declares"));
  EXPECT_THAT(message("", 0), testing::HasSubstr("too short"));
  std::string bytes = good;
  bytes[4] ^= 1;
  EXPECT_THAT(message(bytes, 5), testing::HasSubstr("magic"));
  bytes = good;
  bytes.back() ^= 1;
  EXPECT_THAT(message(bytes, 5), testing::HasSubstr("checksum"));
  // A blob without length and checksum, as some writers made.
  EXPECT_NE(message(good.substr(8, good.size() - 12), 5), "");
}

}  // namespace
}  // namespace tarn::iceberg
