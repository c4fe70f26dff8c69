// SPDX-License-Identifier: Apache-2.0
// Attributes of a relation as columns that the engine reads.
#pragma once

#include "boundary/postgres_headers.h"

#include <optional>
#include <vector>

#include "base/filter.h"
#include "lake/wire.h"
#include "transaction/storages.h"

namespace tarn::extension {

/// The live attributes of a row type with their field ids and the values that older rows have.
class ScanFields {
 public:
  /// `descriptor`: of the rows wanted; the relation's, or the one before a running ALTER TABLE. It
  /// outlives this.
  ScanFields(Relation relation, TupleDesc descriptor);

  /// Columns that are asked for from now on must be of the types that these rows have.
  void RequireTypes(std::vector<AttributeType> stored);

  /// None for an attribute that is not stored (dropped, or beyond the row type).
  std::optional<lake::ScanColumnRequest> Find(AttrNumber attnum) const;
  /// Fields of `filter` that are not among `columns`.
  std::vector<lake::ScanColumnRequest> FilterColumns(
      const Filter& filter, const std::vector<lake::ScanColumnRequest>& columns) const;

 private:
  lake::ScanColumnRequest Request(AttrNumber attnum) const;

  Relation relation_;
  TupleDesc descriptor_;
  std::vector<AttributeType> stored_;
  std::vector<std::optional<Field>> fields_;  ///< by attnum - 1
};

}  // namespace tarn::extension
