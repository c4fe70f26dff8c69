// SPDX-License-Identifier: Apache-2.0
// Where the files of another writer's commit lie.
#include <algorithm>
#include <set>

#include "iceberg/json/statistics_members.h"
#include "lake/update_checks.h"

namespace tarn::lake {
namespace {

using iceberg::TableMetadata;

/// Below the directory as it is written: no component leads elsewhere.
bool IsBelow(std::string_view location, std::string_view directory) {
  if (!location.starts_with(directory)) return false;
  std::string_view rest = location.substr(directory.size());
  if (!directory.ends_with('/')) {
    if (!rest.starts_with('/')) return false;
    rest.remove_prefix(1);
  }
  while (true) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

class FileCheck {
 public:
  FileCheck(const iceberg::CommitContext& context, const TableMetadata& base,
            const TableMetadata& next, const FileRules& rules)
      : context_(context), base_(base), next_(next), allowed_(rules.allowed_prefixes) {
    std::ranges::copy_if(rules.not_null, std::back_inserter(not_null_),
                         [&](FieldId id) { return !IsLoosened(id); });
  }

  Result<> Run() {
    const std::vector<std::string> old = iceberg::StatisticsFiles(base_);
    for (const std::string& file : iceberg::StatisticsFiles(next_)) {
      if (std::ranges::find(old, file) == old.end()) TARN_TRY(CheckPlace(file));
    }
    for (const iceberg::CommittedSnapshot& snapshot : next_.snapshots) {
      if (base_.FindSnapshot(snapshot->id) == nullptr) TARN_TRY(CheckSnapshot(*snapshot));
    }
    return {};
  }

 private:
  Result<> CheckPlace(const std::string& location) const {
    if (IsBelow(location, base_.location)) return {};
    const auto allows = [&](const std::string& prefix) { return IsBelow(location, prefix); };
    if (std::ranges::any_of(allowed_, allows)) return {};
    return std::unexpected(
        Error{ErrorKind::kPermissionDenied,
              fmt::format("file \"{}\" is outside the location of its lake table", location),
              fmt::format("The table's location is \"{}\".", base_.location),
              "Write the file there. Members of pg_read_server_files and pg_write_server_files may "
              "also name files below tarn.allowed_locations."});
  }

  Result<> CheckSnapshot(const iceberg::Snapshot& snapshot) {
    if (snapshot.has_manifest_array()) {
      return Fail(ErrorKind::kInvalidArgument, "snapshot {} has no manifest list",
                  snapshot.id.value());
    }
    TARN_TRY(CheckPlace(snapshot.manifest_list));
    TARN_TRY(LoadKnown());
    TARN_ASSIGN(const auto list, context_.cache->SnapshotManifests(snapshot));
    for (const iceberg::ManifestFile& manifest : *list) {
      if (!known_manifests_.insert(manifest.manifest_path).second) continue;
      TARN_TRY(CheckPlace(manifest.manifest_path));
      TARN_TRY(CheckEntries(manifest));
    }
    return {};
  }

  Result<> CheckEntries(const iceberg::ManifestFile& file) {
    TARN_ASSIGN(const auto manifest, context_.cache->ReadManifest(file));
    for (const iceberg::ManifestEntry& entry : manifest->entries) {
      if (entry.status == iceberg::EntryStatus::kDeleted) continue;
      const iceberg::DataFile& data = entry.data_file;
      if (const auto placed = CheckPlace(data.file_path); !placed) {
        // One that is the table's already only moved to another manifest.
        TARN_ASSIGN(const bool known, IsKnown(data.file_path));
        if (!known) return placed;
      }
      TARN_TRY(CheckFormat(data));
      if (entry.status == iceberg::EntryStatus::kAdded) TARN_TRY(CheckNulls(data));
    }
    return {};
  }

  /// Dropped, or made optional, by the same commit.
  bool IsLoosened(FieldId id) const {
    const Field* before = base_.current_schema().FindField(id);
    const Field* after = next_.current_schema().FindField(id);
    return after == nullptr || (before != nullptr && before->required && !after->required);
  }

  Result<> CheckNulls(const iceberg::DataFile& file) const {
    if (file.content != iceberg::FileContent::kData || file.record_count == 0) return {};
    for (const FieldId id : not_null_) {
      const int64_t* nulls = file.null_value_counts.ValueOf(id);
      if (nulls != nullptr && *nulls == 0) continue;
      const Field* field = next_.current_schema().FindField(id);
      return std::unexpected(
          Error{ErrorKind::kInvalidArgument,
                fmt::format("file \"{}\" may have nulls in column \"{}\", which is NOT NULL in "
                            "PostgreSQL",
                            file.file_path, field->name),
                nulls == nullptr ? "Its metrics do not count them."
                                 : fmt::format("Its metrics count {}.", *nulls),
                {}});
    }
    return {};
  }

  static Result<> CheckFormat(const iceberg::DataFile& file) {
    std::string format = file.file_format;
    std::ranges::transform(format, format.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (format != "parquet" && format != "puffin") {
      return Fail(ErrorKind::kUnsupported, "file \"{}\" has format {}, and only Parquet is read",
                  file.file_path, format);
    }
    if (!file.key_metadata) return {};
    return Fail(ErrorKind::kUnsupported, "file \"{}\" is encrypted", file.file_path);
  }

  Result<> LoadKnown() {
    if (loaded_) return {};
    loaded_ = true;
    const iceberg::Snapshot* current = base_.current_snapshot();
    if (current == nullptr) return {};
    TARN_ASSIGN(const auto list, context_.cache->SnapshotManifests(*current));
    for (const iceberg::ManifestFile& manifest : *list) {
      known_manifests_.insert(manifest.manifest_path);
      base_manifests_.push_back(manifest);
    }
    return {};
  }

  /// Only for files elsewhere, which are rare.
  Result<bool> IsKnown(const std::string& location) {
    if (!files_loaded_) {
      files_loaded_ = true;
      for (const iceberg::ManifestFile& file : base_manifests_) {
        TARN_ASSIGN(const auto manifest, context_.cache->ReadManifest(file));
        for (const iceberg::ManifestEntry& entry : manifest->entries) {
          if (entry.status == iceberg::EntryStatus::kDeleted) continue;
          known_files_.insert(entry.data_file.file_path);
        }
      }
    }
    return known_files_.contains(location);
  }

  const iceberg::CommitContext& context_;
  const TableMetadata& base_;
  const TableMetadata& next_;
  const std::span<const std::string> allowed_;
  std::vector<FieldId> not_null_;
  bool loaded_ = false;
  bool files_loaded_ = false;
  std::vector<iceberg::ManifestFile> base_manifests_;
  std::set<std::string> known_manifests_;
  std::set<std::string> known_files_;
};

}  // namespace

Result<> CheckFiles(const iceberg::CommitContext& context, const TableMetadata& base,
                    const TableMetadata& next, const FileRules& rules) {
  return FileCheck(context, base, next, rules).Run();
}

}  // namespace tarn::lake
