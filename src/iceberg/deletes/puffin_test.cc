// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/puffin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/testing/source_directory.h"
#include "iceberg/deletes/deletion_vector.h"
#include "storage/testing/memory_storage.h"

namespace tarn::iceberg {
namespace {

constexpr const char* kLocation = "s3://b/t/data/deletes.puffin";

// The two blobs of Java's sample files (PuffinFormatTestUtil), spaces and NUL included.
const std::string kFirst = "abcdefghi";
const std::string kSecond(
    "some blob \0 binary data \xF0\x9F\xA4\xAF that is not very very very "
    "very very very long, is it?",
    83);

std::string Fixture(const std::string& name) {
  std::ifstream in(std::string(SourceDirectory()) + "/tests/data/puffin/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class PuffinTest : public testing::Test {
 protected:
  Result<PuffinFooter> Read(std::string_view bytes) {
    EXPECT_TRUE(storage_.Put(kLocation, bytes, storage::PutMode::kReplace));
    file_ = storage_.Open(kLocation).value();
    return ReadPuffinFooter(*file_, kLocation);
  }
  std::string Blob(const PuffinBlob& blob) {
    auto content = ReadPuffinBlob(*file_, kLocation, blob);
    EXPECT_TRUE(content) << content.error().message;
    return content.value_or("");
  }
  std::string Message(std::string_view bytes) {
    const auto footer = Read(bytes);
    return footer ? std::string() : footer.error().message;
  }

  storage::MemoryStorage storage_;
  std::unique_ptr<storage::ObjectReader> file_;
};

TEST_F(PuffinTest, ReadsJavasFiles) {
  const auto empty = Read(Fixture("empty-puffin-uncompressed.bin"));
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_TRUE(empty->blobs.empty());
  for (const char* name :
       {"sample-metric-data-uncompressed.bin", "sample-metric-data-compressed-zstd.bin"}) {
    const auto footer = Read(Fixture(name));
    ASSERT_TRUE(footer) << name << ": " << footer.error().message;
    ASSERT_EQ(footer->blobs.size(), 2U);
    EXPECT_EQ(footer->properties,
              (std::map<std::string, std::string>{{"created-by", "Test 1234"}}));
    EXPECT_EQ(footer->blobs[0].type, "some-blob");
    EXPECT_EQ(footer->blobs[0].fields, std::vector{FieldId(1)});
    EXPECT_EQ(footer->blobs[1].snapshot_id, 2);
    EXPECT_EQ(footer->blobs[1].sequence_number, 1);
    EXPECT_EQ(Blob(footer->blobs[0]), kFirst) << name;
    EXPECT_EQ(Blob(footer->blobs[1]), kSecond) << name;
  }
}

TEST_F(PuffinTest, WritesJavasFileToTheLastByte) {
  PuffinWriter writer;
  const auto blob = [](const char* type, int32_t field) {
    return PuffinBlob{
        .type = type, .fields = {FieldId(field)}, .snapshot_id = 2, .sequence_number = 1};
  };
  ASSERT_TRUE(writer.Add(blob("some-blob", 1), kFirst));
  ASSERT_TRUE(writer.Add(blob("some-other-blob", 2), kSecond));
  EXPECT_EQ(writer.Finish({{"created-by", "Test 1234"}}),
            Fixture("sample-metric-data-uncompressed.bin"));
  EXPECT_EQ(writer.Finish(), Fixture("empty-puffin-uncompressed.bin")) << "empty again";
}

TEST_F(PuffinTest, KeepsSeveralVectorsInOneFile) {
  PuffinWriter writer;
  std::vector<PuffinBlob> blobs;
  for (int64_t i = 1; i <= 3; ++i) {
    PositionBitmap positions;
    positions.AddRange(i, 10 * i);
    const auto blob =
        writer.AddDeletionVector(fmt::format("s3://b/t/data/{}.parquet", i), positions);
    ASSERT_TRUE(blob);
    blobs.push_back(*blob);
  }
  ASSERT_TRUE(writer.Add({.type = "other"}, std::string(1000, 'x'), PuffinCodec::kZstd));
  const auto footer = Read(writer.Finish());
  ASSERT_TRUE(footer) << footer.error().message;
  ASSERT_EQ(footer->blobs.size(), 4U);
  for (size_t i = 0; i < blobs.size(); ++i) {
    EXPECT_EQ(footer->blobs[i], blobs[i]);
    EXPECT_EQ(blobs[i].snapshot_id, -1);
    EXPECT_EQ(blobs[i].sequence_number, -1);
    const auto number = static_cast<int64_t>(i) + 1;
    const auto positions = DecodeDeletionVector(Blob(blobs[i]), 9 * number);
    ASSERT_TRUE(positions) << positions.error().message;
    EXPECT_EQ(positions->lowest(), number);
    EXPECT_EQ(blobs[i].properties.at("referenced-data-file"),
              fmt::format("s3://b/t/data/{}.parquet", number));
    EXPECT_EQ(blobs[i].properties.at("cardinality"), std::to_string(9 * number));
  }
  EXPECT_EQ(footer->blobs[3].compression_codec, "zstd");
  EXPECT_LT(footer->blobs[3].length, 1000);
  EXPECT_EQ(Blob(footer->blobs[3]), std::string(1000, 'x'));
}

TEST_F(PuffinTest, RefusesWhatIsNoPuffinFile) {
  const std::string good = Fixture("sample-metric-data-uncompressed.bin");
  const auto changed = [&](size_t from_end, char value) {
    std::string bytes = good;
    bytes[bytes.size() - from_end] = value;
    return bytes;
  };
  EXPECT_THAT(Message("PFA1"), testing::HasSubstr("too short"));
  EXPECT_THAT(Message(changed(1, 'x')), testing::HasSubstr("magic"));
  EXPECT_THAT(Message("x" + good.substr(1)), testing::HasSubstr("magic"));
  EXPECT_THAT(Message(changed(9, '\x7F')), testing::HasSubstr("does not fit"));
  EXPECT_THAT(Message(changed(12, '\x10')), testing::HasSubstr("does not begin with"));
  EXPECT_THAT(Message(changed(8, '\x01')), testing::HasSubstr("malformed LZ4 frame"));
  EXPECT_THAT(Message(changed(8, '\x02')), testing::HasSubstr("unknown flags"));
  EXPECT_EQ(Read(changed(8, '\x02')).error().kind, ErrorKind::kUnsupported);
  std::string outside = good;
  outside.replace(outside.find("\"length\":83"), 11, "\"length\":99");
  EXPECT_THAT(Message(outside), testing::HasSubstr("lies outside"));
}

/// A frame of one block that is not compressed; the header is one of the lz4 program.
std::string Lz4Frame(std::string_view content) {
  using namespace std::string_literals;
  std::string frame = "\x04\x22\x4d\x18\x60\x40\x82"s;
  const auto word = static_cast<uint32_t>(content.size()) | uint32_t{1} << 31;
  frame.append(reinterpret_cast<const char*>(&word), sizeof word);
  return frame.append(content) + "\0\0\0\0"s;
}

TEST_F(PuffinTest, ReadsFootersAndBlobsInLz4) {
  const std::string good = Fixture("sample-metric-data-uncompressed.bin");
  const auto footer = Read(good);
  ASSERT_TRUE(footer);
  // Magic, payload, then size, flags and magic.
  const size_t begin = good.size() - static_cast<size_t>(footer->size_bytes) + 4;
  const std::string payload = Lz4Frame(good.substr(begin, good.size() - 12 - begin));
  const auto size = static_cast<uint32_t>(payload.size());
  std::string compressed = good.substr(0, begin) + payload;
  compressed.append(reinterpret_cast<const char*>(&size), sizeof size);
  compressed += std::string("\x01\0\0\0", 4) + "PFA1";
  const auto same = Read(compressed);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->blobs, footer->blobs);
  EXPECT_EQ(same->properties, footer->properties);

  PuffinWriter writer;
  auto blob = writer.Add({.type = "other"}, Lz4Frame("content"));
  ASSERT_TRUE(blob);
  ASSERT_TRUE(Read(writer.Finish()));
  blob->compression_codec = "lz4";
  EXPECT_EQ(Blob(*blob), "content");
  blob->compression_codec = "brotli";
  EXPECT_EQ(ReadPuffinBlob(*file_, kLocation, *blob).error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace tarn::iceberg
