// SPDX-License-Identifier: Apache-2.0
#include "iceberg/manifests/manifest_format.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "iceberg/manifests/manifest_fields.h"

namespace tarn::iceberg {
namespace {

using avro::FieldTable;
using avro::MakeField;
using avro::Presence;

constexpr std::string_view kBooleanJson = R"("boolean")";
constexpr std::string_view kIntJson = R"("int")";
constexpr std::string_view kLongJson = R"("long")";
constexpr std::string_view kStringJson = R"("string")";
constexpr std::string_view kBytesJson = R"("bytes")";

std::string MapJson(int32_t key_id, int32_t value_id, std::string_view value_type) {
  return fmt::format(R"({{"type":"array","items":{{"type":"record","name":"k{0}_v{1}","fields":[)"
                     R"({{"name":"key","type":"int","field-id":{0}}},)"
                     R"({{"name":"value","type":{2},"field-id":{1}}}]}},"logicalType":"map"}})",
                     key_id, value_id, value_type);
}

std::string ListJson(int32_t element_id, std::string_view element_type) {
  return fmt::format(R"({{"type":"array","items":{},"element-id":{}}})", element_type, element_id);
}

FieldTable<ManifestEntry> EntryFields() {
  using namespace entry_field;
  return {
      MakeField<&ManifestEntry::status>(kStatus, "status", Presence::kAlways, kIntJson),
      MakeField<&ManifestEntry::snapshot_id>(kSnapshotId, "snapshot_id", Presence::kOptional,
                                             kLongJson),
      MakeField<&ManifestEntry::sequence_number>(kSequenceNumber, "sequence_number",
                                                 Presence::kOptional, kLongJson),
      MakeField<&ManifestEntry::file_sequence_number>(kFileSequenceNumber, "file_sequence_number",
                                                      Presence::kOptional, kLongJson),
      {.id = kDataFile, .name = "data_file", .presence = Presence::kAlways},
  };
}

FieldTable<DataFile> DataFileFieldsV2() {
  using namespace data_file_field;
  constexpr Presence kOptional = Presence::kOptional;
  return {
      MakeField<&DataFile::content>(kContent, "content", Presence::kRequired, kIntJson),
      MakeField<&DataFile::file_path>(kFilePath, "file_path", Presence::kAlways, kStringJson),
      MakeField<&DataFile::file_format>(kFileFormat, "file_format", Presence::kAlways, kStringJson),
      {.id = kPartition, .name = "partition", .presence = Presence::kRequired},
      MakeField<&DataFile::record_count>(kRecordCount, "record_count", Presence::kAlways,
                                         kLongJson),
      MakeField<&DataFile::file_size_bytes>(kFileSizeInBytes, "file_size_in_bytes",
                                            Presence::kAlways, kLongJson),
      MakeField<&DataFile::column_sizes_bytes>(
          kColumnSizes, "column_sizes", kOptional,
          MapJson(kColumnSizesKey, kColumnSizesValue, kLongJson)),
      MakeField<&DataFile::value_counts>(kValueCounts, "value_counts", kOptional,
                                         MapJson(kValueCountsKey, kValueCountsValue, kLongJson)),
      MakeField<&DataFile::null_value_counts>(
          kNullValueCounts, "null_value_counts", kOptional,
          MapJson(kNullValueCountsKey, kNullValueCountsValue, kLongJson)),
      MakeField<&DataFile::nan_value_counts>(
          kNanValueCounts, "nan_value_counts", kOptional,
          MapJson(kNanValueCountsKey, kNanValueCountsValue, kLongJson)),
      MakeField<&DataFile::lower_bounds>(kLowerBounds, "lower_bounds", kOptional,
                                         MapJson(kLowerBoundsKey, kLowerBoundsValue, kBytesJson)),
      MakeField<&DataFile::upper_bounds>(kUpperBounds, "upper_bounds", kOptional,
                                         MapJson(kUpperBoundsKey, kUpperBoundsValue, kBytesJson)),
      MakeField<&DataFile::key_metadata>(kKeyMetadata, "key_metadata", kOptional, kBytesJson),
      MakeField<&DataFile::split_offsets>(kSplitOffsets, "split_offsets", kOptional,
                                          ListJson(kSplitOffsetsElement, kLongJson)),
      MakeField<&DataFile::equality_ids>(kEqualityIds, "equality_ids", kOptional,
                                         ListJson(kEqualityIdsElement, kIntJson)),
      MakeField<&DataFile::sort_order_id>(kSortOrderId, "sort_order_id", kOptional, kIntJson),
      MakeField<&DataFile::referenced_data_file>(kReferencedDataFile, "referenced_data_file",
                                                 kOptional, kStringJson),
  };
}

FieldTable<DataFile> DataFileFieldsV3() {
  using namespace data_file_field;
  FieldTable<DataFile> fields = DataFileFieldsV2();
  fields.insert(fields.end() - 1, MakeField<&DataFile::first_row_id>(
                                      kFirstRowId, "first_row_id", Presence::kOptional, kLongJson));
  fields.push_back(MakeField<&DataFile::content_offset>(kContentOffset, "content_offset",
                                                        Presence::kOptional, kLongJson));
  fields.push_back(MakeField<&DataFile::content_size_bytes>(
      kContentSizeInBytes, "content_size_in_bytes", Presence::kOptional, kLongJson));
  return fields;
}

FieldTable<ManifestFile> ListFieldsV2() {
  using namespace list_field;
  constexpr Presence kRequired = Presence::kRequired;
  return {
      MakeField<&ManifestFile::manifest_path>(kManifestPath, "manifest_path", Presence::kAlways,
                                              kStringJson),
      MakeField<&ManifestFile::manifest_length_bytes>(kManifestLength, "manifest_length",
                                                      Presence::kAlways, kLongJson),
      MakeField<&ManifestFile::partition_spec_id>(kPartitionSpecId, "partition_spec_id",
                                                  Presence::kAlways, kIntJson),
      MakeField<&ManifestFile::content>(kContent, "content", kRequired, kIntJson),
      MakeField<&ManifestFile::sequence_number>(kSequenceNumber, "sequence_number", kRequired,
                                                kLongJson),
      MakeField<&ManifestFile::min_sequence_number>(kMinSequenceNumber, "min_sequence_number",
                                                    kRequired, kLongJson),
      MakeField<&ManifestFile::added_snapshot_id>(kAddedSnapshotId, "added_snapshot_id", kRequired,
                                                  kLongJson),
      MakeField<&ManifestFile::added_files_count>(kAddedFilesCount, "added_files_count", kRequired,
                                                  kIntJson, "added_data_files_count"),
      MakeField<&ManifestFile::existing_files_count>(kExistingFilesCount, "existing_files_count",
                                                     kRequired, kIntJson,
                                                     "existing_data_files_count"),
      MakeField<&ManifestFile::deleted_files_count>(kDeletedFilesCount, "deleted_files_count",
                                                    kRequired, kIntJson,
                                                    "deleted_data_files_count"),
      MakeField<&ManifestFile::added_rows_count>(kAddedRowsCount, "added_rows_count", kRequired,
                                                 kLongJson),
      MakeField<&ManifestFile::existing_rows_count>(kExistingRowsCount, "existing_rows_count",
                                                    kRequired, kLongJson),
      MakeField<&ManifestFile::deleted_rows_count>(kDeletedRowsCount, "deleted_rows_count",
                                                   kRequired, kLongJson),
      {.id = kPartitions, .name = "partitions", .presence = Presence::kOptional},
      MakeField<&ManifestFile::key_metadata>(kKeyMetadata, "key_metadata", Presence::kOptional,
                                             kBytesJson),
  };
}

FieldTable<ManifestFile> ListFieldsV3() {
  FieldTable<ManifestFile> fields = ListFieldsV2();
  fields.push_back(MakeField<&ManifestFile::first_row_id>(list_field::kFirstRowId, "first_row_id",
                                                          Presence::kOptional, kLongJson));
  return fields;
}

/// A table without the fields that version 1 lacks.
template <typename Owner>
FieldTable<Owner> Without(FieldTable<Owner> fields, std::initializer_list<int32_t> ids) {
  std::erase_if(fields,
                [&](const auto& field) { return std::ranges::find(ids, field.id) != ids.end(); });
  return fields;
}

/// Entries carry their snapshot: lists of version 1 need not tell it.
FieldTable<ManifestEntry> EntryFieldsV1() {
  FieldTable<ManifestEntry> fields =
      Without(EntryFields(), {entry_field::kSequenceNumber, entry_field::kFileSequenceNumber});
  fields[1] = MakeField<&ManifestEntry::snapshot_id>(entry_field::kSnapshotId, "snapshot_id",
                                                     Presence::kAlways, kLongJson);
  return fields;
}

FieldTable<DataFile> DataFileFieldsV1() {
  using namespace data_file_field;
  FieldTable<DataFile> fields =
      Without(DataFileFieldsV2(), {kContent, kEqualityIds, kReferencedDataFile});
  const auto size = std::ranges::find(fields, kFileSizeInBytes, &avro::FieldCodec<DataFile>::id);
  // Required and meaningless: what other writers put there.
  fields.insert(size + 1, {.id = kBlockSizeInBytes,
                           .name = "block_size_in_bytes",
                           .presence = Presence::kAlways,
                           .type_json = std::string(kLongJson),
                           .write = [](const DataFile&, avro::BinaryWriter& out) {
                             out.PutLong(int64_t{64} << 20);
                           }});
  return fields;
}

FieldTable<ManifestFile> ListFieldsV1() {
  using namespace list_field;
  return Without(ListFieldsV2(), {kContent, kSequenceNumber, kMinSequenceNumber});
}

FieldTable<FieldSummary> SummaryFields() {
  using namespace list_field;
  return {
      MakeField<&FieldSummary::contains_null>(kContainsNull, "contains_null", Presence::kAlways,
                                              kBooleanJson),
      MakeField<&FieldSummary::contains_nan>(kContainsNan, "contains_nan", Presence::kOptional,
                                             kBooleanJson),
      MakeField<&FieldSummary::lower_bound>(kLowerBound, "lower_bound", Presence::kOptional,
                                            kBytesJson),
      MakeField<&FieldSummary::upper_bound>(kUpperBound, "upper_bound", Presence::kOptional,
                                            kBytesJson),
  };
}

class ManifestFormatV2 : public ManifestFormat {
 public:
  ManifestFormatV2() : ManifestFormatV2(EntryFields(), DataFileFieldsV2(), ListFieldsV2()) {}
  int32_t version() const override { return 2; }
  const FieldTable<ManifestEntry>& entry_fields() const override { return entry_; }
  const FieldTable<DataFile>& data_file_fields() const override { return data_file_; }
  const FieldTable<ManifestFile>& list_fields() const override { return list_; }
  const FieldTable<FieldSummary>& summary_fields() const override { return summary_; }

