// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

#include <memory>

#include "base/batch.h"

namespace tarn::extension {

/// Packs rows into columns, in C++ memory. One per storage and set of columns; backend only.
class RowPacker {
 public:
  /// `descriptor` is that of the slots to come; dropped attributes are left out. Columns follow the
  /// live attributes in attnum order.
  static std::unique_ptr<RowPacker> Make(TupleDesc descriptor);
  virtual ~RowPacker() = default;

  /// Appends the slot's row (deforms it with the slot's own descriptor). Throws LakeError /
  /// PostgresError for a value that can't be stored exactly, naming the column; the row is then not
  /// there at all.
  virtual void Append(TupleTableSlot* slot) = 0;
  virtual int64_t rows() const = 0;
  virtual size_t bytes() const = 0;
  /// The packed rows; valid until Clear or the next Append.
  virtual BatchView view() const = 0;
  virtual void Clear() = 0;
};

/// A one-row, one-column batch (EncodeBatch) of a value of an attribute, for defaults.
std::vector<uint8_t> EncodeDatum(const FormData_pg_attribute& attribute, Datum value, bool is_null);

}  // namespace tarn::extension
