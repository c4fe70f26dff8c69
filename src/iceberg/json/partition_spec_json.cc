// SPDX-License-Identifier: Apache-2.0
// Partition specs and sort orders in JSON (spec, Appendix C).
#include <array>

#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/schema_json.h"
#include "iceberg/json/unknown_members.h"
#include "iceberg/model/schema_tree.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kFirstPartitionFieldId = 1000;

constexpr std::array kPartitionFieldMembers = {field::kSourceId, field::kSourceIds, field::kFieldId,
                                               field::kName, field::kTransform};
constexpr std::array kSpecMembers = {field::kSpecId, field::kFields};
constexpr std::array kSortFieldMembers = {field::kSourceId, field::kSourceIds, field::kTransform,
                                          field::kDirection, field::kNullOrder};
constexpr std::array kOrderMembers = {field::kOrderId, field::kFields};

/// One `source-id`, or `source-ids` for transforms of several columns.
Result<std::vector<FieldId>> ParseSources(const JsonMembers& members) {
  TARN_ASSIGN(std::vector<FieldId> sources, members.Ids<FieldId>(field::kSourceIds));
  if (!sources.empty()) return sources;
  TARN_ASSIGN(const int32_t source, members.Int32(field::kSourceId));
  sources.emplace_back(source);
  return sources;
}

void WriteSources(const std::vector<FieldId>& sources, JsonText& out) {
  if (sources.size() == 1) {
    out.Member(field::kSourceId, sources.front().value());
    return;
  }
  out.Key(field::kSourceIds);
  out.BeginArray();
  for (const FieldId source : sources) out.Int(source.value());
  out.EndArray();
}

Result<Transform> ParseTransform(const JsonMembers& members) {
  TARN_ASSIGN(const std::string text, members.String(field::kTransform));
  Result<Transform> transform = Transform::Parse(text);
  if (transform) return transform;
  return members.Malformed(field::kTransform, "a transform");
}

Result<SortField> ParseSortField(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, std::move(place)));
  SortField field;
  TARN_ASSIGN(field.source_ids, ParseSources(members));
  TARN_ASSIGN(field.transform, ParseTransform(members));
  TARN_ASSIGN(const std::string direction, members.String(field::kDirection));
  if (direction != "asc" && direction != "desc") {
    return members.Malformed(field::kDirection, "asc or desc");
  }
  field.descending = direction == "desc";
  TARN_ASSIGN(const std::string nulls, members.String(field::kNullOrder));
  if (nulls != "nulls-first" && nulls != "nulls-last") {
    return members.Malformed(field::kNullOrder, "nulls-first or nulls-last");
  }
  field.null_order = nulls == "nulls-first" ? NullOrder::kNullsFirst : NullOrder::kNullsLast;
  field.unknown_members_json = UnknownMembers(value, kSortFieldMembers);
  return field;
}

}  // namespace

