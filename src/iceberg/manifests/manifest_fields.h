// SPDX-License-Identifier: Apache-2.0
// Field ids and header keys of manifests and manifest lists (spec, "Manifests", "Manifest Lists").
// Each stands here and nowhere else.
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::iceberg {

/// Names of the Avro records: readers look for exactly these.
namespace manifest_record {
inline constexpr std::string_view kManifestEntry = "manifest_entry";
inline constexpr std::string_view kDataFile = "r2";
inline constexpr std::string_view kPartition = "r102";
inline constexpr std::string_view kManifestFile = "manifest_file";
inline constexpr std::string_view kFieldSummary = "r508";
}  // namespace manifest_record

/// Keys of the Avro file header.
namespace manifest_key {
inline constexpr std::string_view kSchema = "schema";
inline constexpr std::string_view kSchemaId = "schema-id";
inline constexpr std::string_view kPartitionSpec = "partition-spec";
inline constexpr std::string_view kPartitionSpecId = "partition-spec-id";
inline constexpr std::string_view kFormatVersion = "format-version";
inline constexpr std::string_view kContent = "content";
inline constexpr std::string_view kSnapshotId = "snapshot-id";
inline constexpr std::string_view kParentSnapshotId = "parent-snapshot-id";
inline constexpr std::string_view kSequenceNumber = "sequence-number";
inline constexpr std::string_view kFirstRowId = "first-row-id";

inline constexpr std::string_view kContentData = "data";
inline constexpr std::string_view kContentDeletes = "deletes";
}  // namespace manifest_key

/// `manifest_entry`.
namespace entry_field {
inline constexpr int32_t kStatus = 0;
inline constexpr int32_t kSnapshotId = 1;
inline constexpr int32_t kDataFile = 2;
inline constexpr int32_t kSequenceNumber = 3;
inline constexpr int32_t kFileSequenceNumber = 4;
}  // namespace entry_field

/// `data_file`.
namespace data_file_field {
inline constexpr int32_t kFilePath = 100;
inline constexpr int32_t kFileFormat = 101;
inline constexpr int32_t kPartition = 102;
inline constexpr int32_t kRecordCount = 103;
inline constexpr int32_t kFileSizeInBytes = 104;
inline constexpr int32_t kBlockSizeInBytes = 105;  // v1
inline constexpr int32_t kColumnSizes = 108;
inline constexpr int32_t kColumnSizesKey = 117;
inline constexpr int32_t kColumnSizesValue = 118;
inline constexpr int32_t kValueCounts = 109;
inline constexpr int32_t kValueCountsKey = 119;
inline constexpr int32_t kValueCountsValue = 120;
inline constexpr int32_t kNullValueCounts = 110;
inline constexpr int32_t kNullValueCountsKey = 121;
inline constexpr int32_t kNullValueCountsValue = 122;
inline constexpr int32_t kNanValueCounts = 137;
inline constexpr int32_t kNanValueCountsKey = 138;
inline constexpr int32_t kNanValueCountsValue = 139;
inline constexpr int32_t kLowerBounds = 125;
inline constexpr int32_t kLowerBoundsKey = 126;
inline constexpr int32_t kLowerBoundsValue = 127;
inline constexpr int32_t kUpperBounds = 128;
inline constexpr int32_t kUpperBoundsKey = 129;
inline constexpr int32_t kUpperBoundsValue = 130;
inline constexpr int32_t kKeyMetadata = 131;
inline constexpr int32_t kSplitOffsets = 132;
inline constexpr int32_t kSplitOffsetsElement = 133;
inline constexpr int32_t kContent = 134;
inline constexpr int32_t kEqualityIds = 135;
inline constexpr int32_t kEqualityIdsElement = 136;
inline constexpr int32_t kSortOrderId = 140;
inline constexpr int32_t kFirstRowId = 142;
inline constexpr int32_t kReferencedDataFile = 143;
inline constexpr int32_t kContentOffset = 144;
inline constexpr int32_t kContentSizeInBytes = 145;
}  // namespace data_file_field

/// `manifest_file`.
namespace list_field {
inline constexpr int32_t kManifestPath = 500;
inline constexpr int32_t kManifestLength = 501;
inline constexpr int32_t kPartitionSpecId = 502;
inline constexpr int32_t kAddedSnapshotId = 503;
inline constexpr int32_t kAddedFilesCount = 504;
inline constexpr int32_t kExistingFilesCount = 505;
inline constexpr int32_t kDeletedFilesCount = 506;
inline constexpr int32_t kPartitions = 507;
inline constexpr int32_t kPartitionsElement = 508;
inline constexpr int32_t kContainsNull = 509;
inline constexpr int32_t kLowerBound = 510;
inline constexpr int32_t kUpperBound = 511;
inline constexpr int32_t kAddedRowsCount = 512;
inline constexpr int32_t kExistingRowsCount = 513;
inline constexpr int32_t kDeletedRowsCount = 514;
inline constexpr int32_t kSequenceNumber = 515;
inline constexpr int32_t kMinSequenceNumber = 516;
inline constexpr int32_t kContent = 517;
inline constexpr int32_t kContainsNan = 518;
inline constexpr int32_t kKeyMetadata = 519;
inline constexpr int32_t kFirstRowId = 520;
}  // namespace list_field

}  // namespace tarn::iceberg
