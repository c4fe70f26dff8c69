// SPDX-License-Identifier: Apache-2.0
#include "lake/column_following.h"

#include <algorithm>

namespace tarn::lake {
namespace {

/// NAMEDATALEN - 1 of PostgreSQL.
constexpr size_t kMaxNameBytes = 63;

std::unexpected<Error> Refuse(std::string message, std::string hint) {
  return std::unexpected(Error{ErrorKind::kUnsupported, std::move(message), {}, std::move(hint)});
}

bool HasPrimitive(TypeKind kind) {
  switch (kind) {
    case TypeKind::kFixed:
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return false;
    default:
      return kind <= TypeKind::kBinary;
  }
}

std::string NameOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kStruct:
      return "struct";
    case TypeKind::kList:
      return "list";
    case TypeKind::kMap:
      return "map";
    default:
      return iceberg::PrimitiveTypeName(type);
  }
}

Result<> CheckNew(const Field& field) {
  const Type* type = &field.type;
  if (type->kind == TypeKind::kList) {
    const Field& element = type->children.front();
    if (element.required) {
      return Refuse(fmt::format("column \"{}\" is a list of required elements, and those of "
                                "PostgreSQL's arrays may be null",
                                field.name),
                    "Make the elements optional.");
    }
    const auto has_value = [](const std::optional<std::string>& text) {
      return text && *text != "null";
    };
    if (has_value(field.initial_default) || has_value(field.write_default)) {
      return Refuse(fmt::format("column \"{}\" is a list with a default", field.name),
                    "Add it without one.");
    }
    type = &element.type;
  }
  if (HasPrimitive(type->kind)) return {};
  return Refuse(fmt::format("PostgreSQL has no type for column \"{}\" of type {}{}", field.name,
                            field.type.kind == TypeKind::kList ? "list of " : "", NameOf(*type)),
                type->is_nested()
                    ? "Add such a column in PostgreSQL, with a composite type or an array."
                    : "Give the column a type that PostgreSQL has, such as string or timestamp.");
}

/// What is stored for docs and defaults has no part in it.
bool SameNested(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::ranges::equal(a, b, [](const Field& x, const Field& y) {
    return x.id == y.id && x.name == y.name && x.required == y.required &&
           x.type.kind == y.type.kind && x.type.precision == y.type.precision &&
           x.type.scale == y.type.scale && x.type.length == y.type.length &&
           SameNested(x.type.children, y.type.children);
  });
}

Result<> CheckKnown(const Field& before, const Field& after) {
  if (before.type.is_nested() || after.type.is_nested()) {
    if (before.type.kind == after.type.kind &&
        SameNested(before.type.children, after.type.children)) {
      return {};
    }
    return Refuse(
        fmt::format("fields inside column \"{}\" cannot be changed from outside", before.name),
        "PostgreSQL stores it as a composite type or array of its own. Add another "
        "column.");
  }
  // Version 2: what version 3 adds (date to timestamp) would rewrite PostgreSQL's column.
  if (iceberg::IsPromotionAllowed(before.type, after.type, 2)) return {};
  return Refuse(fmt::format("column \"{}\" cannot change from {} to {}", before.name,
                            NameOf(before.type), NameOf(after.type)),
                "Columns change from int to long, from float to double, and to decimals of more "
                "digits.");
}

}  // namespace

Result<> CheckColumnsCanFollow(const iceberg::Schema& before, const iceberg::Schema& after) {
  for (const Field& field : after.fields) {
    const auto known = std::ranges::find(before.fields, field.id, &Field::id);
    if (known != before.fields.end()) {
      TARN_TRY(CheckKnown(*known, field));
    } else {
      TARN_TRY(CheckNew(field));
    }
    const bool same_name = known != before.fields.end() && known->name == field.name;
    if (same_name) continue;
    if (field.name.size() > kMaxNameBytes || field.name.find('\0') != std::string::npos) {
      return Refuse(fmt::format("the name of column \"{}\" is too long for PostgreSQL", field.name),
                    fmt::format("Names have at most {} bytes.", kMaxNameBytes));
    }
  }
  return {};
}

std::vector<Field> AsMetadataHasThem(const iceberg::Schema& known, std::vector<Field> fields) {
  std::vector<Field> ordered;
  for (const Field& column : known.fields) {
    const auto found = std::ranges::find(fields, column.id, &Field::id);
    if (found == fields.end()) continue;
    if (found->type.kind == column.type.kind && column.type.is_nested()) found->type = column.type;
    ordered.push_back(std::move(*found));
    fields.erase(found);
  }
  std::ranges::move(fields, std::back_inserter(ordered));
  return ordered;
}

}  // namespace tarn::lake
