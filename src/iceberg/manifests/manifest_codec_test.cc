// SPDX-License-Identifier: Apache-2.0
// Manifests of PyIceberg (tests/data/manifests) are the measure of reading; what we write is
// checked against the specification's tables here and by PyIceberg in tests/interop.
#include "iceberg/manifests/manifest_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "base/testing/source_directory.h"
#include "iceberg/avro/container.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/testing/sample_manifest.h"

namespace tarn::iceberg {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string Fixture(const std::string& name) {
  std::ifstream in(std::string(SourceDirectory()) + "/tests/data/manifests/" + name,
                   std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string LongBound(int64_t value) { return {reinterpret_cast<const char*>(&value), 8}; }

std::string HeaderValue(const std::string& bytes, std::string_view key) {
  const auto container = avro::ContainerReader::Open(bytes);
  const std::string* value = container ? container->FindMetadata(key) : nullptr;
  return value != nullptr ? *value : "absent";
}

json AvroSchemaOf(const std::string& bytes) {
  return json::parse(HeaderValue(bytes, "avro.schema"));
}

json FieldOf(const json& record, const std::string& name) {
  for (const json& field : record.at("fields")) {
    if (field.at("name") == name) return field;
  }
  ADD_FAILURE() << "no field " << name;
  return {};
}

class PyIcebergManifest : public testing::TestWithParam<const char*> {};

TEST_P(PyIcebergManifest, IsReadWithItsList) {
  const auto list = DecodeManifestList(Fixture(GetParam() + std::string("-list.avro")));
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->size(), 1u);
  const ManifestFile& file = (*list)[0];
  const bool v1 = std::string(GetParam()).starts_with("v1");
  EXPECT_EQ(file.partition_spec_id, SpecId(5));
  EXPECT_EQ(file.sequence_number, SequenceNumber(v1 ? 0 : 9));
  EXPECT_EQ(file.min_sequence_number, SequenceNumber(v1 ? 0 : 4));
  EXPECT_EQ(file.added_snapshot_id, SnapshotId(77));
  EXPECT_EQ(file.added_files_count, 1);
  EXPECT_EQ(file.existing_files_count, 1);
  EXPECT_EQ(file.deleted_files_count, 1);
  EXPECT_EQ(file.added_rows_count, 10);
  EXPECT_EQ(file.existing_rows_count, 20);
  EXPECT_EQ(file.deleted_rows_count, 30);
  ASSERT_EQ(file.partitions.size(), 4u);
  EXPECT_TRUE(file.partitions[0].contains_null);
  EXPECT_EQ(file.partitions[0].lower_bound, "ap");
  EXPECT_EQ(file.partitions[1].upper_bound, "\x05\x8c");  // 1420, big-endian

  const std::string bytes = Fixture(GetParam() + std::string("-manifest.avro"));
  EXPECT_EQ(file.manifest_length_bytes, static_cast<int64_t>(bytes.size()));
  const auto manifest = DecodeManifest(bytes, file);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->header.schema.id, SchemaId(3));
  EXPECT_EQ(manifest->header.schema.fields.size(), 6u);
  EXPECT_EQ(manifest->header.spec.id, SpecId(5));
  EXPECT_EQ(manifest->header.spec.fields.size(), 4u);
  EXPECT_EQ(manifest->header.format_version, v1 ? 1 : 2);
  ASSERT_EQ(manifest->entries.size(), 3u);

  const ManifestEntry& added = manifest->entries[0];
  EXPECT_EQ(added.status, EntryStatus::kAdded);
  EXPECT_EQ(added.snapshot_id, SnapshotId(77));
  EXPECT_EQ(added.sequence_number, SequenceNumber(v1 ? 0 : 9));
  EXPECT_EQ(added.file_sequence_number, SequenceNumber(v1 ? 0 : 9));
  EXPECT_EQ(added.data_file.file_path, "s3://bucket/data/added.parquet");
  EXPECT_EQ(added.data_file.file_format, "PARQUET");
  EXPECT_THAT(added.data_file.partition,
              ElementsAre(Value("ap"), Value(Int128{1420}), Value(17486), Value(3)));
  EXPECT_EQ(added.data_file.record_count, 10);
  EXPECT_EQ(added.data_file.file_size_bytes, 1010);
  EXPECT_THAT(added.data_file.column_sizes_bytes,
              ElementsAre(Pair(FieldId(1), 100), Pair(FieldId(2), 200)));
  EXPECT_THAT(added.data_file.nan_value_counts, ElementsAre(Pair(FieldId(5), 2)));
  EXPECT_THAT(added.data_file.lower_bounds,
              ElementsAre(Pair(FieldId(1), LongBound(1)), Pair(FieldId(2), "ab")));
  EXPECT_THAT(added.data_file.split_offsets, ElementsAre(4, 400));
  EXPECT_EQ(added.data_file.sort_order_id, SortOrderId(0));
  EXPECT_EQ(added.data_file.key_metadata, std::nullopt);

