// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/commit_files.h"

#include <charconv>

#include "base/saturating.h"

namespace tarn::iceberg {

std::string MetadataDirectory(const TableMetadata& metadata, const CommitPolicy& policy) {
  const auto found = metadata.properties.find("write.metadata.path");
  if (!policy.follows_metadata_path || found == metadata.properties.end() ||
      found->second.empty()) {
    return metadata.location + "/metadata";
  }
  std::string_view path = found->second;
  while (path.size() > 1 && path.ends_with('/') && !path.ends_with("://")) path.remove_suffix(1);
  return std::string(path);
}

std::string MetadataFile(std::string_view table_location, std::string_view name) {
  return fmt::format("{}/metadata/{}", table_location, name);
}

int64_t MetadataVersionNumber(std::string_view metadata_location) {
  const size_t slash = metadata_location.rfind('/');
  const std::string_view name =
      slash == std::string_view::npos ? metadata_location : metadata_location.substr(slash + 1);
  int64_t version = -1;
  const auto result = std::from_chars(name.data(), name.data() + name.size(), version);
  const bool ends_well = result.ptr != name.data() + name.size() && *result.ptr == '-';
  return result.ec == std::errc() && ends_well && version >= 0 ? version : -1;
}

bool IsNewerMetadata(std::string_view a, std::string_view b) {
  const int64_t version_of_a = MetadataVersionNumber(a);
  const int64_t version_of_b = MetadataVersionNumber(b);
  // Of one version, the longer name is that of a later attempt.
  return version_of_a != version_of_b ? version_of_a > version_of_b : a.size() > b.size();
}

std::string MetadataFileLocation(std::string_view table_location,
                                 std::string_view base_metadata_location, const Uuid& transaction) {
  return CommitFileNames(fmt::format("{}/metadata", table_location), transaction, SnapshotId(),
                         SequenceNumber(), 0)
      .Metadata(base_metadata_location, /*gzip=*/false);
}

CommitFileNames::CommitFileNames(std::string metadata_directory, const Uuid& transaction,
                                 SnapshotId snapshot, SequenceNumber sequence, int32_t attempt)
    : directory_(std::move(metadata_directory)),
      transaction_(transaction),
      snapshot_(snapshot),
      sequence_(sequence),
      suffix_(attempt == 0 ? "" : fmt::format("-{}", attempt)) {}

std::string CommitFileNames::ManifestList() const {
  return fmt::format("{}/snap-{}-{}-{}{}.avro", directory_, snapshot_.value(), sequence_.value(),
                     transaction_.ToString(), suffix_);
}

std::string CommitFileNames::Manifest(int32_t ordinal) const {
  return fmt::format("{}/{}-{}-{}{}-c{}.avro", directory_, transaction_.ToString(),
                     snapshot_.value(), sequence_.value(), suffix_, ordinal);
}

std::string CommitFileNames::Metadata(std::string_view base_metadata_location, bool gzip) const {
  // A base with a name of another kind counts as version 0, as other writers do.
  const int64_t version =
      base_metadata_location.empty()
          ? 0
          : SaturatingAdd(std::max<int64_t>(MetadataVersionNumber(base_metadata_location), 0), 1);
  return fmt::format("{}/{:05}-{}{}{}.metadata.json", directory_, version, transaction_.ToString(),
                     suffix_, gzip ? ".gz" : "");
}

void CommitFiles::Add(std::string location, std::string bytes) {
  publication_.Add(storage_, std::move(location), std::move(bytes));
}

Result<> CommitFiles::Publish(std::string metadata_location, std::string metadata,
                              const std::function<Result<>()>& before_appearing) {
  // The metadata file makes the others findable, so it comes last.
  Add(std::move(metadata_location), std::move(metadata));
  Result<> result = before_appearing();
  if (result) result = publication_.Finish();
  if (!result) RemoveWritten();
  return result;
}

void CommitFiles::RemoveWritten() {
  // The metadata file first, so that no reader finds one whose files are gone. What can't be
  // removed now carries the transaction's UUID and is found by its owner.
  const std::vector<std::string>& files = written();
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    (void)storage_->Delete(*file);
  }
}

}  // namespace tarn::iceberg
