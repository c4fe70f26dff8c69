// SPDX-License-Identifier: Apache-2.0
// Requests of catalogs' clients: what was accepted applies or is refused, and is written back.
#include <memory>

#include "fuzz/target.h"
#include "iceberg/update/requirement_json.h"
#include "iceberg/update/table_metadata_builder.h"
#include "iceberg/update/update_json.h"

std::vector<std::string> SeedInputs() {
  return {
      R"json([{"action":"assign-uuid","uuid":"9510c070-5e6d-4b40-bf40-a8915bb76e5d"},
{"action":"upgrade-format-version","format-version":3},
{"action":"add-schema","schema":{"type":"struct","schema-id":1,"identifier-field-ids":[1],"fields":[
{"id":1,"name":"id","required":true,"type":"int"},{"id":2,"name":"ts","required":false,"type":"timestamp"}]}},
{"action":"set-current-schema","schema-id":-1},
{"action":"add-spec","spec":{"fields":[{"source-id":2,"name":"ts_day","transform":"day"}]}},
{"action":"set-default-spec","spec-id":-1},
{"action":"add-sort-order","sort-order":{"order-id":1,"fields":[
{"transform":"identity","source-id":1,"direction":"asc","null-order":"nulls-first"}]}},
{"action":"set-default-sort-order","sort-order-id":-1},{"action":"set-location","location":"s3://b/t"},
{"action":"set-properties","updates":{"write.metadata.previous-versions-max":"2"}},
{"action":"add-snapshot","snapshot":{"sequence-number":7,"snapshot-id":2,"timestamp-ms":1700000000000,
"summary":{"operation":"append"},"manifest-list":"s3://b/l.avro","schema-id":1,"first-row-id":0,"added-rows":1}},
{"action":"set-snapshot-ref","ref-name":"main","snapshot-id":2,"type":"branch"},
{"action":"set-statistics","statistics":{"blob-metadata":[],"file-footer-size-in-bytes":4,
"file-size-in-bytes":42,"snapshot-id":2,"statistics-path":"s3://b/s.puffin"}}])json",
      R"json([{"action":"remove-snapshots","snapshot-ids":[2]},{"action":"remove-schemas","schema-ids":[3]},
{"action":"remove-partition-specs","spec-ids":[1]},{"action":"remove-snapshot-ref","ref-name":"main"},
{"action":"add-encryption-key","encryption-key":{"key-id":"a","encrypted-key-metadata":"AA=="}},
{"action":"remove-properties","removals":["a"]},{"action":"remove-statistics","snapshot-id":2}])json",
      R"json([{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":null},
{"type":"assert-table-uuid","uuid":"9510c070-5e6d-4b40-bf40-a8915bb76e5d"},
{"type":"assert-default-spec-id","default-spec-id":0}])json"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tarn::iceberg;
  constexpr int64_t kNowMs = 1'700'000'000'000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto updates = ParseUpdates(text)) {
    (void)ParseUpdates(SerializeUpdates(*updates));
    const auto created = ApplyUpdates(nullptr, "", *updates, kNowMs);
    if (created) {
      (void)SerializeTableMetadata(*created->metadata);
      (void)ApplyUpdates(created->metadata, "f", *updates, kNowMs);
    }
  }
  if (const auto requirements = ParseRequirements(text)) {
    (void)ParseRequirements(SerializeRequirements(*requirements));
    const TableMetadata table;
    (void)CheckRequirements(&table, *requirements);
  }
  return 0;
}
