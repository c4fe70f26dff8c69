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
  /// Where the entry was seen; the search starts there. "" = unknown, or the manifest is gone:
  /// every manifest that may hold it, by partition and sequence number, is read.
  std::string manifest_path;
};

/// A delete file or deletion vector that comes with the change, as the one of `appended_manifests`
/// (content kDeletes) has it that describes it.
struct AddedDelete {
  DataFile file;
  SpecId partition_spec_id;
};

/// Which commits since `ChangeSet::read_snapshot` make the change wrong, beside those that always
/// do (write.{delete,update,merge}.isolation-level; Java's MergingSnapshotProducer is the model,
/// validation.h has the whole list).
struct Validation {
  /// Rows that the change depends on. Absent: all rows.
  std::optional<Filter> conflict_filter;
  /// A data file that was added and may hold such rows is a conflict: serializable isolation.
  bool no_new_data = false;
  /// A delete of such rows is a conflict: updates and merges, which write such rows anew.
  bool no_new_deletes = false;
  /// Data files that deletes of this change refer to, beside those that the deletes themselves name
  /// (DataFile::referenced_data_file): they must still be there, not even rewritten. Paths.
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
  /// Made where it does not exist, from the head of main.
  std::string branch = kMainBranch;

  /// The head of the branch that the changes were computed from; deletes, removals and replacements
  /// are validated against what came after it. Absent: the branch had no snapshot, or nothing
  /// depends on one (a pure append, TRUNCATE, `removed_rows` alone).
  std::optional<SnapshotId> read_snapshot;
  Validation validation;

  /// New data files and deletes, in manifests that already describe them (written before any lock,
  /// entries ADDED, of this snapshot; they inherit their sequence number, unless
  /// `data_sequence_number` is set). Every new file is in exactly one of them.
  std::vector<ManifestFile> appended_manifests;
  int64_t appended_files = 0;  ///< data files
  int64_t appended_rows = 0;
  int64_t appended_bytes = 0;  ///< of all new data files
  /// Every entry of the delete manifests among them.
  std::vector<AddedDelete> added_deletes;

  /// They must still be live. Deletion vectors of removed data files go with them.
  std::vector<RemovedFile> removed_data_files;
  std::vector<RemovedFile> removed_delete_files;  ///< absorbed or superseded ones
  /// Data files whose rows all match leave the table, whoever added them; one of which only some
  /// may match is InvalidArgument.
  std::optional<Filter> removed_rows;
  /// All files of the base leave the table (TRUNCATE, rewrites); appended ones stay. With
  /// `read_snapshot`, any later one is a conflict.
  bool replace_all = false;
  /// The rows stay the same (compaction, merged deletes): operation "replace", invisible to readers
  /// of changes. No more rows may come than go.
  bool is_rewrite = false;
  /// Of the appended files, so that equality deletes committed since still reach their rows. It
  /// stands in the entries of the appended manifests already.
  std::optional<SequenceNumber> data_sequence_number;
  /// Small manifests of one kind and partition spec become manifests of the target size; entries
  /// keep ids and numbers. Needs no validation. Operation "replace" where nothing else changes.
  bool merge_manifests = false;

  /// What the policy of the commit does not keep expires even where nothing else changes.
  bool expire_snapshots = false;

  std::optional<SchemaChange> schema;
  std::map<std::string, std::string> set_properties;
  std::vector<std::string> removed_properties;
  /// Anything else, applied after the schema and the properties and before the snapshot.
  std::vector<MetadataUpdate> updates;
  std::map<std::string, std::string> summary;  ///< the caller's own entries of the snapshot summary
};

}  // namespace tarn::iceberg
