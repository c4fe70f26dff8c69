// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/progress.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "capture/apply/position_property.h"

namespace tarn::capture {
namespace {

constexpr const char* kSlot = "tarn.capture.slot";
constexpr const char* kSystem = "tarn.capture.system-identifier";
constexpr const char* kTimeline = "tarn.capture.timeline";
constexpr const char* kTable = "tarn.capture.table-oid";
constexpr const char* kColumns = "tarn.capture.columns";
constexpr const char* kVersion = "tarn.capture.source-version";
constexpr const char* kAttribute = "attribute";
constexpr const char* kField = "field";

Result<std::string> TextOf(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  if (found != properties.end()) return found->second;
  return Fail(ErrorKind::kCorruption, "a captured table lacks its property {}", name);
}

template <typename T>
Result<T> NumberOf(const Properties& properties, const char* name) {
  TARN_ASSIGN(const std::string text, TextOf(properties, name));
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return Fail(ErrorKind::kCorruption, "property {} of a captured table is \"{}\", no number", name,
              text);
}

Result<std::vector<ColumnBinding>> ColumnsOf(const Properties& properties) {
  TARN_ASSIGN(const std::string text, TextOf(properties, kColumns));
  const auto parsed = nlohmann::json::parse(text, nullptr, false);
  const auto malformed = [&] {
    return Fail(ErrorKind::kCorruption, "property {} of a captured table is malformed: {}",
                kColumns, text);
  };
  if (!parsed.is_array()) return malformed();
  std::vector<ColumnBinding> columns;
  for (const auto& each : parsed) {
    if (!each.is_object() || !each.contains(kAttribute) || !each.contains(kField) ||
        !each[kAttribute].is_number_integer() || !each[kField].is_number_integer()) {
      return malformed();
    }
    columns.push_back({each[kAttribute].get<int16_t>(), FieldId(each[kField].get<int32_t>())});
  }
  return columns;
}

}  // namespace

Properties ToProperties(const TableProgress& progress) {
  auto columns = nlohmann::json::array();
  for (const ColumnBinding& column : progress.columns) {
    columns.push_back({{kAttribute, column.attribute_number}, {kField, column.field.value()}});
  }
  Properties properties{{kPositionProperty, ToString(progress.position)},
                        {kSlot, progress.slot},
                        {kSystem, progress.system.system_identifier},
                        {kTimeline, std::to_string(progress.system.timeline)},
                        {kTable, std::to_string(progress.table.value())},
                        {kColumns, columns.dump()}};
  if (progress.version) properties[kVersion] = ToText(*progress.version);
  return properties;
}

Result<std::optional<TableProgress>> ProgressOf(const Properties& properties) {
  if (!properties.contains(kPositionProperty)) return std::nullopt;
  TableProgress progress;
  TARN_ASSIGN(const std::string position, TextOf(properties, kPositionProperty));
  const std::optional<Lsn> lsn = ParseLsn(position);
  if (!lsn) {
    return Fail(ErrorKind::kCorruption, "property {} of a captured table is \"{}\", no position",
                kPositionProperty, position);
  }
  progress.position = *lsn;
  TARN_ASSIGN(progress.slot, TextOf(properties, kSlot));
  TARN_ASSIGN(progress.system.system_identifier, TextOf(properties, kSystem));
  TARN_ASSIGN(progress.system.timeline, NumberOf<int64_t>(properties, kTimeline));
  TARN_ASSIGN(const uint32_t oid, NumberOf<uint32_t>(properties, kTable));
  progress.table = RelationOid(oid);
  TARN_ASSIGN(progress.columns, ColumnsOf(properties));
  if (const auto version = properties.find(kVersion); version != properties.end()) {
    TARN_ASSIGN(progress.version, ParseTableVersion(version->second));
  }
  return progress;
}

}  // namespace tarn::capture
