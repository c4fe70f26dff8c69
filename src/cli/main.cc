// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <exception>

#include "cli/commands.h"

int main(int argc, char** argv) {
  try {
    CLI::App app("PostgreSQL in front, Apache Iceberg underneath, a warehouse on top");
    app.set_version_flag("--version", "tarn " TARN_VERSION);
    app.require_subcommand(1);
    int status = 0;
    tarn::cli::AddProductCommands(app, status);
    tarn::cli::AddInstanceCommands(app, status);
    tarn::cli::AddSqlCommand(app, status);
    tarn::cli::AddStreamlitCommand(app, status);
    tarn::cli::AddNotebookCommand(app, status);
    tarn::cli::AddFsckCommand(app, status);
    tarn::cli::AddScanCommand(app, status);
    tarn::cli::AddMaintainCommand(app, status);
    tarn::cli::AddAgentCommand(app, status);
    tarn::cli::AddEngineCommand(app, status);
    CLI11_PARSE(app, argc, argv);
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ERROR:  {}\n", error.what());
    return 1;
  }
}
