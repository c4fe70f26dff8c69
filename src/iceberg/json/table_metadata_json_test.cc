// SPDX-License-Identifier: Apache-2.0
// Documents written by hand from the specification ("Table Metadata Fields", Appendix C).
#include <gtest/gtest.h>
#include <zlib.h>

#include <nlohmann/json.hpp>
#include <random>

#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {
namespace {

using Json = nlohmann::json;

constexpr const char* kV2 = R"json({
  "format-version": 2,
  "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1",
  "location": "s3://bucket/test/location",
  "last-sequence-number": 34,
  "last-updated-ms": 1602638573590,
  "last-column-id": 3,
  "current-schema-id": 1,
  "schemas": [
    {"type": "struct", "schema-id": 0, "fields": [
      {"id": 1, "name": "x", "required": true, "type": "long"}]},
    {"type": "struct", "schema-id": 1, "identifier-field-ids": [1, 2], "fields": [
      {"id": 1, "name": "x", "required": true, "type": "long"},
      {"id": 2, "name": "y", "required": true, "type": "long", "doc": "comment"},
      {"id": 3, "name": "z", "required": true, "type": "decimal(9,2)"}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "fields": [
    {"name": "x", "transform": "identity", "source-id": 1, "field-id": 1000}]}],
  "last-partition-id": 1000,
  "default-sort-order-id": 3,
  "sort-orders": [{"order-id": 3, "fields": [
    {"transform": "identity", "source-id": 2, "direction": "asc", "null-order": "nulls-first"},
    {"transform": "bucket[4]", "source-id": 3, "direction": "desc", "null-order": "nulls-last"}]}],
  "properties": {"schema.name-mapping.default": "[{\"field-id\": 1, \"names\": [\"x\"]}]"},
  "current-snapshot-id": 3055729675574597004,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0,
     "summary": {"operation": "append"}, "manifest-list": "s3://a/b/1.avro"},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004,
     "timestamp-ms": 1555100955770, "sequence-number": 1,
     "summary": {"operation": "overwrite", "added-records": "12"},
     "manifest-list": "s3://a/b/2.avro", "schema-id": 1, "from-the-future": {"a": [1, 2.5, null]}}],
  "snapshot-log": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770},
    {"snapshot-id": 3055729675574597004, "timestamp-ms": 1555100955770}],
  "metadata-log": [{"metadata-file": "s3://bucket/0.json", "timestamp-ms": 1515100}],
  "refs": {"test": {"snapshot-id": 3051729675574597004, "type": "tag", "max-ref-age-ms": 10000000}},
  "statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "s3://a/s.puffin",
    "file-size-in-bytes": 413, "file-footer-size-in-bytes": 42, "blob-metadata": [
      {"type": "boring-type", "snapshot-id": 1940541653261589030, "sequence-number": 2,
       "fields": [1], "properties": {"prop-key": "prop-value"}}]}],
  "partition-statistics": [{"snapshot-id": 3055729675574597004,
    "statistics-path": "s3://a/p.parquet", "file-size-in-bytes": 43}],
  "x-vendor": {"keep": true},
  "x-number": 18446744073709551615
})json";

constexpr const char* kV1 = R"json({
  "format-version": 1,
  "table-uuid": "d20125c8-7284-442c-9aea-15fee620737c",
  "location": "s3://bucket/test/location",
  "last-updated-ms": 1602638573874,
  "last-column-id": 3,
  "schema": {"type": "struct", "fields": [
    {"id": 1, "name": "x", "required": true, "type": "long"},
    {"id": 3, "name": "z", "required": false, "type": "fixed[16]"}]},
  "partition-spec": [{"name": "x", "transform": "identity", "source-id": 1},
                     {"name": "z", "transform": "void", "source-id": 3}],
  "properties": {},
  "current-snapshot-id": -1,
  "snapshots": [{"snapshot-id": 1, "timestamp-ms": 5, "manifest-list": "s3://a/1.avro"}]
})json";

