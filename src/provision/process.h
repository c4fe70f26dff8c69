// SPDX-License-Identifier: Apache-2.0
// Running other programs, and finding those that an earlier call left behind.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::provision {

struct Command {
  std::vector<std::string> argv;  ///< argv[0] is a path; never put a secret here, `ps` shows it
  std::string input;              ///< for its standard input
  std::filesystem::path directory = "/";
  /// Killed when this process dies. Off for programs that start a server.
  bool dies_with_parent = true;
  /// Of address space, for each process that it becomes; 0: without a limit.
  int64_t memory_bytes_max = 0;
};

struct CommandOutput {
  int status = 0;    ///< exit status, or 128 + signal
  std::string text;  ///< standard output and standard error, as they came
};

/// Runs a command to its end with a minimal environment: PATH, LC_ALL=C, HOME (of the account that
/// this process has, or the command's directory), TZ and TMPDIR if they are set and usable. Nothing
/// else is inherited. A failing status is not an error here. Blocks; from one thread at a time.
Result<CommandOutput> Run(const Command& command);

/// Starts a command that goes on running, without input; its output goes to the end of a file. It
/// is sent SIGQUIT when the *thread* that called this ends, however that happens. The caller waits
/// for it (waitpid).
Result<pid_t> Spawn(const Command& command, const std::filesystem::path& output);

/// As Run, but a status other than 0 is an error: `what` names the step, the output becomes the
/// detail. Otherwise the output is the result.
Result<std::string> RunForText(const Command& command, std::string_view what);
Result<> RunOrFail(const Command& command, std::string_view what);

/// Kills every PostgreSQL process (server, initdb, pg_ctl) of the caller's account that works in
/// `directory` or has an argument below it: what a tool that died left behind. Waits for their end.
Result<> KillLeftovers(const std::filesystem::path& directory);

/// Whether a process runs an executable below `directory`.
bool RunsFrom(const std::filesystem::path& directory);

}  // namespace tarn::provision
