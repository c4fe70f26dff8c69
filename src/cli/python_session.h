// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::cli {

/// The Snowpark session that a program in Python begins with. A plain value.
struct PythonSession {
  std::string data, database, schema, role, warehouse;
};

/// --data, --database, --schema, --role and --warehouse.
void AddSessionOptions(CLI::App& command, PythonSession& session);

/// Becomes the user's Python (TARN_PYTHON, else python3), which runs `program`: `sys.argv[1]` are
/// the options of the session as JSON, with `password_file` instead of a password, and what follows
/// are `arguments`. Returns only when it fails; `needs` is what that Python must have.
Result<> BecomePython(const PythonSession& session, const char* program,
                      const std::vector<std::string>& arguments, const std::string& needs);

}  // namespace tarn::cli
