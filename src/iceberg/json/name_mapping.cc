// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/name_mapping.h"

#include <algorithm>
#include <set>
#include <utility>

#include "iceberg/json/json_members.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kNames = "names";
constexpr std::string_view kFieldId = "field-id";
constexpr std::string_view kFields = "fields";

Result<std::vector<MappedField>> ParseFields(const Json& array, const std::string& place) {
  if (!array.is_array()) {
    return Fail(ErrorKind::kCorruption, "member \"{}\" of a name mapping is not an array", place);
  }
  std::vector<MappedField> fields;
  std::set<std::string> known;
  for (size_t i = 0; i < array.size(); ++i) {
    TARN_ASSIGN(const JsonMembers members,
                JsonMembers::Of(array[i], fmt::format("{}[{}]", place, i)));
    MappedField field;
    TARN_ASSIGN(const Json* names, members.Array(kNames));
    for (const Json& name : *names) {
      if (!name.is_string()) return members.Malformed(kNames, "strings");
      field.names.push_back(name.get<std::string>());
      if (!known.insert(field.names.back()).second) {
        return Fail(ErrorKind::kCorruption, "name mapping gives the name \"{}\" twice",
                    field.names.back());
      }
    }
    TARN_ASSIGN(const auto id, members.OptionalInt32(kFieldId));
    if (id) field.id = FieldId(*id);
    if (const Json* children = members.Find(kFields)) {
      TARN_ASSIGN(field.fields, ParseFields(*children, members.PlaceOf(kFields)));
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

Result<NameMapping> ParseNameMapping(std::string_view json) {
  TARN_ASSIGN(const Json document,
              ParseJson(json, fmt::format("property \"{}\"", kNameMappingProperty)));
  return ParseFields(document, kNameMappingProperty);
}

const MappedField* FindMapped(const std::vector<MappedField>& fields, std::string_view name) {
  const auto found = std::ranges::find_if(fields, [&](const MappedField& field) {
    return std::ranges::find(field.names, name) != field.names.end();
  });
  return found == fields.end() ? nullptr : &*found;
}

Result<std::shared_ptr<const NameMapping>> NameMappingOf(
    const std::map<std::string, std::string>& properties) {
  const auto found = properties.find(kNameMappingProperty);
  if (found == properties.end()) return nullptr;
  TARN_ASSIGN(NameMapping names, ParseNameMapping(found->second));
  return std::make_shared<const NameMapping>(std::move(names));
}

}  // namespace tarn::iceberg