  const ManifestEntry& existing = manifest->entries[1];
  EXPECT_EQ(existing.status, EntryStatus::kExisting);
  EXPECT_EQ(existing.snapshot_id, SnapshotId(55));
  EXPECT_EQ(existing.sequence_number, SequenceNumber(v1 ? 0 : 4));
  EXPECT_THAT(existing.data_file.partition,
              ElementsAre(Value(), Value(Int128{-1}), Value(-1), Value(15)));
  EXPECT_EQ(manifest->entries[2].status, EntryStatus::kDeleted);
}

INSTANTIATE_TEST_SUITE_P(Versions, PyIcebergManifest,
                         testing::Values("v1-null", "v2-deflate", "v2-zstd", "v2-snappy"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(ManifestEncoder, DeclaresWhatTheSpecificationAsksFor) {
  const ManifestHeader header = SampleHeader();
  const auto bytes = EncodeManifest(header, {});
  ASSERT_TRUE(bytes);
  const json schema = AvroSchemaOf(*bytes);
  EXPECT_EQ(schema.at("name"), "manifest_entry");
  EXPECT_EQ(FieldOf(schema, "status").dump(), R"({"field-id":0,"name":"status","type":"int"})");
  EXPECT_EQ(FieldOf(schema, "snapshot_id").at("type"), json::parse(R"(["null","long"])"));
  EXPECT_EQ(FieldOf(schema, "sequence_number").at("field-id"), 3);
  EXPECT_EQ(FieldOf(schema, "file_sequence_number").at("field-id"), 4);
  const json data_file = FieldOf(schema, "data_file").at("type");
  EXPECT_EQ(data_file.at("name"), "r2");
  const json partition = FieldOf(data_file, "partition").at("type");
  EXPECT_EQ(partition.at("name"), "r102");
  EXPECT_TRUE(partition.at("fields").empty());
  EXPECT_EQ(FieldOf(data_file, "lower_bounds").at("type").at(1), json::parse(R"({"type":"array",
      "items":{"type":"record","name":"k126_v127","fields":[
        {"name":"key","type":"int","field-id":126},
        {"name":"value","type":"bytes","field-id":127}]},"logicalType":"map"})"));
  EXPECT_EQ(FieldOf(data_file, "split_offsets").at("type").at(1).at("element-id"), 133);
  // Spec, "Data File Fields", column v2.
  std::map<int, bool> required;
  for (const json& field : data_file.at("fields")) {
    required[field.at("field-id")] = !field.at("type").is_array();
    EXPECT_EQ(field.contains("default"), field.at("type").is_array());
  }
  EXPECT_EQ(required, (std::map<int, bool>{{134, true},
                                           {100, true},
                                           {101, true},
                                           {102, true},
                                           {103, true},
                                           {104, true},
                                           {108, false},
                                           {109, false},
                                           {110, false},
                                           {137, false},
                                           {125, false},
                                           {128, false},
                                           {131, false},
                                           {132, false},
                                           {135, false},
                                           {140, false},
                                           {143, false}}));
  EXPECT_EQ(HeaderValue(*bytes, "schema-id"), "4");
  EXPECT_EQ(HeaderValue(*bytes, "partition-spec"), "[]");
  EXPECT_EQ(HeaderValue(*bytes, "partition-spec-id"), "0");
  EXPECT_EQ(HeaderValue(*bytes, "format-version"), "2");
  EXPECT_EQ(HeaderValue(*bytes, "content"), "data");
  EXPECT_EQ(json::parse(HeaderValue(*bytes, "schema")).at("fields").size(), 2u);
}

TEST(ManifestEncoder, RoundTripsEveryField) {
  for (const int32_t version : {2, 3}) {
    const ManifestHeader header = SamplePartitionedHeader(version);
    const std::vector<ManifestEntry> entries = SamplePartitionedEntries(version);
    const auto bytes = EncodeManifest(header, entries);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto manifest = DecodeManifestVerbatim(*bytes);
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->header.spec, header.spec);
    EXPECT_TRUE(manifest->header.schema.SameFields(header.schema));
    ASSERT_EQ(manifest->entries.size(), entries.size());
    for (size_t i = 0; i < entries.size(); ++i) ExpectSameEntry(manifest->entries[i], entries[i]);
  }
}

TEST(ManifestEncoder, RefusesEntriesThatReadersWouldMisread) {
  const ManifestHeader header = SampleHeader();
  const auto error = [&](ManifestHeader with, ManifestEntry entry) {
    const auto bytes = EncodeManifest(with, std::vector{std::move(entry)});
    return bytes ? "accepted" : std::string(ToString(bytes.error().kind));
  };
  ManifestEntry existing = SampleEntry("s3://b/a", 5);
  existing.status = EntryStatus::kExisting;
  EXPECT_EQ(error(header, existing), "invalid argument");
  existing.snapshot_id = SnapshotId(1);
  existing.sequence_number = existing.file_sequence_number = SequenceNumber(0);
  EXPECT_EQ(error(header, existing), "accepted");
  ManifestEntry negative = SampleEntry("s3://b/a", -1);
  EXPECT_EQ(error(header, negative), "invalid argument");
  ManifestEntry tuple = SampleEntry("s3://b/a", 1);
  tuple.data_file.partition = {Value(1)};
  EXPECT_EQ(error(header, tuple), "invalid argument");
  ManifestEntry deletes = SampleEntry("s3://b/a", 1);
  deletes.data_file.content = FileContent::kPositionDeletes;
  EXPECT_EQ(error(header, deletes), "invalid argument");
  ManifestHeader old = header;
  old.format_version = 1;
  ManifestEntry of_snapshot = SampleEntry("s3://b/a", 1);
  EXPECT_EQ(error(old, of_snapshot), "invalid argument");
  of_snapshot.snapshot_id = SnapshotId(1);
  EXPECT_EQ(error(old, of_snapshot), "accepted");
  old.content = ManifestContent::kDeletes;
  of_snapshot.data_file.content = FileContent::kPositionDeletes;
  EXPECT_EQ(error(old, of_snapshot), "invalid argument");
  old.format_version = 4;
  EXPECT_EQ(error(old, of_snapshot), "unsupported");
}

TEST(ManifestSummary, CountsAndSummarises) {
  const auto entries = SamplePartitionedEntries(2);
  const ManifestFile file = SummarizeManifest(SamplePartitionedHeader(2), entries, SnapshotId(42));
  EXPECT_EQ(file.added_snapshot_id, SnapshotId(42));
  EXPECT_EQ(file.added_files_count, 1);
  EXPECT_EQ(file.existing_files_count, 1);
  EXPECT_EQ(file.deleted_files_count, 1);
  EXPECT_EQ(file.added_rows_count, 10);
  EXPECT_EQ(file.existing_rows_count, 20);
  EXPECT_EQ(file.deleted_rows_count, 30);
  EXPECT_EQ(file.min_sequence_number, SequenceNumber(3));
  ASSERT_EQ(file.partitions.size(), 3u);
  EXPECT_TRUE(file.partitions[0].contains_null);
  EXPECT_EQ(file.partitions[0].contains_nan, false);
  EXPECT_EQ(file.partitions[1].lower_bound, std::string("\xff", 1));
  EXPECT_EQ(file.partitions[1].upper_bound, std::string("\x05\x8c", 2));
}

TEST(ManifestList, WritesWhatTheSpecificationAsksFor) {
  const ManifestFile file = SampleListLine();
  const auto bytes = EncodeManifestList({.snapshot_id = SnapshotId(7),
                                         .parent_snapshot_id = SnapshotId(6),
                                         .sequence_number = SequenceNumber(3)},
                                        std::vector{file});
  ASSERT_TRUE(bytes) << bytes.error().message;
  const json schema = AvroSchemaOf(*bytes);
  EXPECT_EQ(schema.at("name"), "manifest_file");
  std::map<int, bool> required;
  for (const json& field : schema.at("fields")) {
    required[field.at("field-id")] = !field.at("type").is_array();
  }
  EXPECT_EQ(required, (std::map<int, bool>{{500, true},
                                           {501, true},
                                           {502, true},
                                           {517, true},
                                           {515, true},
                                           {516, true},
                                           {503, true},
                                           {504, true},
                                           {505, true},
                                           {506, true},
                                           {512, true},
                                           {513, true},
                                           {514, true},
                                           {507, false},
                                           {519, false}}));
  EXPECT_EQ(FieldOf(schema, "added_files_count").at("type"), "int");
  EXPECT_EQ(FieldOf(schema, "partitions").at("type").at(1).at("items").at("name"), "r508");
  EXPECT_EQ(HeaderValue(*bytes, "snapshot-id"), "7");
  EXPECT_EQ(HeaderValue(*bytes, "parent-snapshot-id"), "6");
  EXPECT_EQ(HeaderValue(*bytes, "sequence-number"), "3");
  EXPECT_EQ(HeaderValue(*bytes, "format-version"), "2");

  const auto list = DecodeManifestList(*bytes);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 1u);
  ExpectSameLine((*list)[0], file);
}

TEST(ManifestList, RefusesCountsThatNobodyKnows) {
  ManifestFile file = SampleListLine();
  file.added_rows_count = kUnknownCount;
  EXPECT_FALSE(EncodeManifestList({.snapshot_id = SnapshotId(7)}, std::vector{file}));
}

TEST(ManifestList, RefusesCountsThatOverflow) {
  ManifestFile file = SampleListLine();
  file.existing_rows_count = INT64_MAX;
  const auto bytes = EncodeManifestList({.snapshot_id = SnapshotId(7)}, std::vector{file});
  ASSERT_TRUE(bytes);
  EXPECT_EQ(DecodeManifestList(*bytes).error().kind, ErrorKind::kCorruption);
}

/// A file with the given schema whose only record `put` writes.
template <typename Put>
std::string CraftedFile(std::string_view schema, const avro::ContainerMetadata& metadata, Put put) {
  avro::ContainerWriter container(schema, metadata, avro::Codec::kNull);
  put(container.record());
  EXPECT_TRUE(container.EndRecord());
  return *container.Finish();
}

// Theme 6 of the traps: names that early writers gave the counts.
TEST(ManifestListTraps, T6RedpandaOldCountNamesAreAccepted) {
  const std::string bytes = CraftedFile(
      R"({"type":"record","name":"manifest_file","fields":[
        {"name":"manifest_path","type":"string"},{"name":"manifest_length","type":"long"},
        {"name":"partition_spec_id","type":"int"},
        {"name":"added_data_files_count","type":["null","int"]},
        {"name":"existing_data_files_count","type":["int","null"]},
        {"name":"added_snapshot_id","type":["null","long"]},
        {"name":"unknown","type":{"type":"map","values":["null","string"]}}]})",
      {}, [](avro::BinaryWriter& out) {
        out.PutBytes("s3://b/m.avro");
        out.PutLong(1000);
        out.PutLong(2);
        out.PutBranch(1);
        out.PutLong(11);
        out.PutBranch(0);
        out.PutLong(12);
        out.PutBranch(1);
        out.PutLong(99);
        out.BeginItems(1);
        out.PutBytes("k");
        out.PutBranch(1);
        out.PutBytes("v");
        out.EndItems();
      });
  const auto list = DecodeManifestList(bytes);
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ((*list)[0].added_files_count, 11);
  EXPECT_EQ((*list)[0].existing_files_count, 12);
  EXPECT_EQ((*list)[0].added_snapshot_id, SnapshotId(99));
  EXPECT_EQ((*list)[0].deleted_files_count, kUnknownCount) << "missing is not zero";
  EXPECT_FALSE((*list)[0].counts_known());
}

