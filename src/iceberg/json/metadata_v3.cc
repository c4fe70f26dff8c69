// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/metadata_version.h"

namespace tarn::iceberg {

Result<> MetadataV3::ReadTable(const JsonMembers& in, TableMetadata& out) const {
  TARN_TRY(MetadataV2::ReadTable(in, out));
  TARN_ASSIGN(out.next_row_id, in.Int64(field::kNextRowId));
  return {};
}

Result<> MetadataV3::ReadSnapshot(const JsonMembers& in, Snapshot& out) const {
  TARN_TRY(MetadataV2::ReadSnapshot(in, out));
  // Both absent in snapshots from before an upgrade.
  TARN_ASSIGN(out.first_row_id, in.OptionalInt64(field::kFirstRowId));
  TARN_ASSIGN(out.added_rows, in.OptionalInt64(field::kAddedRows));
  return {};
}

void MetadataV3::WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const {
  MetadataV2::WriteTableNumbers(metadata, out);
  out.Member(field::kNextRowId, metadata.next_row_id.value_or(0));
}

void MetadataV3::WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const {
  MetadataV2::WriteSnapshotNumbers(snapshot, out);
  if (snapshot.first_row_id) out.Member(field::kFirstRowId, *snapshot.first_row_id);
  if (snapshot.added_rows) out.Member(field::kAddedRows, *snapshot.added_rows);
}

}  // namespace tarn::iceberg
