// SPDX-License-Identifier: Apache-2.0
// Requests as the Iceberg REST specification and its clients write them.
#include "iceberg/update/update_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "iceberg/update/requirement_json.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// One update of each kind.
constexpr const char* kUpdates = R"json([
{"action":"assign-uuid","uuid":"9510c070-5e6d-4b40-bf40-a8915bb76e5d"},
{"action":"upgrade-format-version","format-version":2},
{"action":"add-schema","schema":{"type":"struct","schema-id":1,"identifier-field-ids":[1],"fields":[
  {"id":1,"name":"id","required":true,"type":"int"},
  {"id":2,"name":"data","required":false,"type":"string","doc":"d","x-mask":1}]}},
{"action":"set-current-schema","schema-id":-1},
{"action":"add-spec","spec":{"spec-id":1,"fields":[
  {"source-id":1,"field-id":1000,"name":"id_bucket","transform":"bucket[8]"}]}},
{"action":"set-default-spec","spec-id":-1},
{"action":"add-sort-order","sort-order":{"order-id":3,"fields":[
  {"transform":"identity","source-id":1,"direction":"asc","null-order":"nulls-first"}]}},
{"action":"set-default-sort-order","sort-order-id":-1},
{"action":"add-snapshot","snapshot":{"sequence-number":7,"snapshot-id":2,"parent-snapshot-id":1,
  "timestamp-ms":1700000000000,"summary":{"operation":"append","added-records":"1"},
  "manifest-list":"s3://b/l.avro","schema-id":1,"first-row-id":5,"added-rows":1}},
{"action":"set-snapshot-ref","ref-name":"hank","snapshot-id":1,"type":"branch",
  "min-snapshots-to-keep":2,"max-snapshot-age-ms":3,"max-ref-age-ms":4,"x-owner":"h"},
{"action":"remove-snapshot-ref","ref-name":"hank"},
{"action":"remove-snapshots","snapshot-ids":[1,9223372036854775807]},
{"action":"set-location","location":"s3://b/t"},
{"action":"set-properties","updates":{"a":"1"}},
{"action":"remove-properties","removals":["a","b"]},
{"action":"set-statistics","snapshot-id":2,"statistics":{"blob-metadata":[{"fields":[1],
  "snapshot-id":2,"sequence-number":1,"type":"t"}],"file-footer-size-in-bytes":4,
  "file-size-in-bytes":42,"snapshot-id":2,"statistics-path":"s3://b/s.puffin"}},
{"action":"remove-statistics","snapshot-id":2},
{"action":"set-partition-statistics","partition-statistics":{"file-size-in-bytes":42,
  "snapshot-id":2,"statistics-path":"s3://b/p.parquet"}},
{"action":"remove-partition-statistics","snapshot-id":2},
{"action":"remove-partition-specs","spec-ids":[1,2]},
{"action":"remove-schemas","schema-ids":[3]},
{"action":"add-encryption-key","encryption-key":{"key-id":"a","encrypted-key-metadata":"AA==",
  "encrypted-by-id":"b","properties":{"p":"1"}}},
{"action":"remove-encryption-key","key-id":"a"}
])json";

TEST(UpdateJson, EveryUpdateIsReadAndWrittenBack) {
  const auto updates = ParseUpdates(kUpdates);
  ASSERT_TRUE(updates) << updates.error().message;
  EXPECT_EQ(updates->size(), std::variant_size_v<MetadataUpdate>);
  for (size_t i = 0; i < updates->size(); ++i) EXPECT_EQ((*updates)[i].index(), i);
  EXPECT_EQ(nlohmann::json::parse(SerializeUpdates(*updates)), nlohmann::json::parse(kUpdates));
}

template <typename Kind>
Kind Parsed(std::string_view json) {
  const auto updates = ParseUpdates(fmt::format("[{}]", json));
  EXPECT_TRUE(updates) << updates.error().message;
  return updates ? std::get<Kind>(updates->at(0)) : Kind();
}

TEST(UpdateJson, WhatOlderClientsWrite) {
  EXPECT_EQ(Parsed<SetLocation>(R"({"action":"Set-Location","location":"l"})").location, "l");
  const auto set = Parsed<SetProperties>(R"({"action":"set-properties","updated":{"a":"1"}})");
  EXPECT_EQ(set.updates.at("a"), "1");
  const auto removed =
      Parsed<RemoveProperties>(R"({"action":"remove-properties","removed":["a"]})");
  EXPECT_THAT(removed.removals, ElementsAre("a"));
  const auto schema = Parsed<AddSchema>(
      R"({"action":"add-schema","last-column-id":9,"schema":{"type":"struct","fields":[]}})");
  EXPECT_EQ(schema.schema.id, SchemaId(0));
  const auto ref = Parsed<SetSnapshotRef>(
      R"({"action":"set-snapshot-ref","ref-name":"m","snapshot-id":1,"type":"TAG"})");
  EXPECT_TRUE(ref.ref.is_tag);
  EXPECT_EQ(ref.ref.unknown_members_json, "");
}

