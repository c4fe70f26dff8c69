// SPDX-License-Identifier: Apache-2.0
#include "fuzz/target.h"
#include "iceberg/manifests/manifest_codec.h"

namespace {

using namespace tarn::iceberg;  // NOLINT: the nouns of a manifest

ManifestHeader Header() {
  ManifestHeader header;
  header.schema.fields.push_back(
      {.id = tarn::FieldId(1), .name = "x", .type = tarn::Type::Primitive(tarn::TypeKind::kLong)});
  return header;
}

}  // namespace

std::vector<std::string> SeedInputs() {
  ManifestEntry entry;
  entry.data_file = {
      .file_path = "s3://b/t/data/1.parquet", .record_count = 3, .file_size_bytes = 100};
  entry.data_file.lower_bounds[tarn::FieldId(1)] = std::string(8, '\1');
  entry.data_file.value_counts[tarn::FieldId(1)] = 3;
  entry.data_file.split_offsets = {4};
  ManifestFile file{.manifest_path = "s3://b/t/metadata/m.avro",
                    .manifest_length_bytes = 10,
                    .added_files_count = 1};
  std::vector<std::string> seeds;
  if (auto manifest = EncodeManifest(Header(), {{entry, entry}})) seeds.push_back(*manifest);
  if (auto list = EncodeManifestList({.snapshot_id = SnapshotId(7)}, {{file}}))
    seeds.push_back(*list);
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)DecodeManifest(bytes, ManifestFile{});
  (void)DecodeManifestVerbatim(bytes);
  (void)DecodeManifestList(bytes);
  return 0;
}