namespace {

/// `first_id` numbers fields that have no id; absent, they stay without.
Result<std::vector<PartitionField>> ParsePartitionFieldArray(const Json& array,
                                                             const std::string& place,
                                                             std::optional<int32_t> first_id) {
  if (!array.is_array()) {
    return Fail(ErrorKind::kCorruption, "member \"{}\" is not an array", place);
  }
  std::vector<PartitionField> fields;
  for (size_t i = 0; i < array.size(); ++i) {
    TARN_ASSIGN(const JsonMembers members,
                JsonMembers::Of(array[i], fmt::format("{}[{}]", place, i)));
    PartitionField field;
    TARN_ASSIGN(field.source_ids, ParseSources(members));
    TARN_ASSIGN(const std::optional<int32_t> id, members.OptionalInt32(field::kFieldId));
    if (id) {
      field.id = PartitionFieldId(*id);
    } else {
      field.id = first_id ? PartitionFieldId(*first_id + static_cast<int32_t>(i))
                          : kUnassignedPartitionFieldId;
    }
    TARN_ASSIGN(field.name, members.String(field::kName));
    TARN_ASSIGN(field.transform, ParseTransform(members));
    field.unknown_members_json = UnknownMembers(array[i], kPartitionFieldMembers);
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace

Result<std::vector<PartitionField>> ParsePartitionFieldsTree(const Json& array,
                                                             const std::string& place) {
  return ParsePartitionFieldArray(array, place, kFirstPartitionFieldId);
}

Result<PartitionSpec> ParseUnboundSpecTree(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  PartitionSpec spec;
  TARN_ASSIGN(const std::optional<int32_t> id, members.OptionalInt32(field::kSpecId));
  spec.id = SpecId(id.value_or(0));
  TARN_ASSIGN(const Json* fields, members.Array(field::kFields));
  TARN_ASSIGN(spec.fields,
              ParsePartitionFieldArray(*fields, members.PlaceOf(field::kFields), std::nullopt));
  spec.unknown_members_json = UnknownMembers(value, kSpecMembers);
  return spec;
}

Result<PartitionSpec> ParsePartitionSpecTree(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  PartitionSpec spec;
  TARN_ASSIGN(const int32_t id, members.Int32(field::kSpecId));
  spec.id = SpecId(id);
  TARN_ASSIGN(const Json* fields, members.Array(field::kFields));
  TARN_ASSIGN(spec.fields, ParsePartitionFieldsTree(*fields, members.PlaceOf(field::kFields)));
  spec.unknown_members_json = UnknownMembers(value, kSpecMembers);
  return spec;
}

void WritePartitionFields(const PartitionSpec& spec, JsonText& out) {
  out.BeginArray();
  for (const PartitionField& field : spec.fields) {
    out.BeginObject();
    WriteSources(field.source_ids, out);
    if (field.id != kUnassignedPartitionFieldId) out.Member(field::kFieldId, field.id.value());
    out.Member(field::kName, field.name);
    out.Member(field::kTransform, field.transform.ToString());
    WriteUnknownMembers(field.unknown_members_json, out);
    out.EndObject();
  }
  out.EndArray();
}

void WritePartitionSpec(const PartitionSpec& spec, JsonText& out) {
  out.BeginObject();
  out.Member(field::kSpecId, spec.id.value());
  out.Key(field::kFields);
  WritePartitionFields(spec, out);
  WriteUnknownMembers(spec.unknown_members_json, out);
  out.EndObject();
}

Result<SortOrder> ParseSortOrderTree(const Json& value, const std::string& place) {
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(value, place));
  SortOrder order;
  TARN_ASSIGN(const int32_t id, members.Int32(field::kOrderId));
  order.id = SortOrderId(id);
  TARN_ASSIGN(const Json* fields, members.Array(field::kFields));
  for (size_t i = 0; i < fields->size(); ++i) {
    TARN_ASSIGN(SortField field, ParseSortField((*fields)[i], members.PlaceOf(field::kFields, i)));
    order.fields.push_back(std::move(field));
  }
  order.unknown_members_json = UnknownMembers(value, kOrderMembers);
  return order;
}

void WriteSortOrder(const SortOrder& order, JsonText& out) {
  out.BeginObject();
  out.Member(field::kOrderId, order.id.value());
  out.Key(field::kFields);
  out.BeginArray();
  for (const SortField& field : order.fields) {
    out.BeginObject();
    out.Member(field::kTransform, field.transform.ToString());
    WriteSources(field.source_ids, out);
    out.Member(field::kDirection, field.descending ? "desc" : "asc");
    out.Member(field::kNullOrder,
               field.null_order == NullOrder::kNullsFirst ? "nulls-first" : "nulls-last");
    WriteUnknownMembers(field.unknown_members_json, out);
    out.EndObject();
  }
  out.EndArray();
  WriteUnknownMembers(order.unknown_members_json, out);
  out.EndObject();
}

std::string SerializePartitionFields(const PartitionSpec& spec) {
  std::string text;
  JsonText out(&text);
  WritePartitionFields(spec, out);
  return text;
}

Result<std::vector<PartitionField>> ParsePartitionFields(std::string_view json) {
  TARN_ASSIGN(const Json document, ParseJson(json, "partition spec"));
  if (document.is_object()) {
    TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(document, ""));
    TARN_ASSIGN(const Json* fields, members.Array(field::kFields));
    return ParsePartitionFieldsTree(*fields, std::string(field::kFields));
  }
  return ParsePartitionFieldsTree(document, std::string(field::kFields));
}

}  // namespace tarn::iceberg
