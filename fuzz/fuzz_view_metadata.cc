// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"
#include "iceberg/view/view_metadata.h"
#include "iceberg/view/view_metadata_builder.h"

std::vector<std::string> SeedInputs() {
  return {
      R"json({"view-uuid":"fa6506c3-7681-40c8-86dc-e36561f83385","format-version":1,"location":"s3://b/v",
"properties":{"a":"b"},"schemas":[{"type":"struct","schema-id":0,"fields":[
{"id":1,"name":"x","required":true,"type":"long"}]}],"current-version-id":1,"versions":[{"version-id":1,
"timestamp-ms":4353,"summary":{"user":"u"},"schema-id":0,"default-catalog":"c","default-namespace":["n"],
"representations":[{"type":"sql","sql":"select 1","dialect":"spark"},{"type":"other","x":1}]}],
"version-log":[{"timestamp-ms":4353,"version-id":1}]})json",
      R"json([{"action":"assign-uuid","uuid":"fa6506c3-7681-40c8-86dc-e36561f83385"},
{"action":"set-location","location":"s3://b/v"},
{"action":"add-schema","schema":{"type":"struct","schema-id":0,"fields":[]}},
{"action":"add-view-version","view-version":{"version-id":1,"timestamp-ms":123,"schema-id":-1,"summary":{},
"default-namespace":[],"representations":[{"type":"sql","sql":"select 1","dialect":"spark"}]}},
{"action":"set-current-view-version","view-version-id":-1}])json"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tarn::iceberg;
  constexpr int64_t kNowMs = 1'700'000'000'000;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto view = ParseViewMetadata(text)) {
    if (const auto written = SerializeViewMetadata(*view)) (void)ParseViewMetadata(*written);
  }
  const auto document = ParseJson(text, "input");
  if (!document) return 0;
  if (const auto updates = ParseViewUpdatesTree(*document, "updates")) {
    const auto created = ApplyViewUpdates(nullptr, *updates, kNowMs);
    if (created) (void)ApplyViewUpdates(created->metadata, *updates, kNowMs);
  }
  return 0;
}
