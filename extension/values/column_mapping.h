// SPDX-License-Identifier: Apache-2.0
// PostgreSQL columns ↔ Iceberg fields (docs/use/types.md is the written mapping).
#pragma once

#include "boundary/postgres_headers.h"

#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn::extension {

/// The Iceberg type of a PostgreSQL type, field ids all 0, nested fields included (arrays → list
/// "element", composites → struct, domains → their base). Throws LakeError kUnsupported with a hint
/// for types that have no mapping.
Type MapType(Oid type_oid, int32 typmod, Oid collation);

/// Field of an attribute, ids all 0; `required` mirrors attnotnull.
Field MapAttribute(const FormData_pg_attribute& attribute);

/// Number of ids that a field takes: itself and its nested fields.
int CountFieldIds(const Field& field);

/// Writes ids into a field and its nested fields in preorder; `ids` has CountFieldIds(field)
/// entries.
void AssignFieldIds(Field& field, const int32_t* ids);

}  // namespace tarn::extension
