// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/model/ids.h"

namespace tarn::iceberg {

/// Snapshot summary operations (spec, "Snapshots").
enum class SnapshotOperation : uint8_t { kAppend, kReplace, kOverwrite, kDelete };

/// A state of a table (spec, "Snapshots"). Immutable once committed.
struct Snapshot {
  SnapshotId id;
  std::optional<SnapshotId> parent_id;
  SequenceNumber sequence_number;
  int64_t timestamp_ms = 0;
  std::string manifest_list;                   ///< location; "" where `manifests` stand instead
  std::vector<std::string> manifests;          ///< early writers of v1: locations without a list
  std::optional<SnapshotOperation> operation;  ///< absent only in v1
  std::map<std::string, std::string> summary;  ///< without "operation"
  std::optional<SchemaId> schema_id;
  std::optional<int64_t> first_row_id;  ///< v3
  std::optional<int64_t> added_rows;    ///< v3
  std::string unknown_members_json;     ///< JSON object as text, "" = none

  /// Only in old snapshots; the cache's SnapshotManifests reads both kinds.
  bool has_manifest_array() const { return manifest_list.empty(); }
  bool operator==(const Snapshot&) const = default;
};

/// A named reference (spec, "Snapshot Retention Policy").
struct SnapshotRef {
  SnapshotId snapshot_id;
  bool is_tag = false;
  std::optional<int32_t> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;
  std::optional<int64_t> max_ref_age_ms;
  std::string unknown_members_json;  ///< JSON object as text, "" = none
  bool operator==(const SnapshotRef&) const = default;
};

inline constexpr const char* kMainBranch = "main";

}  // namespace tarn::iceberg
