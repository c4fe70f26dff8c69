// SPDX-License-Identifier: Apache-2.0
// Row types whose attributes a statement changes, in whatever way: ALTER TYPE, ALTER TABLE of the
// relation or a parent, CREATE OR REPLACE VIEW, DROP ... CASCADE of a type that an attribute has.
// C-like: no C++ objects across calls, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// An attribute of `relation` is added, altered or dropped: seen when its statement has ended.
void NoteAttributeChange(Oid relation);

/// At the end of a statement: refuses it if values that a lake table stores could not be read any
/// more with the row types noted since.
void CheckNotedRowTypes();

/// What a rolled back subtransaction and its children noted.
void ForgetRowTypes(SubTransactionId from);
void ForgetAllRowTypes();

}  // namespace tarn::extension
