// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"
#include "iceberg/deletes/puffin.h"
#include "storage/testing/memory_storage.h"

std::vector<std::string> SeedInputs() {
  tarn::iceberg::PuffinWriter writer;
  tarn::iceberg::PositionBitmap positions;
  positions.AddRange(3, 30);
  (void)writer.AddDeletionVector("s3://b/t/data/1.parquet", positions);
  (void)writer.Add({.type = "other", .fields = {tarn::FieldId(1)}}, std::string(200, 'x'),
                   tarn::iceberg::PuffinCodec::kZstd);
  return {writer.Finish({{"created-by", "x"}})};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr const char* kLocation = "s3://b/1.puffin";
  tarn::storage::MemoryStorage storage;
  (void)storage.Put(kLocation, std::span(data, size), tarn::storage::PutMode::kReplace);
  const auto file = storage.Open(kLocation).value();
  const auto footer = tarn::iceberg::ReadPuffinFooter(*file, kLocation);
  if (!footer) return 0;
  for (const auto& blob : footer->blobs) {
    (void)tarn::iceberg::ReadPuffinBlob(*file, kLocation, blob);
  }
  return 0;
}
