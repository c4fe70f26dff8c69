// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/creation_updates.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "iceberg/update/reserved_properties.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kDefaultVersion = 2;
constexpr int32_t kSupportedVersion = 3;
constexpr int32_t kFirstPartitionFieldId = 1000;
constexpr std::string_view kMetricsColumn = "write.metadata.metrics.column.";
constexpr std::array kNaturalNumbers = {"commit.retry.num-retries", "commit.retry.min-wait-ms",
                                        "commit.retry.max-wait-ms",
                                        "commit.retry.total-timeout-ms"};

using Renumbered = std::unordered_map<FieldId, FieldId>;

/// Whatever the asker's ids are: Spark counts from 0. Ids that stand twice would bind to the wrong
/// column.
Result<> Renumber(std::vector<Field>& fields, int32_t& last_id, Renumbered& new_ids) {
  for (Field& field : fields) {
    const FieldId id{++last_id};
    if (!new_ids.emplace(field.id, id).second) {
      return Fail(ErrorKind::kInvalidArgument, "field id {} is used twice", field.id.value());
    }
    field.id = id;
  }
  for (Field& field : fields) TARN_TRY(Renumber(field.type.children, last_id, new_ids));
  return {};
}

Result<FieldId> NewId(FieldId id, const Renumbered& new_ids, std::string_view what) {
  const auto found = new_ids.find(id);
  if (found != new_ids.end()) return found->second;
  return Fail(ErrorKind::kInvalidArgument, "Cannot find source column for {}: {}", what,
              id.value());
}

Result<Schema> RenumberSchema(Schema schema, Renumbered& new_ids) {
  int32_t last_id = 0;
  TARN_TRY(Renumber(schema.fields, last_id, new_ids));
  for (FieldId& id : schema.identifier_field_ids) {
    TARN_ASSIGN(id, NewId(id, new_ids, "identifier field"));
  }
  std::map<FieldId, std::string> members;
  for (auto& [id, text] : schema.unknown_field_members) {
    if (const auto found = new_ids.find(id); found != new_ids.end()) {
      members.emplace(found->second, std::move(text));
    }
  }
  schema.unknown_field_members = std::move(members);
  TARN_TRY(ValidateSchema(schema, kSupportedVersion));
  return schema;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<int32_t> FormatVersionOf(const std::map<std::string, std::string>& properties) {
  const auto found = properties.find(std::string(kFormatVersionProperty));
  if (found == properties.end()) return kDefaultVersion;
  const std::optional<int64_t> version = ParseNumber(found->second);
  if (version && *version >= 1 && *version <= kSupportedVersion) {
    return static_cast<int32_t>(*version);
  }
  return Fail(ErrorKind::kInvalidArgument, "Unsupported format version: v{} (supported: v{})",
              found->second, kSupportedVersion);
}

/// By its dotted name, through structs, lists and maps.
bool HasColumn(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return true;
    const bool prefix = name.size() > field.name.size() && name.starts_with(field.name) &&
                        name[field.name.size()] == '.';
    if (prefix && HasColumn(field.type.children, name.substr(field.name.size() + 1))) return true;
  }
  return false;
}

Result<> CheckProperties(const std::map<std::string, std::string>& properties,
                         const Schema& schema) {
  for (const char* key : kNaturalNumbers) {
    const auto found = properties.find(key);
    if (found == properties.end()) continue;
    const std::optional<int64_t> number = ParseNumber(found->second);
    if (!number) {
      return Fail(ErrorKind::kInvalidArgument, "Table property {} must have integer value", key);
    }
    if (*number < 0) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Table property {} must have non negative integer value", key);
    }
  }
  for (const auto& [key, value] : properties) {
    if (!key.starts_with(kMetricsColumn)) continue;
    const std::string_view column = std::string_view(key).substr(kMetricsColumn.size());
    if (HasColumn(schema.fields, column)) continue;
    return Fail(ErrorKind::kInvalidArgument,
                "Invalid metrics config, could not find column {} from table prop {} in schema",
                column, key);
  }
  return {};
}

}  // namespace

Result<std::vector<MetadataUpdate>> CreationUpdates(TableRequest request) {
  TARN_ASSIGN(const int32_t version, FormatVersionOf(request.properties));
  Renumbered new_ids;
  TARN_ASSIGN(Schema schema, RenumberSchema(std::move(request.schema), new_ids));
  int32_t next_partition_id = kFirstPartitionFieldId;
  for (PartitionField& field : request.spec.fields) {
    for (FieldId& source : field.source_ids) {
      TARN_ASSIGN(source, NewId(source, new_ids, "partition field"));
    }
    field.id = PartitionFieldId(next_partition_id++);
  }
  for (SortField& field : request.order.fields) {
    for (FieldId& source : field.source_ids) {
      TARN_ASSIGN(source, NewId(source, new_ids, "sort field"));
    }
  }
  request.order.id = SortOrderId(request.order.fields.empty() ? 0 : 1);
  TARN_TRY(CheckProperties(request.properties, schema));
  std::erase_if(request.properties,
                [](const auto& item) { return IsReservedProperty(item.first); });
  request.properties.emplace("write.parquet.compression-codec", "zstd");

  std::vector<MetadataUpdate> updates;
  updates.emplace_back(AssignUuid{request.table_uuid});
  updates.emplace_back(UpgradeFormatVersion{version});
  updates.emplace_back(AddSchema{std::move(schema)});
  updates.emplace_back(SetCurrentSchema{});
  updates.emplace_back(AddPartitionSpec{std::move(request.spec)});
  updates.emplace_back(SetDefaultSpec{});
  updates.emplace_back(AddSortOrder{std::move(request.order)});
  updates.emplace_back(SetDefaultSortOrder{});
  updates.emplace_back(SetLocation{std::move(request.location)});
  updates.emplace_back(SetProperties{std::move(request.properties)});
  return updates;
}

}  // namespace tarn::iceberg
