// SPDX-License-Identifier: Apache-2.0
// For tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

/// Two columns, unpartitioned.
inline ManifestHeader SampleHeader() {
  ManifestHeader header;
  header.schema.id = SchemaId(4);
  header.schema.fields = {
      {.id = FieldId(1), .name = "id", .required = true, .type = Type::Primitive(TypeKind::kLong)},
      {.id = FieldId(2), .name = "name", .type = Type::Primitive(TypeKind::kString)}};
  return header;
}

inline ManifestEntry SampleEntry(std::string path, int64_t rows) {
  ManifestEntry entry;
  entry.data_file.file_path = std::move(path);
  entry.data_file.record_count = rows;
  entry.data_file.file_size_bytes = 1000;
  return entry;
}

/// Partitioned by an identity, a decimal and a bucket.
inline ManifestHeader SamplePartitionedHeader(int32_t version) {
  ManifestHeader header = SampleHeader();
  header.format_version = version;
  header.schema.fields.push_back({.id = FieldId(3), .name = "price", .type = Type::Decimal(9, 2)});
  header.spec.id = SpecId(5);
  header.spec.fields = {
      {.source_ids = {FieldId(2)}, .id = PartitionFieldId(1000), .name = "name"},
      {.source_ids = {FieldId(3)}, .id = PartitionFieldId(1001), .name = "the price"},
      {.source_ids = {FieldId(1)},
       .id = PartitionFieldId(1002),
       .name = "id_bucket",
       .transform = {.kind = TransformKind::kBucket, .parameter = 16}}};
  return header;
}

/// An added, an existing and a deleted file of 10, 20 and 30 rows; every member of DataFile is set
/// somewhere.
inline std::vector<ManifestEntry> SamplePartitionedEntries(int32_t version) {
  std::vector<ManifestEntry> entries(3);
  for (size_t i = 0; i < entries.size(); ++i) {
    ManifestEntry& entry = entries[i];
    DataFile& file = entry.data_file;
    file.file_path = "s3://bucket/data/file " + std::to_string(i) + ".parquet";
    file.record_count = static_cast<int64_t>(i + 1) * 10;
    file.file_size_bytes = 5'000'000'000;
    file.partition = {Value("ä"), Value(Int128{1420}), Value(int32_t{3})};
    file.column_sizes_bytes = {{FieldId(1), 7}, {FieldId(2), 8}};
    file.value_counts = {{FieldId(1), file.record_count}, {FieldId(2), file.record_count}};
    file.null_value_counts = {{FieldId(1), 0}, {FieldId(2), 1}};
    file.nan_value_counts = {{FieldId(3), 0}};
    file.lower_bounds = {{FieldId(1), std::string(8, '\0')}, {FieldId(2), "a"}};
    file.upper_bounds = {{FieldId(1), std::string(7, '\xff') + '\x7f'}, {FieldId(2), "z"}};
    file.split_offsets = {4, 1'000'000};
    file.sort_order_id = SortOrderId(1);
    if (version >= 3) file.first_row_id = static_cast<int64_t>(i) * 100;
  }
  entries[0].data_file.key_metadata = std::string("\0key", 4);
  entries[1].status = EntryStatus::kExisting;
  entries[1].data_file.partition = {Value(), Value(Int128{-1}), Value(int32_t{15})};
  entries[2].status = EntryStatus::kDeleted;
  for (size_t i = 1; i < entries.size(); ++i) {
    entries[i].snapshot_id = SnapshotId(41);
    entries[i].sequence_number = SequenceNumber(3);
    entries[i].file_sequence_number = SequenceNumber(2);
  }
  return entries;
}

