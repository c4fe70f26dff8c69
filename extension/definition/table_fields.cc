// SPDX-License-Identifier: Apache-2.0
#include "definition/table_fields.h"

#include <algorithm>
#include <charconv>

#include "boundary/guard.h"
#include "values/column_mapping.h"

namespace tarn::extension {
namespace {

struct Decimal {
  int precision = 0, scale = 0;
};

std::optional<Decimal> ParseDecimal(const std::string& text) {
  constexpr std::string_view kPrefix = "decimal(";
  if (!text.starts_with(kPrefix)) return std::nullopt;
  Decimal decimal;
  const char* end = text.data() + text.size();
  const auto precision = std::from_chars(text.data() + kPrefix.size(), end, decimal.precision);
  if (precision.ec != std::errc{} || precision.ptr == end) return std::nullopt;
  const auto scale = std::from_chars(precision.ptr + 1, end, decimal.scale);
  if (scale.ec != std::errc{}) return std::nullopt;
  return decimal;
}

}  // namespace

std::string TypeText(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt:
      return "int";
    case TypeKind::kLong:
      return "long";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampTz:
      return "timestamptz";
    case TypeKind::kString:
      return "string";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kFixed:
      return fmt::format("fixed[{}]", type.length);
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kList:
      return fmt::format("list<{}>", TypeText(type.children.at(0).type));
    case TypeKind::kMap:
      return fmt::format("map<{},{}>", TypeText(type.children.at(0).type),
                         TypeText(type.children.at(1).type));
    case TypeKind::kStruct: {
      std::string text = "struct<";
      for (const Field& child : type.children) {
        if (&child != &type.children.front()) text += ',';
        text += fmt::format("{}:{}", child.name, TypeText(child.type));
      }
      return text + ">";
    }
    default:
      return fmt::format("kind {}", static_cast<int>(type.kind));
  }
}

bool IsPromotion(const std::string& from, const std::string& to) {
  if (from == to) return true;
  if (from == "int") return to == "long";
  if (from == "float") return to == "double";
  const auto narrow = ParseDecimal(from);
  const auto wide = ParseDecimal(to);
  return narrow && wide && narrow->scale == wide->scale && narrow->precision <= wide->precision;
}

void CollectFieldIds(const Field& field, std::vector<int32_t>& ids) {
  ids.push_back(field.id.value());
  for (const Field& child : field.type.children) CollectFieldIds(child, ids);
}

int32_t GivenFieldIds::last_id(const Pointer* base) const {
  return std::max(last_id_, base != nullptr ? base->last_column_id : 0);
}

const std::vector<int32_t>& GivenFieldIds::IdsFor(const Pointer* base, AttrNumber attnum,
                                                  const std::string& type, int count,
                                                  SubTransactionId subtransaction) {
  const AttributeIds* known = base != nullptr ? base->FindAttribute(attnum) : nullptr;
  if (known != nullptr && static_cast<int>(known->ids.size()) == count &&
      IsPromotion(known->type, type)) {
    return known->ids;
  }
  for (const Given& given : given_) {
    if (given.attribute.attnum == attnum && IsPromotion(given.attribute.type, type))
      return given.attribute.ids;
  }
  Given given{.attribute = {.attnum = attnum, .ids = {}, .type = type},
              .subtransaction = subtransaction};
  last_id_ = last_id(base);
  for (int i = 0; i < count; ++i) given.attribute.ids.push_back(++last_id_);
  return given_.emplace_back(std::move(given)).attribute.ids;
}

std::vector<Field> GivenFieldIds::Fields(const Pointer* base, TupleDesc descriptor,
                                         SubTransactionId subtransaction) {
  // Whoever wrote to the table holds a lock that keeps others from altering it. So another's ids
  // can appear only when nothing of ours is kept under the given ones.
  const int32_t base_last_id = base != nullptr ? base->last_column_id : 0;
  if (base_last_id != base_last_id_) {
    given_.clear();
    base_last_id_ = base_last_id;
  }
  std::vector<Field> fields;
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped) continue;
    Field field = MapAttribute(attribute);
    AssignFieldIds(field, IdsFor(base, attribute.attnum, TypeText(field.type), CountFieldIds(field),
                                 subtransaction)
                              .data());
    fields.push_back(std::move(field));
  }
  return fields;
}

void GivenFieldIds::SubtransactionCommitted(SubTransactionId child, SubTransactionId parent) {
  for (Given& given : given_) {
    if (given.subtransaction == child) given.subtransaction = parent;
  }
}

bool GivenFieldIds::SubtransactionAborted(SubTransactionId child) {
  return std::erase_if(given_,
                       [child](const Given& given) { return given.subtransaction == child; }) > 0;
}

}  // namespace tarn::extension
