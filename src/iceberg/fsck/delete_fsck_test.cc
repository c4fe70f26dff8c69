// SPDX-License-Identifier: Apache-2.0
// One damage at a time to a sound table with deletes; each must be found under its own code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "iceberg/deletes/deletion_vector.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/fsck/fsck_report.h"
#include "iceberg/testing/sound_table.h"

namespace tarn::iceberg::fsck {
namespace {

using Kind = SoundTable::Kind;

struct Damage {
  std::string code;
  std::string what;
  std::function<void(SoundTable&)> apply;
};

const std::string kB = std::string(SoundTable::kLocation) + "/data/b.parquet";
const std::string kC = std::string(SoundTable::kLocation) + "/data/c.parquet";
const std::string kP = std::string(SoundTable::kLocation) + "/data/p.parquet";
const std::string kQ = std::string(SoundTable::kLocation) + "/data/q.parquet";
const std::string kE = std::string(SoundTable::kLocation) + "/data/e.parquet";
const std::string kV = std::string(SoundTable::kLocation) + "/data/v.puffin";

/// The entry of c's vector, or of p.parquet.
DataFile& First(SoundTable& table) { return table.file("m4.avro", 0); }
DataFile& Second(SoundTable& table) { return table.file("m4.avro", 1); }
DataFile& Equality(SoundTable& table) { return table.file("m4.avro", 2); }

/// Replaces text in v.puffin by other text of the same length.
auto EditPuffin(std::string from, std::string to) {
  return [=](SoundTable& table) {
    std::string& bytes = table.files.at(kV);
    const size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bytes.replace(at, from.size(), to);
  };
}

/// Another blob for c, in a file of its own kind.
auto WriteVector(std::function<Result<PuffinBlob>(PuffinWriter&)> write) {
  return [=](SoundTable& table) {
    PuffinWriter writer;
    const PuffinBlob blob = write(writer).value();
    First(table).file_path += ".other";
    First(table).content_offset = blob.offset;
    First(table).content_size_bytes = blob.length;
    std::string& bytes = table.files[First(table).file_path];
    bytes = writer.Finish();
    First(table).file_size_bytes = static_cast<int64_t>(bytes.size());
  };
}

PositionBitmap Positions(std::vector<int64_t> positions) {
  PositionBitmap bitmap;
  bitmap.Add(positions);
  return bitmap;
}

PuffinBlob VectorBlob() {
  PuffinBlob blob{.type = std::string(kDeletionVectorType)};
  blob.properties = {{"referenced-data-file", kC}, {"cardinality", "2"}};
  return blob;
}

auto MoveToAnotherSpec() {
  return [](SoundTable& table) {
    table.metadata.last_partition_id = PartitionFieldId(1000);
    const PartitionSpec spec{
        .id = SpecId(1),
        .fields = {{.source_ids = {FieldId(2)}, .id = PartitionFieldId(1000), .name = "name"}}};
    table.metadata.partition_specs.push_back(spec);
    table.manifest("m4.avro").header.spec = spec;
    for (ManifestEntry& entry : table.manifest("m4.avro").entries) {
      entry.data_file.partition = {Value(std::string("c"))};
    }
  };
}

/// The number that the entry of a manifest carries, instead of inheriting it.
auto NumberEntry(size_t entry, int64_t sequence) {
  return [=](SoundTable& table) {
    table.manifest("m4.avro").entries[entry].sequence_number = SequenceNumber(sequence);
    table.edit_lines = [=](SnapshotId, std::vector<ManifestFile>& lines) {
      for (ManifestFile& line : lines) {
        if (line.content == ManifestContent::kDeletes) {
          line.min_sequence_number = SequenceNumber(sequence);
        }
      }
    };
  };
}

const std::vector<Damage>& VectorDamages() {
  static const std::vector<Damage> kDamages = {
      {"vector-reference", "a vector without its data file",
       [](SoundTable& t) { First(t).referenced_data_file.reset(); }},
      {"vector-coordinates", "a vector without offset",
       [](SoundTable& t) { First(t).content_offset.reset(); }},
      {"vector-coordinates", "a vector without size",
       [](SoundTable& t) { First(t).content_size_bytes.reset(); }},
      {"vector-coordinates", "a vector beyond the end of its file",
       [](SoundTable& t) { First(t).content_offset = 1 << 20; }},
      {"vector-coordinates", "a vector of no bytes",
       [](SoundTable& t) { First(t).content_size_bytes = 0; }},
      {"entry-equality-ids", "a vector with equality ids",
       [](SoundTable& t) { First(t).equality_ids = {FieldId(1)}; }},
      {"entry-file-format", "equality deletes in a Puffin file",
       [](SoundTable& t) {
         First(t).content = FileContent::kEqualityDeletes;
         First(t).equality_ids = {FieldId(1)};
       }},
      {"delete-row-id", "a vector with a first_row_id",
       [](SoundTable& t) { First(t).first_row_id = 5; }},
      {"position-deletes-version", "a position delete file added in version 3",
       [](SoundTable& t) {
         First(t).file_format = "PARQUET";
         First(t).content_offset.reset();
         First(t).content_size_bytes.reset();
       }},
      {"vector-duplicate", "ice#15006: two vectors for one data file",
       [](SoundTable& t) { Second(t).referenced_data_file = kC; }},
      {"vector-dangling", "a vector for a file that was removed",
       [](SoundTable& t) {
         First(t).referenced_data_file = std::string(SoundTable::kLocation) + "/data/a.parquet";
       }},
      {"vector-partition", "ddb#1274: vectors under another spec", MoveToAnotherSpec()},
      {"vector-sequence-number", "a vector older than its data file", NumberEntry(0, 1)},
      {"vector-cardinality", "a vector of more rows than its data file has",
       [](SoundTable& t) { First(t).record_count = 6; }},
      {"delete-live-twice", "one vector listed twice",
       [](SoundTable& t) {
         auto& entries = t.manifest("m4.avro").entries;
         entries.push_back(entries[0]);
       }},
      {"vector-blob-missing", "no blob at the offset",
       [](SoundTable& t) { ++*First(t).content_offset; }},
      {"vector-blob-missing", "a blob of another length",
       [](SoundTable& t) { --*First(t).content_size_bytes; }},
      {"vector-malformed", "go#1510: another number of positions than stated",
       [](SoundTable& t) { First(t).record_count = 3; }},
      {"vector-malformed", "py#3576: a wrong magic number",
       EditPuffin("\xD1\xD3\x39\x64", "\xD1\xD3\x39\x65")},
      {"vector-malformed", "a wrong checksum",
       [](SoundTable& t) {
         char& byte = t.files.at(kV).at(
             static_cast<size_t>(*First(t).content_offset + *First(t).content_size_bytes - 1));
         byte = static_cast<char>(byte ^ 1);
       }},
      {"vector-malformed", "ddb#1095: a bare blob without length and checksum",
       WriteVector([](PuffinWriter& writer) {
         return writer.Add(VectorBlob(), Positions({1, 3}).Serialize());
       })},
      {"vector-malformed", "go#1625: bytes behind the checksum",
       WriteVector([](PuffinWriter& writer) {
         return writer.Add(VectorBlob(), EncodeDeletionVector(Positions({1, 3})).value() + "x");
       })},
      {"vector-range", "a row that the data file lacks", WriteVector([](PuffinWriter& writer) {
         return writer.AddDeletionVector(kC, Positions({1, 5}));
       })},
      {"vector-blob-compressed", "a compressed vector", WriteVector([](PuffinWriter& writer) {
         return writer.Add(VectorBlob(), EncodeDeletionVector(Positions({1, 3})).value(),
                           PuffinCodec::kZstd);
       })},
      {"vector-blob-property", "a blob without properties", WriteVector([](PuffinWriter& writer) {
         return writer.Add({.type = std::string(kDeletionVectorType)},
                           EncodeDeletionVector(Positions({1, 3})).value());
       })},
      {"vector-blob-type", "a blob of another type",
       EditPuffin("deletion-vector-v1", "deletion-vector-v2")},
      {"vector-blob-numbers", "a blob with a snapshot id",
       EditPuffin("\"snapshot-id\":-1", "\"snapshot-id\":14")},
      {"vector-blob-numbers", "a blob with a sequence number",
       EditPuffin("\"sequence-number\":-1", "\"sequence-number\":14")},
      {"vector-blob-property", "a blob for another data file",
       EditPuffin("data/c.parquet\"", "data/d.parquet\"")},
      {"vector-blob-property", "a blob of another cardinality",
       EditPuffin("\"cardinality\":\"2\"", "\"cardinality\":\"3\"")},
      {"puffin-malformed", "rust#2416: a file without magic number", EditPuffin("PFA1", "PFA2")},
      {"puffin-malformed", "a footer that is no JSON", EditPuffin("{\"blobs\"", "[\"blobs\"")},
      {"data-file-missing", "a Puffin file is gone", [](SoundTable& t) { t.files.erase(kV); }},
      {"data-file-size", "a Puffin file is longer than stated",
       [](SoundTable& t) {
         for (const size_t entry : {0, 1}) --t.file("m4.avro", entry).file_size_bytes;
       }},
      {"summary-total-position-deletes", "a wrong total of deleted rows",
       [](SoundTable& t) { t.snapshot(3).summary["total-position-deletes"] = "11"; }},
      {"summary-total-delete-files", "a wrong total of vectors",
       [](SoundTable& t) { t.snapshot(3).summary["total-delete-files"] = "1"; }},
  };
  return kDamages;
}

const std::vector<Damage>& RowIdDamages() {
  static const std::vector<Damage> kDamages = {
      {"next-row-id-too-low", "rows beyond next-row-id",
       [](SoundTable& t) { t.metadata.next_row_id = 34; }},
      {"row-id-beyond-next", "a file beyond next-row-id",
       [](SoundTable& t) { t.file("m3.avro", 1).first_row_id = 16; }},
      {"row-id-overlap", "ice#16263: two files with the same row ids",
       [](SoundTable& t) { t.file("m3.avro", 1).first_row_id = 14; }},
      {"row-id-changed", "ClickHouse#119377: a file that got new row ids",
       [](SoundTable& t) { t.file("m3.avro", 1).first_row_id = 9; }},
      {"row-id-order", "a snapshot that gives ids again",
       [](SoundTable& t) { t.snapshot(1).first_row_id = 29; }},
      {"manifest-row-id-missing", "a data manifest without row ids",
       [](SoundTable& t) { t.manifest("m2.avro").first_row_id.reset(); }},
      {"manifest-row-id-range", "a manifest with ids that its snapshot did not give",
       [](SoundTable& t) { t.manifest("m2.avro").first_row_id = 3; }},
      {"delete-manifest-row-id", "ddb#1149: row ids for a manifest of deletes",
       [](SoundTable& t) { t.manifest("m4.avro").first_row_id = 35; }},
      {"next-row-id-lowered", "next-row-id went back",
       [](SoundTable& t) {
         t.edit_bytes = [](std::string& location, std::string& bytes) {
           const std::string was = "\"next-row-id\":30";
           if (!location.ends_with("00002-b.metadata.json")) return;
           bytes.replace(bytes.find(was), was.size(), "\"next-row-id\":36");
         };
       }},
  };
  return kDamages;
}

const std::vector<Damage>& DeleteFileDamages() {
  static const std::vector<Damage> kDamages = {
      {"vector-version", "a vector in version 2",
       [](SoundTable& t) {
         First(t).file_format = "PUFFIN";
         First(t).referenced_data_file = kC;
       }},
      {"entry-equality-ids", "equality deletes without columns",
       [](SoundTable& t) { Equality(t).equality_ids.clear(); }},
      {"entry-equality-ids", "a column twice",
       [](SoundTable& t) { Equality(t).equality_ids = {FieldId(1), FieldId(1)}; }},
      {"entry-equality-ids", "position deletes with columns",
       [](SoundTable& t) { First(t).equality_ids = {FieldId(1)}; }},
      {"equality-field-unknown", "a column that never was",
       [](SoundTable& t) { Equality(t).equality_ids = {FieldId(40)}; }},
      {"entry-reference", "equality deletes for one data file",
       [](SoundTable& t) { Equality(t).referenced_data_file = kC; }},
      {"entry-reference", "a data file that refers to another",
       [](SoundTable& t) { t.file("m2.avro", 0).referenced_data_file = kB; }},
      {"entry-sort-order", "position deletes with a sort order",
       [](SoundTable& t) {
         t.metadata.sort_orders.push_back(
             {.id = SortOrderId(1), .fields = {{.source_ids = {FieldId(1)}}}});
         First(t).sort_order_id = SortOrderId(1);
       }},
      {"delete-reference-partition", "ice#16957: deletes under another spec", MoveToAnotherSpec()},
      {"delete-reference-sequence-number", "deletes older than their data file", NumberEntry(1, 1)},
      {"delete-live-twice", "one delete file listed twice",
       [](SoundTable& t) {
         auto& entries = t.manifest("m4.avro").entries;
         entries.push_back(entries[0]);
       }},
      {"record-count", "other rows of positions than stated",
       [](SoundTable& t) { t.facts[kP].record_count = 4; }},
      {"record-count", "other rows of keys than stated",
       [](SoundTable& t) { t.facts[kE].record_count = 3; }},
      {"delete-columns", "a position delete file without positions",
       [](SoundTable& t) { t.facts[kP].columns.pop_back(); }},
      {"delete-columns", "equality deletes without their key",
       [](SoundTable& t) { t.facts[kE].columns.clear(); }},
      {"delete-file-unreadable", "a delete file is no Parquet file",
       [](SoundTable& t) { t.facts.erase(kP); }},
      {"position-delete-order", "positions that do not ascend",
       [](SoundTable& t) { t.position_rows[kP] = {{kB, 19}, {kB, 0}, {kC, 4}}; }},
      {"position-delete-order", "paths that do not ascend",
       [](SoundTable& t) { t.position_rows[kP] = {{kC, 4}, {kB, 0}, {kB, 19}}; }},
      {"position-delete-range", "a row that the data file lacks",
       [](SoundTable& t) { t.position_rows[kP] = {{kB, 0}, {kB, 20}, {kC, 4}}; }},
      {"position-delete-range", "a negative position",
       [](SoundTable& t) { t.position_rows[kQ] = {{kC, -1}}; }},
      {"position-delete-reference", "rows of another file than the entry says",
       [](SoundTable& t) { t.position_rows[kQ] = {{kB, 1}}; }},
      {"data-file-missing", "a delete file is gone", [](SoundTable& t) { t.files.erase(kQ); }},
      {"data-file-size", "a delete file is cut off",
       [](SoundTable& t) { t.files[kQ].resize(500); }},
      {"summary-total-equality-deletes", "a wrong total of equality deletes",
       [](SoundTable& t) { t.snapshot(3).summary["total-equality-deletes"] = "1"; }},
  };
  return kDamages;
}

void ExpectFound(Kind kind, const std::vector<Damage>& damages) {
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.code + ": " + damage.what);
    SoundTable table(kind);
    damage.apply(table);
    const FsckReport report = table.Check();
    std::set<std::string> codes;
    for (const Finding& finding : report.findings) {
      if (finding.severity == Severity::kError) codes.insert(finding.code);
      EXPECT_FALSE(finding.location.empty() || finding.message.empty()) << finding.code;
    }
    EXPECT_THAT(codes, testing::Contains(damage.code)) << FsckReportText(report, false);
    EXPECT_FALSE(report.clean(false));
  }
}

