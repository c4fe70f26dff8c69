// SPDX-License-Identifier: Apache-2.0
// The Avro schemas that manifests and lists declare: other readers go by record names, ids and
// nullability.
#include <algorithm>

#include "iceberg/avro/container.h"
#include "iceberg/fsck/run.h"
#include "iceberg/manifests/manifest_fields.h"
#include "iceberg/manifests/manifest_format.h"

namespace tarn::iceberg::fsck {
namespace {

using avro::Kind;
using avro::Node;
using avro::NodePtr;
using avro::Presence;

void CheckRecordName(Run& run, const Node& node, std::string_view expected,
                     const std::string& location) {
  if (node.kind == Kind::kRecord && node.name != expected) {
    run.Error("avro-record-name", location, "avro record \"{}\" is not called \"{}\"", node.name,
              expected);
  }
}

/// Ids and kinds within lists, maps and their records.
bool SameDeclaration(const Node& expected, const Node& actual) {
  const bool integers = avro::IsInteger(expected) && avro::IsInteger(actual);
  if (expected.kind != actual.kind && !integers) return false;
  if (expected.element_id != actual.element_id || expected.logical_type != actual.logical_type ||
      expected.fields.size() != actual.fields.size() ||
      expected.branches.size() != actual.branches.size()) {
    return false;
  }
  for (size_t i = 0; i < expected.fields.size(); ++i) {
    if (expected.fields[i].id != actual.fields[i].id ||
        !SameDeclaration(*expected.fields[i].type, *actual.fields[i].type)) {
      return false;
    }
  }
  for (size_t i = 0; i < expected.branches.size(); ++i) {
    if (!SameDeclaration(*expected.branches[i], *actual.branches[i])) return false;
  }
  return true;
}

template <typename Owner>
void CheckField(Run& run, const avro::FieldCodec<Owner>& field, const avro::RecordField& declared,
                int32_t version, const std::string& location) {
  if (declared.id != field.id) {
    run.Error("avro-field-id", location, "avro field \"{}\" has the field id {}, not {}",
              declared.name, declared.id.value_or(-1), field.id);
  }
  if (declared.name != field.name) {
    run.Error("avro-field-name", location, "avro field {} is called \"{}\", not \"{}\"", field.id,
              declared.name, field.name);
  }
  const bool required = field.presence != Presence::kOptional && version >= 2;
  if (required && declared.type->kind == Kind::kUnion) {
    run.Error("avro-field-nullability", location, "avro field \"{}\" may be null, but is required",
              declared.name);
  }
  if (field.write == nullptr) return;  // nested: checked by itself
  const auto expected = avro::ParseSchema(field.type_json);
  const Node& actual = declared.type->value();
  if (expected && !SameDeclaration(**expected, actual)) {
    run.Error("avro-field-type", location,
              "avro field \"{}\" is not declared as the specification says", declared.name);
  }
}

template <typename Owner>
void CheckRecord(Run& run, const Node& record, const avro::FieldTable<Owner>& table,
                 int32_t version, const std::string& location) {
  for (const avro::FieldCodec<Owner>& field : table) {
    const auto declared =
        std::ranges::find_if(record.fields, [&](const avro::RecordField& candidate) {
          return candidate.id == field.id || candidate.name == field.name;
        });
    if (declared != record.fields.end()) {
      CheckField(run, field, *declared, version, location);
    } else if (field.presence == Presence::kAlways ||
               (field.presence == Presence::kRequired && version >= 2)) {
      run.Error("avro-field-missing", location, "avro record \"{}\" has no field {} \"{}\"",
                record.name, field.id, field.name);
    }
  }
}

/// The declared value of a field, null if it is missing.
const Node* FindValue(const Node& record, int32_t id, std::string_view name) {
  const int index = record.FindField(id, name);
  return index < 0 ? nullptr : &record.fields[static_cast<size_t>(index)].type->value();
}

const ManifestFormat& FormatOf(int32_t version) {
  const auto format = ManifestFormat::ForWriting(std::max(version, 2));
  return format ? **format : ManifestFormat::ForReading();
}

}  // namespace

void CheckManifestSchema(Run& run, std::string_view bytes, int32_t version,
                         const std::string& location) {
  const auto container = avro::ContainerReader::Open(bytes);
  if (!container) return;  // reported as unreadable
  const Node& entry = container->schema();
  const ManifestFormat& format = FormatOf(version);
  CheckRecordName(run, entry, manifest_record::kManifestEntry, location);
  CheckRecord(run, entry, format.entry_fields(), version, location);
  const Node* file = FindValue(entry, entry_field::kDataFile, "data_file");
  if (file == nullptr) return;
  CheckRecordName(run, *file, manifest_record::kDataFile, location);
  CheckRecord(run, *file, format.data_file_fields(), version, location);
  const Node* partition = FindValue(*file, data_file_field::kPartition, "partition");
  if (partition == nullptr) return;
  CheckRecordName(run, *partition, manifest_record::kPartition, location);
  for (const avro::RecordField& field : partition->fields) {
    if (!field.id) {
      run.Error("avro-field-id", location, "partition field \"{}\" has no field id", field.name);
    }
  }
}

void CheckListSchema(Run& run, std::string_view bytes, int32_t version,
                     const std::string& location) {
  const auto container = avro::ContainerReader::Open(bytes);
  if (!container) return;
  const Node& line = container->schema();
  const ManifestFormat& format = FormatOf(version);
  CheckRecordName(run, line, manifest_record::kManifestFile, location);
  CheckRecord(run, line, format.list_fields(), version, location);
  const Node* partitions = FindValue(line, list_field::kPartitions, "partitions");
  if (partitions == nullptr || partitions->kind != Kind::kArray) return;
  if (partitions->element_id != list_field::kPartitionsElement) {
    run.Error("avro-field-id", location, "elements of partitions do not have the id {}",
              list_field::kPartitionsElement);
  }
  CheckRecordName(run, *partitions->branches[0], manifest_record::kFieldSummary, location);
  CheckRecord(run, *partitions->branches[0], format.summary_fields(), version, location);
}

}  // namespace tarn::iceberg::fsck