constexpr const char* kV3 = R"json({
  "format-version": 3,
  "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1",
  "location": "s3://bucket/v3",
  "last-sequence-number": 1,
  "next-row-id": 7,
  "last-updated-ms": 1602638573590,
  "last-column-id": 3,
  "current-schema-id": 0,
  "schemas": [{"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "t", "required": true, "type": "timestamptz_ns", "initial-default":
     "2017-11-16T22:31:08.000000001+00:00", "write-default": null},
    {"id": 2, "name": "g", "required": false, "type": "geometry(srid:3857)"},
    {"id": 3, "name": "v", "required": false, "type": "variant"}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "fields": [
    {"name": "b", "transform": "bucketv2[4]", "source-ids": [1, 2], "field-id": 1000}]}],
  "last-partition-id": 1000,
  "default-sort-order-id": 0,
  "sort-orders": [{"order-id": 0, "fields": []}],
  "current-snapshot-id": 9,
  "snapshots": [{"snapshot-id": 9, "timestamp-ms": 5, "sequence-number": 1,
    "summary": {"operation": "append"}, "manifest-list": "s3://a/1.avro",
    "first-row-id": 0, "added-rows": 7, "key-id": "k1"}],
  "refs": {"main": {"snapshot-id": 9, "type": "branch", "min-snapshots-to-keep": 4}},
  "encryption-keys": [{"key-id": "k1", "encrypted-key-metadata": "AA=="}]
})json";

TableMetadata Parse(std::string_view text) {
  auto metadata = ParseTableMetadata(text);
  EXPECT_TRUE(metadata) << metadata.error().message;
  return metadata ? *std::move(metadata) : TableMetadata();
}

std::string Edited(const char* text, const std::function<void(Json&)>& edit) {
  Json document = Json::parse(text);
  edit(document);
  return document.dump();
}

Error ErrorOf(std::string_view text) {
  const auto metadata = ParseTableMetadata(text);
  return metadata ? Error{ErrorKind::kInternal, "parsed", {}, {}} : metadata.error();
}

TEST(TableMetadataJson, ReadsVersion2) {
  const TableMetadata metadata = Parse(kV2);
  EXPECT_EQ(metadata.table_uuid.ToString(), "9c12d441-03fe-4693-9a96-a0705ddf69c1");
  EXPECT_EQ(metadata.last_sequence_number, SequenceNumber(34));
  EXPECT_EQ(metadata.current_schema().fields.size(), 3U);
  EXPECT_EQ(metadata.current_schema().fields[2].type, Type::Decimal(9, 2));
  EXPECT_EQ(metadata.current_schema().identifier_field_ids.size(), 2U);
  EXPECT_EQ(metadata.partition_specs[0].fields[0].id, PartitionFieldId(1000));
  EXPECT_TRUE(metadata.sort_orders[0].fields[1].descending);
  EXPECT_EQ(metadata.sort_orders[0].fields[1].null_order, NullOrder::kNullsLast);
  EXPECT_EQ(metadata.current_snapshot()->manifest_list, "s3://a/b/2.avro");
  EXPECT_EQ(metadata.current_snapshot()->operation, SnapshotOperation::kOverwrite);
  EXPECT_EQ(metadata.current_snapshot()->summary.at("added-records"), "12");
  EXPECT_FALSE(metadata.current_snapshot()->summary.contains("operation"));
  EXPECT_EQ(metadata.current_snapshot()->schema_id, SchemaId(1));
  EXPECT_EQ(metadata.snapshot_log.size(), 2U);
  EXPECT_EQ(metadata.metadata_log[0].metadata_file, "s3://bucket/0.json");
  EXPECT_TRUE(metadata.refs.at("test").is_tag);
  EXPECT_EQ(metadata.refs.at("test").max_ref_age_ms, 10000000);
  // Main exists though it is not written.
  EXPECT_EQ(metadata.refs.at("main").snapshot_id, SnapshotId(3055729675574597004));
}

