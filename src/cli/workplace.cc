// SPDX-License-Identifier: Apache-2.0
#include "cli/workplace.h"

#include <unistd.h>

#include <map>
#include <set>

#include "cli/report.h"
#include "provision/account.h"
#include "provision/runtime.h"

namespace tarn::cli {
namespace {

using provision::Account;
using provision::Runtime;

// The default runtime, the one asked for, and those of instances that brought their own. Only the
// one asked for must exist: an instance without its PostgreSQL can still be listed and dropped.
Result<std::map<std::string, Runtime>> FindRuntimes(const provision::DataDirectory& directory,
                                                    const std::string& asked,
                                                    const Account& account) {
  std::set<std::string> wanted = {""};
  TARN_ASSIGN(const auto listed, provision::Instances(directory, {}).List());
  for (const auto& status : listed) wanted.insert(status.record.pg_config);
  std::map<std::string, Runtime> runtimes;
  for (const std::string& pg_config : wanted) {
    if (pg_config == asked) continue;
    if (auto found = provision::FindRuntime({pg_config}, account)) runtimes[pg_config] = *found;
  }
  TARN_ASSIGN(runtimes[asked], provision::FindRuntime({asked}, account));
  if (!runtimes[asked].note.empty()) PrintNotice(runtimes[asked].note);
  return runtimes;
}

}  // namespace

Result<Workplace> OpenWorkplace(const WorkplaceOptions& options) {
  TARN_ASSIGN(const Account account, provision::ServerAccount());
  TARN_ASSIGN(
      provision::OpenedDataDirectory opened,
      provision::OpenDataDirectory(provision::RequestedDataDirectory(options.data), account));
  if (!opened.note.empty()) PrintNotice(opened.note);
  TARN_ASSIGN(auto runtimes, FindRuntimes(opened.directory, options.pg_config, account));
  std::set<std::string> owners = {account.name, provision::CallerName()};
  TARN_TRY(provision::Become(account));
  if (chdir(opened.directory.root.c_str()) != 0) {
    return Fail(ErrorKind::kPermissionDenied, "cannot enter data directory \"{}\"",
                opened.directory.root.string());
  }
  return Workplace{provision::Instances(std::move(opened.directory), std::move(runtimes)),
                   {owners.begin(), owners.end()}};
}

}  // namespace tarn::cli
