// SPDX-License-Identifier: Apache-2.0
// One verification: what every check may use, and where it reports.
#pragma once

#include <fmt/core.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iceberg/fsck/fsck.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg::fsck {

/// A manifest as the first list that names it has it.
struct CheckedManifest {
  ManifestFile line;
  Manifest manifest;  ///< numbers inherited from `line`; checked, then without metrics
  bool readable = false;
};

/// A line of a manifest list and the manifest that it names.
struct ListedManifest {
  ManifestFile line;
  const CheckedManifest* content = nullptr;
};

/// Not thread-safe; lives for one call of Fsck.
struct Run {
  storage::Storage& storage;
  DataFileReader* reader;
  const FsckOptions& options;
  FsckReport& report;
  std::string metadata_location;
  TableMetadata metadata;
  std::map<std::string, CheckedManifest> manifests;  ///< by location
  std::set<std::string> reachable;
  std::set<std::string> checked_files;  ///< live ones
  bool all_read = true;  ///< every list and manifest so far; else what is reachable is not known

  template <typename... Args>
  void Error(std::string_view code, std::string_view location, fmt::format_string<Args...> format,
             Args&&... args) {
    Add(Severity::kError, code, location, fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void Note(std::string_view code, std::string_view location, fmt::format_string<Args...> format,
            Args&&... args) {
    Add(Severity::kNote, code, location, fmt::format(format, std::forward<Args>(args)...));
  }
  void Add(Severity severity, std::string_view code, std::string_view location,
           std::string message) {
    report.findings.push_back(
        {severity, std::string(code), std::string(location), std::move(message)});
  }

  /// The field in the current schema, else in the newest schema that has it, else null.
  const Field* FindField(FieldId id) const;
};

/// Versions, ids and references within the metadata file.
void CheckDefinitions(Run& run);
/// Snapshots against each other, references, the snapshot log.
void CheckHistory(Run& run);
/// The metadata log and the metadata files that it names.
void CheckMetadataLog(Run& run);
void CheckStatistics(Run& run);

/// The list itself; its lines with their manifests. None when it can't be read.
std::optional<std::vector<ListedManifest>> CheckManifestList(Run& run, const Snapshot& snapshot);
/// The manifest of a line, read and checked the first time that it is met.
const CheckedManifest* CheckManifest(Run& run, const ManifestFile& line);
/// Counts, numbers and summaries of the line against the entries.
void CheckLine(Run& run, const ManifestFile& line, const CheckedManifest& checked);
/// One entry by itself, as it stands in the file.
void CheckEntry(Run& run, const ManifestFile& line, const ManifestHeader& header,
                const ManifestEntry& entry, const std::string& place);
/// What it says of deletes.
void CheckDeleteEntry(Run& run, const ManifestHeader& header, const ManifestEntry& entry,
                      const std::string& place);
/// Counts and bounds of an entry by themselves.
void CheckMetrics(Run& run, const DataFile& file, const std::string& place);
/// The declared Avro schema of a manifest or a list of this format version.
void CheckManifestSchema(Run& run, std::string_view bytes, int32_t version,
                         const std::string& location);
void CheckListSchema(Run& run, std::string_view bytes, int32_t version,
                     const std::string& location);

/// What all manifests of a snapshot say together: files live once, summary totals.
void CheckSnapshotContent(Run& run, const Snapshot& snapshot,
                          const std::vector<ListedManifest>& manifests);
/// Delete files of a snapshot reach data files that it has.
void CheckDeleteScopes(Run& run, const Snapshot& snapshot,
                       const std::vector<ListedManifest>& manifests);
/// Row ids of live files are disjoint and were given out.
void CheckRowLineage(Run& run, const Snapshot& snapshot,
                     const std::vector<ListedManifest>& manifests);
/// Row ids are given once, in the order of commits.
void CheckRowIdHistory(Run& run);
/// No file is added twice in the table's history.
void CheckAddedOnce(Run& run);

/// Live files of a manifest that were not met before: presence and size, then content as the reader
/// measures it. Of a file that several manifests describe, the first description counts.
void CheckDataFiles(Run& run, const Manifest& manifest);
/// Of a table's files, only what later checks compare is kept: statistics are most of a manifest.
void ForgetMetrics(Manifest& manifest);
void CheckDataFileContent(Run& run, const DataFile& file, const DataFileFacts& facts);
void CheckMeasuredMetrics(Run& run, const DataFile& file, const DataFileFacts& facts);

/// Deletion vectors and delete files as they are stored.
void CheckDeleteContents(Run& run);

/// Files under the table's location that nothing reaches.
void FindOrphans(Run& run);

}  // namespace tarn::iceberg::fsck
