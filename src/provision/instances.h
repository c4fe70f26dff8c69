// SPDX-License-Identifier: Apache-2.0
// The managed PostgreSQL instances of one data directory.
//
// Life of an instance: it is built in `instances/.new-NAME` and renamed to `instances/NAME` when
// complete (phase *unannounced*), started, its passwords are handed to the caller, and only then it
// is *ready*. A tool that dies before that leaves what the next changing command removes, so that
// nobody ever owns an instance whose passwords were never seen. Removal writes the phase *dropping*
// first and is finished by whoever comes next.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provision/data_directory.h"
#include "provision/durable_file.h"
#include "provision/instance_record.h"
#include "provision/server.h"
#include "provision/server_config.h"
#include "provision/table_lookup.h"

namespace tarn::provision {

/// Folders below `instances` that are not instances: one under construction, one that was removed.
inline constexpr std::string_view kBuildPrefix = ".new-";
inline constexpr std::string_view kRemovedPrefix = ".old-";

/// SCRAM verifiers (scram.h) of the roles that every instance has, in place of their passwords.
struct RoleVerifiers {
  std::string admin, application;
};

struct CreateOptions {
  std::string name;
  std::string pg_config;
  std::vector<std::string> allowed_locations;
  bool with_extension = true;
  /// System users who may become the superuser over the local socket.
  std::vector<std::string> owners;
  /// Absent: chosen.
  std::optional<ListenAddress> address;
  /// Absent: passwords are generated.
  std::optional<RoleVerifiers> verifiers;
  /// Absent: every address of this machine may connect.
  std::optional<NetworkAccess> access;
  std::vector<std::string> table_locations;
};

/// What may change while an instance runs.
struct InstanceGovernance {
  std::optional<NetworkAccess> access;  ///< absent: as it is
  std::vector<std::string> table_locations;
};

/// The passwords are empty where verifiers were given.
struct CreatedInstance {
  InstanceRecord record;
  std::string admin_password;
  std::string application_password;
};

enum class InstanceState { kRunning, kStarting, kStopped, kIncomplete, kDropping, kDamaged };

struct InstanceStatus {
  InstanceRecord record;
  InstanceState state = InstanceState::kStopped;
  std::optional<pid_t> pid;
};

std::string_view ToString(InstanceState state);

/// REQUIRES: the process runs as the account that the servers run as. Commands that change
/// something take the data directory's lock, so several processes may use the same directory; one
/// object belongs to one thread.
class Instances {
 public:
  /// `runtimes` has an entry for every pg_config in use ("" for the default).
  Instances(DataDirectory directory, std::map<std::string, Runtime> runtimes)
      : directory_(std::move(directory)), runtimes_(std::move(runtimes)) {}

  /// Builds and starts an instance, then calls `announce` with its passwords; when that fails the
  /// instance counts as never created. AlreadyExists when the name is taken.
  Result<> Create(const CreateOptions& options,
                  const std::function<Result<>(const CreatedInstance&)>& announce);

  /// Ordered by name. Damaged ones are listed too. Takes no lock.
  Result<std::vector<InstanceStatus>> List() const;
  Result<InstanceStatus> Get(const std::string& name) const;

  /// Both say whether anything had to be done. `remember`: `up` will (not) start it from now on.
  Result<bool> Start(const std::string& name, bool remember);
  Result<bool> Stop(const std::string& name, bool remember);

  /// Makes a running server take over what differs, without a restart. Says whether anything did.
  /// `reload`: even where nothing differs.
  Result<bool> Govern(const std::string& name, const InstanceGovernance& governance,
                      bool reload = false);
  /// A new password of one of the roles that every instance has. Unavailable where it does not run.
  Result<> SetVerifier(const std::string& name, std::string_view role, const std::string& verifier);
  /// An address that no instance has, for CreateOptions.
  Result<ListenAddress> FreeAddress() const;

  /// Stops and removes an instance. Its tables in the lake stay unless `purge`. Returns how many
  /// went.
  Result<int> Drop(const std::string& name, bool purge);

  /// Where a lake table of a running instance is now (LookUpTable). `name` empty: the only
  /// instance. Unavailable when it does not run.
  Result<FoundTable> FindTable(const std::string& name, const TableName& table) const;

  const DataDirectory& directory() const { return directory_; }
  /// PostgreSQL as instances have it that name no other; null where none was found.
  const Runtime* default_runtime() const {
    const auto found = runtimes_.find("");
    return found == runtimes_.end() ? nullptr : &found->second;
  }

 private:
  InstanceFolder Folder(const std::string& name) const {
    return InstanceFolder{directory_.instances() / name};
  }
  Result<const Runtime*> RuntimeOf(const InstanceRecord& record) const;
  Result<InstanceRecord> ReadRecord(const std::string& name) const;
  Result<> WriteRecord(const InstanceFolder& folder, const InstanceRecord& record) const;

  /// Takes the lock and removes what commands that died left behind.
  Result<FileLock> LockAndSweep() const;
  Result<> SweepEntry(const std::filesystem::path& entry) const;

  Result<CreatedInstance> Build(const CreateOptions& options) const;
  Result<> BuildCluster(const CreateOptions& options, const Runtime& runtime,
                        const InstanceFolder& folder, const CreatedInstance& created) const;
  Result<bool> WriteIfDifferent(const std::filesystem::path& file, const std::string& text) const;
  Result<> WriteConfiguration(const InstanceFolder& folder, const InstanceRecord& record) const;
  Result<> StartLocked(InstanceRecord& record) const;
  Result<> StartWithSomeAddress(InstanceRecord& record) const;
  Result<> Remove(const std::string& name) const;
  Result<int> FinishDrop(const InstanceRecord& record) const;
  std::vector<ListenAddress> TakenAddresses() const;

  DataDirectory directory_;
  std::map<std::string, Runtime> runtimes_;
};

}  // namespace tarn::provision
