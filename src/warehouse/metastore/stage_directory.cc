// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/stage_directory.h"

#include <algorithm>
#include <map>

namespace tarn::warehouse {
namespace {

const std::string kSelectEntries = "SELECT " + FieldList<DirectoryEntry>("", "") +
                                   ", added_version, removed_version FROM directory_entry ";

struct Versioned {
  DirectoryEntry entry;
  int64_t added_version = 0;
  std::optional<int64_t> removed_version;
};

template <typename... Values>
Result<std::vector<Versioned>> Entries(const Snapshot& snapshot, std::string_view rest,
                                       const Values&... values) {
  TARN_ASSIGN(Rows rows,
              Select(snapshot.connection(), kSelectEntries + std::string(rest), values...));
  std::vector<Versioned> entries;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return entries;
    Versioned& entry = entries.emplace_back();
    TARN_TRY(ReadFields(rows, 0, entry.entry));
    TARN_TRY(ReadValue(rows, kFieldCount<DirectoryEntry>, entry.added_version));
    TARN_TRY(ReadValue(rows, kFieldCount<DirectoryEntry> + 1, entry.removed_version));
  }
}

class Refresher {
 public:
  Refresher(Transaction& transaction, ObjectId stage, int64_t version)
      : transaction_(transaction), stage_(stage), version_(version) {}

  Result<> Add(const DirectoryEntry& entry) {
    return Execute(transaction_.connection(),
                   "INSERT INTO directory_entry (stage_id, relative_path, size, last_modified_ms, "
                   "md5, etag, added_version) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   stage_, entry.relative_path, entry.size, entry.last_modified_ms, entry.md5,
                   entry.etag, version_);
  }
  Result<> Remove(const DirectoryEntry& entry) {
    return Execute(transaction_.connection(),
                   "UPDATE directory_entry SET removed_version = ? WHERE stage_id = ? AND "
                   "relative_path = ? AND removed_version IS NULL",
                   version_, stage_, entry.relative_path);
  }

 private:
  Transaction& transaction_;
  ObjectId stage_;
  int64_t version_;
};

}  // namespace

Result<std::vector<DirectoryEntry>> DirectoryOf(const Snapshot& snapshot, ObjectId stage) {
  TARN_ASSIGN(
      std::vector<Versioned> entries,
      Entries(snapshot, "WHERE stage_id = ? AND removed_version IS NULL ORDER BY relative_path",
              stage));
  std::vector<DirectoryEntry> files;
  for (Versioned& entry : entries) files.push_back(std::move(entry.entry));
  return files;
}

Result<std::vector<DirectoryRefresh>> RefreshDirectory(Transaction& transaction, ObjectId stage,
                                                       const std::vector<DirectoryEntry>& listed,
                                                       std::string_view subpath) {
  TARN_ASSIGN(auto definition, transaction.Find<Stage>(stage));
  if (!definition) {
    return Fail(ErrorKind::kNotFound, "stage {} does not exist", stage.value());
  }
  TARN_ASSIGN(const auto known, DirectoryOf(transaction, stage));
  std::map<std::string_view, const DirectoryEntry*> before;
  for (const DirectoryEntry& entry : known) {
    if (entry.relative_path.starts_with(subpath)) before[entry.relative_path] = &entry;
  }
  Refresher refresher(transaction, stage, definition->directory_version + 1);
  std::vector<DirectoryRefresh> done;
  for (const DirectoryEntry& entry : listed) {
    const auto found = before.extract(entry.relative_path);
    if (found && *found.mapped() == entry) continue;
    if (found) TARN_TRY(refresher.Remove(entry));
    TARN_TRY(refresher.Add(entry));
    done.push_back({entry.relative_path, found ? "REGISTERED_UPDATE" : "REGISTERED_NEW",
                    found ? "File updated." : "File registered successfully."});
  }
  for (const auto& [path, entry] : before) {
    TARN_TRY(refresher.Remove(*entry));
    done.push_back({entry->relative_path, "UNREGISTERED", "File unregistered successfully."});
  }
  definition->directory_refreshed_ms = transaction.now_ms();
  if (!done.empty()) ++definition->directory_version;
  TARN_TRY(transaction.Update(stage, *definition));
  return done;
}

Result<std::vector<DirectoryChange>> DirectoryChanges(const Snapshot& snapshot, ObjectId stage,
                                                      int64_t version) {
  TARN_ASSIGN(const auto gone,
              Entries(snapshot,
                      "WHERE stage_id = ? AND added_version <= ?2 AND removed_version > ?2 "
                      "ORDER BY relative_path",
                      stage, version));
  TARN_ASSIGN(const auto come,
              Entries(snapshot,
                      "WHERE stage_id = ? AND added_version > ? AND removed_version IS NULL "
                      "ORDER BY relative_path",
                      stage, version));
  std::vector<DirectoryChange> changes;
  for (const Versioned& entry : gone) changes.push_back({entry.entry, false, false});
  for (const Versioned& entry : come) {
    const auto same = std::ranges::find(gone, entry.entry.relative_path, [](const Versioned& old) {
      return std::string_view(old.entry.relative_path);
    });
    // A file that came back as it was did not change.
    if (same != gone.end() && same->entry == entry.entry) {
      std::erase_if(changes, [&](const DirectoryChange& change) {
        return change.entry.relative_path == entry.entry.relative_path;
      });
      continue;
    }
    if (same != gone.end()) {
      for (DirectoryChange& change : changes) {
        if (change.entry.relative_path == entry.entry.relative_path) change.update = true;
      }
    }
    changes.push_back({entry.entry, true, same != gone.end()});
  }
  std::ranges::stable_sort(changes, {}, [](const DirectoryChange& change) {
    return std::string_view(change.entry.relative_path);
  });
  return changes;
}

Result<> PruneDirectory(Transaction& transaction, ObjectId stage) {
  TARN_ASSIGN(const auto definition, transaction.Find<Stage>(stage));
  if (!definition) return {};
  int64_t oldest = definition->directory_version;
  TARN_ASSIGN(const auto streams,
              transaction.Objects<Stream>(
                  "WHERE o.id IN (SELECT from_id FROM reference WHERE to_id = ?)", stage));
  for (const Object<Stream>& stream : streams) {
    for (const StreamOffset& offset : stream.value.offsets) {
      if (offset.object == stage) oldest = std::min(oldest, offset.directory_version);
    }
  }
  return Execute(transaction.connection(),
                 "DELETE FROM directory_entry WHERE stage_id = ? AND removed_version <= ?", stage,
                 oldest);
}

}  // namespace tarn::warehouse