inline ManifestFile SampleListLine() {
  ManifestFile file;
  file.manifest_path = "s3://bucket/metadata/m0.avro";
  file.manifest_length_bytes = 6000;
  file.partition_spec_id = SpecId(5);
  file.sequence_number = SequenceNumber(9);
  file.min_sequence_number = SequenceNumber(2);
  file.added_snapshot_id = SnapshotId(42);
  file.added_files_count = 1;
  file.existing_files_count = 2;
  file.deleted_files_count = 3;
  file.added_rows_count = 40;
  file.existing_rows_count = 50;
  file.deleted_rows_count = 60;
  file.partitions = {{.contains_null = true, .contains_nan = false, .lower_bound = "a"},
                     {.upper_bound = "z"}};
  file.key_metadata = "key";
  return file;
}

inline void ExpectSameEntry(const ManifestEntry& a, const ManifestEntry& b) {
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.snapshot_id, b.snapshot_id);
  EXPECT_EQ(a.sequence_number, b.sequence_number);
  EXPECT_EQ(a.file_sequence_number, b.file_sequence_number);
  const DataFile& x = a.data_file;
  const DataFile& y = b.data_file;
  EXPECT_EQ(x.content, y.content);
  EXPECT_EQ(x.file_path, y.file_path);
  EXPECT_EQ(x.file_format, y.file_format);
  EXPECT_EQ(x.partition, y.partition);
  EXPECT_EQ(x.record_count, y.record_count);
  EXPECT_EQ(x.file_size_bytes, y.file_size_bytes);
  EXPECT_EQ(x.column_sizes_bytes, y.column_sizes_bytes);
  EXPECT_EQ(x.value_counts, y.value_counts);
  EXPECT_EQ(x.null_value_counts, y.null_value_counts);
  EXPECT_EQ(x.nan_value_counts, y.nan_value_counts);
  EXPECT_EQ(x.lower_bounds, y.lower_bounds);
  EXPECT_EQ(x.upper_bounds, y.upper_bounds);
  EXPECT_EQ(x.key_metadata, y.key_metadata);
  EXPECT_EQ(x.split_offsets, y.split_offsets);
  EXPECT_EQ(x.equality_ids, y.equality_ids);
  EXPECT_EQ(x.sort_order_id, y.sort_order_id);
  EXPECT_EQ(x.first_row_id, y.first_row_id);
  EXPECT_EQ(x.referenced_data_file, y.referenced_data_file);
  EXPECT_EQ(x.content_offset, y.content_offset);
  EXPECT_EQ(x.content_size_bytes, y.content_size_bytes);
}

inline void ExpectSameLine(const ManifestFile& a, const ManifestFile& b) {
  EXPECT_EQ(a.manifest_path, b.manifest_path);
  EXPECT_EQ(a.manifest_length_bytes, b.manifest_length_bytes);
  EXPECT_EQ(a.partition_spec_id, b.partition_spec_id);
  EXPECT_EQ(a.content, b.content);
  EXPECT_EQ(a.sequence_number, b.sequence_number);
  EXPECT_EQ(a.min_sequence_number, b.min_sequence_number);
  EXPECT_EQ(a.added_snapshot_id, b.added_snapshot_id);
  EXPECT_EQ(a.added_files_count, b.added_files_count);
  EXPECT_EQ(a.existing_files_count, b.existing_files_count);
  EXPECT_EQ(a.deleted_files_count, b.deleted_files_count);
  EXPECT_EQ(a.added_rows_count, b.added_rows_count);
  EXPECT_EQ(a.existing_rows_count, b.existing_rows_count);
  EXPECT_EQ(a.deleted_rows_count, b.deleted_rows_count);
  EXPECT_EQ(a.key_metadata, b.key_metadata);
  EXPECT_EQ(a.first_row_id, b.first_row_id);
  ASSERT_EQ(a.partitions.size(), b.partitions.size());
  for (size_t i = 0; i < a.partitions.size(); ++i) {
    EXPECT_EQ(a.partitions[i].contains_null, b.partitions[i].contains_null);
    EXPECT_EQ(a.partitions[i].contains_nan, b.partitions[i].contains_nan);
    EXPECT_EQ(a.partitions[i].lower_bound, b.partitions[i].lower_bound);
    EXPECT_EQ(a.partitions[i].upper_bound, b.partitions[i].upper_bound);
  }
}

}  // namespace tarn::iceberg
