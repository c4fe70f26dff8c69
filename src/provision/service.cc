// SPDX-License-Identifier: Apache-2.0
#include "provision/service.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

constexpr std::chrono::seconds kStartPatience{60};
constexpr std::chrono::seconds kEndPatience{30};
constexpr std::chrono::milliseconds kLockInterval{50};
/// One that served so long and ends is started again at once.
constexpr std::chrono::seconds kSteady{10};
constexpr std::chrono::seconds kFirstWait{1}, kLastWait{60};
constexpr std::string_view kReady = "ready";

fs::path LockOf(const DataDirectory& directory, const std::string& name) {
  return directory.run() / (name + ".lock");
}

fs::path MarkOf(const DataDirectory& directory, const std::string& name) {
  return directory.run() / (name + ".json");
}

/// What comes through a pipe until it is closed or kReady has come; absent: too late.
std::optional<std::string> ReadAnswer(int pipe) {
  std::string answer;
  char buffer[4096];
  const auto until = Clock::now() + kStartPatience;
  while (answer != kReady) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    pollfd wait{pipe, POLLIN, 0};
    if (left.count() <= 0) return std::nullopt;
    if (poll(&wait, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t count = read(pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    answer.append(buffer, static_cast<size_t>(count));
  }
  return answer;
}

void Write(int pipe, std::string_view text) { (void)!write(pipe, text.data(), text.size()); }

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
  }
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

void LogError(const std::string& name, const Error& error) {
  fmt::print(stderr, "{}: ERROR:  {}\n", name, error.message);
  if (!error.detail.empty()) fmt::print(stderr, "{}: DETAIL:  {}\n", name, error.detail);
  if (!error.hint.empty()) fmt::print(stderr, "{}: HINT:  {}\n", name, error.hint);
}

}  // namespace

std::string EncodeError(const Error& error) {
  return ordered_json{{"kind", static_cast<int>(error.kind)},
                      {"message", error.message},
                      {"detail", error.detail},
                      {"hint", error.hint}}
      .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::optional<Error> DecodeError(const std::string& text) {
  const auto document = ordered_json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("message")) return std::nullopt;
  return Error{static_cast<ErrorKind>(document.value("kind", 0)), document.value("message", ""),
               document.value("detail", ""), document.value("hint", "")};
}

void ServiceProcess::RunHere(int ready, pid_t parent) const {
  // With the supervisor gone, nobody would start it again: it ends, and the next `up` starts both.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  prctl(PR_SET_NAME, ("tarn " + service_.name).c_str());
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  // The supervisor's locks must end with it.
  if (ready > 3) close_range(3, static_cast<unsigned>(ready) - 1, 0);
  close_range(static_cast<unsigned>(std::max(ready, 2)) + 1, ~0U, 0);
  const Result<> done = service_.run([&ready] {
    if (ready < 0) return;
    Write(ready, kReady);
    close(std::exchange(ready, -1));
  });
  if (!done) {
    LogError(service_.name, done.error());
    if (ready >= 0) Write(ready, EncodeError(done.error()));
  }
  std::fflush(nullptr);
  _exit(done ? 0 : 1);
}

Result<> ServiceProcess::Spawn(int ready) {
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorKind::kResourceExhausted, "could not start a process");
  if (child == 0) RunHere(ready, parent);
  pid_ = child;
  started_ = Clock::now();
  return {};
}

Result<> ServiceProcess::Start() {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) {
    return Fail(ErrorKind::kResourceExhausted, "could not create a pipe");
  }
  const Result<> spawned = Spawn(ready[1]);
  close(ready[1]);
  const auto answer = spawned ? ReadAnswer(ready[0]) : std::nullopt;
  close(ready[0]);
  TARN_TRY(spawned);
  if (answer == kReady) return {};
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (!answer) return Fail(ErrorKind::kUnavailable, "the {} does not start", service_.name);
  if (const auto error = DecodeError(*answer)) return std::unexpected(*error);
  return Fail(ErrorKind::kUnavailable, "the {} {}", service_.name, DescribeEnd(status));
}

bool ServiceProcess::Reap(int& status) {
  if (pid_ == 0 || waitpid(pid_, &status, WNOHANG) != pid_) return false;
  pid_ = 0;
  return true;
}

void ServiceProcess::KeepRunning(spdlog::logger& log) {
  int status = 0;
  if (Reap(status)) {
    const bool steady = Clock::now() - started_ > kSteady;
    wait_ = steady ? std::chrono::seconds(0) : std::clamp(2 * wait_, kFirstWait, kLastWait);
    not_before_ = Clock::now() + wait_;
    log.error("the {} {}; starting it again in {} s", service_.name, DescribeEnd(status),
              wait_.count());
  }
  if (pid_ != 0 || Clock::now() < not_before_) return;
  if (const Result<> spawned = Spawn(-1); !spawned) log.error("{}", spawned.error().message);
}

void ServiceProcess::Stop(spdlog::logger& log) {
  if (pid_ == 0) return;
  log.info("stopping the {}", service_.name);
  kill(pid_, SIGTERM);
  auto until = Clock::now() + kEndPatience;
  int status = 0;
  while (!Reap(status)) {
    if (Clock::now() > until) {
      log.error("the {} does not end and is killed", service_.name);
      kill(pid_, SIGKILL);
      until = Clock::time_point::max();
    }
    std::this_thread::sleep_for(kLockInterval);
  }
}

Result<ServiceMark> ServiceMark::Take(const DataDirectory& directory, const std::string& name) {
  const auto until = Clock::now() + kEndPatience;
  while (true) {
    auto lock = FileLock::Acquire(LockOf(directory, name), false);
    if (lock) {
      ServiceMark mark;
      mark.lock_ = std::move(*lock);
      mark.file_ = MarkOf(directory, name);
      std::error_code ignored;
      fs::remove(mark.file_, ignored);
      return mark;
    }
    if (lock.error().kind != ErrorKind::kConflict) return std::unexpected(lock.error());
    if (Clock::now() > until) break;
    std::this_thread::sleep_for(kLockInterval);
  }
  const auto running = FindService(directory, name);
  return std::unexpected(Error{ErrorKind::kConflict,
                               fmt::format("another process serves the {} of data directory \"{}\"",
                                           name, directory.root.string()),
                               running ? fmt::format("Its process id is {}.", running->pid) : "",
                               "End it with: tarn down"});
}

Result<> ServiceMark::Announce(ordered_json facts) const {
  facts["pid"] = getpid();
  return WriteFile(file_, facts.dump() + "\n", 0644);
}

std::optional<RunningService> FindService(const DataDirectory& directory, const std::string& name) {
  if (!fs::exists(LockOf(directory, name))) return std::nullopt;
  const auto lock = FileLock::Acquire(LockOf(directory, name), false);
  if (lock || lock.error().kind != ErrorKind::kConflict) return std::nullopt;
  RunningService running;
  if (const auto content = ReadFile(MarkOf(directory, name))) {
    auto facts = ordered_json::parse(*content, nullptr, false);
    if (facts.is_object()) {
      running.pid = facts.value("pid", 0);
      running.facts = std::move(facts);
    }
  }
  return running;
}

Result<bool> StopService(const DataDirectory& directory, const std::string& name) {
  const auto running = FindService(directory, name);
  if (!running) return false;
  if (running->pid > 0) kill(running->pid, SIGTERM);
  TARN_TRY(ServiceMark::Take(directory, name));
  return true;
}

}  // namespace tarn::provision
