// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"
#include "iceberg/model/table_metadata.h"

std::vector<std::string> SeedInputs() {
  return {
      R"json({"format-version":2,"table-uuid":"9c12d441-03fe-4693-9a96-a0705ddf69c1","location":"s3://b/t",
"last-sequence-number":1,"last-updated-ms":1602638573590,"last-column-id":3,"current-schema-id":0,
"schemas":[{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"x","required":true,"type":"decimal(9, 2)"},
{"id":2,"name":"l","required":false,"type":{"type":"list","element-id":3,"element":"string","element-required":false}}]}],
"default-spec-id":0,"partition-specs":[{"spec-id":0,"fields":[{"name":"x","transform":"bucket[16]","source-id":1,"field-id":1000}]}],
"last-partition-id":1000,"default-sort-order-id":0,"sort-orders":[{"order-id":0,"fields":[]}],"properties":{"a":"b"},
"current-snapshot-id":5,"refs":{"main":{"snapshot-id":5,"type":"branch"}},"snapshots":[{"snapshot-id":5,
"sequence-number":1,"timestamp-ms":1,"manifest-list":"s3://b/l.avro","summary":{"operation":"append"},"schema-id":0}],
"snapshot-log":[{"snapshot-id":5,"timestamp-ms":1}],"metadata-log":[]
})json",
      R"json({"format-version":1,"location":"s3://b/t","last-updated-ms":1,"last-column-id":1,
"schema":{"type":"struct","fields":[{"id":1,"name":"x","required":true,"type":"long"}]},
"partition-spec":[],"properties":{},"current-snapshot-id":-1,"snapshots":[]})json"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto metadata = tarn::iceberg::ParseTableMetadata({reinterpret_cast<const char*>(data), size});
  // What was accepted can be written and read again.
  if (metadata) {
    if (auto text = tarn::iceberg::SerializeTableMetadata(*metadata)) {
      (void)tarn::iceberg::ParseTableMetadata(*text);
    }
  }
  return 0;
}
