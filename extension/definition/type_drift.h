// SPDX-License-Identifier: Apache-2.0
// Values that were stored as one type and would be read as another. Composite types change without
// the tables that store their values: whoever reads, rewrites or commits such a column refuses.
#pragma once

#include "boundary/postgres_headers.h"

#include <string>

namespace tarn::extension {

/// Throws LakeError kUnsupported, with what to do about it, if values stored as `stored` (TypeText)
/// are no values of `now`, the column's present type.
void RequireStoredType(const std::string& table, const FormData_pg_attribute& attribute,
                       const std::string& stored, const std::string& now);

/// True if values of the type hold composite ones: through domains and arrays.
bool HoldsComposite(Oid type);

/// Keeps others from changing the types that values of `type` are made of, composites and enums,
/// until the transaction ends: a table that nobody else sees yet is no reason to refuse them. May
/// ereport.
void LockTypeParts(Oid type);

}  // namespace tarn::extension
