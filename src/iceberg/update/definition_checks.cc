// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/definition_checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace tarn::iceberg {
namespace {

constexpr int32_t kRowLineageVersion = 3;
constexpr int32_t kFirstPartitionFieldId = 1000;

bool NeedsVersion3(TypeKind kind) {
  return kind >= TypeKind::kUnknown && kind <= TypeKind::kGeography;
}

/// What a version lacks, by field id, so that the report has an order.
void CollectProblems(const std::vector<Field>& fields, const std::string& parent,
                     std::map<FieldId, std::string>& problems) {
  for (const Field& field : fields) {
    const std::string path = parent.empty() ? field.name : parent + "." + field.name;
    if (NeedsVersion3(field.type.kind)) {
      problems[field.id] = fmt::format("Invalid type for {}: {} is not supported until v{}", path,
                                       PrimitiveTypeName(field.type), kRowLineageVersion);
    }
    if (field.initial_default && *field.initial_default != "null") {
      problems[field.id] = fmt::format(
          "Invalid initial default for {}: non-null default ({}) is not supported until v{}", path,
          *field.initial_default, kRowLineageVersion);
    }
    CollectProblems(field.type.children, path, problems);
  }
}

/// The chain from a top-level column to the field; empty if there is none.
bool FindPath(const std::vector<Field>& fields, FieldId id, std::vector<const Field*>& path) {
  for (const Field& field : fields) {
    path.push_back(&field);
    if (field.id == id || FindPath(field.type.children, id, path)) return true;
    path.pop_back();
  }
  return false;
}

/// The dotted name of every field, as partition fields could collide with.
const Field* FindByPath(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
    if (name.size() <= field.name.size() || !name.starts_with(field.name) ||
        name[field.name.size()] != '.') {
      continue;
    }
    if (const Field* found = FindByPath(field.type.children, name.substr(field.name.size() + 1))) {
      return found;
    }
  }
  return nullptr;
}

std::string Describe(const PartitionField& field) {
  return fmt::format("{}: {}: {}({})", field.id.value(), field.name, field.transform.ToString(),
                     field.source_ids.empty() ? 0 : field.source_ids.front().value());
}

std::string Describe(const SortField& field) {
  return fmt::format("{}({}) {} NULLS {}", field.transform.ToString(),
                     field.source_ids.empty() ? 0 : field.source_ids.front().value(),
                     field.descending ? "DESC" : "ASC",
                     field.null_order == NullOrder::kNullsFirst ? "FIRST" : "LAST");
}

Result<> CheckSource(FieldId source, const Transform& transform, const Schema& schema,
                     std::string_view verb, std::string_view what, const std::string& described) {
  std::vector<const Field*> path;
  if (!FindPath(schema.fields, source, path)) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot find source column for {} field: {}", what,
                described);
  }
  const Type& type = path.back()->type;
  if (type.is_nested()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot {} by non-primitive source field: {}", verb,
                PrimitiveTypeName(type));
  }
  if (!transform.ResultType(type)) {
    return Fail(ErrorKind::kInvalidArgument, "Invalid source type {} for transform: {}",
                PrimitiveTypeName(type), transform.ToString());
  }
  path.pop_back();
  const auto container = std::ranges::find_if(
      path, [](const Field* parent) { return parent->type.kind != TypeKind::kStruct; });
  if (container != path.end()) {
    return Fail(ErrorKind::kInvalidArgument, "Invalid {} field parent: {}", what,
                (*container)->name);
  }
  return {};
}

/// A column may lend its name to the field that is its own value, or was.
Result<> CheckNames(const PartitionSpec& spec, const Schema& schema) {
  std::unordered_set<std::string_view> names;
  for (const PartitionField& field : spec.fields) {
    if (field.name.empty()) {
      return Fail(ErrorKind::kInvalidArgument, "Cannot use empty partition name: {}", field.name);
    }
    if (!names.insert(field.name).second) {
      return Fail(ErrorKind::kInvalidArgument, "Cannot use partition name more than once: {}",
                  field.name);
    }
    const Field* column = FindByPath(schema.fields, field.name);
    if (column == nullptr) continue;
    const bool own = field.source_ids.size() == 1 && field.source_ids.front() == column->id;
    if (field.transform.kind == TransformKind::kIdentity && !own) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot create identity partition sourced from different field in schema: {}",
                  field.name);
    }
    if (field.transform.kind != TransformKind::kIdentity &&
        (field.transform.kind != TransformKind::kVoid || !own)) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot create partition from name that exists in schema: {}", field.name);
    }
  }
  return {};
}

/// One kind of partitioning by one source: parts of a time count as one kind.
std::string KindOf(const Transform& transform) {
  switch (transform.kind) {
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
    case TransformKind::kHour:
      return "time";
    default:
      return transform.ToString();
  }
}

Result<> CheckRepeated(const PartitionSpec& spec) {
  std::map<std::pair<std::vector<FieldId>, std::string>, const PartitionField*> seen;
  std::set<PartitionFieldId> ids;
  for (const PartitionField& field : spec.fields) {
    if (!ids.insert(field.id).second) {
      return Fail(ErrorKind::kInvalidArgument, "Cannot use partition field id more than once: {}",
                  field.id.value());
    }
    if (field.transform.kind == TransformKind::kVoid) continue;
    const auto [known, is_new] =
        seen.try_emplace({field.source_ids, KindOf(field.transform)}, &field);
    if (!is_new) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot add redundant partition: {} conflicts with {}", Describe(*known->second),
                  Describe(field));
    }
  }
  return {};
}

bool HasSequentialIds(const PartitionSpec& spec) {
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    if (spec.fields[i].id.value() != kFirstPartitionFieldId + static_cast<int64_t>(i)) return false;
  }
  return true;
}

}  // namespace

Result<> CheckSchemaFits(const Schema& schema, int32_t format_version) {
  if (format_version < kRowLineageVersion) {
    std::map<FieldId, std::string> problems;
    CollectProblems(schema.fields, "", problems);
    if (!problems.empty()) {
      std::string message = fmt::format("Invalid schema for v{}:", format_version);
      for (const auto& [id, problem] : problems) message += "\n- " + problem;
      return Fail(ErrorKind::kInvalidArgument, "{}", message);
    }
  }
  return ValidateSchema(schema, format_version);
}

Result<> CheckSpecSources(const PartitionSpec& spec, const Schema& schema) {
  for (const PartitionField& field : spec.fields) {
    if (field.transform.kind == TransformKind::kVoid) continue;
    for (const FieldId source : field.source_ids) {
      TARN_TRY(
          CheckSource(source, field.transform, schema, "partition", "partition", Describe(field)));
    }
  }
  return {};
}

Result<> CheckNewSpec(const PartitionSpec& spec, const Schema& schema, int32_t format_version) {
  TARN_TRY(CheckNames(spec, schema));
  TARN_TRY(CheckSpecSources(spec, schema));
  TARN_TRY(CheckRepeated(spec));
  if (format_version == 1 && !HasSequentialIds(spec)) {
    std::string fields;
    for (const PartitionField& field : spec.fields) fields += "\n  " + Describe(field);
    return Fail(ErrorKind::kInvalidArgument,
                "Spec does not use sequential IDs that are required in v1: [{}\n]", fields);
  }
  return {};
}

Result<> CheckSortOrderSources(const SortOrder& order, const Schema& schema) {
  for (const SortField& field : order.fields) {
    for (const FieldId source : field.source_ids) {
      TARN_TRY(CheckSource(source, field.transform, schema, "sort", "sort", Describe(field)));
    }
  }
  return {};
}

}  // namespace tarn::iceberg
