// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "iceberg/model/ids.h"

namespace tarn::iceberg {

/// Columns of a table at one time (Iceberg spec, "Schemas and Data Types"). A plain value.
struct Schema {
  SchemaId id;
  std::vector<Field> fields;
  std::vector<FieldId> identifier_field_ids;
  /// Members of the JSON that nobody here knows, as the text of an object: of the schema ("" =
  /// none) and of its fields.
  std::string unknown_members_json;
  std::map<FieldId, std::string> unknown_field_members;

  /// Any field at any depth, or null.
  const Field* FindField(FieldId id) const;
  /// A top-level field, or null.
  const Field* FindColumn(std::string_view name) const;
  /// Highest field id at any depth, 0 if empty.
  FieldId HighestFieldId() const;
  /// Equal but for the id of the schema and for members unknown to this version.
  bool SameFields(const Schema& other) const;
};

/// Unique ids and names, valid types, identifier fields that may be: InvalidArgument naming the
/// field.
Result<> ValidateSchema(const Schema& schema, int32_t format_version);

/// Whether a column of type `from` may become `to` without rewriting (spec, "Schema Evolution").
bool IsPromotionAllowed(const Type& from, const Type& to, int32_t format_version);

/// Checks `next` as a successor of `current`: promotions allowed only, no id reused with another
/// meaning, no optional field turned required (`next` gets the current optionality instead, since
/// older files may hold nulls). Documentation, defaults, identifier fields and unknown members that
/// `next` does not have are those of `current`. Returns the schema to store.
Result<Schema> EvolveSchema(const Schema& current, Schema next, FieldId last_column_id,
                            int32_t format_version);

/// "int", "decimal(9, 2)", "fixed[16]", … for primitives, as in metadata files.
std::string PrimitiveTypeName(const Type& type);
/// Optional whitespace accepted; InvalidArgument otherwise.
Result<Type> ParsePrimitiveType(std::string_view text);

}  // namespace tarn::iceberg
