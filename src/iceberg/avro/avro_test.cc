// SPDX-License-Identifier: Apache-2.0
// Expected bytes are the examples of the Avro 1.11 specification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "iceberg/avro/container.h"

namespace tarn::iceberg::avro {
namespace {

using std::string_literals::operator""s;

std::string LongBytes(int64_t value) {
  BinaryWriter out;
  out.PutLong(value);
  return out.Take();
}

TEST(BinaryWriter, EncodesLongsAsTheSpecificationShows) {
  EXPECT_EQ(LongBytes(0), "\x00"s);
  EXPECT_EQ(LongBytes(-1), "\x01");
  EXPECT_EQ(LongBytes(1), "\x02");
  EXPECT_EQ(LongBytes(-2), "\x03");
  EXPECT_EQ(LongBytes(2), "\x04");
  EXPECT_EQ(LongBytes(-64), "\x7f");
  EXPECT_EQ(LongBytes(64), "\x80\x01");
  EXPECT_EQ(LongBytes(INT64_MAX), "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(LongBytes(INT64_MIN), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(BinaryWriter, EncodesStringsAndArraysAsTheSpecificationShows) {
  BinaryWriter out;
  out.PutBytes("foo");
  EXPECT_EQ(out.bytes(), "\x06\x66\x6f\x6f");
  out.Clear();
  out.BeginItems(2);
  out.PutLong(3);
  out.PutLong(27);
  out.EndItems();
  EXPECT_EQ(out.bytes(), "\x04\x06\x36\x00"s);
}

TEST(BinaryReader, ReadsBackLongsAtTheirLimits) {
  for (const int64_t value : {INT64_MIN, INT64_MAX, int64_t{0}, int64_t{-65}, int64_t{1} << 40}) {
    const std::string bytes = LongBytes(value);
    BinaryReader in(bytes);
    EXPECT_EQ(in.ReadLong(), value);
    EXPECT_TRUE(in.ok() && in.at_end());
  }
}

TEST(BinaryReader, RefusesWhatNoWriterGives) {
  const auto fails = [](std::string bytes, auto read) {
    BinaryReader in(bytes);
    read(in);
    return !in.ok() && in.error().kind == ErrorKind::kCorruption;
  };
  const auto read_long = [](BinaryReader& in) { in.ReadLong(); };
  const auto read_bytes = [](BinaryReader& in) { in.ReadBytes(); };
  const auto read_items = [](BinaryReader& in) { in.ReadItems([&] { in.ReadLong(); }); };
  EXPECT_TRUE(fails("", read_long));
  EXPECT_TRUE(fails("\x80", read_long));
  EXPECT_TRUE(fails(std::string(11, '\xff'), read_long));
  EXPECT_TRUE(fails("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", read_long));
  EXPECT_TRUE(fails(LongBytes(int64_t{1} << 32), [](BinaryReader& in) { in.ReadInt(); }));
  EXPECT_TRUE(fails("\x02", [](BinaryReader& in) { in.ReadBoolean(); }));
  EXPECT_TRUE(
      fails("\x08"
            "foo",
            read_bytes));
  EXPECT_TRUE(fails(LongBytes(-1) + "x", read_bytes));
  EXPECT_TRUE(fails(LongBytes(INT64_MAX), read_bytes));
  EXPECT_TRUE(fails(LongBytes(1'000'000'000) + "\x02", read_items));
  EXPECT_TRUE(fails(LongBytes(INT64_MIN) + LongBytes(1), read_items));
  EXPECT_TRUE(fails(LongBytes(-1) + LongBytes(-1) + "\x02\x00"s, read_items));
}

TEST(BinaryReader, TakesBlocksThatStateTheirSize) {
  const std::string bytes = LongBytes(-2) + LongBytes(2) + "\x06\x36" + LongBytes(1) + "\x02\x00"s;
  BinaryReader in(bytes);
  std::vector<int64_t> items;
  in.ReadItems([&] { items.push_back(in.ReadLong()); });
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_THAT(items, testing::ElementsAre(3, 27, 1));
}

ErrorKind SchemaError(std::string_view json) {
  const auto schema = ParseSchema(json);
  return schema ? ErrorKind::kInternal : schema.error().kind;
}

TEST(AvroSchema, ReadsIcebergAttributes) {
  const auto schema = ParseSchema(R"({"type":"record","name":"r","fields":[
      {"name":"a","field-id":7,"type":["null",{"type":"fixed","name":"d","size":4,
       "logicalType":"decimal","precision":9,"scale":2}]},
      {"name":"b","field-id":8,"type":{"type":"array","items":"d","element-id":9}}]})");
  ASSERT_TRUE(schema) << schema.error().message;
  const Node& record = **schema;
  EXPECT_EQ(record.FindField(8, "zzz"), 1);
  EXPECT_EQ(record.FindField(99, "a"), -1) << "a field with another id is another field";
  const Node& decimal = record.fields[0].type->value();
  EXPECT_EQ(decimal.fixed_bytes, 4u);
  EXPECT_EQ(decimal.precision, 9);
  EXPECT_EQ(record.fields[1].type->element_id, 9);
  EXPECT_EQ(record.fields[1].type->branches[0].get(), &decimal);
}

TEST(AvroSchema, FallsBackToNamesWhereThereAreNoIds) {
  const auto schema =
      ParseSchema(R"({"type":"record","name":"r","fields":[{"name":"old","type":"int"}]})");
  ASSERT_TRUE(schema);
  EXPECT_EQ((*schema)->FindField(5, "new", "old"), 0);
  EXPECT_EQ((*schema)->FindField(5, "new"), -1);
}

TEST(AvroSchema, RefusesMalformedRecursiveAndExplodingSchemas) {
  EXPECT_EQ(SchemaError("{"), ErrorKind::kCorruption);
  EXPECT_EQ(SchemaError("5"), ErrorKind::kCorruption);
  EXPECT_EQ(SchemaError("[]"), ErrorKind::kCorruption);
  EXPECT_EQ(SchemaError(R"("nothing")"), ErrorKind::kCorruption);
  EXPECT_EQ(SchemaError(R"({"type":"fixed","name":"f","size":-1})"), ErrorKind::kCorruption);
  EXPECT_EQ(SchemaError(R"({"type":"record","name":"r","fields":[{"name":"a","type":"r"}]})"),
            ErrorKind::kUnsupported);
  EXPECT_EQ(SchemaError(R"({"type":"array","items":"null"})"), ErrorKind::kUnsupported);
  EXPECT_EQ(SchemaError(std::string(100'000, '[') + std::string(100'000, ']')),
            ErrorKind::kUnsupported);
  // Twenty records, each with two fields of the type before: a million nodes in two kilobytes.
  std::string json = R"("int")";
  for (int i = 0; i < 20; ++i) {
    json = fmt::format(R"({{"type":"record","name":"r{0}","fields":[{{"name":"a","type":{1}}},)"
                       R"({{"name":"b","type":{2}}}]}})",
                       i, json, i == 0 ? R"("int")" : fmt::format("\"r{}\"", i - 1));
  }
  EXPECT_EQ(SchemaError(json), ErrorKind::kUnsupported);
}

const std::string kLongs = R"({"type":"record","name":"r","fields":[{"name":"a","type":"long"}]})";

std::string LongsFile(Codec codec, int64_t count) {
  ContainerWriter container(kLongs, {{"key", "value"}}, codec);
  for (int64_t i = 0; i < count; ++i) {
    container.record().PutLong(i);
    EXPECT_TRUE(container.EndRecord());
  }
  return *container.Finish();
}

Result<int64_t> SumOfLongs(std::string_view bytes, const ContainerLimits& limits = {}) {
  TARN_ASSIGN(ContainerReader container, ContainerReader::Open(bytes, limits));
  int64_t sum = 0;
  TARN_TRY(container.ForEach([&](BinaryReader& in) -> Result<> {
    sum += in.ReadLong();
    return {};
  }));
  return sum;
}

class ContainerCodec : public testing::TestWithParam<Codec> {};

TEST_P(ContainerCodec, RoundTripsManyBlocks) {
  const std::string bytes = LongsFile(GetParam(), 100'000);
  const auto container = ContainerReader::Open(bytes);
  ASSERT_TRUE(container);
  EXPECT_EQ(container->codec(), GetParam());
  EXPECT_EQ(*container->FindMetadata("key"), "value");
  EXPECT_EQ(container->FindMetadata("other"), nullptr);
  EXPECT_EQ(SumOfLongs(bytes), int64_t{100'000} * 99'999 / 2);
}

TEST_P(ContainerCodec, TakesAFileWithoutBlocks) {
  EXPECT_EQ(SumOfLongs(LongsFile(GetParam(), 0)), 0);
}

TEST_P(ContainerCodec, NoticesEveryTruncation) {
  const std::string bytes = LongsFile(GetParam(), 30);
  const size_t header = LongsFile(GetParam(), 0).size();
  for (size_t length = 0; length < bytes.size(); ++length) {
    if (length == header) continue;  // a valid file without blocks
    EXPECT_FALSE(SumOfLongs(bytes.substr(0, length))) << length;
  }
}

TEST_P(ContainerCodec, SurvivesMutations) {
  const std::string bytes = LongsFile(GetParam(), 300);
  std::mt19937 random(20240229);
  for (int round = 0; round < 20'000; ++round) {
    std::string mutant = bytes;
    for (int change = 0; change <= round % 3; ++change) {
      mutant[random() % mutant.size()] = static_cast<char>(random());
    }
    const auto sum = SumOfLongs(mutant);
    if (!sum) {
      EXPECT_TRUE(sum.error().kind == ErrorKind::kCorruption ||
                  sum.error().kind == ErrorKind::kUnsupported);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ContainerCodec,
                         testing::Values(Codec::kNull, Codec::kDeflate, Codec::kZstandard),
                         [](const auto& info) { return std::string(CodecName(info.param)); });

TEST(Container, ChecksSyncMarkersAndCounts) {
  const std::string bytes = LongsFile(Codec::kNull, 3);
  ASSERT_TRUE(SumOfLongs(bytes));
  std::string wrong_sync = bytes;
  wrong_sync.back() = static_cast<char>(wrong_sync.back() ^ 1);
  EXPECT_EQ(SumOfLongs(wrong_sync).error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(SumOfLongs(wrong_sync).error().message, testing::HasSubstr("sync"));
  // The block is: count 3, length 3, three bytes, sync.
  const size_t count_at = bytes.size() - kSyncBytes - 5;
  ASSERT_EQ(bytes[count_at], 6);
  for (const char count : {2, 4, 8, 1}) {  // 1, 2, 4 and -1 records
    std::string wrong_count = bytes;
    wrong_count[count_at] = count;
    EXPECT_FALSE(SumOfLongs(wrong_count)) << int{count};
  }
}

TEST(Container, BoundsWhatABlockMayExpandTo) {
  const ContainerLimits limits{.block_bytes = 1000, .total_bytes = 1000, .records = 1000};
  for (const Codec codec : {Codec::kNull, Codec::kDeflate, Codec::kZstandard}) {
    EXPECT_TRUE(SumOfLongs(LongsFile(codec, 500), limits));
    EXPECT_EQ(SumOfLongs(LongsFile(codec, 990), limits).error().kind, ErrorKind::kCorruption);
  }
  for (const Codec codec : {Codec::kDeflate, Codec::kZstandard}) {
    const std::string zeros(10'000'000, '\0');
    const auto compressed = Compress(codec, zeros);
    EXPECT_EQ(Decompress(codec, *compressed, 9'999'999).error().kind, ErrorKind::kCorruption);
    EXPECT_EQ(Decompress(codec, *compressed, 10'000'000), zeros);
  }
}

TEST(Container, TakesDeflateWithPartsOfZlibsChecksum) {
  // What zlib.compress(bytes(3))[2:-1] of Python gives, as a well-known writer does it.
  const std::string bytes("\x63\x60\x60\x00\x00\x00\x03\x00", 8);
  EXPECT_EQ(Decompress(Codec::kDeflate, bytes, 100), std::string(3, '\0'));
}

}  // namespace
}  // namespace tarn::iceberg::avro
