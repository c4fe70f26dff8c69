// SPDX-License-Identifier: Apache-2.0
// The flawless table of sound_table.h. A test file by name, so that no program carries it.
#include <gtest/gtest.h>

#include <algorithm>

#include "iceberg/deletes/puffin.h"
#include "iceberg/testing/sound_table.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg::fsck {
namespace {

constexpr int64_t kFileBytes = 1000;

Type LongType() { return Type::Primitive(TypeKind::kLong); }
Type StringType() { return Type::Primitive(TypeKind::kString); }
Type DoubleType() { return Type::Primitive(TypeKind::kDouble); }

std::shared_ptr<Snapshot> MakeSnapshot(int64_t id, int64_t sequence, SnapshotOperation operation,
                                       std::map<std::string, std::string> summary) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = SnapshotId(id);
  if (sequence > 1) snapshot->parent_id = SnapshotId(id - 1);
  snapshot->sequence_number = SequenceNumber(sequence);
  snapshot->timestamp_ms = 1'000'000 + sequence * 1000;
  snapshot->manifest_list = fmt::format("{}/metadata/snap-{}.avro", SoundTable::kLocation, id);
  snapshot->operation = operation;
  snapshot->summary = std::move(summary);
  snapshot->schema_id = SchemaId(0);
  return snapshot;
}

DataFileFacts::Column MakeColumn(int32_t id, const char* path, Type type, int64_t rows, Value lower,
                                 Value upper) {
  DataFileFacts::Column column;
  column.id = FieldId(id);
  column.path = path;
  column.type = std::move(type);
  column.value_count = rows;
  column.lower = std::move(lower);
  column.upper = std::move(upper);
  return column;
}

std::string Inserted(std::string text, const std::string& before, const std::string& inserted) {
  const size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return at == std::string::npos ? text : text.insert(at, inserted);
}

/// Metadata of version 3, made of that of version 2, so that it does not depend on what writes it.
std::string MetadataJson(TableMetadata metadata) {
  if (metadata.format_version < 3) return SerializeTableMetadata(metadata).value_or("");
  metadata.format_version = 2;
  const auto plain = SerializeTableMetadata(metadata);
  EXPECT_TRUE(plain) << plain.error().message;
  const std::string version = "\"format-version\":";
  std::string text = plain.value_or("");
  text.replace(text.find(version) + version.size(), 1, "3");
  text = Inserted(text, version, fmt::format("\"next-row-id\":{},", *metadata.next_row_id));
  for (const auto& snapshot : metadata.snapshots) {
    if (!snapshot->first_row_id) continue;
    text = Inserted(text, fmt::format("\"manifest-list\":\"{}\"", snapshot->manifest_list),
                    fmt::format("\"first-row-id\":{},\"added-rows\":{},", *snapshot->first_row_id,
                                *snapshot->added_rows));
  }
  return text;
}

}  // namespace

