// SPDX-License-Identifier: Apache-2.0
#include "iceberg/manifests/manifest_cache.h"

#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "iceberg/manifests/manifest_inheritance.h"

namespace tarn::iceberg {
namespace {

using ListPtr = std::shared_ptr<const std::vector<ManifestFile>>;
using ManifestPtr = std::shared_ptr<const Manifest>;

/// What the entries of a manifest took from its line in the list. A commit that is tried again
/// gives the same manifest another number, so the location alone does not identify the content.
struct Inherited {
  SequenceNumber sequence_number;
  SnapshotId snapshot_id;
  std::optional<int64_t> first_row_id;
  bool operator==(const Inherited&) const = default;
};

Inherited InheritedFrom(const ManifestFile& file) {
  return {file.sequence_number, file.added_snapshot_id, file.first_row_id};
}

constexpr size_t kInlineStringBytes = 15;

size_t HeapBytes(const std::string& text) {
  return text.capacity() > kInlineStringBytes ? text.capacity() + 1 : 0;
}

size_t HeapBytes(const FieldMap<int64_t>& counts) {
  return counts.capacity() * sizeof(FieldMap<int64_t>::value_type);
}

size_t HeapBytes(const FieldMap<std::string>& bounds) {
  size_t bytes = bounds.capacity() * sizeof(FieldMap<std::string>::value_type);
  for (const auto& [field, bound] : bounds) bytes += HeapBytes(bound);
  return bytes;
}

size_t HeapBytes(const DataFile& file) {
  size_t bytes =
      HeapBytes(file.file_path) + HeapBytes(file.file_format) + HeapBytes(file.column_sizes_bytes) +
      HeapBytes(file.value_counts) + HeapBytes(file.null_value_counts) +
      HeapBytes(file.nan_value_counts) + HeapBytes(file.lower_bounds) +
      HeapBytes(file.upper_bounds) + file.split_offsets.capacity() * sizeof(int64_t) +
      file.equality_ids.capacity() * sizeof(FieldId) + file.partition.capacity() * sizeof(Value);
  for (const Value& value : file.partition) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += HeapBytes(*text);
  }
  if (file.key_metadata) bytes += HeapBytes(*file.key_metadata);
  if (file.referenced_data_file) bytes += HeapBytes(*file.referenced_data_file);
  return bytes;
}

size_t HeapBytes(const std::vector<Field>& fields) {
  size_t bytes = fields.capacity() * sizeof(Field);
  for (const Field& field : fields) {
    bytes += HeapBytes(field.name) + HeapBytes(field.type.children);
  }
  return bytes;
}

size_t MemoryBytes(const std::vector<ManifestFile>& files) {
  size_t bytes = sizeof(std::vector<ManifestFile>) + files.capacity() * sizeof(ManifestFile);
  for (const ManifestFile& file : files) {
    bytes += HeapBytes(file.manifest_path) + file.partitions.capacity() * sizeof(FieldSummary);
    for (const FieldSummary& summary : file.partitions) {
      if (summary.lower_bound) bytes += HeapBytes(*summary.lower_bound);
      if (summary.upper_bound) bytes += HeapBytes(*summary.upper_bound);
    }
  }
  return bytes;
}

size_t MemoryBytes(const Manifest& manifest) {
  size_t bytes = sizeof manifest + manifest.entries.capacity() * sizeof(ManifestEntry) +
                 HeapBytes(manifest.header.schema.fields);
  for (const ManifestEntry& entry : manifest.entries) bytes += HeapBytes(entry.data_file);
  return bytes;
}

}  // namespace

struct ManifestCache::State {
  using Content = std::variant<ListPtr, ManifestPtr>;
  struct Slot {
    std::string location;
    Content content;
    Inherited inherited;
    size_t bytes = 0;
  };

  storage::Storage* storage = nullptr;
  size_t limit_bytes = 0;
  mutable std::mutex mutex;
  std::list<Slot> slots;  // most recently used first
  std::unordered_map<std::string_view, std::list<Slot>::iterator> by_location;
  size_t bytes = 0;
  std::optional<MemoryReservation> held;

  template <typename Ptr>
  Ptr Find(std::string_view location, const Inherited& inherited = {}) {
    const std::lock_guard lock(mutex);
    const auto found = by_location.find(location);
    if (found == by_location.end() || found->second->inherited != inherited) return nullptr;
    slots.splice(slots.begin(), slots, found->second);
    const Ptr* content = std::get_if<Ptr>(&found->second->content);
    return content != nullptr ? *content : nullptr;
  }

  template <typename Ptr>
  void Insert(const std::string& location, const Ptr& content, const Inherited& inherited = {}) {
    const size_t cost = MemoryBytes(*content) + sizeof(Slot) + HeapBytes(location);
    // Dropped content is destroyed after the lock is released: a large manifest takes a while.
    std::list<Slot> dropped;
    const std::lock_guard lock(mutex);
    if (const auto found = by_location.find(location); found != by_location.end()) {
      Drop(found->second, dropped);
    }
    if (cost > limit_bytes) return;
    while (bytes + cost > limit_bytes) Drop(std::prev(slots.end()), dropped);
    while (held && !held->TryGrow(static_cast<int64_t>(cost))) {
      if (slots.empty()) return;
      Drop(std::prev(slots.end()), dropped);
    }
    slots.push_front({location, content, inherited, cost});
    by_location.emplace(slots.front().location, slots.begin());
    bytes += cost;
  }

