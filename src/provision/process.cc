// SPDX-License-Identifier: Apache-2.0
#include "provision/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <thread>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

/// The home of the account that this process has now, which need not be that of whoever started it:
/// libraries look for keys and certificates there. `otherwise` where it has none.
std::string HomeDirectory(const fs::path& otherwise) {
  const passwd* entry = getpwuid(geteuid());
  std::error_code error;
  const bool has_home = entry != nullptr && entry->pw_dir != nullptr &&
                        fs::is_directory(entry->pw_dir, error) && access(entry->pw_dir, X_OK) == 0;
  return has_home ? entry->pw_dir : otherwise.string();
}

std::vector<std::string> Environment(const Command& command) {
  std::vector<std::string> environment = {"LC_ALL=C", "PATH=/usr/local/bin:/usr/bin:/bin",
                                          "HOME=" + HomeDirectory(command.directory)};
  const auto keep = [&](const char* name) {
    if (const char* value = std::getenv(name)) {
      environment.push_back(fmt::format("{}={}", name, value));
    }
  };
  keep("TZ");
  keep("ASAN_OPTIONS");
  const char* temporary = std::getenv("TMPDIR");
  if (temporary != nullptr && access(temporary, W_OK | X_OK) == 0) keep("TMPDIR");
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Only async-signal-safe calls: the parent may have threads. `death_signal` 0: outlives its parent.
[[noreturn]] void Exec(const Command& command, char* const* argv, char* const* environment, int in,
                       int out, pid_t parent, int death_signal) {
  if (death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, death_signal);
    if (getppid() != parent) _exit(127);
  }
  if (command.memory_bytes_max > 0) {
    const auto bytes = static_cast<rlim_t>(command.memory_bytes_max);
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD}) signal(number, SIG_DFL);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  // Locks of this process must not live on in a server that it starts.
  close_range(3, ~0U, 0);
  if (chdir(command.directory.c_str()) != 0) _exit(126);
  execve(argv[0], argv, environment);
  _exit(127);
}

// Feeds `input` and collects the output until the child closes its side.
std::string Exchange(int to_child, int from_child, std::string_view input) {
  std::string text;
  std::array<char, 16384> buffer;
  bool writing = true;
  while (true) {
    if (writing && input.empty()) {
      close(to_child);
      writing = false;
    }
    std::array<pollfd, 2> waits = {pollfd{from_child, POLLIN, 0},
                                   pollfd{writing ? to_child : -1, POLLOUT, 0}};
    if (poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (waits[1].revents != 0) {
      const ssize_t written = write(to_child, input.data(), input.size());
      if (written > 0) {
        input.remove_prefix(static_cast<size_t>(written));
      } else if (errno != EAGAIN && errno != EINTR) {
        input = {};  // a child that ended without reading all is judged by its status
      }
    }
    if (waits[0].revents != 0) {
      const ssize_t count = read(from_child, buffer.data(), buffer.size());
      if (count == 0 || (count < 0 && errno != EINTR)) break;
      if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
    }
  }
  if (writing) close(to_child);
  return text;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ForEachProcess(const std::function<void(pid_t, const fs::path&)>& visit) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) visit(pid, entry.path());
  }
}

bool IsBelow(const fs::path& path, const fs::path& directory) {
  return std::mismatch(directory.begin(), directory.end(), path.begin(), path.end()).first ==
         directory.end();
}

bool HasArgumentBelow(const fs::path& process, const fs::path& directory) {
  std::ifstream file(process / "cmdline", std::ios::binary);
  std::string argument;
  while (std::getline(file, argument, '\0')) {
    if (IsBelow(argument, directory)) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 3> kServerPrograms = {"postgres", "initdb", "pg_ctl"};

std::vector<pid_t> ProcessesIn(const fs::path& directory) {
  std::vector<pid_t> found;
  ForEachProcess([&](pid_t pid, const fs::path& process) {
    struct stat status{};
    if (pid == getpid() || stat(process.c_str(), &status) != 0 || status.st_uid != geteuid())
      return;
    // Not the user's shell or pager that happens to stand there.
    std::error_code error;
    const std::string program = fs::read_symlink(process / "exe", error).filename();
    if (error || std::find(kServerPrograms.begin(), kServerPrograms.end(), program) ==
                     kServerPrograms.end()) {
      return;
    }
    const fs::path works_in = fs::read_symlink(process / "cwd", error);
    if ((!error && IsBelow(works_in, directory)) || HasArgumentBelow(process, directory)) {
      found.push_back(pid);
    }
  });
  return found;
}

}  // namespace

Result<CommandOutput> Run(const Command& command) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = Environment(command);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> environment = Pointers(variables);
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
    return Fail(ErrorKind::kResourceExhausted, "could not create a pipe: {}", std::strerror(errno));
  }
  signal(SIGPIPE, SIG_IGN);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    Exec(command, argv.data(), environment.data(), in[0], out[1], parent,
         command.dies_with_parent ? SIGKILL : 0);
  }
  const int fork_error = errno;
  close(in[0]);
  close(out[1]);
  if (child < 0) {
    close(in[1]);
    close(out[0]);
    return Fail(ErrorKind::kResourceExhausted, "could not start \"{}\": {}", command.argv[0],
                std::strerror(fork_error));
  }
  CommandOutput output;
  // A child that waits for its output to be read must not find us waiting for it to read.
  fcntl(in[1], F_SETFL, O_NONBLOCK);
  output.text = Exchange(in[1], out[0], command.input);
  close(out[0]);
  output.status = WaitFor(child);
  return output;
}

Result<pid_t> Spawn(const Command& command, const fs::path& output) {
  std::vector<std::string> arguments = command.argv;
  std::vector<std::string> variables = Environment(command);
  const std::vector<char*> argv = Pointers(arguments);
  const std::vector<char*> environment = Pointers(variables);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  const pid_t child = in < 0 || out < 0 ? -1 : fork();
  const int start_error = errno;
  if (child == 0) Exec(command, argv.data(), environment.data(), in, out, parent, SIGQUIT);
  if (in >= 0) close(in);
  if (out >= 0) close(out);
  if (child > 0) return child;
  return Fail(ErrorKind::kResourceExhausted, "could not start \"{}\": {}", command.argv[0],
              std::strerror(start_error));
}

Result<std::string> RunForText(const Command& command, std::string_view what) {
  TARN_ASSIGN(CommandOutput output, Run(command));
  if (output.status != 0) {
    return std::unexpected(Error{ErrorKind::kInternal,
                                 fmt::format("{} failed: \"{}\" exited with status {}", what,
                                             command.argv[0], output.status),
                                 output.text,
                                 {}});
  }
  return std::move(output.text);
}

Result<> RunOrFail(const Command& command, std::string_view what) {
  TARN_TRY(RunForText(command, what));
  return {};
}

Result<> KillLeftovers(const fs::path& directory) {
  using std::chrono::milliseconds;
  constexpr int kAttemptsMax = 500;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const std::vector<pid_t> found = ProcessesIn(directory);
    if (found.empty()) return {};
    for (const pid_t pid : found) kill(pid, SIGKILL);
    std::this_thread::sleep_for(milliseconds(20));
  }
  return Fail(ErrorKind::kUnavailable, "processes in \"{}\" do not end", directory.string());
}

bool RunsFrom(const fs::path& directory) {
  bool found = false;
  ForEachProcess([&](pid_t, const fs::path& process) {
    std::error_code error;
    const fs::path executable = fs::read_symlink(process / "exe", error);
    if (!error && IsBelow(executable, directory)) found = true;
  });
  return found;
}

}  // namespace tarn::provision
