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
};

struct CommandOutput {
  int status = 0;    ///< exit status, or 128 + signal
  std::string text;  ///< standard output and standard error, as they came
};

/// Runs a command to its end with a minimal environment: PATH, LC_ALL=C, HOME (of the account that
/// this process has, or the command's directory), TZ and TMPDIR if they are set and usable. Nothing
/// else is inherited. A failing status is not an error here. Blocks; from one thread at a time.
Result<CommandOutput> Run(const Command& command);

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