  void Drop(std::list<Slot>::iterator slot, std::list<Slot>& dropped) {
    by_location.erase(slot->location);
    bytes -= slot->bytes;
    if (held) held->Shrink(static_cast<int64_t>(slot->bytes));
    dropped.splice(dropped.end(), slots, slot);
  }
};

ManifestCache::ManifestCache(storage::Storage* storage, size_t memory_limit_bytes,
                             std::optional<MemoryReservation> held)
    : state_(std::make_unique<State>()) {
  state_->storage = storage;
  state_->limit_bytes = memory_limit_bytes;
  state_->held = std::move(held);
}

ManifestCache::~ManifestCache() = default;

Result<ListPtr> ManifestCache::ManifestList(const std::string& location) {
  if (auto cached = state_->Find<ListPtr>(location)) return cached;
  TARN_ASSIGN(const std::string bytes, state_->storage->Read(location));
  auto files = DecodeManifestList(bytes);
  if (!files) {
    files.error().message =
        fmt::format("manifest list \"{}\": {}", location, files.error().message);
    return std::unexpected(std::move(files).error());
  }
  auto content = std::make_shared<const std::vector<ManifestFile>>(*std::move(files));
  state_->Insert(location, content);
  return content;
}

Result<ManifestPtr> ManifestCache::ReadManifest(const ManifestFile& file) {
  if (auto cached = state_->Find<ManifestPtr>(file.manifest_path, InheritedFrom(file)))
    return cached;
  TARN_ASSIGN(const std::string bytes, state_->storage->Read(file.manifest_path));
  TARN_ASSIGN(Manifest manifest, DecodeManifest(bytes, file));
  auto content = std::make_shared<const Manifest>(std::move(manifest));
  state_->Insert(file.manifest_path, content, InheritedFrom(file));
  return content;
}

Result<ManifestFile> ManifestCache::WithCounts(const ManifestFile& file) {
  if (file.counts_known()) return file;
  TARN_ASSIGN(const ManifestPtr manifest, ReadManifest(file));
  const ManifestFile counted =
      SummarizeManifest(manifest->header, manifest->entries, file.added_snapshot_id);
  ManifestFile line = file;
  line.added_files_count = counted.added_files_count;
  line.existing_files_count = counted.existing_files_count;
  line.deleted_files_count = counted.deleted_files_count;
  line.added_rows_count = counted.added_rows_count;
  line.existing_rows_count = counted.existing_rows_count;
  line.deleted_rows_count = counted.deleted_rows_count;
  return line;
}

Result<ListPtr> ManifestCache::SnapshotManifests(const Snapshot& snapshot) {
  if (!snapshot.has_manifest_array()) return ManifestList(snapshot.manifest_list);
  std::vector<ManifestFile> files;
  for (const std::string& path : snapshot.manifests) {
    TARN_ASSIGN(const std::string bytes, state_->storage->Read(path));
    const ManifestFile unnumbered{.manifest_path = path, .added_snapshot_id = snapshot.id};
    TARN_ASSIGN(const Manifest manifest, DecodeManifest(bytes, unnumbered));
    ManifestFile file = SummarizeManifest(manifest.header, manifest.entries, snapshot.id);
    file.manifest_path = path;
    file.manifest_length_bytes = static_cast<int64_t>(bytes.size());
    files.push_back(std::move(file));
  }
  return std::make_shared<const std::vector<ManifestFile>>(std::move(files));
}

void ManifestCache::AddManifestList(const std::string& location,
                                    std::vector<ManifestFile> manifests) {
  state_->Insert(location, std::make_shared<const std::vector<ManifestFile>>(std::move(manifests)));
}

void ManifestCache::AddManifest(const ManifestFile& file, Manifest manifest) {
  if (!InheritFromList(file, manifest)) return;  // whoever reads it gets the error
  state_->Insert(file.manifest_path, std::make_shared<const Manifest>(std::move(manifest)),
                 InheritedFrom(file));
}

void ManifestCache::ForgetSuperseded(const std::string& old_list, const std::string& new_list) {
  const ListPtr before = state_->Find<ListPtr>(old_list);
  const ListPtr after = state_->Find<ListPtr>(new_list);
  if (before == nullptr || after == nullptr || old_list == new_list) return;
  std::unordered_set<std::string_view> kept;
  for (const ManifestFile& manifest : *after) kept.insert(manifest.manifest_path);
  std::list<State::Slot> dropped;
  const std::lock_guard lock(state_->mutex);
  const auto drop = [&](const std::string& location) {
    const auto found = state_->by_location.find(location);
    if (found != state_->by_location.end()) state_->Drop(found->second, dropped);
  };
  drop(old_list);
  for (const ManifestFile& manifest : *before) {
    if (!kept.contains(manifest.manifest_path)) drop(manifest.manifest_path);
  }
}

size_t ManifestCache::memory_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->bytes;
}

}  // namespace tarn::iceberg
