// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// CREATE TABLE AS fills a table whose unconstrained numeric columns were given a precision
/// (table_definition.h), with rows that know nothing of it. Returns the slot as it is, or one with
/// such values brought to the relation's type modifiers, by PostgreSQL's own length coercion. Valid
/// until the next call.
TupleTableSlot* CoerceRow(Relation relation, TupleTableSlot* slot);

/// The transaction is over: what was prepared for its rows is gone with its memory.
void ForgetRowCoercions();

}  // namespace tarn::extension
