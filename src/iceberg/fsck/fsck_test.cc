// SPDX-License-Identifier: Apache-2.0
// One damage at a time to a sound table; each must be found under its own code.
#include "iceberg/fsck/fsck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "iceberg/avro/container.h"
#include "iceberg/fsck/fsck_report.h"
#include "iceberg/manifests/manifest_format.h"
#include "iceberg/testing/sound_table.h"

namespace tarn::iceberg::fsck {
namespace {

struct Damage {
  std::string code;
  std::string what;
  std::function<void(SoundTable&)> apply;
};

std::set<std::string> ErrorCodes(const FsckReport& report) {
  std::set<std::string> codes;
  for (const Finding& finding : report.findings) {
    if (finding.severity == Severity::kError) codes.insert(finding.code);
  }
  return codes;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Replaces text in the stored file whose name ends so; the Avro headers are stored uncompressed.
auto EditFile(std::string name, std::string from, std::string to) {
  return [=](SoundTable& table) {
    table.edit_bytes = [=](std::string& location, std::string& bytes) {
      if (location.ends_with(name)) bytes = Replaced(bytes, from, to);
    };
  };
}

auto RemoveFile(std::string name) {
  return [=](SoundTable& table) {
    table.edit_bytes = [=](std::string& location, std::string&) {
      if (location.ends_with(name)) location.clear();
    };
  };
}

auto EditLine(int64_t snapshot, size_t line, std::function<void(ManifestFile&)> edit) {
  return [=](SoundTable& table) {
    table.edit_lines = [=](SnapshotId id, std::vector<ManifestFile>& lines) {
      if (id == SnapshotId(snapshot)) edit(lines.at(line));
    };
  };
}

/// A manifest list whose counts may be null, as early writers declared them.
std::string ListWithNullableCounts(const std::vector<ManifestFile>& lines) {
  auto table = (*ManifestFormat::ForWriting(2))->list_fields();
  for (auto& field : table) {
    if (field.id == 504) {
      field = avro::MakeField<&ManifestFile::added_files_count>(
          504, "added_files_count", avro::Presence::kOptional, R"("int")");
    }
  }
  const auto no_summaries = [](const auto&) {
    return std::string(
        R"({"type":"array","items":{"type":"record","name":"r508","fields":[{"name":"contains_null","type":"boolean","field-id":509}]},"element-id":508})");
  };
  avro::ContainerWriter container(avro::RecordJson("manifest_file", table, no_summaries),
                                  {{"format-version", "2"}}, avro::Codec::kNull);
  for (const ManifestFile& line : lines) {
    for (const auto& field : table) {
      if (field.write != nullptr) {
        field.write(line, container.record());
      } else {
        container.record().PutBranch(0);
      }
    }
    EXPECT_TRUE(container.EndRecord());
  }
  return *container.Finish();
}

const std::vector<Damage>& MetadataDamages() {
  static const std::vector<Damage> kDamages = {
      {"metadata-invalid", "metadata is cut off",
       [](SoundTable& t) {
         t.edit_bytes = [](std::string& location, std::string& bytes) {
           if (location.ends_with("00003-c.metadata.json")) bytes.resize(bytes.size() / 2);
         };
       }},
      {"metadata-invalid", "main is not the current snapshot",
       [](SoundTable& t) { t.metadata.refs["main"].snapshot_id = SnapshotId(11); }},
      {"last-column-id-too-low", "a field above last-column-id",
       [](SoundTable& t) { t.metadata.last_column_id = FieldId(2); }},
      {"duplicate-schema-id", "two schemas with one id",
       [](SoundTable& t) { t.metadata.schemas.push_back(t.metadata.schemas[0]); }},
      {"schema-invalid", "two columns of one name",
       [](SoundTable& t) { t.metadata.schemas[0].fields[2].name = "name"; }},
      {"duplicate-spec-id", "two specs with one id",
       [](SoundTable& t) { t.metadata.partition_specs.emplace_back(); }},
      {"last-partition-id-too-low", "a partition field above last-partition-id",
       [](SoundTable& t) {
         t.metadata.partition_specs.push_back(
             {.id = SpecId(1),
              .fields = {{.source_ids = {FieldId(1)}, .id = PartitionFieldId(1000), .name = "p"}}});
       }},
      {"partition-source", "the default spec partitions by a column that is gone",
       [](SoundTable& t) {
         t.metadata.last_partition_id = PartitionFieldId(1000);
         t.metadata.partition_specs.push_back(
             {.id = SpecId(1),
              .fields = {{.source_ids = {FieldId(9)}, .id = PartitionFieldId(1000), .name = "p"}}});
         t.metadata.default_spec_id = SpecId(1);
       }},
      {"default-sort-order-missing", "an unknown default sort order",
       [](SoundTable& t) { t.metadata.default_sort_order_id = SortOrderId(4); }},
      {"sequence-number-above-last", "a snapshot above last-sequence-number",
       [](SoundTable& t) { t.metadata.last_sequence_number = SequenceNumber(2); }},
      {"last-updated-too-low", "snapshots from after the last update",
       [](SoundTable& t) { t.metadata.last_updated_ms = 900'000; }},
      {"sequence-number-order", "a child numbered below its parent",
       [](SoundTable& t) { t.snapshot(0).sequence_number = SequenceNumber(3); }},
      {"duplicate-sequence-number", "two snapshots with one number",
       [](SoundTable& t) { t.snapshot(0).sequence_number = SequenceNumber(2); }},
      {"duplicate-snapshot-id", "a snapshot listed twice",
       [](SoundTable& t) { t.snapshots.push_back(t.snapshots[0]); }},
      {"snapshot-schema-missing", "a snapshot with an unknown schema",
       [](SoundTable& t) { t.snapshot(1).schema_id = SchemaId(8); }},
      {"snapshot-log-order", "a snapshot log that goes back in time",
       [](SoundTable& t) { t.metadata.snapshot_log[1].timestamp_ms = 5; }},
      {"snapshot-log-unknown-snapshot", "a snapshot log with a stranger",
       [](SoundTable& t) { t.metadata.snapshot_log[0].snapshot_id = SnapshotId(99); }},
      {"snapshot-log-current", "a snapshot log that ends with another snapshot",
       [](SoundTable& t) { t.metadata.snapshot_log.pop_back(); }},
      {"metadata-log-order", "a metadata log that goes back in time",
       [](SoundTable& t) { t.metadata.metadata_log[2].timestamp_ms = 7; }},
      {"metadata-log-duplicate", "a metadata log that names the current file",
       [](SoundTable& t) { t.metadata.metadata_log[2].metadata_file = t.metadata_location(); }},
      {"metadata-log-file-missing", "an earlier metadata file is gone",
       RemoveFile("00001-a.metadata.json")},
      {"table-uuid-changed", "the table's uuid changed",
       EditFile("00002-b.metadata.json", "6b8f2d0e", "7b8f2d0e")},
      {"last-sequence-number-lowered", "the predecessor was ahead",
       EditFile("00002-b.metadata.json", "\"last-sequence-number\":2",
                "\"last-sequence-number\":9")},
      {"statistics-snapshot-missing", "statistics of a snapshot that is gone",
       [](SoundTable& t) {
         t.files[t.At("metadata/s.puffin")] = "x";
         t.metadata.statistics = {{SnapshotId(5), t.At("metadata/s.puffin")}};
       }},
      {"encryption-key-duplicate", "two encryption keys of one id",
       [](SoundTable& t) { t.metadata.encryption_keys = {{"k", "AA=="}, {"k", "BB=="}}; }},
      {"snapshot-key-missing", "a snapshot encrypted by a key that is gone",
       [](SoundTable& t) { t.snapshot(1).unknown_members_json = R"({"key-id":"gone"})"; }},
      {"statistics-duplicate", "two statistics files of one snapshot",
       [](SoundTable& t) {
         t.files[t.At("metadata/s.puffin")] = "x";
         t.metadata.statistics = {{SnapshotId(13), t.At("metadata/s.puffin")},
                                  {SnapshotId(13), t.At("metadata/s.puffin")}};
       }},
      {"statistics-file-missing", "a statistics file is gone",
       [](SoundTable& t) {
         t.metadata.statistics = {{SnapshotId(13), t.At("metadata/s.puffin")}};
       }},
      {"ref-retention", "a tag that keeps snapshots",
       [](SoundTable& t) {
         t.metadata.refs["t"] = {
             .snapshot_id = SnapshotId(12), .is_tag = true, .min_snapshots_to_keep = 3};
       }},
      {"summary-total-records", "a wrong total of records",
       [](SoundTable& t) { t.snapshot(2).summary["total-records"] = "26"; }},
      {"summary-total-data-files", "a wrong total of files",
       [](SoundTable& t) { t.snapshot(2).summary["total-data-files"] = "3"; }},
      {"summary-total-files-size", "a wrong total size",
       [](SoundTable& t) { t.snapshot(0).summary["total-files-size"] = "1"; }},
      {"summary-added-records", "a wrong number of added records",
       [](SoundTable& t) { t.snapshot(1).summary["added-records"] = "6"; }},
      {"summary-deleted-data-files", "a wrong number of deleted files",
       [](SoundTable& t) { t.snapshot(2).summary["deleted-data-files"] = "0"; }},
      {"snapshot-operation", "an append that removes a file",
       [](SoundTable& t) { t.snapshot(2).operation = SnapshotOperation::kAppend; }},
  };
  return kDamages;
}

const std::vector<Damage>& ManifestListDamages() {
  static const std::vector<Damage> kDamages = {
      {"manifest-list-missing", "a manifest list is gone", RemoveFile("snap-12.avro")},
      {"manifest-list-unreadable", "a manifest list is no Avro file",
       EditFile("snap-12.avro", "Obj", "Abj")},
      {"list-header-value", "the header names another snapshot",
       [](SoundTable& t) {
         t.edit_list_header = [](SnapshotId, ManifestListHeader& h) {
           h.snapshot_id = SnapshotId(1);
         };
       }},
      {"list-header-value", "the header has another sequence number",
       [](SoundTable& t) {
         t.edit_list_header = [](SnapshotId, ManifestListHeader& h) {
           h.sequence_number = SequenceNumber(77);
         };
       }},
      {"avro-record-name", "the list's records have another name",
       EditFile("snap-12.avro", "\"manifest_file\"", "\"manifest_fila\"")},
      {"avro-field-id", "a field of the list has another id",
       EditFile("snap-12.avro", "\"field-id\":519", "\"field-id\":599")},
      {"avro-field-name", "a field of the list has another name",
       EditFile("snap-12.avro", "\"added_files_count\"", "\"added_filez_count\"")},
      {"avro-field-nullability", "ddb#504: a required count may be null",
       [](SoundTable& t) {
         auto captured = std::make_shared<std::vector<ManifestFile>>();
         t.edit_lines = [=](SnapshotId id, std::vector<ManifestFile>& lines) {
           if (id == SnapshotId(12)) *captured = lines;
         };
         t.edit_bytes = [=](std::string& location, std::string& bytes) {
           if (location.ends_with("snap-12.avro")) bytes = ListWithNullableCounts(*captured);
         };
       }},
      {"manifest-spec-missing", "a line with an unknown spec",
       EditLine(12, 0, [](ManifestFile& line) { line.partition_spec_id = SpecId(6); })},
      {"manifest-sequence-number", "a manifest of this snapshot with another number",
       EditLine(11, 0, [](ManifestFile& line) { line.sequence_number = SequenceNumber(0); })},
      {"min-sequence-number", "a minimum above an entry's number",
       EditLine(13, 0, [](ManifestFile& line) { line.min_sequence_number = SequenceNumber(2); })},
      {"manifest-listed-twice", "a manifest listed twice",
       [](SoundTable& t) {
         t.edit_lines = [](SnapshotId id, std::vector<ManifestFile>& lines) {
           if (id == SnapshotId(12)) lines.push_back(lines[0]);
         };
       }},
      {"manifest-line-differs", "two lists describe one manifest differently",
       EditLine(12, 1, [](ManifestFile& line) { line.added_files_count = 1; })},
      {"manifest-length", "a wrong manifest length",
       EditLine(13, 0, [](ManifestFile& line) { ++line.manifest_length_bytes; })},
      {"manifest-count", "a wrong count of rows",
       EditLine(13, 0, [](ManifestFile& line) { ++line.existing_rows_count; })},
      {"manifest-count", "a wrong count of files",
       EditLine(13, 0, [](ManifestFile& line) { --line.deleted_files_count; })},
      {"manifest-header-content", "the list calls data deletes",
       EditLine(13, 0, [](ManifestFile& line) { line.content = ManifestContent::kDeletes; })},
  };
  return kDamages;
}

const std::vector<Damage>& ManifestDamages() {
  static const std::vector<Damage> kDamages = {
      {"manifest-missing", "a manifest is gone", RemoveFile("m2.avro")},
      {"manifest-unreadable", "a sync marker is wrong",
       [](SoundTable& t) {
         t.edit_bytes = [](std::string& location, std::string& bytes) {
           if (location.ends_with("m2.avro")) bytes.back() = static_cast<char>(bytes.back() ^ 1);
         };
       }},
      {"manifest-header-missing", "a header key is missing",
       EditFile("m2.avro", "partition-spec-id", "partition-spec-ix")},
      {"manifest-header-missing", "ddb#1097: content is missing",
       EditFile("m2.avro",
                "content\x08"
                "data",
                "conTent\x08"
                "data")},
      {"manifest-header-schema", "ddb#799: the schema in the header is none",
       EditFile("m2.avro", "\"schema-id\":0", "\"schema-id\":x")},
      {"manifest-header-spec-id", "the header names another spec",
       [](SoundTable& t) {
         t.manifest("m3.avro").header.spec.id = SpecId(0);
         t.edit_lines = [](SnapshotId id, std::vector<ManifestFile>& lines) {
           if (id == SnapshotId(13)) lines[0].partition_spec_id = SpecId(3);
         };
       }},
      {"avro-record-name", "rust#179: the data file record has another name",
       EditFile("m2.avro", "\"name\":\"r2\"", "\"name\":\"r3\"")},
      {"avro-field-id", "ddb#321: a field id is wrong",
       EditFile("m2.avro", "\"field-id\":103", "\"field-id\":193")},
      {"avro-field-type", "a map's key has another id",
       EditFile("m2.avro", "\"field-id\":117", "\"field-id\":116")},
      {"avro-field-type", "a map is not called one",
       EditFile("m2.avro", "\"logicalType\":\"map\"", "\"logicalType\":\"mop\"")},
      {"avro-field-type", "a list's element has another id",
       EditFile("m2.avro", "\"element-id\":133", "\"element-id\":139")},
      {"entry-sequence-number", "an existing file numbered above its manifest",
       [](SoundTable& t) {
         t.manifest("m3.avro").entries[1].file_sequence_number = SequenceNumber(9);
       }},
      {"added-entry-snapshot", "an added file of another snapshot",
       [](SoundTable& t) { t.manifest("m2.avro").entries[0].snapshot_id = SnapshotId(11); }},
      {"deleted-entry-snapshot", "py#3236: a deleted file carries the snapshot that added it",
       [](SoundTable& t) { t.manifest("m3.avro").entries[0].snapshot_id = SnapshotId(11); }},
      {"file-live-twice", "a file live in two manifests",
       [](SoundTable& t) {
         t.manifest("m2.avro").entries.push_back(t.manifest("m1.avro").entries[1]);
       }},
      {"file-added-twice", "a file added by two snapshots",
       [](SoundTable& t) {
         t.manifest("m2.avro").entries.push_back(t.manifest("m1.avro").entries[0]);
       }},
      {"entry-file-size", "a file of no bytes",
       [](SoundTable& t) { t.file("m2.avro", 0).file_size_bytes = 0; }},
      {"entry-file-format", "an unknown format",
       [](SoundTable& t) { t.file("m2.avro", 0).file_format = "CSV"; }},
      {"entry-sort-order", "an unknown sort order",
       [](SoundTable& t) { t.file("m2.avro", 0).sort_order_id = SortOrderId(2); }},
      {"entry-equality-ids", "equality ids on data",
       [](SoundTable& t) { t.file("m2.avro", 0).equality_ids = {FieldId(1)}; }},
      {"split-offsets", "split offsets that do not ascend",
       [](SoundTable& t) { t.file("m2.avro", 0).split_offsets = {400, 4}; }},
      {"split-offsets", "a split offset where no row group starts",
       [](SoundTable& t) { t.file("m2.avro", 0).split_offsets = {4, 500}; }},
      {"metric-unknown-field", "metrics of a column that never was",
       [](SoundTable& t) { t.file("m2.avro", 0).null_value_counts[FieldId(9)] = 0; }},
      {"metric-negative", "a negative count",
       [](SoundTable& t) { t.file("m2.avro", 0).null_value_counts[FieldId(2)] = -1; }},
      {"metric-count", "more nulls than values",
       [](SoundTable& t) { t.file("m2.avro", 0).null_value_counts[FieldId(2)] = 6; }},
      {"value-count", "other values than records",
       [](SoundTable& t) { t.file("m2.avro", 0).value_counts[FieldId(1)] = 4; }},
      {"bound-malformed", "a bound of another width",
       [](SoundTable& t) { t.file("m2.avro", 0).lower_bounds[FieldId(1)] = "abc"; }},
      {"bound-nan", "a bound that is NaN",
       [](SoundTable& t) {
         t.file("m2.avro", 0).upper_bounds[FieldId(3)] = std::string("\0\0\0\0\0\0\xf8\x7f", 8);
       }},
      {"bound-order", "bounds the wrong way round",
       [](SoundTable& t) {
         std::swap(t.file("m2.avro", 0).lower_bounds[FieldId(2)],
                   t.file("m2.avro", 0).upper_bounds[FieldId(2)]);
       }},
  };
  return kDamages;
}

const std::vector<Damage>& DataFileDamages() {
  static const std::string kC = std::string(SoundTable::kLocation) + "/data/c.parquet";
  static const std::vector<Damage> kDamages = {
      {"data-file-missing", "a data file is gone", RemoveFile("c.parquet")},
      {"data-file-size", "a data file is cut off", [](SoundTable& t) { t.files[kC].resize(500); }},
      {"data-file-unreadable", "a data file is no Parquet file",
       [](SoundTable& t) { t.facts.erase(kC); }},
      {"record-count", "other records than stated",
       [](SoundTable& t) { t.facts[kC].record_count = 6; }},
      {"null-count", "other nulls than stated",
       [](SoundTable& t) { t.facts[kC].columns[1].null_count = 2; }},
      {"nan-count", "other NaNs than stated",
       [](SoundTable& t) { t.facts[kC].columns[2].nan_count = 0; }},
      {"bound-excludes-value", "a value below the lower bound",
       [](SoundTable& t) { t.facts[kC].columns[0].lower = int64_t{29}; }},
      {"bound-excludes-value", "ddb#1022: an upper bound truncated without rounding up",
       [](SoundTable& t) { t.file("m2.avro", 0).upper_bounds[FieldId(2)] = "c-"; }},
      {"required-null", "nulls in a required column",
       [](SoundTable& t) { t.facts[kC].columns[0].null_count = 1; }},
      {"parquet-field-id", "a column without field id",
       [](SoundTable& t) { t.facts[kC].columns[1].id = FieldId(0); }},
      {"parquet-field-duplicate", "two columns with one id",
       [](SoundTable& t) { t.facts[kC].columns.push_back(t.facts[kC].columns[1]); }},
      {"parquet-field-unknown", "a column with an id that never was",
       [](SoundTable& t) { t.facts[kC].columns[1].id = FieldId(40); }},
      {"parquet-type", "a column of another type",
       [](SoundTable& t) {
         t.facts[kC].columns[1].type = Type::Primitive(TypeKind::kBoolean);
         t.facts[kC].columns[1].lower = t.facts[kC].columns[1].upper = {};
       }},
      {"required-column-missing", "a required column is not in the file",
       [](SoundTable& t) { t.facts[kC].columns.erase(t.facts[kC].columns.begin()); }},
  };
  return kDamages;
}

void ExpectFound(const std::vector<Damage>& damages) {
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.code + ": " + damage.what);
    SoundTable table;
    damage.apply(table);
    const FsckReport report = table.Check();
    EXPECT_THAT(ErrorCodes(report), testing::Contains(damage.code))
        << FsckReportText(report, false);
    EXPECT_FALSE(report.clean(false));
    for (const Finding& finding : report.findings) {
      EXPECT_FALSE(finding.location.empty() || finding.message.empty()) << finding.code;
    }
  }
}

TEST(Fsck, FindsNothingInASoundTable) {
  SoundTable table;
  const FsckReport report = table.Check();
  EXPECT_TRUE(report.findings.empty()) << FsckReportText(report, true);
  EXPECT_TRUE(report.clean(true));
  EXPECT_EQ(report.snapshots, 3);
  EXPECT_EQ(report.manifests, 3);
  EXPECT_EQ(report.data_files, 3);
  EXPECT_EQ(report.rows, 25);
  EXPECT_EQ(report.metadata_location, table.metadata_location());
}

/// Java's tables have the sort order that they were made with, and files may be unsorted.
TEST(Fsck, TakesUnsortedFilesWhereThatOrderIsNotListed) {
  SoundTable table;
  table.metadata.sort_orders = {SortOrder{
      .id = SortOrderId(1), .fields = {{.source_ids = {FieldId(1)}}}, .unknown_members_json = {}}};
  table.metadata.default_sort_order_id = SortOrderId(1);
  table.file("m2.avro", 0).sort_order_id = SortOrderId(0);
  const FsckReport report = table.Check();
  EXPECT_TRUE(report.findings.empty()) << FsckReportText(report, true);
}

TEST(Fsck, FindsDamagedMetadata) { ExpectFound(MetadataDamages()); }
TEST(Fsck, FindsDamagedManifestLists) { ExpectFound(ManifestListDamages()); }
TEST(Fsck, FindsDamagedManifests) { ExpectFound(ManifestDamages()); }
TEST(Fsck, FindsDamagedDataFiles) { ExpectFound(DataFileDamages()); }

TEST(Fsck, NotesOrphansAndDeviationsAndIsStrictOnRequest) {
  SoundTable table;
  table.files[table.At("data/stray.parquet")] = "x";
  table.files[table.At("metadata/stray.avro")] = "x";
  table.facts[table.At("data/c.parquet")].columns[1].deviations = {"stored in another way"};
  const FsckReport report = table.Check();
  EXPECT_TRUE(ErrorCodes(report).empty()) << FsckReportText(report, false);
  std::multiset<std::string> codes;
  for (const Finding& finding : report.findings) codes.insert(finding.code);
  EXPECT_THAT(codes, testing::ElementsAre("orphan-file", "orphan-file", "parquet-deviation"));
  EXPECT_TRUE(report.clean(false));
  EXPECT_FALSE(report.clean(true));
  EXPECT_TRUE(table.Check({.find_orphans = false}).findings.size() == 1);
}

TEST(Fsck, LeavesDataAndHistoryAloneWhenAsked) {
  SoundTable table;
  table.facts.clear();
  EXPECT_TRUE(table.Check({.read_data = false}).findings.empty());
  SoundTable old;
  old.snapshot(0).summary["total-records"] = "1";
  const FsckReport report = old.Check({.all_snapshots = false});
  EXPECT_TRUE(report.findings.empty()) << FsckReportText(report, false);
  EXPECT_EQ(report.snapshots, 1);
}

TEST(Fsck, TakesTheNewestMetadataFileOfADirectory) {
  SoundTable table;
  table.Check();
  const auto report = Fsck(table.storage(), nullptr, "s3://lake/t/", {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->metadata_location, table.metadata_location());
  ASSERT_EQ(report->findings.size(), 1u) << FsckReportText(*report, false);
  EXPECT_EQ(report->findings[0].code, "newest-metadata-taken");
  EXPECT_TRUE(report->clean(true));
}

TEST(Fsck, FailsWhenThereIsNothingToExamine) {
  storage::MemoryStorage storage;
  EXPECT_EQ(Fsck(storage, nullptr, "s3://lake/t", {}).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(Fsck(storage, nullptr, "s3://lake/t/metadata/1.metadata.json", {}).error().kind,
            ErrorKind::kNotFound);
}

TEST(Fsck, SurvivesMutationsOfEveryFile) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SoundTable table;
    uint32_t state = seed * 2654435761U + 1;
    const auto random = [&] { return state = state * 1664525U + 1013904223U; };
    table.edit_bytes = [&](std::string& location, std::string& bytes) {
      if (!location.ends_with(".avro") && !location.ends_with("00003-c.metadata.json")) return;
      if (random() >> 30 != 0) return;
      bytes[(random() >> 8) % bytes.size()] = static_cast<char>(random() >> 16);
    };
    table.Check();
  }
}

TEST(FsckReport, RendersFindingsAsTextAndJson) {
  FsckReport report;
  report.metadata_location = "s3://lake/t/metadata/1.metadata.json";
  report.snapshots = 1;
  report.rows = 2;
  report.findings = {{Severity::kNote, "orphan-file", "s3://lake/t/data/x", "nothing reaches it"},
                     {Severity::kError, "record-count", "a\nb", "it has \"3\""}};
  EXPECT_EQ(FsckReportText(report, false),
            "error: record-count: a\\x0ab: it has \"3\"\n"
            "note: orphan-file: s3://lake/t/data/x: nothing reaches it\n"
            "not clean: s3://lake/t/metadata/1.metadata.json, 1 snapshot, 0 manifests, 0 data "
            "files, 2 rows; 1 error, 1 note\n");
  EXPECT_EQ(FsckReportJson(report, false),
            R"({"metadata_location":"s3://lake/t/metadata/1.metadata.json","clean":false,)"
            R"("snapshots":1,"manifests":0,"data_files":0,"rows":2,"files_checked":0,"errors":1,)"
            R"("notes":1,"findings":[{"severity":"note","code":"orphan-file",)"
            R"("location":"s3://lake/t/data/x","message":"nothing reaches it"},)"
            R"({"severity":"error","code":"record-count","location":"a\nb",)"
            R"("message":"it has \"3\""}]})");
  report.findings.pop_back();
  EXPECT_THAT(FsckReportText(report, false), testing::HasSubstr("\nclean: "));
  EXPECT_THAT(FsckReportJson(report, true), testing::HasSubstr(R"("clean":false)"));
}

}  // namespace
}  // namespace tarn::iceberg::fsck
