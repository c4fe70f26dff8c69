// SPDX-License-Identifier: Apache-2.0
// Names in updates and requirements (REST specification), beside those of metadata files.
#pragma once

#include <string_view>

namespace tarn::iceberg::update_field {

inline constexpr std::string_view kAction = "action";
inline constexpr std::string_view kUuid = "uuid";
inline constexpr std::string_view kSpec = "spec";
inline constexpr std::string_view kSortOrder = "sort-order";
inline constexpr std::string_view kSortOrderId = "sort-order-id";
inline constexpr std::string_view kSnapshot = "snapshot";
inline constexpr std::string_view kRefName = "ref-name";
inline constexpr std::string_view kSnapshotIds = "snapshot-ids";
inline constexpr std::string_view kUpdates = "updates";
inline constexpr std::string_view kUpdated = "updated";  // before "updates"
inline constexpr std::string_view kRemovals = "removals";
inline constexpr std::string_view kRemoved = "removed";  // before "removals"
inline constexpr std::string_view kSpecIds = "spec-ids";
inline constexpr std::string_view kSchemaIds = "schema-ids";
inline constexpr std::string_view kEncryptionKey = "encryption-key";
inline constexpr std::string_view kViewVersion = "view-version";
inline constexpr std::string_view kViewVersionId = "view-version-id";

inline constexpr std::string_view kRef = "ref";
inline constexpr std::string_view kLastAssignedFieldId = "last-assigned-field-id";
inline constexpr std::string_view kLastAssignedPartitionId = "last-assigned-partition-id";

}  // namespace tarn::iceberg::update_field
