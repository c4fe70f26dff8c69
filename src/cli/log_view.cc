// SPDX-License-Identifier: Apache-2.0
#include "cli/log_view.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

namespace tarn::cli {
namespace {

constexpr std::string_view kHeadBegin = "==> ";
constexpr std::string_view kHeadEnd = " <==";

/// `tail` follows files well, those that are replaced too, and says before each piece which file it
/// is from.
[[noreturn]] void BecomeTail(const std::vector<LogFile>& files, const LogViewOptions& options,
                             int output, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
  dup2(output, STDOUT_FILENO);
  std::vector<std::string> arguments = {"tail", "-v", "-n", std::to_string(options.lines)};
  if (options.follow) arguments.emplace_back("-F");
  for (const LogFile& file : files) arguments.push_back(file.path);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execvp("tail", argv.data());
  _exit(127);
}

class Printer {
 public:
  explicit Printer(const std::vector<LogFile>& files) {
    for (const LogFile& file : files) parts_[file.path.string()] = file.part;
  }

  void Line(std::string_view line) {
    if (line.starts_with(kHeadBegin) && line.ends_with(kHeadEnd)) {
      line.remove_prefix(kHeadBegin.size());
      line.remove_suffix(kHeadEnd.size());
      const auto found = parts_.find(line);
      if (found != parts_.end()) {
        part_ = found->second;
        return;
      }
    }
    // Before each head but the first there is an empty line; logs have none.
    if (!line.empty()) fmt::print("{}: {}\n", part_, line);
  }

 private:
  std::map<std::string, std::string, std::less<>> parts_;
  std::string part_;
};

void PrintFrom(int input, Printer& printer) {
  FILE* stream = fdopen(input, "r");
  if (stream == nullptr) return;
  char* line = nullptr;
  size_t capacity = 0;
  for (ssize_t size = 0; (size = getline(&line, &capacity, stream)) >= 0;) {
    std::string_view text(line, static_cast<size_t>(size));
    if (text.ends_with('\n')) text.remove_suffix(1);
    printer.Line(text);
    std::fflush(stdout);
  }
  std::free(line);
  std::fclose(stream);
}

}  // namespace

Result<> ShowLogs(const std::vector<LogFile>& files, const LogViewOptions& options) {
  int lines[2];
  if (pipe2(lines, O_CLOEXEC) != 0) {
    return Fail(ErrorKind::kResourceExhausted, "could not create a pipe");
  }
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorKind::kResourceExhausted, "could not start a process");
  if (child == 0) BecomeTail(files, options, lines[1], parent);
  close(lines[1]);
  Printer printer(files);
  PrintFrom(lines[0], printer);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
    return Fail(ErrorKind::kUnavailable, "could not run tail");
  }
  return {};
}

}  // namespace tarn::cli