TEST(TableMetadataJson, WritesWhatItRead) {
  const auto written = SerializeTableMetadata(Parse(kV2));
  ASSERT_TRUE(written) << written.error().message;
  Json expected = Json::parse(kV2);
  // Two things are normalised: the type's whitespace, and the main branch.
  expected["schemas"][1]["fields"][2]["type"] = "decimal(9, 2)";
  expected["refs"]["main"] = {{"snapshot-id", 3055729675574597004}, {"type", "branch"}};
  EXPECT_EQ(Json::parse(*written), expected);
  // And again, byte for byte.
  EXPECT_EQ(*SerializeTableMetadata(Parse(*written)), *written);
}

/// The same table, of which nothing was ever written.
TableMetadata Forgetful(TableMetadata metadata) {
  for (CommittedSnapshot& snapshot : metadata.snapshots) snapshot = CommittedSnapshot(*snapshot);
  return metadata;
}

/// A snapshot, and the document that the specification wants for it.
std::pair<Snapshot, Json> RandomSnapshot(std::mt19937_64& random, const TableMetadata& metadata) {
  const auto coin = [&random] { return random() % 2 == 0; };
  const std::string texts[] = {"", "plain", "with \"quotes\" and \\", "Grüße, 世界", "\x01\n\x7f"};
  const auto text = [&] { return texts[random() % std::size(texts)]; };
  Snapshot snapshot;
  snapshot.id = SnapshotId(static_cast<int64_t>(random() >> 1));
  snapshot.sequence_number = SequenceNumber(metadata.last_sequence_number.value() + 1);
  snapshot.timestamp_ms = metadata.last_updated_ms + 1;
  snapshot.manifest_list = "s3://bucket/" + text() + ".avro";
  snapshot.operation = SnapshotOperation::kDelete;
  Json expected = {{"snapshot-id", snapshot.id.value()},
                   {"sequence-number", snapshot.sequence_number.value()},
                   {"timestamp-ms", snapshot.timestamp_ms},
                   {"manifest-list", snapshot.manifest_list},
                   {"summary", {{"operation", "delete"}}}};
  for (uint64_t i = random() % 4; i > 0; --i) {
    const std::string key = "key " + text() + std::to_string(i);
    expected["summary"][key] = snapshot.summary[key] = text();
  }
  if (coin()) {
    snapshot.parent_id = metadata.current_snapshot_id;
    expected["parent-snapshot-id"] = snapshot.parent_id->value();
  }
  if (coin()) {
    snapshot.schema_id = SchemaId(1);
    expected["schema-id"] = 1;
  }
  if (coin()) {
    snapshot.unknown_members_json = R"({"from-the-future":[1,{"a":null}]})";
    expected["from-the-future"] = Json::parse(R"([1, {"a": null}])");
  }
  return {std::move(snapshot), std::move(expected)};
}

TEST(TableMetadataJson, KeptTextIsWhatWritingAnewGives) {
  std::mt19937_64 random(7);
  TableMetadata metadata = Parse(kV2);
  Json expected = Json::parse(kV2)["snapshots"];
  for (int step = 0; step < 300; ++step) {
    SCOPED_TRACE(step);
    auto [snapshot, document] = RandomSnapshot(random, metadata);
    metadata.last_sequence_number = snapshot.sequence_number;
    metadata.last_updated_ms = snapshot.timestamp_ms;
    metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
    metadata.snapshots.emplace_back(std::move(snapshot));
    expected.push_back(std::move(document));
    while (metadata.snapshots.size() > 20 || (metadata.snapshots.size() > 4 && random() % 3 == 0)) {
      // Those of the document stay, since references name them.
      const auto victim = 2 + static_cast<ptrdiff_t>(random() % (metadata.snapshots.size() - 2));
      metadata.snapshots.erase(metadata.snapshots.begin() + victim);
      expected.erase(expected.begin() + victim);
    }
    // Two states share what they have in common, as two attempts to commit do.
    const TableMetadata other = metadata;
    const auto written = SerializeTableMetadata(metadata);
    ASSERT_TRUE(written) << written.error().message;
    ASSERT_EQ(*written, *SerializeTableMetadata(Forgetful(metadata)));
    ASSERT_EQ(*written, *SerializeTableMetadata(other));
    ASSERT_EQ(Json::parse(*written)["snapshots"], expected);
    if (step % 50 == 0) metadata = Parse(*written);
  }
}

