// SPDX-License-Identifier: Apache-2.0
// For tests: commits of snapshots as clients write them, to the table s.t of the database DB.
#pragma once

#include "iceberg/testing/sample_manifest.h"
#include "rest/testing/catalog_fixture.h"

namespace tarn::rest {

class CommitTest : public CatalogTest {
 protected:
  static std::string LocationOf(const Json& table) { return table["metadata"]["location"]; }
  void Put(const std::string& location, std::string_view bytes) {
    Must(account_->tables().storage->Put(location, bytes, storage::PutMode::kReplace));
  }

  /// Adds a snapshot whose one manifest names `file`.
  Response CommitFile(const std::string& file,
                      iceberg::FileContent content = iceberg::FileContent::kData) {
    ++commits_;
    const bool deletes = content != iceberg::FileContent::kData;
    iceberg::ManifestHeader header = iceberg::SampleHeader();
    header.content = deletes ? iceberg::ManifestContent::kDeletes : iceberg::ManifestContent::kData;
    std::vector<iceberg::ManifestEntry> entries = {iceberg::SampleEntry(file, 1)};
    entries[0].data_file.content = content;
    const std::string manifest = fmt::format("{}/metadata/m{}.avro", own_, commits_);
    const std::string bytes = Must(iceberg::EncodeManifest(header, entries));
    Put(manifest, bytes);
    iceberg::ManifestFile line =
        iceberg::SummarizeManifest(header, entries, iceberg::SnapshotId(commits_));
    line.manifest_path = manifest;
    line.manifest_length_bytes = static_cast<int64_t>(bytes.size());
    line.sequence_number = line.min_sequence_number = iceberg::SequenceNumber(commits_);
    const std::string list = fmt::format("{}/metadata/snap{}.avro", own_, commits_);
    Put(list, Must(iceberg::EncodeManifestList({.snapshot_id = iceberg::SnapshotId(commits_),
                                                .sequence_number = line.sequence_number},
                                               {&line, 1})));
    return Commit({{"action", "add-snapshot"},
                   {"snapshot",
                    {{"snapshot-id", commits_},
                     {"sequence-number", commits_},
                     {"timestamp-ms", 1'900'000'000'000 + commits_},
                     {"manifest-list", list},
                     {"summary", {{"operation", "append"}}},
                     {"schema-id", 0}}}});
  }
  Response Commit(const Json& update) {
    return Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", {update}}});
  }

  std::string own_;  ///< the table's location
  int64_t commits_ = 0;
};

}  // namespace tarn::rest
