// SPDX-License-Identifier: Apache-2.0
// The programs that an instance runs: PostgreSQL with the extension, and tarn with DuckDB's
// library.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "provision/account.h"

namespace tarn::provision {

struct Runtime {
  std::filesystem::path postgres_bin;  ///< the folder of postgres, initdb and pg_ctl
  std::filesystem::path tarn_executable;
  bool has_extension = false;  ///< tarn.so is in that PostgreSQL's library folder
  std::string note;            ///< for the user, when a copy was made; else empty

  std::string program(const char* name) const { return postgres_bin / name; }
};

struct RuntimeOptions {
  /// --pg-config: the pg_config of another PostgreSQL. Else $TARN_POSTGRES (its top folder), else
  /// the one staged or fetched beside this executable.
  std::string pg_config;
};

/// Finds the runtime. When `account` cannot reach it, makes a copy below kSystemHome, named after
/// the content, and removes older copies that nothing runs from. Call before Become. Safe to call
/// from several processes at once.
Result<Runtime> FindRuntime(const RuntimeOptions& options, const Account& account);

}  // namespace tarn::provision