SoundTable::SoundTable(Kind kind) {
  Schema schema;
  schema.fields = {
      {.id = FieldId(1), .name = "id", .required = true, .type = LongType()},
      {.id = FieldId(2), .name = "name", .type = StringType()},
      {.id = FieldId(3), .name = "weight", .type = DoubleType()},
  };
  metadata.table_uuid = *Uuid::Parse("6b8f2d0e-0000-4000-8000-0000000000aa");
  metadata.location = kLocation;
  metadata.last_sequence_number = SequenceNumber(3);
  metadata.last_updated_ms = 1'003'000;
  metadata.last_column_id = FieldId(3);
  metadata.schemas = {schema};
  metadata.partition_specs = {PartitionSpec{}};
  metadata.sort_orders = {SortOrder{}};
  metadata.current_snapshot_id = SnapshotId(13);
  metadata.refs[kMainBranch] = {.snapshot_id = SnapshotId(13)};

  for (const auto& [name, sequence] : {std::pair("m1.avro", 1), {"m2.avro", 2}, {"m3.avro", 3}}) {
    ManifestModel& model = manifests[At(std::string("metadata/") + name)];
    model.header.schema = schema;
    model.sequence_number = SequenceNumber(sequence);
    model.added_by = SnapshotId(10 + sequence);
  }
  AddDataFile("m1.avro", "a", 0, 10);
  AddDataFile("m1.avro", "b", 10, 20);
  AddDataFile("m2.avro", "c", 30, 5);
  // Snapshot 13 writes m1 again: a is gone, b stays.
  manifest("m3.avro").entries = manifest("m1.avro").entries;
  for (ManifestEntry& entry : manifest("m3.avro").entries) {
    entry.status = EntryStatus::kExisting;
    entry.snapshot_id = SnapshotId(11);
    entry.sequence_number = entry.file_sequence_number = SequenceNumber(1);
  }
  manifest("m3.avro").entries[0].status = EntryStatus::kDeleted;
  manifest("m3.avro").entries[0].snapshot_id = SnapshotId(13);
  const std::string m1 = At("metadata/m1.avro"), m2 = At("metadata/m2.avro");
  lists = {{SnapshotId(11), {m1}},
           {SnapshotId(12), {m2, m1}},
           {SnapshotId(13), {At("metadata/m3.avro"), m2}}};

  snapshots = {MakeSnapshot(11, 1, SnapshotOperation::kAppend,
                            {{"added-data-files", "2"},
                             {"added-records", "30"},
                             {"added-files-size", "2000"},
                             {"total-data-files", "2"},
                             {"total-records", "30"},
                             {"total-files-size", "2000"},
                             {"total-delete-files", "0"}}),
               MakeSnapshot(12, 2, SnapshotOperation::kAppend,
                            {{"added-data-files", "1"},
                             {"added-records", "5"},
                             {"total-data-files", "3"},
                             {"total-records", "35"}}),
               MakeSnapshot(13, 3, SnapshotOperation::kDelete,
                            {{"deleted-data-files", "1"},
                             {"deleted-records", "10"},
                             {"removed-files-size", "1000"},
                             {"total-data-files", "2"},
                             {"total-records", "25"},
                             {"total-files-size", "2000"}})};
  if (kind != Kind::kPlain) AddDeletes(kind);
  for (const auto& snapshot : snapshots) {
    metadata.snapshot_log.push_back({snapshot->timestamp_ms, snapshot->id});
  }
  for (const char* name : {"00000-z", "00001-a", "00002-b"}) {
    const auto version = static_cast<int64_t>(metadata.metadata_log.size());
    metadata.metadata_log.push_back(
        {1'000'000 + version * 1000, At(fmt::format("metadata/{}.metadata.json", name))});
  }
  files[At("metadata/tarn-owner.json")] = "{}";
}

void SoundTable::AddDataFile(const std::string& manifest_name, const std::string& name,
                             int64_t first_id, int64_t rows) {
  const std::string path = At("data/" + name + ".parquet");
  const Value low_id = first_id, high_id = first_id + rows - 1;
  const Value low_name = name + "-a", high_name = name + "-z";
  const Value low_weight = -1.5, high_weight = 2.5;
  ManifestEntry entry;
  DataFile& file = entry.data_file;
  file.file_path = path;
  file.record_count = rows;
  file.file_size_bytes = kFileBytes;
  file.split_offsets = {4};
  for (const int32_t id : {1, 2, 3}) {
    file.column_sizes_bytes[FieldId(id)] = 100;
    file.value_counts[FieldId(id)] = rows;
    file.null_value_counts[FieldId(id)] = id == 2 ? 1 : 0;
  }
  file.nan_value_counts[FieldId(3)] = 1;
  file.lower_bounds = {{FieldId(1), EncodeSingleValue(LongType(), low_id)},
                       {FieldId(2), EncodeSingleValue(StringType(), low_name)},
                       {FieldId(3), EncodeSingleValue(DoubleType(), low_weight)}};
  file.upper_bounds = {{FieldId(1), EncodeSingleValue(LongType(), high_id)},
                       {FieldId(2), EncodeSingleValue(StringType(), high_name)},
                       {FieldId(3), EncodeSingleValue(DoubleType(), high_weight)}};
  manifest(manifest_name).entries.push_back(entry);

  DataFileFacts& measured = facts[path];
  measured.record_count = rows;
  measured.row_group_offsets = {4};
  measured.columns = {MakeColumn(1, "id", LongType(), rows, low_id, high_id),
                      MakeColumn(2, "name", StringType(), rows, low_name, high_name),
                      MakeColumn(3, "weight", DoubleType(), rows, low_weight, high_weight)};
  measured.columns[1].null_count = 1;
  measured.columns[2].nan_count = 1;
  files[path] = std::string(kFileBytes, 'x');
}

