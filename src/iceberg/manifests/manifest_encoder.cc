// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "iceberg/avro/container.h"
#include "iceberg/json/schema_json.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/manifests/manifest_format.h"
#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg {
namespace {

// Every reader of Iceberg takes deflate; zstandard is optional in Avro and missing in several.
constexpr avro::Codec kCodec = avro::Codec::kDeflate;

std::string EntrySchemaJson(const ManifestFormat& format, const PartitionTupleWriter& partition) {
  std::string data_file = avro::RecordJson(manifest_record::kDataFile, format.data_file_fields(),
                                           [&](const auto&) { return partition.SchemaJson(); });
  return avro::RecordJson(manifest_record::kManifestEntry, format.entry_fields(),
                          [&](const auto&) { return data_file; });
}

avro::ContainerMetadata HeaderMetadata(const ManifestHeader& header) {
  const bool data = header.content == ManifestContent::kData;
  return {
      {manifest_key::kSchema, SerializeSchema(header.schema)},
      {manifest_key::kSchemaId, std::to_string(header.schema.id.value())},
      {manifest_key::kPartitionSpec, SerializePartitionFields(header.spec)},
      {manifest_key::kPartitionSpecId, std::to_string(header.spec.id.value())},
      {manifest_key::kFormatVersion, std::to_string(header.format_version)},
      {manifest_key::kContent,
       std::string(data ? manifest_key::kContentData : manifest_key::kContentDeletes)},
  };
}

Result<> CheckEntry(const ManifestHeader& header, const ManifestEntry& entry) {
  const DataFile& file = entry.data_file;
  const bool numbered = entry.snapshot_id && entry.sequence_number && entry.file_sequence_number;
  if (entry.status != EntryStatus::kAdded && !numbered) {
    return Fail(ErrorKind::kInvalidArgument,
                "manifest entry of \"{}\" is not new but lacks its snapshot or sequence numbers",
                file.file_path);
  }
  if (header.format_version == 1 &&
      (!entry.snapshot_id || header.content != ManifestContent::kData)) {
    return Fail(
        ErrorKind::kInvalidArgument,
        "manifest entry of \"{}\" has no snapshot or is a delete file, which format version 1 "
        "lacks",
        file.file_path);
  }
  if (file.file_path.empty() || file.record_count < 0 || file.file_size_bytes < 0) {
    return Fail(ErrorKind::kInvalidArgument, "manifest entry of \"{}\" has {} records and {} bytes",
                file.file_path, file.record_count, file.file_size_bytes);
  }
  if ((file.content == FileContent::kData) != (header.content == ManifestContent::kData)) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" does not belong in a manifest of {} files",
                file.file_path, header.content == ManifestContent::kData ? "data" : "delete");
  }
  return {};
}

}  // namespace

Result<std::string> EncodeManifest(const ManifestHeader& header,
                                   std::span<const ManifestEntry> entries) {
  TARN_ASSIGN(const ManifestFormat* format, ManifestFormat::ForWriting(header.format_version));
  TARN_ASSIGN(const PartitionTupleWriter partition,
              PartitionTupleWriter::Make(header.schema, header.spec));
  avro::ContainerWriter container(EntrySchemaJson(*format, partition), HeaderMetadata(header),
                                  kCodec);
  avro::BinaryWriter& out = container.record();
  for (const ManifestEntry& entry : entries) {
    TARN_TRY(CheckEntry(header, entry));
    for (const auto& field : format->entry_fields()) {
      if (field.write != nullptr) {
        field.write(entry, out);
        continue;
      }
      for (const auto& file_field : format->data_file_fields()) {
        if (file_field.write != nullptr) {
          file_field.write(entry.data_file, out);
        } else {
          TARN_TRY(partition.Write(entry.data_file.partition, out));
        }
      }
    }
    TARN_TRY(container.EndRecord());
  }
  return container.Finish();
}

}  // namespace tarn::iceberg
