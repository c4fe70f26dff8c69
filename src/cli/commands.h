// SPDX-License-Identifier: Apache-2.0
// The subcommands of `tarn`. Each function adds one to the parser; when it was chosen, `status` is
// set to the exit status by its callback.
#pragma once

#include <CLI/CLI.hpp>

namespace tarn::cli {

void AddInstanceCommands(CLI::App& app, int& status);
void AddProductCommands(CLI::App& app, int& status);
void AddSqlCommand(CLI::App& app, int& status);
void AddCaptureCommand(CLI::App& app, int& status);
void AddAgentCommand(CLI::App& app, int& status);
void AddStreamlitCommand(CLI::App& app, int& status);
void AddNotebookCommand(CLI::App& app, int& status);
void AddEngineCommand(CLI::App& app, int& status);
void AddFsckCommand(CLI::App& app, int& status);
void AddScanCommand(CLI::App& app, int& status);
void AddMaintainCommand(CLI::App& app, int& status);

}  // namespace tarn::cli