TEST(UpdateJson, StatisticsNeedNoSnapshotBesideThem) {
  const auto update = Parsed<SetStatistics>(
      R"({"action":"set-statistics","statistics":{"snapshot-id":5,"statistics-path":"p",
          "file-size-in-bytes":1,"file-footer-size-in-bytes":1,"blob-metadata":[]}})");
  EXPECT_EQ(update.statistics.snapshot_id, SnapshotId(5));
}

TEST(UpdateJson, NullCountsAsAbsent) {
  const auto ref = Parsed<SetSnapshotRef>(
      R"({"action":"set-snapshot-ref","ref-name":"m","snapshot-id":1,"type":"branch",
          "max-ref-age-ms":null,"min-snapshots-to-keep":null})");
  EXPECT_EQ(ref.ref.max_ref_age_ms, std::nullopt);
  const auto snapshot = Parsed<AddSnapshot>(
      R"({"action":"add-snapshot","snapshot":{"snapshot-id":1,"parent-snapshot-id":null,
          "timestamp-ms":5,"manifest-list":"l","summary":{"operation":"append"}}})");
  EXPECT_EQ(snapshot.snapshot.parent_id, std::nullopt);
  EXPECT_EQ(snapshot.snapshot.sequence_number, SequenceNumber(0));
}

TEST(UpdateJson, FieldsOfNewSpecsMayLackIds) {
  const auto update = Parsed<AddPartitionSpec>(
      R"({"action":"add-spec","spec":{"fields":[
          {"source-id":1,"name":"a","transform":"identity"}]}})");
  EXPECT_EQ(update.spec.fields[0].id, kUnassignedPartitionFieldId);
}

TEST(UpdateJson, WhatNobodyKnowsIsRefusedByName) {
  const struct {
    const char* json;
    const char* message;
  } cases[] = {
      {R"([{"action":"paint-it-black"}])",
       "Cannot convert metadata update action from json: paint-it-black"},
      {R"([{"uuid":"x"}])", "required member \"updates[0].action\" is missing"},
      {R"([{"action":"assign-uuid","uuid":"x"}])", "member \"updates[0].uuid\" is not a uuid"},
      {R"([{"action":"set-current-schema","schema-id":4294967296}])",
       "member \"updates[0].schema-id\" is not a 32-bit integer"},
      {R"([{"action":"remove-schemas","schema-ids":[4294967297]}])",
       "member \"updates[0].schema-ids\" is not an array of 32-bit integers"},
      {R"([{"action":"remove-snapshots"}])",
       "required member \"updates[0].snapshot-ids\" is missing"},
      {R"([{"action":"set-statistics","statistics":{"snapshot-id":1,"statistics-path":"p"}}])",
       "required member \"updates[0].statistics.file-size-in-bytes\" is missing"},
      {R"({"action":"assign-uuid"})", "member \"updates\" is not an array"},
      {"[", "updates is not valid JSON"},
  };
  for (const auto& item : cases) {
    const auto updates = ParseUpdates(item.json);
    ASSERT_FALSE(updates) << item.json;
    EXPECT_EQ(updates.error().kind, ErrorKind::kInvalidArgument) << item.json;
    EXPECT_EQ(updates.error().message, item.message);
  }
}

constexpr const char* kRequirements = R"json([
{"type":"assert-create"},
{"type":"assert-table-uuid","uuid":"9510c070-5e6d-4b40-bf40-a8915bb76e5d"},
{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":1},
{"type":"assert-last-assigned-field-id","last-assigned-field-id":3},
{"type":"assert-current-schema-id","current-schema-id":4},
{"type":"assert-last-assigned-partition-id","last-assigned-partition-id":1004},
{"type":"assert-default-spec-id","default-spec-id":5},
{"type":"assert-default-sort-order-id","default-sort-order-id":10}
])json";

TEST(RequirementJson, EveryRequirementIsReadAndWrittenBack) {
  const auto requirements = ParseRequirements(kRequirements);
  ASSERT_TRUE(requirements) << requirements.error().message;
  for (size_t i = 0; i < requirements->size(); ++i) EXPECT_EQ((*requirements)[i].index(), i);
  EXPECT_EQ(nlohmann::json::parse(SerializeRequirements(*requirements)),
            nlohmann::json::parse(kRequirements));
}

TEST(RequirementJson, AnAbsentReferenceIsNull) {
  const auto requirements =
      ParseRequirements(R"([{"type":"ASSERT-REF-SNAPSHOT-ID","ref":"b","snapshot-id":null}])");
  ASSERT_TRUE(requirements) << requirements.error().message;
  EXPECT_EQ(std::get<AssertRefSnapshotId>(requirements->at(0)).snapshot_id, std::nullopt);
  EXPECT_THAT(SerializeRequirements(*requirements), HasSubstr("\"snapshot-id\":null"));
}

TEST(RequirementJson, ThoseOfOthersAreRefused) {
  for (const char* type : {"assert-view-uuid", "assert-nothing"}) {
    const auto requirements = ParseRequirements(fmt::format(R"([{{"type":"{}"}}])", type));
    ASSERT_FALSE(requirements);
    EXPECT_EQ(requirements.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(requirements.error().message,
              fmt::format("Unrecognized update requirement. Cannot convert from json: {}", type));
  }
}

}  // namespace
}  // namespace tarn::iceberg
