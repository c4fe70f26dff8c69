// SPDX-License-Identifier: Apache-2.0
#include "engine/member_names.h"

#include <fmt/core.h>

#include <set>
#include <utility>

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Definition = duckdb::MultiFileColumnDefinition;

std::vector<int32_t> IdsOf(const duckdb::vector<Definition>& members) {
  std::vector<int32_t> ids;
  for (const Definition& member : members) {
    ids.push_back(member.identifier.IsNull() ? 0 : member.identifier.GetValue<int32_t>());
  }
  return ids;
}

void NameMembers(Definition& column);

void NameStructMembers(Definition& column) {
  const std::vector<int32_t> ids = IdsOf(column.children);
  const std::vector<std::string> names = MemberNames(ids);
  duckdb::child_list_t<LogicalType> types;
  for (size_t i = 0; i < column.children.size(); ++i) {
    Definition& member = column.children[i];
    // DuckDB stops looking for field ids at the first member without one.
    if (ids[i] == 0) member.identifier = duckdb::Value::INTEGER(-1 - static_cast<int32_t>(i));
    NameMembers(member);
    member.name = names[i];
    types.emplace_back(member.name, member.type);
  }
  column.type = LogicalType::STRUCT(std::move(types));
}

/// A file's map has one child, the entries.
void NameMapMembers(Definition& column) {
  const bool wrapped =
      column.children.size() == 1 && column.children[0].type.id() == LogicalTypeId::STRUCT;
  auto& parts = wrapped ? column.children[0].children : column.children;
  if (parts.size() != 2) return;
  for (Definition& part : parts) NameMembers(part);
  column.type = LogicalType::MAP(parts[0].type, parts[1].type);
  if (!wrapped) return;
  const auto& before = duckdb::StructType::GetChildTypes(column.children[0].type);
  column.children[0].type =
      LogicalType::STRUCT({{before[0].first, parts[0].type}, {before[1].first, parts[1].type}});
}

void NameMembers(Definition& column) {
  switch (column.type.id()) {
    case LogicalTypeId::STRUCT:
      if (column.children.size() == duckdb::StructType::GetChildCount(column.type)) {
        NameStructMembers(column);
      }
      break;
    case LogicalTypeId::LIST:
      if (column.children.size() != 1) break;
      NameMembers(column.children[0]);
      column.type = LogicalType::LIST(column.children[0].type);
      break;
    case LogicalTypeId::MAP:
      NameMapMembers(column);
      break;
    default:
      break;
  }
}

}  // namespace

std::string NameOfId(int32_t field_id) { return fmt::format("f{}", field_id); }

std::vector<std::string> MemberNames(std::span<const int32_t> field_ids) {
  std::set<int32_t> known;
  std::vector<std::string> names;
  for (size_t i = 0; i < field_ids.size(); ++i) {
    const bool identified = field_ids[i] > 0 && known.insert(field_ids[i]).second;
    names.push_back(identified ? NameOfId(field_ids[i]) : fmt::format("p{}", i));
  }
  return names;
}

std::vector<std::string> MemberNames(const std::vector<Field>& fields) {
  std::vector<int32_t> ids;
  for (const Field& field : fields) ids.push_back(field.id.value());
  return MemberNames(ids);
}

void NameMembersByFieldId(duckdb::vector<Definition>& columns) {
  for (Definition& column : columns) NameMembers(column);
}

}  // namespace tarn::engine