constexpr const char* kSmallEntry = R"({"type":"record","name":"manifest_entry","fields":[
    {"name":"status","type":"int","field-id":0},
    {"name":"data_file","field-id":2,"type":{"type":"record","name":"r2","fields":[
      {"name":"path","type":"string","field-id":100},
      {"name":"file_format","type":"string","field-id":101},
      {"name":"record_count","type":"long","field-id":103},
      {"name":"file_size_in_bytes","type":"int","field-id":104},
      {"name":"key_metadata","field-id":131,
       "type":["null",{"type":"fixed","name":"f","size":2}]}]}}]})";

std::string SmallManifest(const avro::ContainerMetadata& metadata, int64_t status = 1,
                          int64_t rows = 5) {
  return CraftedFile(kSmallEntry, metadata, [&](avro::BinaryWriter& out) {
    out.PutLong(status);
    out.PutBytes("s3://b/a.parquet");
    out.PutBytes("parquet");
    out.PutLong(rows);
    out.PutLong(10);
    out.PutBranch(1);
    out.PutFixed("km");
  });
}

// ddb#1097: content missing from the header; the list knows.
TEST(ManifestTraps, T6Ddb1097ContentComesFromTheListWhereTheHeaderLacksIt) {
  ManifestFile file = SampleListLine();
  file.content = ManifestContent::kDeletes;
  const auto manifest = DecodeManifest(SmallManifest({}), file);
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->header.content, ManifestContent::kDeletes);
  EXPECT_EQ(manifest->header.spec.id, file.partition_spec_id);
}

