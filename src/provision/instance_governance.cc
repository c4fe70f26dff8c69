// SPDX-License-Identifier: Apache-2.0
// What changes of an instance while it runs.
#include <signal.h>

#include <cerrno>
#include <cstring>

#include "base/file_content.h"
#include "provision/instances.h"
#include "provision/process.h"
#include "provision/server_config.h"

namespace tarn::provision {

Result<ListenAddress> Instances::FreeAddress() const { return ChooseAddress(TakenAddresses()); }

Result<bool> Instances::WriteIfDifferent(const std::filesystem::path& file,
                                         const std::string& text) const {
  TARN_ASSIGN(const auto present, ReadFileIfPresent(file.string()));
  if (present == text) return false;
  TARN_TRY(WriteFile(file, text, 0600));
  return true;
}

Result<bool> Instances::Govern(const std::string& name, const InstanceGovernance& governance,
                               bool reload) {
  TARN_ASSIGN(const FileLock lock, LockAndSweep());
  TARN_ASSIGN(InstanceRecord record, ReadRecord(name));
  if (record.phase != InstancePhase::kReady) {
    return Fail(ErrorKind::kUnavailable, "instance \"{}\" is not complete", name);
  }
  const InstanceFolder folder = Folder(name);
  bool changed = false;
  if (governance.access) {
    TARN_ASSIGN(changed, WriteIfDifferent(folder.cluster() / "pg_hba.conf",
                                          HostBasedAccess(*governance.access)));
    changed = changed || !record.governed;
    record.governed = true;
  }
  if (record.table_locations != governance.table_locations) {
    record.table_locations = governance.table_locations;
    TARN_TRY(WriteConfiguration(folder, record));
    changed = true;
  }
  if (!changed && !reload) return false;
  if (changed) TARN_TRY(WriteRecord(folder, record));
  const auto pid = RunningServer(folder);
  if (pid && kill(*pid, SIGHUP) != 0 && errno != ESRCH) {
    return Fail(ErrorKind::kPermissionDenied, "could not signal the server of \"{}\": {}", name,
                std::strerror(errno));
  }
  return changed;
}

Result<> Instances::SetVerifier(const std::string& name, std::string_view role,
                                const std::string& verifier) {
  TARN_ASSIGN(const InstanceStatus status, Get(name));
  if (status.state != InstanceState::kRunning) {
    return Fail(ErrorKind::kUnavailable, "instance \"{}\" is not running", name);
  }
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(status.record));
  return RunOrFail(
      {.argv = {runtime->program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v",
                "VERBOSITY=terse", "-h", status.record.socket_directory, "-p",
                std::to_string(status.record.address.port), "-U", kOwnerRole, "-d", kDatabase},
       .input = PasswordSql(role, verifier)},
      "changing the password");
}

}  // namespace tarn::provision
