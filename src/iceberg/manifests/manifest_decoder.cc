// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "iceberg/avro/container.h"
#include "iceberg/json/schema_json.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/manifests/manifest_format.h"
#include "iceberg/manifests/manifest_inheritance.h"
#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg {
namespace {

using avro::BinaryReader;
using avro::ContainerReader;
using avro::Node;
using avro::RecordReader;

// Compressed entries are larger than that; only reservations depend on it.
constexpr size_t kEntryBytesAtLeast = 16;

Result<std::optional<int32_t>> IntHeader(const ContainerReader& container, std::string_view key) {
  const std::string* text = container.FindMetadata(key);
  if (text == nullptr) return std::nullopt;
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    return Fail(ErrorKind::kCorruption, "header key \"{}\" of a manifest is \"{}\"", key, *text);
  }
  return value;
}

/// What is missing is taken from the manifest list, if there is one: older and other writers leave
/// keys out.
Result<ManifestHeader> ReadHeader(const ContainerReader& container, const ManifestFile* file) {
  ManifestHeader header;
  TARN_ASSIGN(const auto version, IntHeader(container, manifest_key::kFormatVersion));
  header.format_version = version.value_or(1);
  if (header.format_version < 1 || header.format_version > kNewestFormatVersion) {
    return Fail(ErrorKind::kUnsupported, "manifest of format version {} is not supported",
                header.format_version);
  }
  TARN_ASSIGN(const auto spec_id, IntHeader(container, manifest_key::kPartitionSpecId));
  header.spec.id = spec_id           ? SpecId(*spec_id)
                   : file != nullptr ? file->partition_spec_id
                                     : SpecId();
  if (const std::string* text = container.FindMetadata(manifest_key::kPartitionSpec)) {
    TARN_ASSIGN(header.spec.fields, ParsePartitionFields(*text));
  }
  if (const std::string* text = container.FindMetadata(manifest_key::kContent)) {
    if (*text != manifest_key::kContentData && *text != manifest_key::kContentDeletes) {
      return Fail(ErrorKind::kCorruption, "content of a manifest is \"{}\"", *text);
    }
    header.content =
        *text == manifest_key::kContentData ? ManifestContent::kData : ManifestContent::kDeletes;
  } else if (file != nullptr) {
    header.content = file->content;
  }
  // Some writers put the manifest's own Avro schema here; nothing in the entries depends on it.
  header.schema.id = SchemaId(-1);
  if (const std::string* text = container.FindMetadata(manifest_key::kSchema)) {
    if (auto schema = ParseSchema(*text)) header.schema = *std::move(schema);
  }
  return header;
}

/// Reads entries one by one by what the file declares.
class EntryReader {
 public:
  static Result<EntryReader> Make(const Node& node, const ManifestHeader& header) {
    const ManifestFormat& format = ManifestFormat::ForReading();
    EntryReader reader;
    TARN_ASSIGN(reader.entry_, RecordReader<ManifestEntry>::Make(node, format.entry_fields()));
    const Node& data_file = reader.entry_->FindNode(entry_field::kDataFile)->value();
    TARN_ASSIGN(reader.data_file_,
                RecordReader<DataFile>::Make(data_file, format.data_file_fields()));
    const Node* partition = reader.data_file_->FindNode(data_file_field::kPartition);
    if (partition != nullptr && partition->value().kind != avro::Kind::kRecord) {
      return Fail(ErrorKind::kCorruption, "partition of a manifest entry is not a record");
    }
    // Unknown types leave the values as they were declared.
    auto types = PartitionTypes(header.schema, header.spec);
    if (partition != nullptr) {
      reader.partition_.emplace(partition->value(), header.spec,
                                types ? *std::move(types) : std::vector<Type>());
    }
    return reader;
  }

  void Read(BinaryReader& in, ManifestEntry& entry) const {
    entry_->Read(in, entry, [&](int32_t, const Node& node) {
      if (avro::ReadBranch(node, in).kind != avro::Kind::kRecord) {
        in.Fail("manifest entry without a data file");
        return;
      }
      ReadDataFile(in, entry.data_file);
    });
  }

 private:
  void ReadDataFile(BinaryReader& in, DataFile& file) const {
    data_file_->Read(in, file, [&](int32_t, const Node& node) {
      if (avro::ReadBranch(node, in).kind == avro::Kind::kRecord)
        file.partition = partition_->Read(in);
    });
    std::ranges::transform(file.file_format, file.file_format.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }

  std::optional<RecordReader<ManifestEntry>> entry_;
  std::optional<RecordReader<DataFile>> data_file_;
  std::optional<PartitionTupleReader> partition_;
};

Result<Manifest> Decode(std::string_view bytes, const ManifestFile* file) {
  TARN_ASSIGN(ContainerReader container, ContainerReader::Open(bytes));
  Manifest manifest;
  TARN_ASSIGN(manifest.header, ReadHeader(container, file));
  TARN_ASSIGN(const EntryReader reader, EntryReader::Make(container.schema(), manifest.header));
  if (file != nullptr && file->counts_known()) {
    // What the list promises, as far as the bytes can hold it.
    const int64_t promised = int64_t{file->live_files_count()} + file->deleted_files_count;
    manifest.entries.reserve(
        std::min(static_cast<size_t>(promised), bytes.size() / kEntryBytesAtLeast));
  }
  TARN_TRY(container.ForEach([&](BinaryReader& in) -> Result<> {
    reader.Read(in, manifest.entries.emplace_back());
    return {};
  }));
  return manifest;
}

Result<> CheckEntry(size_t index, const ManifestEntry& entry) {
  const DataFile& file = entry.data_file;
  if (file.file_path.empty()) {
    return Fail(ErrorKind::kCorruption, "manifest entry {} has an empty path", index);
  }
  if (file.record_count < 0 || file.file_size_bytes < 0) {
    return Fail(ErrorKind::kCorruption, "manifest entry {} (\"{}\") has {} records and {} bytes",
                index, file.file_path, file.record_count, file.file_size_bytes);
  }
  return {};
}

}  // namespace

Result<Manifest> DecodeManifest(std::string_view bytes, const ManifestFile& file) {
  const auto decode = [&]() -> Result<Manifest> {
    TARN_ASSIGN(Manifest manifest, Decode(bytes, &file));
    for (size_t i = 0; i < manifest.entries.size(); ++i) {
      TARN_TRY(CheckEntry(i, manifest.entries[i]));
    }
    TARN_TRY(InheritFromList(file, manifest));
    return manifest;
  };
  auto manifest = decode();
  if (!manifest) {
    manifest.error().message =
        fmt::format("manifest \"{}\": {}", file.manifest_path, manifest.error().message);
  }
  return manifest;
}

Result<Manifest> DecodeManifestVerbatim(std::string_view bytes) { return Decode(bytes, nullptr); }

}  // namespace tarn::iceberg
