// SPDX-License-Identifier: Apache-2.0
// Manifests: length, header keys, declared schema, counts, summaries.
#include <algorithm>
#include <optional>

#include "iceberg/avro/container.h"
#include "iceberg/fsck/run.h"
#include "iceberg/json/schema_json.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/manifests/manifest_inheritance.h"
#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg::fsck {
namespace {

void CheckHeaderKeys(Run& run, std::string_view bytes, const std::string& location) {
  const auto container = avro::ContainerReader::Open(bytes);
  if (!container) return;
  using namespace manifest_key;
  const std::string* version = container->FindMetadata(kFormatVersion);
  const bool v2 = version != nullptr && *version != "1";
  for (const auto key : {kSchema, kPartitionSpec, kPartitionSpecId, kFormatVersion, kContent}) {
    const bool required = key == kSchema || key == kPartitionSpec || v2 || key == kFormatVersion;
    if (container->FindMetadata(key) == nullptr && required) {
      run.Error("manifest-header-missing", location, "header key \"{}\" is missing", key);
    }
  }
  // The reference implementation does not write it either.
  if (container->FindMetadata(kSchemaId) == nullptr) {
    run.Note("manifest-header-schema-id", location, "header key \"{}\" is missing", kSchemaId);
  }
  if (const std::string* schema = container->FindMetadata(kSchema)) {
    if (const auto parsed = ParseSchema(*schema); !parsed) {
      run.Error("manifest-header-schema", location, "header key \"schema\": {}",
                parsed.error().message);
    }
  }
}

void CheckHeaderAgainstTable(Run& run, const ManifestFile& line, const ManifestHeader& header) {
  const std::string& location = line.manifest_path;
  if (header.spec.id != line.partition_spec_id) {
    run.Error("manifest-header-spec-id", location, "header says partition spec {}, its list {}",
              header.spec.id.value(), line.partition_spec_id.value());
  }
  const PartitionSpec* spec = run.metadata.FindPartitionSpec(header.spec.id);
  if (spec != nullptr && spec->fields != header.spec.fields) {
    run.Error("manifest-header-spec", location,
              "partition spec {} in the header differs from the table's", header.spec.id.value());
  }
  if (header.content != line.content) {
    run.Error("manifest-header-content", location, "header and list differ in the content");
  }
  if (header.format_version > run.metadata.format_version) {
    run.Error("manifest-header-version", location, "it is of version {}, the table of {}",
              header.format_version, run.metadata.format_version);
  }
}

void CheckCounts(Run& run, const ManifestFile& line, const ManifestFile& counted) {
  if (!line.counts_known()) {
    if (run.metadata.format_version >= 2 && line.sequence_number.value() > 0) {
      run.Error("manifest-counts-missing", line.manifest_path, "its list leaves counts out");
    }
    return;
  }
  const auto check = [&](std::string_view what, int64_t listed, int64_t actual) {
    if (listed == actual) return;
    run.Error("manifest-count", line.manifest_path, "its list says {} {}, it holds {}", listed,
              what, actual);
  };
  check("added files", line.added_files_count, counted.added_files_count);
  check("existing files", line.existing_files_count, counted.existing_files_count);
  check("deleted files", line.deleted_files_count, counted.deleted_files_count);
  check("added rows", line.added_rows_count, counted.added_rows_count);
  check("existing rows", line.existing_rows_count, counted.existing_rows_count);
  check("deleted rows", line.deleted_rows_count, counted.deleted_rows_count);
}

/// Summaries may be wider than the tuples, never narrower.
void CheckSummaries(Run& run, const ManifestFile& line, const Manifest& manifest,
                    const ManifestFile& counted) {
  if (line.partitions.empty()) return;
  const auto types = PartitionTypes(manifest.header.schema, manifest.header.spec);
  if (!types) return;
  if (line.partitions.size() != types->size()) {
    run.Error("partition-summary-count", line.manifest_path,
              "its list has {} partition summaries, its spec {} fields", line.partitions.size(),
              types->size());
    return;
  }
  if (counted.partitions.size() != types->size()) return;  // tuples are reported one by one
  for (size_t i = 0; i < types->size(); ++i) {
    const FieldSummary& listed = line.partitions[i];
    const FieldSummary& actual = counted.partitions[i];
    const auto excludes = [&](const std::optional<std::string>& outer,
                              const std::optional<std::string>& inner, int direction) {
      if (!inner) return false;
      if (!outer) return true;
      const auto a = DecodeSingleValue((*types)[i], *outer);
      const auto b = DecodeSingleValue((*types)[i], *inner);
      return !a || !b || CompareValues((*types)[i], *a, *b) * direction > 0;
    };
    if ((actual.contains_null && !listed.contains_null) ||
        (actual.contains_nan == true && listed.contains_nan == false) ||
        excludes(listed.lower_bound, actual.lower_bound, 1) ||
        excludes(listed.upper_bound, actual.upper_bound, -1)) {
      run.Error("partition-summary-excludes-value", line.manifest_path,
                "partition summary {} excludes a value that the manifest holds", i);
    }
  }
}

void CheckMinSequenceNumber(Run& run, const ManifestFile& line, const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries) {
    const bool live = entry.status != EntryStatus::kDeleted;
    if (live && entry.sequence_number && *entry.sequence_number < line.min_sequence_number) {
      run.Error("min-sequence-number", line.manifest_path,
                "its list says at least {}, \"{}\" has {}", line.min_sequence_number.value(),
                entry.data_file.file_path, entry.sequence_number->value());
    }
  }
}

