// SPDX-License-Identifier: Apache-2.0
#include "provision/supervisor.h"

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <thread>

namespace tarn::provision {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr timespec kCheckInterval = {1, 0};
constexpr seconds kFirstRetry{5};
constexpr seconds kLastRetry{60};

struct Retry {
  Clock::time_point not_before;
  seconds wait = kFirstRetry;
};

void LogError(spdlog::logger& log, const Error& error) {
  log.error("{}", error.message);
  if (!error.detail.empty()) log.error("{}", error.detail);
}

// What was stopped by hand runs again after `up`: it is the newer wish.
void WantAll(Instances& instances, spdlog::logger& log) {
  auto all = instances.List();
  if (!all) return LogError(log, all.error());
  for (const InstanceStatus& status : *all) {
    if (status.record.phase != InstancePhase::kReady) continue;
    log.info("starting instance \"{}\"", status.record.name);
    if (auto started = instances.Start(status.record.name, true); !started) {
      LogError(log, started.error());
    }
  }
}

// Starts what should run and does not. An instance that keeps failing is tried less and less often.
void StartMissing(Instances& instances, std::map<std::string, Retry>& retries,
                  spdlog::logger& log) {
  auto all = instances.List();
  if (!all) return LogError(log, all.error());
  for (const InstanceStatus& status : *all) {
    const std::string& name = status.record.name;
    if (status.state == InstanceState::kRunning) retries.erase(name);
    if (status.state != InstanceState::kStopped || !status.record.wanted_running) continue;
    Retry& retry = retries[name];
    const Clock::time_point now = Clock::now();
    if (now < retry.not_before) continue;
    retry.not_before = now + retry.wait;
    retry.wait = std::min(2 * retry.wait, kLastRetry);
    log.info("starting instance \"{}\"", name);
    if (auto started = instances.Start(name, false); !started) LogError(log, started.error());
  }
}

/// SIGCHLD: the end of a service wakes the supervisor.
sigset_t BlockSignals() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&awaited, number);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  return awaited;
}

void StopAll(Instances& instances, spdlog::logger& log) {
  auto all = instances.List();
  if (!all) return LogError(log, all.error());
  for (const InstanceStatus& status : *all) {
    if (!status.pid) continue;
    log.info("stopping instance \"{}\"", status.record.name);
    if (auto stopped = instances.Stop(status.record.name, false); !stopped) {
      LogError(log, stopped.error());
    }
  }
}

}  // namespace

std::optional<pid_t> RunningSupervisor(const DataDirectory& directory) {
  auto lock = FileLock::Acquire(directory.supervisor_lock(), false);
  if (lock || lock.error().kind != ErrorKind::kConflict) return std::nullopt;
  auto content = ReadFile(directory.supervisor_pid());
  pid_t pid = 0;
  if (content) std::from_chars(content->data(), content->data() + content->size(), pid);
  return pid;
}

Result<> Supervise(Instances& instances, const std::optional<Service>& service,
                   const std::function<void()>& started) {
  const DataDirectory& directory = instances.directory();
  TARN_ASSIGN(const FileLock lock, FileLock::Acquire(directory.supervisor_lock(), false));
  TARN_TRY(WriteFile(directory.supervisor_pid(), fmt::format("{}\n", getpid()), 0644));
  const sigset_t awaited = BlockSignals();
  spdlog::logger log("tarn", std::make_shared<spdlog::sinks::stderr_sink_st>());
  log.flush_on(spdlog::level::info);
  std::optional<ServiceProcess> process;
  if (service) {
    log.info("starting the {}", service->name);
    TARN_TRY(process.emplace(*service).Start());
  }
  log.info("keeping the instances of {}", directory.root.string());
  std::map<std::string, Retry> retries;
  WantAll(instances, log);
  started();
  while (true) {
    const int signal_number = sigtimedwait(&awaited, nullptr, &kCheckInterval);
    if (signal_number == SIGTERM || signal_number == SIGINT) break;
    if (process) process->KeepRunning(log);
    StartMissing(instances, retries, log);
  }
  if (process) process->Stop(log);
  StopAll(instances, log);
  log.info("ended");
  return {};
}

Result<bool> StopEverything(Instances& instances) {
  bool any = false;
  const DataDirectory& directory = instances.directory();
  if (const auto pid = RunningSupervisor(directory); pid && *pid > 0) {
    any = true;
    kill(*pid, SIGTERM);
    // It stops the instances first; its lock tells when it is done.
    TARN_TRY(FileLock::Acquire(directory.supervisor_lock(), true));
  }
  // Services whose supervisor was killed.
  for (const std::string_view name : kServiceNames) {
    TARN_ASSIGN(const bool stopped, StopService(directory, std::string(name)));
    any = any || stopped;
  }
  TARN_ASSIGN(const std::vector<InstanceStatus> all, instances.List());
  for (const InstanceStatus& status : all) {
    if (!status.pid) continue;
    any = true;
    TARN_TRY(instances.Stop(status.record.name, false));
  }
  return any;
}

}  // namespace tarn::provision
