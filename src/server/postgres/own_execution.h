// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "server/postgres/own_statement.h"
#include "server/postgres/row_source.h"
#include "server/postgres/statement.h"

namespace tarn::server::postgres {

class Backend;

/// The columns that one of PostgreSQL's own statements gives, without running it.
warehouse::StatementResult<SentColumns> OwnColumns(Backend& backend, const OwnStatement& own);

/// Runs it. COPY's rows are those of its query.
warehouse::StatementResult<std::unique_ptr<RowSource>> RunOwn(
    Backend& backend, const StatementPtr& statement, std::span<const warehouse::BoundValue> values);

}  // namespace tarn::server::postgres