void ReadAndCheck(Run& run, const ManifestFile& line, CheckedManifest& checked) {
  const std::string& location = line.manifest_path;
  run.reachable.insert(location);
  ++run.report.files_checked;
  const auto bytes = run.storage.Read(location);
  if (!bytes) {
    const bool missing = bytes.error().kind == ErrorKind::kNotFound;
    run.Error(missing ? "manifest-missing" : "manifest-unreadable", location, "{}",
              bytes.error().message);
    run.all_read = false;
    return;
  }
  if (static_cast<int64_t>(bytes->size()) != line.manifest_length_bytes) {
    run.Error("manifest-length", location, "it has {} bytes, its list says {}", bytes->size(),
              line.manifest_length_bytes);
  }
  auto manifest = DecodeManifestVerbatim(*bytes);
  if (!manifest) {
    run.Error("manifest-unreadable", location, "{}", manifest.error().message);
    CheckManifestSchema(run, *bytes, run.metadata.format_version, location);  // may say why
    run.all_read = false;
    return;
  }
  CheckHeaderKeys(run, *bytes, location);
  CheckHeaderAgainstTable(run, line, manifest->header);
  CheckManifestSchema(run, *bytes, manifest->header.format_version, location);
  for (size_t i = 0; i < manifest->entries.size(); ++i) {
    CheckEntry(run, line, manifest->header, manifest->entries[i],
               fmt::format("{} entry {}", location, i));
  }
  checked.manifest = *std::move(manifest);
  if (const auto inherited = InheritFromList(line, checked.manifest); !inherited) {
    run.Error("row-id-overflow", location, "{}", inherited.error().message);
  }
  checked.readable = true;
}

}  // namespace

const CheckedManifest* CheckManifest(Run& run, const ManifestFile& line) {
  const auto [found, is_new] = run.manifests.try_emplace(line.manifest_path);
  CheckedManifest& checked = found->second;
  if (is_new) {
    checked.line = line;
    ReadAndCheck(run, line, checked);
    if (checked.readable) CheckLine(run, line, checked);
    CheckDataFiles(run, checked.manifest);
    ForgetMetrics(checked.manifest);
  }
  return &checked;
}

void CheckLine(Run& run, const ManifestFile& line, const CheckedManifest& checked) {
  const ManifestFile counted =
      SummarizeManifest(checked.manifest.header, checked.manifest.entries, line.added_snapshot_id);
  CheckCounts(run, line, counted);
  CheckSummaries(run, line, checked.manifest, counted);
  CheckMinSequenceNumber(run, line, checked.manifest);
}

}  // namespace tarn::iceberg::fsck
