// SPDX-License-Identifier: Apache-2.0
// Manifests and manifest lists as Avro object container files (spec, "Manifests", "Manifest Lists",
// Appendix A). Field ids and header keys stand in iceberg/manifest_fields.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// What the header of a manifest says.
struct ManifestHeader {
  Schema schema;
  PartitionSpec spec;
  ManifestContent content = ManifestContent::kData;
  int32_t format_version = 2;
};

/// The bytes of a manifest; entries in the given order. Entries of status ADDED normally leave
/// their numbers absent (inherited); EXISTING and DELETED must carry them, else InvalidArgument.
Result<std::string> EncodeManifest(const ManifestHeader& header,
                                   std::span<const ManifestEntry> entries);

/// Counts, rows and partition summaries of `entries` as the manifest list wants them.
/// `added_snapshot_id` is the snapshot that writes the manifest; path, length and sequence numbers
/// are left to the caller, except min_sequence_number over the explicit ones.
ManifestFile SummarizeManifest(const ManifestHeader& header, std::span<const ManifestEntry> entries,
                               SnapshotId added_snapshot_id);

struct Manifest {
  ManifestHeader header;
  std::vector<ManifestEntry> entries;  ///< inherited numbers filled in
};

/// Null numbers are inherited from `file` (spec, "Sequence Number Inheritance", "Snapshot ID
/// inheritance").
Result<Manifest> DecodeManifest(std::string_view bytes, const ManifestFile& file);

/// As it stands in the file, nothing inherited (for verification).
Result<Manifest> DecodeManifestVerbatim(std::string_view bytes);

struct ManifestListHeader {
  SnapshotId snapshot_id;
  std::optional<SnapshotId> parent_snapshot_id;
  SequenceNumber sequence_number;
  std::optional<int64_t> first_row_id;  ///< v3
  int32_t format_version = 2;
  /// Specs without fields. Lines of theirs have an empty list of summaries, as Java's have, which
  /// some readers count on; a line of another spec without summaries has none.
  std::vector<SpecId> unpartitioned_specs = {};
};

Result<std::string> EncodeManifestList(const ManifestListHeader& header,
                                       std::span<const ManifestFile> manifests);

/// Accepts v1 lists (missing fields get their defaults).
Result<std::vector<ManifestFile>> DecodeManifestList(std::string_view bytes);

}  // namespace tarn::iceberg
