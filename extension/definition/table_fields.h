// SPDX-License-Identifier: Apache-2.0
// Which field id an attribute has: from the pointer row, or given in this transaction.
#pragma once

#include "boundary/postgres_headers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "transaction/pointer.h"

namespace tarn::extension {

/// A type as the specification writes it ("decimal(10,2)", "list<string>", "struct<a:int>"), ids
/// left out.
std::string TypeText(const Type& type);

/// True if a field of type `from` may become `to` and keep its id (Iceberg spec, "Schema
/// Evolution", version 2).
bool IsPromotion(const std::string& from, const std::string& to);

/// Ids of a field and its nested fields, in preorder.
void CollectFieldIds(const Field& field, std::vector<int32_t>& ids);

/// Ids that a transaction gives to columns of one table which the pointer row does not know yet.
/// Never gives an id twice, even after a rollback to a savepoint.
class GivenFieldIds {
 public:
  /// The fields of `descriptor`'s live attributes, with ids.
  std::vector<Field> Fields(const Pointer* base, TupleDesc descriptor,
                            SubTransactionId subtransaction);
  int32_t last_id(const Pointer* base) const;
  /// Somebody else gave ids up to this one in the transaction, whatever becomes of them.
  void Skip(int32_t last_id) { last_id_ = std::max(last_id_, last_id); }

  void SubtransactionCommitted(SubTransactionId child, SubTransactionId parent);
  /// True if ids were given in it: whatever holds some must ask again.
  bool SubtransactionAborted(SubTransactionId child);

 private:
  struct Given {
    AttributeIds attribute;
    SubTransactionId subtransaction;
  };
  const std::vector<int32_t>& IdsFor(const Pointer* base, AttrNumber attnum,
                                     const std::string& type, int count,
                                     SubTransactionId subtransaction);

  std::vector<Given> given_;
  int32_t last_id_ = 0;
  int32_t base_last_id_ = 0;
};

}  // namespace tarn::extension
