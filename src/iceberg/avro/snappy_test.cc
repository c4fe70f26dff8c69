// SPDX-License-Identifier: Apache-2.0
// Bytes worked out by hand from Snappy's format description; whole files of another writer are in
// manifest_codec_test.cc.
#include "iceberg/avro/snappy.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace tarn::iceberg::avro {
namespace {

/// Behind the data, the checksum of what it should give.
std::string WithChecksum(std::string data, std::string_view content) {
  const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  for (int shift = 24; shift >= 0; shift -= 8) data.push_back(static_cast<char>(sum >> shift));
  return data;
}

std::string Decoded(const std::string& data, std::string_view content) {
  const auto result = DecompressSnappy(WithChecksum(data, content), 1000);
  return result ? *result : "error: " + result.error().message;
}

TEST(SnappyTest, DecodesLiteralsAndCopies) {
  using namespace std::string_literals;
  EXPECT_EQ(Decoded("\0"s, ""), "");
  EXPECT_EQ(Decoded("\x03\x08"
                    "abc",
                    "abc"),
            "abc");
  // A copy of one-byte offset that runs into itself: offset 1, length 7.
  EXPECT_EQ(Decoded("\x08\x00"
                    "a\x0d\x01"s,
                    "aaaaaaaa"),
            "aaaaaaaa");
  // Of two-byte and four-byte offset: offset 3, length 3.
  EXPECT_EQ(Decoded("\x06\x08"
                    "abc\x0a\x03\x00"s,
                    "abcabc"),
            "abcabc");
  EXPECT_EQ(Decoded("\x06\x08"
                    "abc\x0b\x03\x00\x00\x00"s,
                    "abcabc"),
            "abcabc");
  // A literal of 61 bytes has its length in a byte of its own.
  const std::string sixty_one(61, 'x');
  EXPECT_EQ(Decoded("\x3d\xf0\x3c" + sixty_one, sixty_one), sixty_one);
}

TEST(SnappyTest, RefusesWhatIsMalformed) {
  using namespace std::string_literals;
  const auto refused = [](const std::string& data, std::string_view content) {
    return Decoded(data, content).starts_with("error: ");
  };
  EXPECT_TRUE(
      refused("\x03\x08"
              "ab",
              "ab"))
      << "cut off";
  EXPECT_TRUE(
      refused("\x02\x08"
              "abc",
              "abc"))
      << "longer than stated";
  EXPECT_TRUE(
      refused("\x04\x08"
              "abc",
              "abc"))
      << "shorter than stated";
  EXPECT_TRUE(
      refused("\x08\x00"
              "a\x0d\x02"s,
              "aaaaaaaa"))
      << "a copy from before the start";
  EXPECT_TRUE(
      refused("\x08\x00"
              "a\x0d\x00"s,
              "aaaaaaaa"))
      << "a copy of itself";
  EXPECT_TRUE(refused("\xff\xff\xff\xff\xff\xff", "")) << "a length without end";
  EXPECT_TRUE(
      refused("\x03\x08"
              "abc",
              "abd"))
      << "another checksum";
  EXPECT_FALSE(DecompressSnappy("abc", 1000)) << "shorter than a checksum";
  EXPECT_FALSE(DecompressSnappy(WithChecksum("\x03\x08"
                                             "abc",
                                             "abc"),
                                2))
      << "above the limit";
}

}  // namespace
}  // namespace tarn::iceberg::avro
