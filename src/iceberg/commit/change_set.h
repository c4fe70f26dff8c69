// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/filter.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/schema.h"
#include "iceberg/model/snapshot.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::iceberg {

/// A file of the table that leaves it, as a scan or a manifest showed it. The identity of a
/// deletion vector is (path, content_offset): several share a Puffin file.
struct RemovedFile {
  DataFile file;
  SpecId partition_spec_id;
  SequenceNumber data_sequence_number;
  /// Where the entry was seen; the search starts there. "" = unknown: every manifest that may hold
  /// it is read.
  std::string manifest_path;
};

/// A delete file or deletion vector that comes with the change, for validation: one of the
/// `appended_manifests` (content kDeletes) describes it.
struct AddedDelete {
  DataFile file;
  SpecId partition_spec_id;
};

/// What the rows were computed from, and which commits since then make the change wrong
/// (write.{delete,update,merge}.isolation-level; Java's MergingSnapshotProducer is the model).
struct Validation {
  /// Rows that the change read. A data file that was added since and may hold such rows is a
  /// conflict where `no_new_data` is set, a delete of such rows where `no_new_deletes` is. Absent:
  /// all rows.
  std::optional<Filter> conflict_filter;
  bool no_new_data = false;     ///< serializable isolation
  bool no_new_deletes = false;  ///< updates and merges; rewrites check their own files always
  /// Data files that position deletes of this change refer to must still be there. Rewritten ones
  /// are not. Paths.
  std::vector<std::string> referenced_data_files;
};

/// Columns that a table shall have, told by whoever read others. Only the difference counts: on a
/// table whose schema moved on since, no difference changes nothing, and another one is a Conflict.
/// Documentation, defaults and identifier fields of columns that stay are the table's.
struct SchemaChange {
  Schema read;
  std::vector<Field> fields;
};

/// Everything that one writer does to one branch of one table. Which base it applies to is decided
/// at commit; it can be applied again on a newer base. A plain value.
struct ChangeSet {
  std::string branch = kMainBranch;  ///< a new one starts at main

  /// The head of the branch that the changes were computed from; deletes, removals and replacements
  /// are validated against what came after it. Absent: the branch was empty, or a pure append.
  std::optional<SnapshotId> read_snapshot;
  Validation validation;

  /// New data files and deletes, in manifests that already describe them (written before any lock;
  /// they inherit their sequence number, unless `data_sequence_number` is set). Every new file is
  /// in exactly one of them.
  std::vector<ManifestFile> appended_manifests;
  int64_t appended_files = 0;  ///< data files
  int64_t appended_rows = 0;
  int64_t appended_bytes = 0;  ///< of all new files
  std::vector<AddedDelete> added_deletes;

  std::vector<RemovedFile> removed_data_files;
  std::vector<RemovedFile> removed_delete_files;  ///< absorbed or superseded ones
  /// Files whose rows all match leave the table; one of which only some match is InvalidArgument.
  std::optional<Filter> removed_rows;
  /// All files of the base leave the table (TRUNCATE, rewrites); appended ones stay.
  bool replace_all = false;
  /// The rows stay the same (compaction): operation "replace", invisible to readers of changes. The
  /// removed files must still be live and without new deletes.
  bool is_rewrite = false;
  /// Of the appended files, so that equality deletes committed since still reach their rows. It
  /// stands in the entries of the appended manifests already.
  std::optional<SequenceNumber> data_sequence_number;

  std::optional<SchemaChange> schema;
  std::map<std::string, std::string> set_properties;
  std::vector<std::string> removed_properties;
  /// Anything else, applied after the schema and the properties and before the snapshot.
  std::vector<MetadataUpdate> updates;
  std::map<std::string, std::string> summary;  ///< the caller's own entries of the snapshot summary
};

}  // namespace tarn::iceberg