// ddb#799, rust#2791: the manifest's own Avro schema under the key "schema".
TEST(ManifestTraps, T6Ddb799ForeignSchemaInTheHeaderDoesNotStopReading) {
  const auto manifest = DecodeManifest(SmallManifest({{"schema", kSmallEntry}}), SampleListLine());
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->entries[0].data_file.record_count, 5);
}

// Java does not write schema-id; py#241: fixed instead of bytes; lower-case format names.
TEST(ManifestTraps, T6Py241FixedIsReadAsBytesAndMissingKeysAreTolerated) {
  const auto manifest = DecodeManifest(SmallManifest({}), SampleListLine());
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->header.format_version, 1);
  EXPECT_EQ(manifest->entries[0].data_file.key_metadata, "km");
  EXPECT_EQ(manifest->entries[0].data_file.file_format, "PARQUET");
}

// ClickHouse#116056: only ADDED entries take the manifest's sequence number.
TEST(ManifestTraps, T6ClickHouse116056OnlyAddedEntriesInheritNumbers) {
  ManifestFile file = SampleListLine();
  file.sequence_number = SequenceNumber(8);
  const auto inherited = [&](int64_t status) {
    return DecodeManifest(SmallManifest({}, status), file)->entries[0].sequence_number;
  };
  EXPECT_EQ(inherited(1), SequenceNumber(8));
  EXPECT_EQ(inherited(0), std::nullopt);
  EXPECT_EQ(inherited(2), std::nullopt);
  file.sequence_number = SequenceNumber(0);
  EXPECT_EQ(inherited(0), SequenceNumber(0)) << "lists of version 1 have no numbers: all are 0";
}

