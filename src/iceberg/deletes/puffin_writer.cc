// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "iceberg/avro/compression.h"
#include "iceberg/deletes/deletion_vector.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/deletes/puffin_fields.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::iceberg {
namespace {

void AppendLittleEndian(uint32_t value, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void WriteProperties(const std::map<std::string, std::string>& properties, JsonText& json) {
  if (properties.empty()) return;
  json.Key(puffin::kProperties);
  json.BeginObject();
  for (const auto& [key, value] : properties) {
    json.EscapedKey(key);
    json.String(value);
  }
  json.EndObject();
}

void WriteBlob(const PuffinBlob& blob, JsonText& json) {
  json.BeginObject();
  json.Member(puffin::kType, blob.type);
  json.Key(puffin::kFields);
  json.BeginArray();
  for (const FieldId field : blob.fields) json.Int(field.value());
  json.EndArray();
  json.Member(puffin::kSnapshotId, blob.snapshot_id);
  json.Member(puffin::kSequenceNumber, blob.sequence_number);
  json.Member(puffin::kOffset, blob.offset);
  json.Member(puffin::kLength, blob.length);
  if (blob.compression_codec) json.Member(puffin::kCompressionCodec, *blob.compression_codec);
  WriteProperties(blob.properties, json);
  json.EndObject();
}

}  // namespace

PuffinWriter::PuffinWriter() : bytes_(puffin::kMagic) {}

Result<PuffinBlob> PuffinWriter::Add(PuffinBlob blob, std::string_view content, PuffinCodec codec) {
  blob.offset = size_bytes();
  blob.compression_codec.reset();
  if (codec == PuffinCodec::kZstd) {
    TARN_ASSIGN(const std::string compressed, avro::Compress(avro::Codec::kZstandard, content));
    bytes_ += compressed;
    blob.compression_codec = puffin::kCodecZstd;
  } else {
    bytes_ += content;
  }
  blob.length = size_bytes() - blob.offset;
  return blobs_.emplace_back(std::move(blob));
}

Result<PuffinBlob> PuffinWriter::AddDeletionVector(std::string_view data_file,
                                                   const PositionBitmap& positions) {
  TARN_ASSIGN(const std::string content, EncodeDeletionVector(positions));
  PuffinBlob blob{.type = std::string(kDeletionVectorType), .fields = {metadata_column::kPosition}};
  blob.properties.emplace(kReferencedDataFileProperty, data_file);
  blob.properties.emplace(kCardinalityProperty, std::to_string(positions.cardinality()));
  return Add(std::move(blob), content);
}

std::string PuffinWriter::Finish(const std::map<std::string, std::string>& properties) {
  std::string payload;
  JsonText json(&payload);
  json.BeginObject();
  json.Key(puffin::kBlobs);
  json.BeginArray();
  for (const PuffinBlob& blob : blobs_) WriteBlob(blob, json);
  json.EndArray();
  WriteProperties(properties, json);
  json.EndObject();
  std::string file = std::exchange(bytes_, std::string(puffin::kMagic));
  blobs_.clear();
  file += puffin::kMagic;
  file += payload;
  AppendLittleEndian(static_cast<uint32_t>(payload.size()), file);
  AppendLittleEndian(0, file);
  file += puffin::kMagic;
  return file;
}

}  // namespace tarn::iceberg