TEST(TableMetadataJson, UnknownMembersSurvive_go1663) {
  const Json written = Json::parse(*SerializeTableMetadata(Parse(kV2)));
  EXPECT_EQ(written["x-vendor"], Json::parse(R"({"keep": true})"));
  EXPECT_EQ(written["x-number"], 18446744073709551615U);
  EXPECT_EQ(written["snapshots"][1]["from-the-future"], Json::parse(R"({"a": [1, 2.5, null]})"));
  EXPECT_EQ(written["statistics"][0]["blob-metadata"][0]["type"], "boring-type");
}

TEST(TableMetadataJson, UnknownMembersOfPartsSurvive) {
  const char* places[] = {
      "/schemas/1/x-new",
      "/schemas/1/fields/2/x-new",
      "/schemas/1/fields/1/type/fields/0/x-new",
      "/partition-specs/0/x-new",
      "/partition-specs/0/fields/0/x-new",
      "/sort-orders/0/x-new",
      "/sort-orders/0/fields/1/x-new",
      "/refs/test/x-new",
      "/encryption-keys/0/x-new",
  };
  const std::string text = Edited(kV2, [&](Json& document) {
    document["schemas"][1]["identifier-field-ids"] = {1};
    document["schemas"][1]["fields"][1]["type"] = Json::parse(
        R"({"type": "struct", "fields": [
            {"id": 4, "name": "n", "required": false, "type": "int"}]})");
    document["encryption-keys"] =
        Json::parse(R"([{"key-id": "k", "encrypted-key-metadata": "AA=="}])");
    for (const char* place : places) {
      document[Json::json_pointer(place)] = {{"keep", {1, nullptr}}};
    }
  });
  const Json written = Json::parse(*SerializeTableMetadata(Parse(text)));
  for (const char* place : places) {
    ASSERT_TRUE(written.contains(Json::json_pointer(place))) << place;
    EXPECT_EQ(written[Json::json_pointer(place)], Json::parse(R"({"keep": [1, null]})")) << place;
  }
}

// Cut to 32 bits it would be another column's.
TEST(TableMetadataJson, IdsBeyond32BitsAreRefused) {
  const Json huge = int64_t{4294967297};
  for (const char* place : {"/schemas/1/identifier-field-ids/0", "/schemas/1/fields/0/id",
                            "/partition-specs/0/fields/0/source-id", "/current-schema-id"}) {
    const std::string text =
        Edited(kV2, [&](Json& document) { document[Json::json_pointer(place)] = huge; });
    EXPECT_EQ(ErrorOf(text).kind, ErrorKind::kCorruption) << place;
  }
  const std::string several = Edited(kV2, [&](Json& document) {
    Json& field = document["partition-specs"][0]["fields"][0];
    field.erase("source-id");
    field["source-ids"] = {1, huge};
  });
  EXPECT_EQ(ErrorOf(several).kind, ErrorKind::kCorruption);
}

