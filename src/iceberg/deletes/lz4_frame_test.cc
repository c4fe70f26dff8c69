// SPDX-License-Identifier: Apache-2.0
// Frames are those of the lz4 program (version 1.9.4).
#include "iceberg/deletes/lz4_frame.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "base/testing/source_directory.h"

namespace tarn::iceberg {
namespace {

using namespace std::string_literals;

constexpr size_t kNoLimit = size_t{1} << 30;

std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string Fixture(const std::string& name) {
  std::ifstream file(std::string(SourceDirectory()) + "/tests/data/puffin/" + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `lz4 -c`, and with checksums of blocks and of the content.
const std::string kPlain =
    Bytes("04224d18604082110000007f70756666696e2007006d506666696e2000000000");
const std::string kChecked =
    Bytes("04224d187440bd110000007f70756666696e2007006d506666696e20eacb973d00000000564d5e9a");

std::string Puffins() {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "puffin ";
  return text;
}

TEST(Lz4Frame, ReadsWhatTheProgramWrites) {
  EXPECT_EQ(ReadLz4Frame(kPlain, kNoLimit).value_or(""), Puffins());
  EXPECT_EQ(ReadLz4Frame(kChecked, kNoLimit).value_or(""), Puffins());
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "row " + std::to_string(i % 300) + " of many; ";
  for (const char* name : {"dependent-blocks.lz4", "independent-blocks.lz4"}) {
    const auto content = ReadLz4Frame(Fixture(name), kNoLimit);
    ASSERT_TRUE(content) << name << ": " << content.error().message;
    EXPECT_EQ(*content, many) << name;
  }
}

TEST(Lz4Frame, RefusesDamage) {
  for (const std::string& frame : {kPlain, kChecked}) {
    for (size_t size = 0; size < frame.size(); ++size) {
      EXPECT_EQ(ReadLz4Frame(frame.substr(0, size), kNoLimit).error().kind, ErrorKind::kCorruption)
          << size;
    }
    EXPECT_FALSE(ReadLz4Frame(frame + "x", kNoLimit));
    EXPECT_FALSE(ReadLz4Frame(frame, Puffins().size() - 1));
    EXPECT_TRUE(ReadLz4Frame(frame, Puffins().size()));
  }
  // With checksums, no changed byte goes by.
  for (size_t at = 0; at < kChecked.size(); ++at) {
    std::string damaged = kChecked;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    EXPECT_FALSE(ReadLz4Frame(damaged, kNoLimit)) << at;
  }
  EXPECT_EQ(ReadLz4Frame("\x04\x22\x4d\x18\x61\x40\x00\x00\x00\x00\x00"s, kNoLimit).error().kind,
            ErrorKind::kUnsupported);
}

TEST(Lz4Frame, DamagedFramesNeverReadOutside) {
  const std::string original = Fixture("independent-blocks.lz4");
  std::mt19937 random(11);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = original;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    if (!ReadLz4Frame(damaged, size_t{1} << 20)) ++refused;
  }
  EXPECT_GT(refused, 2900);
}

}  // namespace
}  // namespace tarn::iceberg
