// SPDX-License-Identifier: Apache-2.0
#include "provision/server.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <sstream>
#include <thread>
#include <vector>

#include "provision/digest.h"
#include "provision/durable_file.h"
#include "provision/process.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr size_t kSocketPathBytesMax = 107;
constexpr std::string_view kSocketName = "/.s.PGSQL.65535.lock";
constexpr int kLogLinesShown = 15;

std::string LastLines(const fs::path& file) {
  auto content = ReadFile(file);
  if (!content) return {};
  size_t position = content->size();
  for (int line = 0; line <= kLogLinesShown && position > 0; ++line) {
    position = content->rfind('\n', position - 1);
    if (position == std::string::npos) return *content;
  }
  return content->substr(position == 0 ? 0 : position + 1);
}

fs::path NewestLog(const fs::path& directory) {
  fs::path newest;
  fs::file_time_type newest_time{};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const auto time = entry.last_write_time(ignored);
    if (newest.empty() || time > newest_time) {
      newest = entry.path();
      newest_time = time;
    }
  }
  return newest;
}

std::optional<pid_t> RecordedServer(const InstanceFolder& folder) {
  auto content = ReadFile(folder.cluster() / "postmaster.pid");
  if (!content) return std::nullopt;
  pid_t pid = 0;
  const char* end = content->data() + content->size();
  if (std::from_chars(content->data(), end, pid).ec != std::errc() || pid <= 0) return std::nullopt;
  return pid;
}

// A killed postmaster keeps its number until its parent has taken note, and PostgreSQL does not
// start while the number in postmaster.pid is in use.
void AwaitBurial(const InstanceFolder& folder) {
  constexpr int kAttemptsMax = 250;
  const auto pid = RecordedServer(folder);
  for (int attempt = 0; pid && attempt < kAttemptsMax; ++attempt) {
    if (kill(*pid, 0) != 0 || RunningServer(folder)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

std::optional<pid_t> RunningServer(const InstanceFolder& folder) {
  const auto recorded = RecordedServer(folder);
  if (!recorded) return std::nullopt;
  const pid_t pid = *recorded;
  // A process that has this number and works in this directory. Where its links are hidden, its
  // existence has to do; a process that has ended has no links.
  const fs::path process = fmt::format("/proc/{}", pid);
  std::error_code error;
  const fs::path works_in = fs::read_symlink(process / "cwd", error);
  if (error == std::errc::permission_denied) return pid;
  if (error) return std::nullopt;
  return fs::equivalent(works_in, folder.cluster(), error) ? std::optional(pid) : std::nullopt;
}

bool ServerAccepts(const InstanceFolder& folder) {
  constexpr int kStatusLine = 8;
  auto content = ReadFile(folder.cluster() / "postmaster.pid");
  if (!content) return false;
  std::istringstream lines(*content);
  std::string line;
  for (int number = 1; number <= kStatusLine; ++number) {
    if (!std::getline(lines, line)) return false;
  }
  return line.starts_with("ready");
}

Result<> StartServer(const Runtime& runtime, const InstanceFolder& folder) {
  // Children of a killed postmaster would keep its shared memory for a moment.
  TARN_TRY(KillLeftovers(folder.cluster()));
  AwaitBurial(folder);
  TARN_TRY(WriteFile(folder.startup_log(), "", 0600));
  TARN_ASSIGN(const CommandOutput output,
              Run({.argv = {runtime.program("pg_ctl"), "start", "-w", "-s", "-t", "120", "-D",
                            folder.cluster(), "-l", folder.startup_log()},
                   .directory = folder.root}));
  if (output.status == 0) return {};
  std::string detail = output.text + LastLines(folder.startup_log());
  if (const fs::path log = NewestLog(folder.logs()); !log.empty()) detail += LastLines(log);
  return std::unexpected(
      Error{ErrorKind::kUnavailable,
            fmt::format("the server of \"{}\" did not start", folder.root.filename().string()),
            detail, fmt::format("Its logs are in {}.", folder.logs().string())});
}

Result<> StopServer(const Runtime& runtime, const InstanceFolder& folder) {
  for (const char* mode : {"fast", "immediate"}) {
    if (!RunningServer(folder)) return {};
    TARN_TRY(Run({.argv = {runtime.program("pg_ctl"), "stop", "-w", "-s", "-t", "60", "-m", mode,
                           "-D", folder.cluster()},
                  .directory = folder.root}));
  }
  if (!RunningServer(folder)) return {};
  return Fail(ErrorKind::kUnavailable, "the server of \"{}\" does not stop",
              folder.root.filename().string());
}

Result<fs::path> PrepareSocketDirectory(const InstanceFolder& folder) {
  fs::path directory = folder.short_socket_directory();
  if (directory.native().size() + kSocketName.size() > kSocketPathBytesMax) {
    directory = fs::path("/tmp") /
                fmt::format("tarn-{}-{}", geteuid(), HexDigest(folder.root.string(), 16));
  }
  TARN_TRY(MakeDirectory(directory, 0700));
  struct stat status{};
  if (lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
      status.st_uid != geteuid() || (status.st_mode & 077) != 0) {
    return Fail(ErrorKind::kPermissionDenied, "socket directory \"{}\" is not private",
                directory.string());
  }
  return directory;
}

}  // namespace tarn::provision
