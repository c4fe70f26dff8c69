// SPDX-License-Identifier: Apache-2.0
// Comparisons of a column with a constant that its type may be unable to hold, as comparisons with
// constants of exactly its type.
#pragma once

#include "boundary/postgres_headers.h"

#include "base/filter.h"

namespace tarn::extension {

/// Where a constant stands among the values that a column can have.
struct ConstantPosition {
  enum Kind : uint8_t {
    kExact,    ///< `value` is the constant
    kBetween,  ///< above `value`, and below the next value that the type has
    kBelowAll,
    kAboveAll,
  };
  Kind kind = kExact;
  Value value;
};

/// `constant` is not null and of PostgreSQL type `type_oid`, one of those that clause_shape.h lets
/// a column of Iceberg type `type` compare with. Throws what PostgreSQL's conversions raise.
ConstantPosition LocateConstant(const Type& type, Oid type_oid, Datum constant);

/// `field op constant`; nulls give null, as they do in SQL.
Filter CompareWith(const Field& field, FilterOp op, const ConstantPosition& position);

/// False for every value, null for null.
Filter NeverUnlessNull(const Field& field);

/// Text and bytea.
std::string BytesOf(Datum value);

}  // namespace tarn::extension
