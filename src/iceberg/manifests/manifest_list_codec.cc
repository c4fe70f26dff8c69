// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "iceberg/avro/container.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/manifests/manifest_format.h"

namespace tarn::iceberg {
namespace {

using avro::BinaryReader;
using avro::BinaryWriter;
using avro::Node;
using avro::RecordReader;

std::string ListSchemaJson(const ManifestFormat& format) {
  const std::string summary =
      avro::RecordJson(manifest_record::kFieldSummary, format.summary_fields(),
                       [](const auto&) { return std::string(); });
  return avro::RecordJson(manifest_record::kManifestFile, format.list_fields(), [&](const auto&) {
    return fmt::format(R"({{"type":"array","items":{},"element-id":{}}})", summary,
                       list_field::kPartitionsElement);
  });
}

/// The text is the same for every list of a version.
const std::string& CachedListSchemaJson(const ManifestFormat& format) {
  static const std::array<std::string, kNewestFormatVersion> kSchemas = {
      ListSchemaJson(**ManifestFormat::ForWriting(1)),
      ListSchemaJson(**ManifestFormat::ForWriting(2)),
      ListSchemaJson(**ManifestFormat::ForWriting(3)),
  };
  return kSchemas.at(static_cast<size_t>(format.version() - 1));
}

void WriteSummaries(const ManifestFormat& format, const ManifestListHeader& header,
                    const ManifestFile& file, BinaryWriter& out) {
  const bool known = !file.partitions.empty() ||
                     std::ranges::find(header.unpartitioned_specs, file.partition_spec_id) !=
                         header.unpartitioned_specs.end();
  out.PutBranch(known ? 1 : 0);
  if (!known) return;
  out.BeginItems(file.partitions.size());
  for (const FieldSummary& summary : file.partitions) {
    for (const auto& field : format.summary_fields()) field.write(summary, out);
  }
  out.EndItems();
}

Result<> CheckFile(const ManifestFile& file) {
  if (file.manifest_path.empty() || file.manifest_length_bytes <= 0 || !file.counts_known()) {
    return Fail(ErrorKind::kInvalidArgument,
                "manifest \"{}\" of {} bytes can't be listed without its path, length and counts",
                file.manifest_path, file.manifest_length_bytes);
  }
  return {};
}

/// Reads the lines of a list by what the file declares.
class LineReader {
 public:
  static Result<LineReader> Make(const Node& node) {
    const ManifestFormat& format = ManifestFormat::ForReading();
    LineReader reader;
    TARN_ASSIGN(reader.line_, RecordReader<ManifestFile>::Make(node, format.list_fields()));
    const Node* partitions = reader.line_->FindNode(list_field::kPartitions);
    if (partitions == nullptr) return reader;
    const Node& array = partitions->value();
    if (array.kind != avro::Kind::kArray) {
      return Fail(ErrorKind::kCorruption, "partitions of a manifest list are not an array");
    }
    TARN_ASSIGN(reader.summary_,
                RecordReader<FieldSummary>::Make(*array.branches[0], format.summary_fields()));
    return reader;
  }

  void Read(BinaryReader& in, ManifestFile& file) const {
    file.added_files_count = file.existing_files_count = file.deleted_files_count = kUnknownCount;
    file.added_rows_count = file.existing_rows_count = file.deleted_rows_count = kUnknownCount;
    line_->Read(in, file, [&](int32_t, const Node& node) {
      if (avro::ReadBranch(node, in).kind != avro::Kind::kArray) return;
      in.ReadItems([&] {
        FieldSummary& summary = file.partitions.emplace_back();
        summary_->Read(in, summary, [](int32_t, const Node&) {});
      });
    });
  }

 private:
  std::optional<RecordReader<ManifestFile>> line_;
  std::optional<RecordReader<FieldSummary>> summary_;
};

Result<> CheckLine(size_t index, const ManifestFile& file) {
  const bool counts =
      file.added_files_count >= kUnknownCount && file.existing_files_count >= kUnknownCount &&
      file.deleted_files_count >= kUnknownCount && file.added_rows_count >= kUnknownCount &&
      file.existing_rows_count >= kUnknownCount && file.deleted_rows_count >= kUnknownCount;
  int32_t files = 0;
  int64_t rows = 0;
  const bool overflows =
      __builtin_add_overflow(file.added_files_count, file.existing_files_count, &files) ||
      __builtin_add_overflow(file.added_rows_count, file.existing_rows_count, &rows);
  if (file.manifest_path.empty() || file.manifest_length_bytes < 0 || !counts || overflows) {
    return Fail(ErrorKind::kCorruption,
                "line {} of a manifest list (\"{}\") has an empty path or impossible counts", index,
                file.manifest_path);
  }
  return {};
}

}  // namespace

Result<std::string> EncodeManifestList(const ManifestListHeader& header,
                                       std::span<const ManifestFile> manifests) {
  TARN_ASSIGN(const ManifestFormat* format, ManifestFormat::ForWriting(header.format_version));
  const std::string parent = header.parent_snapshot_id
                                 ? std::to_string(header.parent_snapshot_id->value())
                                 : std::string("null");
  avro::ContainerMetadata metadata = {
      {manifest_key::kSnapshotId, std::to_string(header.snapshot_id.value())},
      {manifest_key::kParentSnapshotId, parent},
      {manifest_key::kSequenceNumber, std::to_string(header.sequence_number.value())},
      {manifest_key::kFormatVersion, std::to_string(header.format_version)},
  };
  if (header.first_row_id) {
    metadata.emplace_back(manifest_key::kFirstRowId, std::to_string(*header.first_row_id));
  }
  avro::ContainerWriter container(CachedListSchemaJson(*format), metadata, avro::Codec::kDeflate);
  BinaryWriter& out = container.record();
  for (const ManifestFile& file : manifests) {
    TARN_TRY(CheckFile(file));
    for (const auto& field : format->list_fields()) {
      if (field.write != nullptr) {
        field.write(file, out);
      } else {
        WriteSummaries(*format, header, file, out);
      }
    }
    TARN_TRY(container.EndRecord());
  }
  return container.Finish();
}

Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes) {
  TARN_ASSIGN(avro::ContainerReader container, avro::ContainerReader::Open(bytes));
  TARN_ASSIGN(const LineReader reader, LineReader::Make(container.schema()));
  std::vector<ManifestFile> files;
  TARN_TRY(container.ForEach([&](BinaryReader& in) -> Result<> {
    ManifestFile& file = files.emplace_back();
    reader.Read(in, file);
    return in.ok() ? CheckLine(files.size() - 1, file) : Result<>();
  }));
  return files;
}

}  // namespace tarn::iceberg
