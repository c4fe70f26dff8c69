// SPDX-License-Identifier: Apache-2.0
// A part of the product in a process of its own, which the supervisor starts and starts again. The
// supervisor itself has neither threads nor DuckDB: it can fork, and what a service does wrong ends
// the service alone.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "provision/data_directory.h"
#include "provision/durable_file.h"

namespace spdlog {
class logger;
}

namespace tarn::provision {

struct Service {
  std::string name;  ///< "warehouse"
  /// In the process of its own, which has this one's memory and standard streams, and no other open
  /// file: calls `ready` when it serves, returns after SIGTERM (which is blocked, for sigwait).
  std::function<Result<>(const std::function<void()>& ready)> run;
};

/// The supervisor's side of one service. Belongs to a thread of a process without others.
class ServiceProcess {
 public:
  explicit ServiceProcess(Service service) : service_(std::move(service)) {}

  /// Returns when it serves, or with the reason why it does not.
  Result<> Start();
  /// Starts it again if it has ended: at once, and ever more slowly where it ends soon after.
  void KeepRunning(spdlog::logger& log);
  /// SIGTERM, and SIGKILL when that takes too long.
  void Stop(spdlog::logger& log);

 private:
  Result<> Spawn(int ready);
  [[noreturn]] void RunHere(int ready, pid_t parent) const;
  bool Reap(int& status);

  Service service_;
  pid_t pid_ = 0;  ///< 0 = ended
  std::chrono::steady_clock::time_point started_, not_before_;
  std::chrono::seconds wait_{0};
};

/// What a service that serves says of itself, for other processes: `run/<name>.json` under the lock
/// `run/<name>.lock`, which proves that it lives.
class ServiceMark {
 public:
  /// Waits for one that is about to end. Conflict where it goes on.
  static Result<ServiceMark> Take(const DataDirectory& directory, const std::string& name);
  /// `facts` are an object; the process id is added.
  Result<> Announce(nlohmann::ordered_json facts) const;

 private:
  FileLock lock_;
  std::filesystem::path file_;
};

struct RunningService {
  pid_t pid = 0;                 ///< 0 = not announced yet
  nlohmann::ordered_json facts;  ///< null = not announced yet
};
/// Absent: it does not run.
std::optional<RunningService> FindService(const DataDirectory& directory, const std::string& name);
/// Ends one whose supervisor is gone. False: there was none.
Result<bool> StopService(const DataDirectory& directory, const std::string& name);

/// An error on its way through a pipe.
std::string EncodeError(const Error& error);
std::optional<Error> DecodeError(const std::string& text);

}  // namespace tarn::provision