TEST(TableMetadataJson, ReadsVersion1) {
  const TableMetadata metadata = Parse(kV1);
  EXPECT_EQ(metadata.last_sequence_number, SequenceNumber(0));
  EXPECT_EQ(metadata.current_schema().fields[1].type, Type::Fixed(16));
  EXPECT_EQ(metadata.partition_specs[0].fields[0].id, PartitionFieldId(1000));
  EXPECT_EQ(metadata.partition_specs[0].fields[1].id, PartitionFieldId(1001));
  EXPECT_EQ(metadata.last_partition_id, PartitionFieldId(1001));
  EXPECT_EQ(metadata.sort_orders.size(), 1U);
  EXPECT_EQ(metadata.current_snapshot_id, std::nullopt);
  EXPECT_EQ(metadata.snapshots[0]->operation, std::nullopt);
  EXPECT_EQ(metadata.snapshots[0]->sequence_number, SequenceNumber(0));
  EXPECT_TRUE(metadata.refs.empty());
  // Written for readers of both kinds.
  const auto text = SerializeTableMetadata(metadata);
  ASSERT_TRUE(text) << text.error().message;
  const Json written = Json::parse(*text);
  EXPECT_EQ(written["schema"]["fields"], Json::parse(kV1)["schema"]["fields"]);
  EXPECT_EQ(written["schemas"][0], written["schema"]);
  EXPECT_EQ(written["partition-spec"], written["partition-specs"][0]["fields"]);
  EXPECT_FALSE(written.contains("last-sequence-number"));
  EXPECT_FALSE(written["snapshots"][0].contains("sequence-number"));
  EXPECT_EQ(*SerializeTableMetadata(Parse(*text)), *text);
}

TEST(TableMetadataJson, Version1TakesListsWhereThereAre) {
  const std::string text = Edited(kV1, [](Json& document) {
    document["schemas"] = {document["schema"], document["schema"]};
    document["schemas"][0]["schema-id"] = 0;
    document["schemas"][1]["schema-id"] = 1;
    document["current-schema-id"] = 1;
    document["partition-specs"] = Json::parse(R"([{"spec-id": 2, "fields": []}])");
    document["default-spec-id"] = 2;
    document.erase("table-uuid");
  });
  const TableMetadata metadata = Parse(text);
  EXPECT_EQ(metadata.current_schema().id, SchemaId(1));
  EXPECT_TRUE(metadata.FindPartitionSpec(SpecId(2))->fields.empty());
  EXPECT_TRUE(metadata.table_uuid.is_nil());
}

TEST(TableMetadataJson, ReadsVersion3) {
  const TableMetadata metadata = Parse(kV3);
  EXPECT_EQ(metadata.next_row_id, 7);
  EXPECT_EQ(metadata.snapshots[0]->first_row_id, 0);
  EXPECT_EQ(metadata.snapshots[0]->added_rows, 7);
  EXPECT_EQ(metadata.snapshots[0]->unknown_members_json, R"({"key-id":"k1"})");
  EXPECT_EQ(metadata.current_schema().fields[0].initial_default,
            "\"2017-11-16T22:31:08.000000001+00:00\"");
  EXPECT_EQ(metadata.current_schema().fields[0].write_default, std::nullopt);
  EXPECT_EQ(metadata.current_schema().fields[1].type.parameters, "srid:3857");
  EXPECT_EQ(metadata.partition_specs[0].fields[0].transform.kind, TransformKind::kUnknown);
  EXPECT_EQ(metadata.partition_specs[0].fields[0].source_ids.size(), 2U);
  EXPECT_EQ(metadata.refs.at("main").min_snapshots_to_keep, 4);
  const auto text = SerializeTableMetadata(metadata);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(Json::parse(*text)["next-row-id"], 7);
  EXPECT_EQ(Json::parse(*text)["snapshots"][0]["added-rows"], 7);
  EXPECT_EQ(*SerializeTableMetadata(Parse(*text)), *text);
}

TEST(TableMetadataJson, MinusOneIsNoSnapshot) {
  for (const Json& none : {Json(-1), Json(nullptr)}) {
    const TableMetadata metadata =
        Parse(Edited(kV2, [&](Json& document) { document["current-snapshot-id"] = none; }));
    EXPECT_EQ(metadata.current_snapshot_id, std::nullopt);
    EXPECT_FALSE(metadata.refs.contains("main"));
    EXPECT_FALSE(Json::parse(*SerializeTableMetadata(metadata)).contains("current-snapshot-id"));
  }
}

