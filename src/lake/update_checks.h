// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL's tables take of commits of other writers, asked before anything is written.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::lake {

/// Unsupported for updates that would take the table from its place or its readers: another
/// location or UUID, encryption keys.
Result<> CheckUpdates(const iceberg::TableMetadata& base,
                      std::span<const iceberg::MetadataUpdate> updates);

/// Unsupported where PostgreSQL's columns cannot follow from the base's current schema to that of
/// `next`: types that it lacks, other nested fields, names that are too long; or where its next
/// INSERT would find no partition spec to write under.
Result<> CheckDefinitions(const iceberg::TableMetadata& base, const iceberg::TableMetadata& next);

/// Whether all that is done to the base is to add snapshots and to set main to one of them.
bool IsOnlyRows(const iceberg::TableMetadata& base,
                std::span<const iceberg::MetadataUpdate> updates);

struct FileRules {
  std::span<const std::string> allowed_prefixes;  ///< each ends with a slash
  std::span<const FieldId> not_null;
};

/// Manifest lists, manifests and files that snapshots of `next` add to the base, and statistics,
/// lie in the table's location or below an allowed prefix (PermissionDenied); files are of formats
/// that are read (Unsupported); metrics of new data files tell that the named columns have no nulls
/// (InvalidArgument), but for those that `next` no longer requires. Reads the new manifests.
Result<> CheckFiles(const iceberg::CommitContext& context, const iceberg::TableMetadata& base,
                    const iceberg::TableMetadata& next, const FileRules& rules);

/// Which way the rows of main go.
struct RowsDelta {
  bool adds = false, removes = false;
};
Result<RowsDelta> CompareRows(const iceberg::CommitContext& context,
                              const iceberg::TableMetadata& base,
                              const iceberg::TableMetadata& next);

}  // namespace tarn::lake
