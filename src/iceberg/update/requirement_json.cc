// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/requirement_json.h"

#include <algorithm>
#include <array>

#include "iceberg/json/ascii_case.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/update/update_fields.h"
#include "iceberg/update/update_json.h"

namespace tarn::iceberg {
namespace {

using namespace update_field;

Result<TableRequirement> ParseAssertCreate(const JsonMembers&) { return AssertCreate{}; }

Result<TableRequirement> ParseAssertTableUuid(const JsonMembers& in) {
  TARN_ASSIGN(const std::string text, in.String(kUuid));
  const Result<Uuid> uuid = Uuid::Parse(text);
  if (!uuid) return in.Malformed(kUuid, "a uuid");
  return AssertTableUuid{*uuid};
}

Result<TableRequirement> ParseAssertRefSnapshotId(const JsonMembers& in) {
  AssertRefSnapshotId requirement;
  TARN_ASSIGN(requirement.ref, in.String(kRef));
  TARN_ASSIGN(const auto id, in.OptionalInt64(field::kSnapshotId));
  if (id) requirement.snapshot_id = SnapshotId(*id);
  return requirement;
}

Result<TableRequirement> ParseAssertLastAssignedFieldId(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(kLastAssignedFieldId));
  return AssertLastAssignedFieldId{FieldId(id)};
}

Result<TableRequirement> ParseAssertCurrentSchemaId(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(field::kCurrentSchemaId));
  return AssertCurrentSchemaId{SchemaId(id)};
}

Result<TableRequirement> ParseAssertLastAssignedPartitionId(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(kLastAssignedPartitionId));
  return AssertLastAssignedPartitionId{PartitionFieldId(id)};
}

Result<TableRequirement> ParseAssertDefaultSpecId(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(field::kDefaultSpecId));
  return AssertDefaultSpecId{SpecId(id)};
}

Result<TableRequirement> ParseAssertDefaultSortOrderId(const JsonMembers& in) {
  TARN_ASSIGN(const int32_t id, in.Int32(field::kDefaultSortOrderId));
  return AssertDefaultSortOrderId{SortOrderId(id)};
}

struct Kind {
  std::string_view name;
  Result<TableRequirement> (*parse)(const JsonMembers& in);
};

/// In the order of the variant.
constexpr std::array<Kind, std::variant_size_v<TableRequirement>> kKinds = {{
    {"assert-create", ParseAssertCreate},
    {"assert-table-uuid", ParseAssertTableUuid},
    {"assert-ref-snapshot-id", ParseAssertRefSnapshotId},
    {"assert-last-assigned-field-id", ParseAssertLastAssignedFieldId},
    {"assert-current-schema-id", ParseAssertCurrentSchemaId},
    {"assert-last-assigned-partition-id", ParseAssertLastAssignedPartitionId},
    {"assert-default-spec-id", ParseAssertDefaultSpecId},
    {"assert-default-sort-order-id", ParseAssertDefaultSortOrderId},
}};

/// The members beside the type.
class MemberWriter {
 public:
  explicit MemberWriter(JsonText* out) : out_(*out) {}

  void operator()(const AssertCreate&) const {}
  void operator()(const AssertTableUuid& required) const {
    out_.Member(kUuid, required.uuid.ToString());
  }
  void operator()(const AssertRefSnapshotId& required) const {
    out_.Member(kRef, required.ref);
    out_.Key(field::kSnapshotId);
    if (required.snapshot_id) {
      out_.Int(required.snapshot_id->value());
    } else {
      out_.Raw("null");
    }
  }
  void operator()(const AssertLastAssignedFieldId& required) const {
    out_.Member(kLastAssignedFieldId, required.last_assigned_field_id.value());
  }
  void operator()(const AssertCurrentSchemaId& required) const {
    out_.Member(field::kCurrentSchemaId, required.current_schema_id.value());
  }
  void operator()(const AssertLastAssignedPartitionId& required) const {
    out_.Member(kLastAssignedPartitionId, required.last_assigned_partition_id.value());
  }
  void operator()(const AssertDefaultSpecId& required) const {
    out_.Member(field::kDefaultSpecId, required.default_spec_id.value());
  }
  void operator()(const AssertDefaultSortOrderId& required) const {
    out_.Member(field::kDefaultSortOrderId, required.default_sort_order_id.value());
  }

 private:
  JsonText& out_;
};

Result<TableRequirement> ParseAny(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, place));
  TARN_ASSIGN(const std::string name, in.String(field::kType));
  const auto kind = std::ranges::find(kKinds, ToLowerAscii(name), &Kind::name);
  if (kind != kKinds.end()) return kind->parse(in);
  return Fail(ErrorKind::kInvalidArgument,
              "Unrecognized update requirement. Cannot convert from json: {}", name);
}

}  // namespace

Result<TableRequirement> ParseRequirementTree(const Json& value, const std::string& place) {
  return AsRequest(ParseAny(value, place));
}

Result<std::vector<TableRequirement>> ParseRequirementsTree(const Json& array,
                                                            const std::string& place) {
  if (!array.is_array()) {
    return Fail(ErrorKind::kInvalidArgument, "member \"{}\" is not an array", place);
  }
  std::vector<TableRequirement> requirements;
  for (size_t i = 0; i < array.size(); ++i) {
    TARN_ASSIGN(const TableRequirement requirement,
                ParseRequirementTree(array[i], fmt::format("{}[{}]", place, i)));
    requirements.push_back(requirement);
  }
  return requirements;
}

Result<std::vector<TableRequirement>> ParseRequirements(std::string_view json) {
  TARN_ASSIGN(const Json document, AsRequest(ParseJson(json, "requirements")));
  return ParseRequirementsTree(document, "requirements");
}

void WriteRequirement(const TableRequirement& requirement, JsonText& out) {
  out.BeginObject();
  out.Member(field::kType, kKinds[requirement.index()].name);
  std::visit(MemberWriter(&out), requirement);
  out.EndObject();
}

std::string SerializeRequirements(std::span<const TableRequirement> requirements) {
  std::string text;
  JsonText out(&text);
  out.BeginArray();
  for (const TableRequirement& requirement : requirements) WriteRequirement(requirement, out);
  out.EndArray();
  return text;
}

}  // namespace tarn::iceberg