TEST(TableMetadataJson, SnapshotsFromBeforeAnUpgradeHaveNoSequenceNumber_rust2127) {
  const TableMetadata metadata = Parse(Edited(kV2, [](Json& document) {
    document["snapshots"][0].erase("sequence-number");
    document["snapshots"][0].erase("summary");
  }));
  EXPECT_EQ(metadata.snapshots[0]->sequence_number, SequenceNumber(0));
  // Version 2 requires a summary with an operation.
  const Json written = Json::parse(*SerializeTableMetadata(metadata));
  EXPECT_EQ(written["snapshots"][0]["summary"]["operation"], "overwrite");
}

TEST(TableMetadataJson, GzipIsRecognised_pglake83) {
  const std::string text = kV2;
  std::string packed(text.size() + 100, '\0');
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_EQ(Parse(packed).location, "s3://bucket/test/location");
  EXPECT_EQ(ErrorOf(std::string_view(packed).substr(0, packed.size() / 2)).kind,
            ErrorKind::kCorruption);
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
  EXPECT_EQ(ErrorOf(packed).kind, ErrorKind::kCorruption);
}

TEST(TableMetadataJson, HigherVersionsAreRefused) {
  const Error error = ErrorOf(Edited(kV2, [](Json& document) { document["format-version"] = 4; }));
  EXPECT_EQ(error.kind, ErrorKind::kUnsupported);
  EXPECT_EQ(error.message, "unsupported table format version 4");
}

TEST(TableMetadataJson, RequiredMembersAreNamed) {
  for (const char* name :
       {"format-version", "table-uuid", "location", "last-sequence-number", "last-updated-ms",
        "last-column-id", "schemas", "current-schema-id", "partition-specs", "default-spec-id",
        "last-partition-id", "sort-orders", "default-sort-order-id"}) {
    const Error error = ErrorOf(Edited(kV2, [&](Json& document) { document.erase(name); }));
    EXPECT_EQ(error.kind, ErrorKind::kCorruption) << name;
    EXPECT_EQ(error.message, fmt::format("required member \"{}\" is missing", name));
  }
  const Error row_id = ErrorOf(Edited(kV3, [](Json& document) { document.erase("next-row-id"); }));
  EXPECT_EQ(row_id.message, "required member \"next-row-id\" is missing");
}

struct MalformedCase {
  const char* pointer;
  Json value;
  const char* expected;  ///< part of the message
};

TEST(TableMetadataJson, MalformedMembersAreNamed) {
  const MalformedCase cases[] = {
      {"/table-uuid", "xyz", "table-uuid"},
      {"/last-column-id", 3000000000, "last-column-id"},
      {"/last-column-id", "3", "last-column-id"},
      {"/last-updated-ms", 1.5, "last-updated-ms"},
      {"/last-sequence-number", 18446744073709551615U, "last-sequence-number"},
      {"/schemas/1/fields/2/type", "decimal(99, 2)", "schemas[1].fields[2].type"},
      {"/schemas/1/fields/0/required", "yes", "schemas[1].fields[0].required"},
      {"/current-schema-id", 7, "current-schema-id"},
      {"/default-spec-id", 7, "default-spec-id"},
      {"/partition-specs/0/fields/0/transform", "bucket[0]", "partition-specs[0].fields[0]"},
      {"/sort-orders/0/fields/0/direction", "up", "direction"},
      {"/snapshots/1/summary/operation", "merge", "snapshots[1].summary"},
      {"/snapshots/1/snapshot-id", nullptr, "snapshots[1].snapshot-id"},
      {"/snapshots/1/manifest-list", 5, "snapshots[1].manifest-list"},
      {"/current-snapshot-id", 12345, "current-snapshot-id"},
      {"/refs/test/type", "label", "refs.test.type"},
      {"/refs/test/snapshot-id", 12345, "\"test\""},
      {"/properties", Json::array(), "properties"},
      {"/snapshot-log/0/timestamp-ms", "x", "snapshot-log[0].timestamp-ms"},
      {"/metadata-log", 1, "metadata-log"},
      {"/statistics", Json::object(), "statistics"},
  };
  for (const MalformedCase& item : cases) {
    const Error error = ErrorOf(Edited(
        kV2, [&](Json& document) { document[Json::json_pointer(item.pointer)] = item.value; }));
    EXPECT_EQ(error.kind, ErrorKind::kCorruption) << item.pointer << ": " << error.message;
    EXPECT_NE(error.message.find(item.expected), std::string::npos) << error.message;
  }
}

