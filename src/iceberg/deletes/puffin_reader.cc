// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "iceberg/avro/compression.h"
#include "iceberg/deletes/lz4_frame.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/deletes/puffin_fields.h"
#include "iceberg/json/json_members.h"

namespace tarn::iceberg {
namespace {

// No footer of ours or of others comes near; more would be a file that is no Puffin file.
constexpr int64_t kFooterBytesMax = int64_t{256} << 20;
constexpr size_t kBlobBytesMax = size_t{2} << 30;

std::unexpected<Error> Malformed(std::string_view location, std::string_view what) {
  return Fail(ErrorKind::kCorruption, "Puffin file \"{}\" is malformed: {}", location, what);
}

Result<std::string> ReadBytes(const storage::ObjectReader& file, int64_t offset, int64_t length) {
  std::string bytes(static_cast<size_t>(length), '\0');
  TARN_TRY(file.ReadAt(offset, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()}));
  return bytes;
}

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

Result<std::vector<FieldId>> ParseFields(const JsonMembers& members) {
  TARN_ASSIGN(const Json* array, members.Array(puffin::kFields));
  std::vector<FieldId> fields;
  for (const Json& value : *array) {
    if (!value.is_number_integer()) return members.Malformed(puffin::kFields, "numbers");
    fields.emplace_back(value.get<int32_t>());
  }
  return fields;
}

Result<PuffinBlob> ParseBlob(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, std::move(place)));
  PuffinBlob blob;
  TARN_ASSIGN(blob.type, members.String(puffin::kType));
  TARN_ASSIGN(blob.fields, ParseFields(members));
  TARN_ASSIGN(blob.snapshot_id, members.Int64(puffin::kSnapshotId));
  TARN_ASSIGN(blob.sequence_number, members.Int64(puffin::kSequenceNumber));
  TARN_ASSIGN(blob.offset, members.Int64(puffin::kOffset));
  TARN_ASSIGN(blob.length, members.Int64(puffin::kLength));
  TARN_ASSIGN(blob.compression_codec, members.OptionalString(puffin::kCompressionCodec));
  if (const Json* properties = members.Find(puffin::kProperties)) {
    TARN_ASSIGN(blob.properties, ParseStringMap(*properties, members.PlaceOf(puffin::kProperties)));
  }
  return blob;
}

Result<PuffinFooter> ParsePayload(std::string_view payload) {
  TARN_ASSIGN(const Json document, ParseJson(payload, "its footer"));
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(document, ""));
  PuffinFooter footer;
  TARN_ASSIGN(const Json* blobs, members.Array(puffin::kBlobs));
  for (size_t i = 0; i < blobs->size(); ++i) {
    TARN_ASSIGN(PuffinBlob blob, ParseBlob((*blobs)[i], members.PlaceOf(puffin::kBlobs, i)));
    footer.blobs.push_back(std::move(blob));
  }
  if (const Json* properties = members.Find(puffin::kProperties)) {
    TARN_ASSIGN(footer.properties, ParseStringMap(*properties, puffin::kProperties));
  }
  return footer;
}

bool LiesWithin(const PuffinBlob& blob, int64_t begin, int64_t end) {
  return blob.offset >= begin && blob.offset <= end && blob.length >= 0 &&
         blob.length <= end - blob.offset;
}

}  // namespace

Result<PuffinFooter> ReadPuffinFooter(const storage::ObjectReader& file,
                                      std::string_view location) {
  const auto magic_bytes = static_cast<int64_t>(puffin::kMagic.size());
  const int64_t size = file.size_bytes();
  if (size < 2 * magic_bytes + puffin::kTailBytes) return Malformed(location, "it is too short");
  TARN_ASSIGN(const std::string head, ReadBytes(file, 0, magic_bytes));
  TARN_ASSIGN(const std::string tail,
              ReadBytes(file, size - puffin::kTailBytes, puffin::kTailBytes));
  if (head != puffin::kMagic || !tail.ends_with(puffin::kMagic)) {
    return Malformed(location, "its magic number is wrong");
  }
  const int64_t payload_size = LittleEndian(tail);
  const uint32_t flags = LittleEndian(std::string_view(tail).substr(4));
  const int64_t footer_size = magic_bytes + payload_size + puffin::kTailBytes;
  if (payload_size > kFooterBytesMax || footer_size > size - magic_bytes) {
    return Malformed(location, "its footer does not fit into it");
  }
  if ((flags & ~puffin::kFlagCompressed) != 0) {
    return Fail(ErrorKind::kUnsupported, "Puffin file \"{}\" has unknown flags {:#x}", location,
                flags);
  }
  TARN_ASSIGN(const std::string bytes,
              ReadBytes(file, size - footer_size, magic_bytes + payload_size));
  if (!bytes.starts_with(puffin::kMagic)) {
    return Malformed(location, "its footer does not begin with the magic number");
  }
  std::string payload = bytes.substr(puffin::kMagic.size());
  if (flags != 0) {
    auto content = ReadLz4Frame(payload, static_cast<size_t>(kFooterBytesMax));
    if (!content) return Malformed(location, content.error().message);
    payload = *std::move(content);
  }
  auto footer = ParsePayload(payload);
  if (!footer) return Malformed(location, footer.error().message);
  footer->size_bytes = footer_size;
  for (const PuffinBlob& blob : footer->blobs) {
    if (!LiesWithin(blob, magic_bytes, size - footer_size)) {
      return Malformed(location, fmt::format("the blob at {} lies outside of it", blob.offset));
    }
  }
  return *std::move(footer);
}

Result<std::string> ReadPuffinBlob(const storage::ObjectReader& file, std::string_view location,
                                   const PuffinBlob& blob) {
  if (!LiesWithin(blob, static_cast<int64_t>(puffin::kMagic.size()), file.size_bytes())) {
    return Malformed(location, fmt::format("the blob at {} lies outside of it", blob.offset));
  }
  TARN_ASSIGN(std::string bytes, ReadBytes(file, blob.offset, blob.length));
  if (!blob.compression_codec) return bytes;
  const std::string& codec = *blob.compression_codec;
  if (codec != puffin::kCodecZstd && codec != puffin::kCodecLz4) {
    return Fail(ErrorKind::kUnsupported,
                "blob at {} of Puffin file \"{}\" is compressed with {}, which is not supported",
                blob.offset, location, codec);
  }
  auto content = codec == puffin::kCodecLz4
                     ? ReadLz4Frame(bytes, kBlobBytesMax)
                     : avro::Decompress(avro::Codec::kZstandard, bytes, kBlobBytesMax);
  if (!content) {
    return Malformed(location, fmt::format("the blob at {} is not {} data", blob.offset, codec));
  }
  return *std::move(content);
}

}  // namespace tarn::iceberg
