// SPDX-License-Identifier: Apache-2.0
#include "values/column_mapping.h"

extern "C" {
#include <access/tupdesc.h>
#include <catalog/pg_type.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/memutils.h>
#include <utils/typcache.h>
}

#include <fmt/core.h>

#include <algorithm>

#include "boundary/guard.h"
#include "values/numeric_layout.h"
#include "values/value_mapping.h"

namespace tarn::extension {
namespace {

constexpr int kDefaultDecimalScale = 9;
/// Bounded, so that no reader of the schema has to recurse deeply.
constexpr int kMaxTypeDepth = 16;

struct TypeFacts {
  Oid base = InvalidOid;
  int32 typmod = -1;
  Oid element = InvalidOid;
  char kind = 0;  ///< pg_type.typtype
};

TypeFacts LookUpType(Oid type_oid, int32 typmod) {
  return Pg([&] {
    TypeFacts facts;
    facts.typmod = typmod;
    facts.base = getBaseTypeAndTypmod(type_oid, &facts.typmod);
    facts.element = get_element_type(facts.base);
    facts.kind = get_typtype(facts.base);
    return facts;
  });
}

/// What a mapping is made for: of an array, the type is the one that was declared, not that of its
/// elements.
struct Subject {
  std::string name;  ///< `column "x"`
  Oid type_oid = InvalidOid;
  int32 typmod = -1;
};

[[noreturn]] void RefuseType(const Subject& subject, std::string hint) {
  const std::string type =
      Pg([&] { return format_type_with_typemod(subject.type_oid, subject.typmod); });
  throw LakeError(
      Error{ErrorKind::kUnsupported,
            fmt::format("{} has type {}, which Iceberg tables cannot store", subject.name, type),
            {},
            std::move(hint)});
}

bool MapDecimal(int32 typmod, Type& type) {
  if (typmod < VARHDRSZ) {
    type = Type::Decimal(kMaxDecimalDigits, kDefaultDecimalScale);
    return true;
  }
  // As numeric.c packs it: precision in 16 bits, scale in 11, signed.
  const int32 packed = typmod - VARHDRSZ;
  const int precision = (packed >> 16) & 0xffff;
  const int scale = ((packed & 0x7ff) ^ 1024) - 1024;
  // numeric(5,-2) has up to seven digits before the point, numeric(3,5) has five after it.
  const int digits = scale < 0 ? precision - scale : std::max(precision, scale);
  if (digits > kMaxDecimalDigits) return false;
  type = Type::Decimal(digits, std::max(scale, 0));
  return true;
}

/// Types of a fixed shape; false for all others.
bool MapScalar(Oid base, ValueMapping& mapping) {
  const auto set = [&mapping](ValueForm form, TypeKind kind) {
    mapping.form = form;
    mapping.type = Type::Primitive(kind);
    return true;
  };
  switch (base) {
    case BOOLOID:
      return set(ValueForm::kBool, TypeKind::kBoolean);
    case INT2OID:
      return set(ValueForm::kInt2, TypeKind::kInt);
    case INT4OID:
      return set(ValueForm::kInt4, TypeKind::kInt);
    case INT8OID:
      return set(ValueForm::kInt8, TypeKind::kLong);
    case FLOAT4OID:
      return set(ValueForm::kFloat4, TypeKind::kFloat);
    case FLOAT8OID:
      return set(ValueForm::kFloat8, TypeKind::kDouble);
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case JSONOID:
      return set(ValueForm::kVarlena, TypeKind::kString);
    case JSONBOID:
      return set(ValueForm::kJsonb, TypeKind::kString);
    case BYTEAOID:
      return set(ValueForm::kVarlena, TypeKind::kBinary);
    case UUIDOID:
      return set(ValueForm::kUuid, TypeKind::kUuid);
    case DATEOID:
      return set(ValueForm::kDate, TypeKind::kDate);
    case TIMEOID:
      return set(ValueForm::kTime, TypeKind::kTime);
    case TIMESTAMPOID:
      return set(ValueForm::kTimestamp, TypeKind::kTimestamp);
    case TIMESTAMPTZOID:
      return set(ValueForm::kTimestamp, TypeKind::kTimestampTz);
    default:
      return false;
  }
}

std::unique_ptr<ValueMapping> Make(Oid type_oid, int32 typmod, const Subject& subject, int depth);

void MapArray(const TypeFacts& facts, const Subject& subject, int depth, ValueMapping& mapping) {
  mapping.form = ValueForm::kArray;
  mapping.element_oid = facts.element;
  mapping.element = Make(facts.element, facts.typmod, subject, depth + 1);
  Pg([&] {
    get_typlenbyvalalign(facts.element, &mapping.element_length, &mapping.element_by_value,
                         &mapping.element_align);
  });
  mapping.type.kind = TypeKind::kList;
  mapping.type.children.push_back(Field{.name = "element", .type = mapping.element->type});
}

void MapComposite(const TypeFacts& facts, const Subject& subject, int depth,
                  ValueMapping& mapping) {
  mapping.form = ValueForm::kComposite;
  mapping.type.kind = TypeKind::kStruct;
  Pg([&] {
    MemoryContext context =
        AllocSetContextCreate(TopMemoryContext, "tarn composite type", ALLOCSET_SMALL_SIZES);
    mapping.descriptor_context = context;
    MemoryContext old = MemoryContextSwitchTo(context);
    mapping.descriptor = lookup_rowtype_tupdesc_copy(facts.base, facts.typmod);
    MemoryContextSwitchTo(old);
  });
  for (int i = 0; i < mapping.descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(mapping.descriptor, i);
    if (attribute.attisdropped) continue;
    const Subject part{
        .name = fmt::format("attribute \"{}\" of {}", NameStr(attribute.attname), subject.name),
        .type_oid = attribute.atttypid,
        .typmod = attribute.atttypmod};
    auto member = Make(attribute.atttypid, attribute.atttypmod, part, depth + 1);
    mapping.type.children.push_back(
        Field{.name = NameStr(attribute.attname), .type = member->type});
    mapping.members.push_back({i, NameStr(attribute.attname), std::move(member)});
  }
  if (mapping.members.empty()) {
    RefuseType(subject, "Iceberg has no types without attributes.");
  }
}

std::unique_ptr<ValueMapping> Make(Oid type_oid, int32 typmod, const Subject& subject, int depth) {
  if (depth > kMaxTypeDepth) {
    RefuseType(subject, fmt::format("Types may be nested {} levels deep.", kMaxTypeDepth));
  }
  const TypeFacts facts = LookUpType(type_oid, typmod);
  auto mapping = std::make_unique<ValueMapping>();
  mapping->type_oid = facts.base;
  if (MapScalar(facts.base, *mapping)) {
    const bool counted = facts.base == VARCHAROID || facts.base == BPCHAROID;
    if (counted && facts.typmod >= VARHDRSZ) mapping->max_chars = facts.typmod - VARHDRSZ;
    return mapping;
  }
  if (facts.base == NUMERICOID) {
    mapping->form = ValueForm::kNumeric;
    if (!MapDecimal(facts.typmod, mapping->type)) {
      RefuseType(subject,
                 fmt::format("Iceberg decimals have at most {} digits; numeric({},{}) is the "
                             "largest with {} decimals.",
                             kMaxDecimalDigits, kMaxDecimalDigits, kDefaultDecimalScale,
                             kDefaultDecimalScale));
    }
  } else if (facts.kind == TYPTYPE_ENUM) {
    mapping->form = ValueForm::kEnum;
    mapping->type = Type::Primitive(TypeKind::kString);
  } else if (facts.kind == TYPTYPE_COMPOSITE) {
    MapComposite(facts, subject, depth, *mapping);
  } else if (OidIsValid(facts.element) && facts.base != INT2VECTOROID &&
             facts.base != OIDVECTOROID) {
    MapArray(facts, subject, depth, *mapping);
  } else {
    RefuseType(subject, "Use a type that Iceberg has, such as text, and cast to and from it.");
  }
  return mapping;
}

}  // namespace

ValueMapping::~ValueMapping() {
  if (descriptor_context != nullptr) MemoryContextDelete(descriptor_context);
}

std::unique_ptr<ValueMapping> MakeValueMapping(Oid type_oid, int32 typmod,
                                               const std::string& subject) {
  return Make(type_oid, typmod, {.name = subject, .type_oid = type_oid, .typmod = typmod}, 0);
}

std::string ColumnSubject(const FormData_pg_attribute& attribute) {
  return fmt::format("column \"{}\"", NameStr(attribute.attname));
}

void RefuseValue(int sqlstate, const std::string& message, const std::string& hint) {
  const char* message_text = message.c_str();
  const char* hint_text = hint.empty() ? nullptr : hint.c_str();
  Pg([&] {
    ereport(ERROR, (errcode(sqlstate), errmsg_internal("%s", message_text),
                    hint_text != nullptr ? errhint("%s", hint_text) : 0));
  });
  pg_unreachable();
}

Type MapType(Oid type_oid, int32 typmod, Oid /*collation*/) {
  return MakeValueMapping(type_oid, typmod, "a column")->type;
}

Field MapAttribute(const FormData_pg_attribute& attribute) {
  auto mapping =
      MakeValueMapping(attribute.atttypid, attribute.atttypmod, ColumnSubject(attribute));
  return Field{.name = NameStr(attribute.attname),
               .required = attribute.attnotnull,
               .type = std::move(mapping->type)};
}

int CountFieldIds(const Field& field) {
  int count = 1;
  for (const Field& child : field.type.children) count += CountFieldIds(child);
  return count;
}

namespace {
void AssignNext(Field& field, const int32_t*& ids) {
  field.id = FieldId(*ids++);
  for (Field& child : field.type.children) AssignNext(child, ids);
}
}  // namespace

void AssignFieldIds(Field& field, const int32_t* ids) { AssignNext(field, ids); }

}  // namespace tarn::extension
