// SPDX-License-Identifier: Apache-2.0
// Delete files of a snapshot against its data files (spec, "Scan Planning", "Deletion Vectors").
#include <map>
#include <set>
#include <string>

#include "iceberg/fsck/run.h"
#include "iceberg/plan/delete_matching.h"

namespace tarn::iceberg::fsck {
namespace {

/// An entry with what its manifest says of it.
struct Placed {
  const ListedManifest* listed;
  const ManifestEntry* entry;

  const DataFile& file() const { return entry->data_file; }
  std::string partition() const {
    return PartitionKey(listed->line.partition_spec_id, listed->content->manifest.header.spec,
                        file().partition);
  }
  SequenceNumber sequence() const { return entry->sequence_number.value_or(SequenceNumber()); }
};

using LiveData = std::map<std::string_view, Placed>;

template <typename Visit>
void ForEachLive(const std::vector<ListedManifest>& manifests, Visit visit) {
  for (const ListedManifest& listed : manifests) {
    for (const ManifestEntry& entry : listed.content->manifest.entries) {
      if (entry.status != EntryStatus::kDeleted) visit(Placed{&listed, &entry});
    }
  }
}

class ScopeCheck {
 public:
  ScopeCheck(Run& run, SnapshotId snapshot, LiveData data)
      : run_(run), snapshot_(snapshot), data_(std::move(data)) {}

  void Check(const Placed& deletes) {
    const DataFile& file = deletes.file();
    const std::string identity = DeleteIdentity(file);
    if (!identities_.insert(identity).second) {
      run_.Error("delete-live-twice", identity, "snapshot {} lists it twice", snapshot_.value());
      return;
    }
    if (file.content == FileContent::kPositionDeletes && file.referenced_data_file) {
      CheckReference(deletes, identity);
    }
  }

 private:
  void CheckReference(const Placed& deletes, const std::string& identity) {
    const DataFile& file = deletes.file();
    const bool vector = IsDeletionVector(file);
    const std::string& path = *file.referenced_data_file;
    const auto found = data_.find(path);
    if (found == data_.end()) {
      // Only a vector must go together with its data file.
      run_.Add(vector ? Severity::kError : Severity::kNote,
               vector ? "vector-dangling" : "delete-reference-dangling", identity,
               fmt::format("snapshot {} has no data file \"{}\"", snapshot_.value(), path));
      return;
    }
    const Placed& data = found->second;
    if (deletes.partition() != data.partition()) {
      run_.Error(vector ? "vector-partition" : "delete-reference-partition", identity,
                 "its data file \"{}\" is in another partition or of another spec", path);
    }
    if (deletes.sequence() < data.sequence()) {
      run_.Error(vector ? "vector-sequence-number" : "delete-reference-sequence-number", identity,
                 "its sequence number {} is below {} of its data file", deletes.sequence().value(),
                 data.sequence().value());
    }
    if (!vector) return;
    if (file.record_count > data.file().record_count) {
      run_.Error("vector-cardinality", identity, "it deletes {} rows of {}", file.record_count,
                 data.file().record_count);
    }
    const auto [other, is_new] = vectors_.emplace(path, identity);
    if (!is_new) {
      run_.Error("vector-duplicate", identity, "\"{}\" is a deletion vector for \"{}\" too",
                 other->second, path);
    }
  }

  Run& run_;
  SnapshotId snapshot_;
  LiveData data_;
  std::set<std::string> identities_;
  std::map<std::string_view, std::string> vectors_;  ///< by data file
};

}  // namespace

void CheckDeleteScopes(Run& run, const Snapshot& snapshot,
                       const std::vector<ListedManifest>& manifests) {
  LiveData data;
  std::vector<Placed> deletes;
  bool complete = true;
  for (const ListedManifest& listed : manifests) complete = complete && listed.content->readable;
  ForEachLive(manifests, [&](const Placed& placed) {
    if (placed.file().content == FileContent::kData) {
      data.emplace(placed.file().file_path, placed);
    } else {
      deletes.push_back(placed);
    }
  });
  // What an unreadable manifest holds would seem to be missing.
  if (!complete || deletes.empty()) return;
  ScopeCheck check(run, snapshot.id, std::move(data));
  for (const Placed& placed : deletes) check.Check(placed);
}

}  // namespace tarn::iceberg::fsck