void SoundTable::AddDeletes(Kind kind) {
  ManifestModel& model = manifests[At("metadata/m4.avro")];
  model.header.schema = metadata.schemas[0];
  model.header.content = ManifestContent::kDeletes;
  model.sequence_number = SequenceNumber(4);
  model.added_by = SnapshotId(14);
  lists[SnapshotId(14)] = lists[SnapshotId(13)];
  lists[SnapshotId(14)].push_back(At("metadata/m4.avro"));
  metadata.last_sequence_number = SequenceNumber(4);
  metadata.last_updated_ms = 1'004'000;
  metadata.current_snapshot_id = SnapshotId(14);
  metadata.refs[kMainBranch] = {.snapshot_id = SnapshotId(14)};
  if (kind == Kind::kVectors) {
    AddVectors();
    snapshots.push_back(MakeSnapshot(14, 4, SnapshotOperation::kDelete,
                                     {{"added-delete-files", "2"},
                                      {"total-delete-files", "2"},
                                      {"total-position-deletes", "12"}}));
    AddRowIds();
    return;
  }
  AddDeleteFile("p", FileContent::kPositionDeletes, 3, {2147483546, 2147483545});
  AddDeleteFile("q", FileContent::kPositionDeletes, 1, {2147483546, 2147483545});
  AddDeleteFile("e", FileContent::kEqualityDeletes, 2, {1});
  const std::string b = At("data/b.parquet"), c = At("data/c.parquet");
  position_rows[At("data/p.parquet")] = {{b, 0}, {b, 19}, {c, 4}};
  position_rows[At("data/q.parquet")] = {{c, 1}};
  file("m4.avro", 1).referenced_data_file = c;
  file("m4.avro", 2).equality_ids = {FieldId(1)};
  snapshots.push_back(MakeSnapshot(14, 4, SnapshotOperation::kDelete,
                                   {{"added-delete-files", "3"},
                                    {"total-delete-files", "3"},
                                    {"total-position-deletes", "4"},
                                    {"total-equality-deletes", "2"}}));
}

void SoundTable::AddDeleteFile(const std::string& name, FileContent content, int64_t rows,
                               const std::vector<int32_t>& columns) {
  const std::string path = At("data/" + name + ".parquet");
  ManifestEntry entry;
  entry.data_file = {
      .content = content, .file_path = path, .record_count = rows, .file_size_bytes = kFileBytes};
  manifest("m4.avro").entries.push_back(entry);
  facts[path].record_count = rows;
  for (const int32_t id : columns) {
    facts[path].columns.push_back(
        MakeColumn(id, "key", id == 2147483546 ? StringType() : LongType(), rows, {}, {}));
  }
  files[path] = std::string(kFileBytes, 'x');
}

void SoundTable::AddVectors() {
  const std::string location = At("data/v.puffin");
  PuffinWriter writer;
  PositionBitmap of_c;
  of_c.Add(std::vector<int64_t>{1, 3});
  PositionBitmap of_b;
  of_b.AddRange(0, 10);
  for (const auto& [name, positions] : {std::pair("c", &of_c), {"b", &of_b}}) {
    const std::string path = At(fmt::format("data/{}.parquet", name));
    const PuffinBlob blob = writer.AddDeletionVector(path, *positions).value();
    ManifestEntry entry;
    entry.data_file = {.content = FileContent::kPositionDeletes,
                       .file_path = location,
                       .file_format = "PUFFIN",
                       .record_count = positions->cardinality(),
                       .referenced_data_file = path,
                       .content_offset = blob.offset,
                       .content_size_bytes = blob.length};
    manifest("m4.avro").entries.push_back(entry);
  }
  files[location] = writer.Finish();
  for (ManifestEntry& entry : manifest("m4.avro").entries) {
    entry.data_file.file_size_bytes = static_cast<int64_t>(files[location].size());
  }
}

