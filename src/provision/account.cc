// SPDX-License-Identifier: Apache-2.0
#include "provision/account.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tarn::provision {
namespace {

bool SwitchTo(const Account& account) {
  return initgroups(account.name.c_str(), account.gid) == 0 &&
         setresgid(account.gid, account.gid, account.gid) == 0 &&
         setresuid(account.uid, account.uid, account.uid) == 0;
}

}  // namespace

std::string CallerName() {
  const passwd* entry = getpwuid(geteuid());
  return entry != nullptr ? std::string(entry->pw_name) : std::to_string(geteuid());
}

Result<Account> ServerAccount() {
  if (geteuid() != 0) return Account{CallerName(), geteuid(), getegid()};
  const passwd* entry = getpwnam(kSystemAccount);
  if (entry == nullptr || entry->pw_uid == 0) {
    return std::unexpected(Error{
        ErrorKind::kNotFound, fmt::format("system account \"{}\" does not exist", kSystemAccount),
        "PostgreSQL does not run as root.",
        fmt::format("Create it with: useradd --system --user-group --home-dir {} --shell "
                    "/usr/sbin/nologin {}",
                    kSystemHome, kSystemAccount)});
  }
  return Account{entry->pw_name, entry->pw_uid, entry->pw_gid};
}

Result<bool> Reaches(const Account& account, const std::filesystem::path& path, int mode) {
  if (account.uid == geteuid()) return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
  const pid_t child = fork();
  if (child < 0) {
    return Fail(ErrorKind::kUnavailable, "could not start a process: {}", std::strerror(errno));
  }
  if (child == 0) {
    if (!SwitchTo(account)) _exit(2);
    _exit(faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0 ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 2) {
    return Fail(ErrorKind::kPermissionDenied, "could not become the account \"{}\"", account.name);
  }
  return WEXITSTATUS(status) == 0;
}

Result<> Become(const Account& account) {
  if (account.uid == geteuid()) return {};
  if (!SwitchTo(account)) {
    return Fail(ErrorKind::kPermissionDenied, "could not become the account \"{}\": {}",
                account.name, std::strerror(errno));
  }
  // Libraries look there for what is the account's own: libpq for its certificates.
  if (const passwd* const entry = getpwuid(account.uid)) setenv("HOME", entry->pw_dir, 1);
  // A changed identity clears it; the supervisor's children look into each other's /proc entries.
  prctl(PR_SET_DUMPABLE, 1);
  return {};
}

}  // namespace tarn::provision
