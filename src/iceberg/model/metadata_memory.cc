// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/metadata_memory.h"

#include <string>
#include <vector>

namespace tarn::iceberg {
namespace {

/// What a node of std::map costs beside its key and value.
constexpr size_t kNodeBytes = 48;
/// A snapshot's summary and numbers as JSON, which is kept beside it.
constexpr size_t kSnapshotTextBytes = 900;

size_t BytesOf(const std::string& text) { return sizeof text + text.capacity(); }

template <typename Key>
size_t BytesOf(const std::map<Key, std::string>& texts) {
  size_t bytes = 0;
  for (const auto& [key, text] : texts) bytes += kNodeBytes + sizeof key + BytesOf(text);
  return bytes;
}

size_t BytesOf(const std::vector<Field>& fields) {
  size_t bytes = fields.capacity() * sizeof(Field);
  for (const Field& field : fields) {
    bytes += field.name.capacity() + BytesOf(field.type.children);
  }
  return bytes;
}

size_t BytesOf(const Snapshot& snapshot) {
  size_t bytes = sizeof snapshot + snapshot.manifest_list.capacity() + BytesOf(snapshot.summary) +
                 kSnapshotTextBytes;
  for (const std::string& manifest : snapshot.manifests) bytes += BytesOf(manifest);
  return bytes;
}

}  // namespace

size_t MemoryBytes(const TableMetadata& metadata) {
  size_t bytes = sizeof metadata + metadata.location.capacity() + BytesOf(metadata.properties) +
                 metadata.snapshot_log.capacity() * sizeof(SnapshotLogEntry) +
                 metadata.unknown_members_json.capacity();
  for (const Schema& schema : metadata.schemas) {
    bytes += sizeof schema + BytesOf(schema.fields) + BytesOf(schema.unknown_field_members);
  }
  for (const CommittedSnapshot& snapshot : metadata.snapshots) bytes += BytesOf(*snapshot);
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    bytes += sizeof entry + entry.metadata_file.capacity();
  }
  for (const auto* files : {&metadata.statistics, &metadata.partition_statistics}) {
    for (const StatisticsFile& file : *files) {
      bytes += sizeof file + file.path.capacity() + file.json.capacity();
    }
  }
  return bytes;
}

}  // namespace tarn::iceberg
