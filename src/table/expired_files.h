// SPDX-License-Identifier: Apache-2.0
// What commits dereference is written down before it happens, for whoever collects it
// (table/garbage.h).
#pragma once

#include <functional>

#include "table/commit.h"
#include "table/journal.h"
#include "table/writer.h"

namespace tarn::table {

/// For CommitOptions::before_appearing. The journal outlives it; `writer` is announced there.
std::function<Result<>(const TableChange&, const iceberg::PreparedTable&)> JournalExpired(
    Journal& journal, Writer writer);

}  // namespace tarn::table