TEST(FsckDeletes, FindsNothingInSoundTables) {
  for (const Kind kind : {Kind::kDeleteFiles, Kind::kVectors}) {
    SoundTable table(kind);
    const FsckReport report = table.Check();
    EXPECT_TRUE(report.findings.empty()) << FsckReportText(report, true);
    EXPECT_TRUE(report.clean(true));
    EXPECT_EQ(report.snapshots, 4);
  }
}

TEST(FsckDeletes, FindsDamagedVectors) { ExpectFound(Kind::kVectors, VectorDamages()); }
TEST(FsckDeletes, FindsDamagedRowIds) { ExpectFound(Kind::kVectors, RowIdDamages()); }
TEST(FsckDeletes, FindsDamagedDeleteFiles) { ExpectFound(Kind::kDeleteFiles, DeleteFileDamages()); }

TEST(FsckDeletes, NotesPositionDeletesOfFilesThatAreGone) {
  SoundTable table(Kind::kDeleteFiles);
  Second(table).referenced_data_file = std::string(SoundTable::kLocation) + "/data/a.parquet";
  table.position_rows[kQ] = {{*Second(table).referenced_data_file, 1}};
  const FsckReport report = table.Check();
  EXPECT_TRUE(report.clean(false)) << FsckReportText(report, false);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].code, "delete-reference-dangling");
}

TEST(FsckDeletes, SurvivesMutationsOfPuffinFiles) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SoundTable table(Kind::kVectors);
    uint32_t state = seed * 2654435761U + 1;
    const auto random = [&] { return state = state * 1664525U + 1013904223U; };
    std::string& bytes = table.files.at(kV);
    for (int edit = 0; edit < 2; ++edit) {
      bytes[(random() >> 8) % bytes.size()] = static_cast<char>(random() >> 16);
    }
    table.Check();
  }
}

}  // namespace
}  // namespace tarn::iceberg::fsck