TEST(TableMetadataJson, MainMustBeTheCurrentSnapshot) {
  const Error error = ErrorOf(Edited(kV2, [](Json& document) {
    document["refs"]["main"] = {{"snapshot-id", 3051729675574597004}, {"type", "branch"}};
  }));
  EXPECT_EQ(error.kind, ErrorKind::kCorruption);
}

TEST(TableMetadataJson, DeepNestingIsRefusedBeforeRecursion) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_EQ(ErrorOf(deep).kind, ErrorKind::kCorruption);
  EXPECT_EQ(ErrorOf("").kind, ErrorKind::kCorruption);
  EXPECT_EQ(ErrorOf("[]").kind, ErrorKind::kCorruption);
}

TEST(TableMetadataJson, TextThatIsNotUtf8IsNotWritten) {
  TableMetadata metadata = Parse(kV2);
  metadata.properties["comment"] = "caf\xe9";
  EXPECT_EQ(SerializeTableMetadata(metadata).error().kind, ErrorKind::kInvalidArgument);
  metadata.properties["comment"] = "café \x01\"\\";
  const auto written = SerializeTableMetadata(metadata);
  ASSERT_TRUE(written);
  EXPECT_EQ(Parse(*written).properties.at("comment"), "café \x01\"\\");
}

/// Damaged documents give an error or metadata that can be written again, never anything else.
TEST(TableMetadataJson, MutatedDocumentsAreHandled) {
  constexpr uint32_t kSeed = 20240611;
  constexpr std::string_view kAlphabet = "0123456789-\"{}[]:,.nulltruefalse\\ e\xff";
  std::mt19937 random(kSeed);
  int parsed = 0;
  for (const char* source : {kV1, kV2, kV3}) {
    for (int round = 0; round < 2000; ++round) {
      std::string text = source;
      const int edits = 1 + static_cast<int>(random() % 3);
      for (int i = 0; i < edits && !text.empty(); ++i) {
        const size_t at = random() % text.size();
        switch (random() % 4) {
          case 0:
            text[at] = kAlphabet[random() % kAlphabet.size()];
            break;
          case 1:
            text.erase(at, 1 + random() % 40);
            break;
          case 2:
            text.insert(at, text.substr(random() % text.size(), random() % 40));
            break;
          default:
            text.resize(at + 1);
        }
      }
      const auto metadata = ParseTableMetadata(text);
      if (!metadata) {
        EXPECT_NE(metadata.error().kind, ErrorKind::kInternal);
        EXPECT_FALSE(metadata.error().message.empty());
        continue;
      }
      ++parsed;
      if (metadata->format_version == 2) {
        const auto written = SerializeTableMetadata(*metadata);
        ASSERT_TRUE(written) << "seed " << kSeed << ": " << written.error().message;
        EXPECT_TRUE(ParseTableMetadata(*written)) << "seed " << kSeed << ": " << text;
      }
    }
  }
  // Many edits hit names or numbers and leave a valid document: otherwise nothing would be tested.
  EXPECT_GT(parsed, 100);
}

}  // namespace
}  // namespace tarn::iceberg