// ddb#745, ice#16263: EXISTING entries without a first row id are numbered, deleted ones are not.
TEST(ManifestTraps, T9Ice16263ExistingEntriesInheritRowIds) {
  const ManifestHeader header = SamplePartitionedHeader(3);
  auto entries = SamplePartitionedEntries(3);
  for (ManifestEntry& entry : entries) entry.data_file.first_row_id.reset();
  entries.push_back(entries[0]);
  entries.push_back(entries[0]);
  entries[3].data_file.first_row_id = 5;
  ManifestFile file = SampleListLine();
  file.first_row_id = 1000;
  const auto manifest = DecodeManifest(*EncodeManifest(header, entries), file);
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->entries[0].data_file.first_row_id, 1000);          // ADDED, 10 rows
  EXPECT_EQ(manifest->entries[1].data_file.first_row_id, 1010);          // EXISTING, 20 rows
  EXPECT_EQ(manifest->entries[2].data_file.first_row_id, std::nullopt);  // DELETED
  EXPECT_EQ(manifest->entries[3].data_file.first_row_id, 5);             // its own
  EXPECT_EQ(manifest->entries[4].data_file.first_row_id, 1030);
}

// py#3660, go#1147: 0 is a sequence number, not "unset".
TEST(ManifestTraps, T6Py3660MinimumOfZeroIsAValue) {
  auto entries = SamplePartitionedEntries(2);
  entries[1].sequence_number = SequenceNumber(0);
  EXPECT_EQ(
      SummarizeManifest(SamplePartitionedHeader(2), entries, SnapshotId(1)).min_sequence_number,
      SequenceNumber(0));
}

