// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "server/postgres/backend.h"

namespace tarn::server::postgres {

/// Sends a query's rows as COPY … TO STDOUT does, from CopyOutResponse to CopyDone, and gives their
/// number. After an error nothing is to follow but it.
warehouse::StatementResult<int64_t> SendCopy(Backend& backend, RowSource& source,
                                             const CopyOptions& options);

}  // namespace tarn::server::postgres
