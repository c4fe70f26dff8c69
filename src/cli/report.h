// SPDX-License-Identifier: Apache-2.0
// How a command talks to its user: results on standard output, everything else on standard error.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tarn::cli {

/// Prints an error as psql shows PostgreSQL's, with detail and hint. Returns the exit status, 1.
int ReportError(const Error& error);

void PrintNotice(std::string_view message);

}  // namespace tarn::cli