TEST(ManifestDecoder, RefusesImpossibleEntries) {
  const ManifestFile file = SampleListLine();
  EXPECT_EQ(DecodeManifest(SmallManifest({}, 3), file).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(DecodeManifest(SmallManifest({}, 1, -5), file).error().kind, ErrorKind::kCorruption);
  EXPECT_TRUE(DecodeManifestVerbatim(SmallManifest({}, 1, -5))) << "fsck wants to see it";
  EXPECT_EQ(DecodeManifest(SmallManifest({{"format-version", "4"}}), file).error().kind,
            ErrorKind::kUnsupported);
  EXPECT_EQ(DecodeManifest(SmallManifest({{"format-version", "x"}}), file).error().kind,
            ErrorKind::kCorruption);
  EXPECT_EQ(DecodeManifest(SmallManifest({{"content", "both"}}), file).error().kind,
            ErrorKind::kCorruption);
  const auto error = DecodeManifest("nonsense", file).error();
  EXPECT_THAT(error.message, HasSubstr(file.manifest_path));
}

TEST(ManifestDecoder, RefusesFieldsOfTheWrongType) {
  const std::string bytes = CraftedFile(
      R"({"type":"record","name":"manifest_entry","fields":[
        {"name":"status","type":"string","field-id":0},
        {"name":"data_file","field-id":2,"type":{"type":"record","name":"r2","fields":[]}}]})",
      {}, [](avro::BinaryWriter& out) { out.PutBytes("x"); });
  EXPECT_THAT(DecodeManifestVerbatim(bytes).error().message, HasSubstr("status"));
}

TEST(ManifestDecoder, SurvivesMutations) {
  std::vector<std::string> seeds = {
      Fixture("v1-null-manifest.avro"), Fixture("v2-deflate-manifest.avro"),
      *EncodeManifest(SamplePartitionedHeader(3), SamplePartitionedEntries(3))};
  const std::string list = Fixture("v1-null-list.avro");
  std::mt19937 random(1234567);
  const ManifestFile file = SampleListLine();
  int read = 0;
  for (int round = 0; round < 6'000; ++round) {
    std::string mutant = round % 4 == 3 ? list : seeds[static_cast<size_t>(round % 4)];
    for (int change = 0; change <= round % 5; ++change) {
      const size_t at = random() % mutant.size();
      if (random() % 4 == 0) {
        mutant.erase(at, random() % 8);
      } else {
        mutant[at] = static_cast<char>(random());
      }
    }
    if (round % 4 == 3) {
      read += DecodeManifestList(mutant).has_value() ? 1 : 0;
    } else {
      read += DecodeManifest(mutant, file).has_value() ? 1 : 0;
    }
  }
  EXPECT_GT(read, 0) << "some mutations hit values only";
}

// For tests/interop: PyIceberg reads what this leaves in the directory.
TEST(ManifestInterop, LeavesSamplesForOtherReaders) {
  const char* directory = std::getenv("TARN_INTEROP_OUT");
  if (directory == nullptr) GTEST_SKIP() << "TARN_INTEROP_OUT is not set";
  const auto leave = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(std::string(directory) + "/" + name, std::ios::binary) << bytes;
  };
  const ManifestHeader header = SamplePartitionedHeader(2);
  const auto entries = SamplePartitionedEntries(2);
  const auto manifest = EncodeManifest(header, entries);
  ASSERT_TRUE(manifest) << manifest.error().message;
  leave("manifest.avro", *manifest);
  ManifestFile file = SummarizeManifest(header, entries, SnapshotId(42));
  file.manifest_path = "file://" + std::string(directory) + "/manifest.avro";
  file.manifest_length_bytes = static_cast<int64_t>(manifest->size());
  file.sequence_number = SequenceNumber(9);
  const auto list = EncodeManifestList(
      {.snapshot_id = SnapshotId(42), .sequence_number = SequenceNumber(9)}, std::vector{file});
  ASSERT_TRUE(list) << list.error().message;
  leave("list.avro", *list);
  // A line of a spec without fields, and one of which nobody knows the summaries.
  ManifestFile other = file;
  file.partitions.clear();
  other.partitions.clear();
  other.partition_spec_id = SpecId(6);
  const auto without = EncodeManifestList({.snapshot_id = SnapshotId(42),
                                           .sequence_number = SequenceNumber(9),
                                           .unpartitioned_specs = {file.partition_spec_id}},
                                          std::vector{file, other});
  ASSERT_TRUE(without) << without.error().message;
  leave("without-summaries.avro", *without);
}

}  // namespace
}  // namespace tarn::iceberg
