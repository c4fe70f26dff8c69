// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/shown_size.h"

#include <charconv>
#include <set>
#include <string_view>

#include "iceberg/manifests/manifest_cache.h"
#include "table/table_cache.h"
#include "warehouse/metastore/table_pointers.h"

namespace tarn::warehouse {
namespace {

std::optional<int64_t> BytesOf(const iceberg::Snapshot& snapshot) {
  const auto found = snapshot.summary.find("total-files-size");
  if (found == snapshot.summary.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 0) return std::nullopt;
  return bytes;
}

/// Of a manifest of deletes. Absent: some may delete a row that another deletes, too.
Result<std::optional<int64_t>> DeletedRows(const iceberg::Manifest& manifest,
                                           std::set<std::string, std::less<>>& data_files) {
  int64_t rows = 0;
  for (const iceberg::ManifestEntry& entry : manifest.entries) {
    const iceberg::DataFile& file = entry.data_file;
    if (entry.status == iceberg::EntryStatus::kDeleted) continue;
    if (file.content != iceberg::FileContent::kPositionDeletes || !file.referenced_data_file ||
        !data_files.insert(*file.referenced_data_file).second) {
      return std::optional<int64_t>();
    }
    rows += file.record_count;
  }
  return std::optional(rows);
}

Result<std::optional<int64_t>> RowsOf(iceberg::ManifestCache& manifests,
                                      const iceberg::Snapshot& snapshot) {
  TARN_ASSIGN(const auto list, manifests.SnapshotManifests(snapshot));
  std::set<std::string, std::less<>> data_files;
  int64_t rows = 0;
  for (const iceberg::ManifestFile& line : *list) {
    TARN_ASSIGN(const iceberg::ManifestFile file, manifests.WithCounts(line));
    if (file.content == iceberg::ManifestContent::kData) {
      rows += file.live_rows_count();
    } else if (file.live_files_count() > 0) {
      TARN_ASSIGN(const auto manifest, manifests.ReadManifest(file));
      TARN_ASSIGN(const auto deleted, DeletedRows(*manifest, data_files));
      if (!deleted) return std::optional<int64_t>();
      rows -= *deleted;
    }
  }
  return std::optional(rows);
}

}  // namespace

std::function<std::optional<TableSize>(const ObjectHead&)> SizesOf(
    const table::TableContext& tables, const Snapshot& snapshot) {
  const auto size_of = [&tables, &snapshot](const ObjectHead& head) -> std::optional<TableSize> {
    const auto pointer = FindPointer(snapshot, head.id);
    if (!pointer || !*pointer) return std::nullopt;
    const auto loaded = tables.tables->Load((*pointer)->metadata_location);
    if (!loaded) return std::nullopt;
    const iceberg::Snapshot* const current = loaded->metadata->current_snapshot();
    if (current == nullptr) return TableSize{.rows = 0, .bytes = 0};
    const auto rows = RowsOf(*tables.manifests, *current);
    return TableSize{.rows = rows.value_or(std::nullopt), .bytes = BytesOf(*current)};
  };
  // Rows and bytes are two columns of one table.
  std::optional<ObjectId> last;
  return [size_of, last, size = std::optional<TableSize>()](const ObjectHead& head) mutable {
    if (last != head.id) size = size_of(head);
    last = head.id;
    return size;
  };
}

}  // namespace tarn::warehouse
