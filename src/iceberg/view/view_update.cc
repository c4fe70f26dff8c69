// SPDX-License-Identifier: Apache-2.0
#include "iceberg/view/view_update.h"

#include "iceberg/json/ascii_case.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/update/update_fields.h"
#include "iceberg/update/update_json.h"
#include "iceberg/view/view_version_json.h"

namespace tarn::iceberg {
namespace {

using namespace update_field;

constexpr std::string_view kAddViewVersion = "add-view-version";
constexpr std::string_view kSetCurrentViewVersion = "set-current-view-version";
constexpr std::string_view kAssertViewUuid = "assert-view-uuid";

template <typename T, typename Variant>
struct IsAlternative;
template <typename T, typename... Kinds>
struct IsAlternative<T, std::variant<Kinds...>> : std::disjunction<std::is_same<T, Kinds>...> {};

template <typename Kind>
bool Take(MetadataUpdate& update, std::optional<ViewUpdate>& taken) {
  Kind* kind = std::get_if<Kind>(&update);
  if (kind != nullptr) taken.emplace(std::move(*kind));
  return kind != nullptr;
}

Result<ViewUpdate> ParseAny(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, place));
  TARN_ASSIGN(const std::string action, in.String(kAction));
  const std::string name = ToLowerAscii(action);
  if (name == kAddViewVersion) {
    const Json* version_json = in.Find(kViewVersion);
    if (version_json == nullptr) return in.Missing(kViewVersion);
    TARN_ASSIGN(ViewVersion version, ParseViewVersionTree(*version_json, in.PlaceOf(kViewVersion)));
    return AddViewVersion{std::move(version)};
  }
  if (name == kSetCurrentViewVersion) {
    TARN_ASSIGN(const int32_t id, in.Int32(kViewVersionId));
    return SetCurrentViewVersion{ViewVersionId(id)};
  }
  // The others are those of tables.
  TARN_ASSIGN(MetadataUpdate update, ParseUpdateTree(value, place));
  std::optional<ViewUpdate> taken;
  const bool is_of_view =
      Take<AssignUuid>(update, taken) || Take<UpgradeFormatVersion>(update, taken) ||
      Take<AddSchema>(update, taken) || Take<SetLocation>(update, taken) ||
      Take<SetProperties>(update, taken) || Take<RemoveProperties>(update, taken);
  if (is_of_view) return *std::move(taken);
  return Fail(ErrorKind::kInvalidArgument, "Cannot apply update {} to a view", action);
}

Result<ViewRequirement> ParseAnyRequirement(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, place));
  TARN_ASSIGN(const std::string type, in.String(field::kType));
  if (ToLowerAscii(type) != kAssertViewUuid) {
    return Fail(ErrorKind::kInvalidArgument,
                "Unrecognized update requirement. Cannot convert from json: {}", type);
  }
  TARN_ASSIGN(const std::string text, in.String(kUuid));
  const Result<Uuid> uuid = Uuid::Parse(text);
  if (!uuid) return in.Malformed(kUuid, "a uuid");
  return AssertViewUuid{*uuid};
}

template <typename T>
Result<std::vector<T>> ParseArray(const Json& array, const std::string& place,
                                  Result<T> (*parse)(const Json&, const std::string&)) {
  if (!array.is_array()) {
    return Fail(ErrorKind::kInvalidArgument, "member \"{}\" is not an array", place);
  }
  std::vector<T> items;
  for (size_t i = 0; i < array.size(); ++i) {
    TARN_ASSIGN(T item, parse(array[i], fmt::format("{}[{}]", place, i)));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

Result<ViewUpdate> ParseViewUpdateTree(const Json& value, const std::string& place) {
  return AsRequest(ParseAny(value, place));
}

Result<std::vector<ViewUpdate>> ParseViewUpdatesTree(const Json& array, const std::string& place) {
  return ParseArray<ViewUpdate>(array, place, ParseViewUpdateTree);
}

void WriteViewUpdate(const ViewUpdate& update, JsonText& out) {
  if (const auto* added = std::get_if<AddViewVersion>(&update)) {
    out.BeginObject();
    out.Member(kAction, kAddViewVersion);
    out.Key(kViewVersion);
    WriteViewVersion(added->version, out);
    out.EndObject();
    return;
  }
  if (const auto* current = std::get_if<SetCurrentViewVersion>(&update)) {
    out.BeginObject();
    out.Member(kAction, kSetCurrentViewVersion);
    out.Member(kViewVersionId, current->version_id.value());
    out.EndObject();
    return;
  }
  std::visit(
      [&]<typename Kind>(const Kind& kind) {
        if constexpr (IsAlternative<Kind, MetadataUpdate>::value) {
          WriteUpdate(MetadataUpdate(kind), out);
        }
      },
      update);
}

Result<ViewRequirement> ParseViewRequirementTree(const Json& value, const std::string& place) {
  return AsRequest(ParseAnyRequirement(value, place));
}

Result<std::vector<ViewRequirement>> ParseViewRequirementsTree(const Json& array,
                                                               const std::string& place) {
  return ParseArray<ViewRequirement>(array, place, ParseViewRequirementTree);
}

void WriteViewRequirement(const ViewRequirement& requirement, JsonText& out) {
  out.BeginObject();
  out.Member(field::kType, kAssertViewUuid);
  out.Member(kUuid, std::get<AssertViewUuid>(requirement).uuid.ToString());
  out.EndObject();
}

Result<> CheckViewRequirements(const ViewMetadata& current,
                               std::span<const ViewRequirement> requirements) {
  for (const ViewRequirement& requirement : requirements) {
    const Uuid& expected = std::get<AssertViewUuid>(requirement).uuid;
    if (expected == current.view_uuid) continue;
    return Fail(ErrorKind::kConflict,
                "Requirement failed: view UUID does not match: expected {} != {}",
                current.view_uuid.ToString(), expected.ToString());
  }
  return {};
}

}  // namespace tarn::iceberg
