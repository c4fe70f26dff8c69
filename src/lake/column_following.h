// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's columns and a schema that another writer changed.
#pragma once

#include <vector>

#include "base/result.h"
#include "iceberg/model/schema.h"

namespace tarn::lake {

/// Whether columns of PostgreSQL can follow from `before` to `after`: Unsupported for new columns
/// of types that it lacks, for changes inside nested columns, and for names that it would cut.
Result<> CheckColumnsCanFollow(const iceberg::Schema& before, const iceberg::Schema& after);

/// The columns of a PostgreSQL table as its metadata should have them: in the order of `known`,
/// new ones at the end. The order of PostgreSQL's attributes is fixed and tells nothing, and what
/// is inside nested columns is the metadata's: none of it is to be taken back from other writers.
std::vector<Field> AsMetadataHasThem(const iceberg::Schema& known, std::vector<Field> fields);

}  // namespace tarn::lake
