// SPDX-License-Identifier: Apache-2.0
// Where Tarn keeps everything that it owns on this machine.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "provision/account.h"

namespace tarn::provision {

/// The layout below one data directory. A value; the path is absolute and free of symbolic links.
struct DataDirectory {
  std::filesystem::path root;

  std::filesystem::path instances() const { return root / "instances"; }
  std::filesystem::path buckets() const { return root / "buckets"; }
  /// What the warehouse owns: metastore, journal, tables without a volume, certificate.
  std::filesystem::path warehouse() const { return root / "warehouse"; }
  /// Of the warehouse's first user; readable by the account alone.
  std::filesystem::path admin_password() const { return warehouse() / "admin.password"; }
  /// Public keys of agents of change capture; readable by the account alone.
  std::filesystem::path agent_keys() const { return warehouse() / "agent-keys"; }
  std::filesystem::path lock_file() const { return root / "instances" / ".lock"; }
  std::filesystem::path run() const { return root / "run"; }
  std::filesystem::path supervisor_lock() const { return run() / "supervisor.lock"; }
  std::filesystem::path supervisor_pid() const { return run() / "supervisor.pid"; }
  std::filesystem::path log_file() const { return run() / "tarn.log"; }
};

/// $TARN_DATA, or tarn-data in the working directory, unless `option` (--data) says otherwise.
std::filesystem::path RequestedDataDirectory(const std::string& option);

struct OpenedDataDirectory {
  DataDirectory directory;
  /// What the user must be told, for example that the data is elsewhere; empty when all is as
  /// asked.
  std::string note;
};

/// Makes sure that the directory and its parts exist and belong to `account`. A place that the
/// account cannot reach (a checkout in root's home) is replaced by one below kSystemHome, the same
/// for the same request; a symbolic link at the requested place leads there. Call before Become.
Result<OpenedDataDirectory> OpenDataDirectory(const std::filesystem::path& requested,
                                              const Account& account);

}  // namespace tarn::provision
