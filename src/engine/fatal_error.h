// SPDX-License-Identifier: Apache-2.0
// Errors after which DuckDB answers no query any more.
#pragma once

namespace tarn::engine {

/// Tells who runs the process that a database in it met such an error: the process should end, so
/// that another takes its place. Called from any thread, maybe often, and must not wait. Null, the
/// default: nobody is told.
using FatalErrorHandler = void (*)();
void SetFatalErrorHandler(FatalErrorHandler handler);

}  // namespace tarn::engine