/// 35 rows were ever added; snapshot 13 wrote down what b and a had been given.
void SoundTable::AddRowIds() {
  metadata.format_version = 3;
  metadata.next_row_id = 35;
  for (auto& [location, model] : manifests) model.header.format_version = 3;
  manifest("m1.avro").first_row_id = 0;
  manifest("m2.avro").first_row_id = 30;
  manifest("m3.avro").first_row_id = 35;
  file("m3.avro", 0).first_row_id = 0;
  file("m3.avro", 1).first_row_id = 10;
  const std::pair<int64_t, int64_t> given[] = {{0, 30}, {30, 5}, {35, 0}, {35, 0}};
  for (size_t i = 0; i < snapshots.size(); ++i) {
    snapshots[i]->first_row_id = given[i].first;
    snapshots[i]->added_rows = given[i].second;
  }
}

class SoundTable::Reader : public DataFileReader {
 public:
  explicit Reader(const SoundTable& table) : table_(table) {}
  Result<DataFileFacts> Examine(std::string_view location, bool) override {
    const auto found = table_.facts.find(std::string(location));
    if (found == table_.facts.end()) {
      return Fail(ErrorKind::kCorruption, "\"{}\" is no Parquet file", location);
    }
    return found->second;
  }
  Result<> ReadPositionDeletes(
      std::string_view location,
      const std::function<Result<>(std::string_view, int64_t)>& visit) override {
    for (const auto& [path, position] : table_.position_rows.at(std::string(location))) {
      TARN_TRY(visit(path, position));
    }
    return {};
  }

 private:
  const SoundTable& table_;
};

void SoundTable::WriteTo(std::string location, std::string bytes) {
  if (edit_bytes) edit_bytes(location, bytes);
  if (location.empty()) return;  // the edit removed it
  ASSERT_TRUE(storage_.Put(location, std::string_view(bytes), storage::PutMode::kReplace));
}

void SoundTable::WriteManifests(std::map<std::string, ManifestFile>& lines) {
  for (const auto& [location, model] : manifests) {
    auto bytes = EncodeManifest(model.header, model.entries);
    ASSERT_TRUE(bytes) << bytes.error().message;
    ManifestFile line = SummarizeManifest(model.header, model.entries, model.added_by);
    line.manifest_path = location;
    line.manifest_length_bytes = static_cast<int64_t>(bytes->size());
    line.sequence_number = model.sequence_number;
    line.first_row_id = model.first_row_id;
    if (line.existing_files_count == 0) line.min_sequence_number = model.sequence_number;
    lines[location] = line;
    WriteTo(location, *std::move(bytes));
  }
}

FsckReport SoundTable::Check(const FsckOptions& options) {
  std::map<std::string, ManifestFile> by_location;
  WriteManifests(by_location);
  for (const auto& snapshot : snapshots) {
    std::vector<ManifestFile> lines;
    for (const std::string& location : lists[snapshot->id]) lines.push_back(by_location[location]);
    if (edit_lines) edit_lines(snapshot->id, lines);
    ManifestListHeader header{.snapshot_id = snapshot->id,
                              .parent_snapshot_id = snapshot->parent_id,
                              .sequence_number = snapshot->sequence_number,
                              .format_version = metadata.format_version};
    if (edit_list_header) edit_list_header(snapshot->id, header);
    auto bytes = EncodeManifestList(header, lines);
    EXPECT_TRUE(bytes);
    WriteTo(snapshot->manifest_list, bytes.value_or(""));
  }
  metadata.snapshots.clear();
  for (const auto& snapshot : snapshots) metadata.snapshots.emplace_back(*snapshot);
  TableMetadata previous = metadata;
  previous.last_sequence_number = SequenceNumber(2);
  if (previous.next_row_id) previous.next_row_id = 30;
  previous.metadata_log.resize(std::min<size_t>(previous.metadata_log.size(), 2));
  for (const char* name : {"00000-z", "00001-a", "00002-b"}) {
    WriteTo(At(fmt::format("metadata/{}.metadata.json", name)), MetadataJson(previous));
  }
  for (const auto& [location, bytes] : files) WriteTo(location, bytes);
  WriteTo(metadata_location(), MetadataJson(metadata));
  Reader reader(*this);
  auto report = Fsck(storage_, &reader, metadata_location(), options);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report.value_or(FsckReport{});
}

}  // namespace tarn::iceberg::fsck
