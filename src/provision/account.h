// SPDX-License-Identifier: Apache-2.0
// Who the servers run as. PostgreSQL refuses to run as root: started by root, Tarn does what only
// root can, then becomes the system account for good.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.h"

namespace tarn::provision {

/// The system account of servers that root starts; scripts/system-account.sh creates it.
inline constexpr const char* kSystemAccount = "tarn";
/// Where root puts what the account could not reach otherwise.
inline constexpr const char* kSystemHome = "/var/lib/tarn";

struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// The account that servers run as: the caller's own, or the system account when the caller is
/// root. NotFound when root has no system account to use.
Result<Account> ServerAccount();

/// The caller's name in the system's user database, or its number.
std::string CallerName();

/// Whether `account` may open `path` with `mode` (R_OK, W_OK, X_OK), every parent directory
/// included. Asks the kernel in a child process that runs as that account, so that groups and ACLs
/// count.
Result<bool> Reaches(const Account& account, const std::filesystem::path& path, int mode);

/// Gives up root for `account`, irrevocably, and makes HOME that account's; nothing happens when
/// the caller is that account already.
Result<> Become(const Account& account);

}  // namespace tarn::provision