 protected:
  ManifestFormatV2(FieldTable<ManifestEntry> entry, FieldTable<DataFile> data_file,
                   FieldTable<ManifestFile> list)
      : entry_(std::move(entry)), data_file_(std::move(data_file)), list_(std::move(list)) {}

 private:
  const FieldTable<ManifestEntry> entry_;
  const FieldTable<DataFile> data_file_;
  const FieldTable<ManifestFile> list_;
  const FieldTable<FieldSummary> summary_ = SummaryFields();
};

/// Adds row lineage and deletion vectors.
class ManifestFormatV3 final : public ManifestFormatV2 {
 public:
  ManifestFormatV3() : ManifestFormatV2(EntryFields(), DataFileFieldsV3(), ListFieldsV3()) {}
  int32_t version() const override { return 3; }
};

/// Data files alone, without numbers. Only written.
class ManifestFormatV1 final : public ManifestFormatV2 {
 public:
  ManifestFormatV1() : ManifestFormatV2(EntryFieldsV1(), DataFileFieldsV1(), ListFieldsV1()) {}
  int32_t version() const override { return 1; }
};

const ManifestFormatV1& V1() {
  static const ManifestFormatV1 kFormat;
  return kFormat;
}

const ManifestFormatV2& V2() {
  static const ManifestFormatV2 kFormat;
  return kFormat;
}

const ManifestFormatV3& V3() {
  static const ManifestFormatV3 kFormat;
  return kFormat;
}

}  // namespace

Result<const ManifestFormat*> ManifestFormat::ForWriting(int32_t version) {
  switch (version) {
    case 1:
      return &V1();
    case 2:
      return &V2();
    case 3:
      return &V3();
    default:
      return Fail(ErrorKind::kUnsupported, "manifests of format version {} can't be written",
                  version);
  }
}

const ManifestFormat& ManifestFormat::ForReading() { return V3(); }

}  // namespace tarn::iceberg
