// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/hidden_arguments.h"

int main(int argc, char** argv) {
  try {
    // Before anything takes time: whoever lists processes reads them.
    std::vector<std::string> arguments = tarn::cli::TakeArguments(argc, argv);
    // As the parser wants them.
    std::ranges::reverse(arguments);
    CLI::App app("PostgreSQL in front, Apache Iceberg underneath, a warehouse on top");
    app.name("tarn");
    app.set_version_flag("--version", "tarn " TARN_VERSION);
    app.require_subcommand(1);
    int status = 0;
    tarn::cli::AddProductCommands(app, status);
    tarn::cli::AddInstanceCommands(app, status);
    tarn::cli::AddCaptureCommand(app, status);
    tarn::cli::AddSqlCommand(app, status);
    tarn::cli::AddStreamlitCommand(app, status);
    tarn::cli::AddNotebookCommand(app, status);
    tarn::cli::AddFsckCommand(app, status);
    tarn::cli::AddScanCommand(app, status);
    tarn::cli::AddMaintainCommand(app, status);
    tarn::cli::AddAgentCommand(app, status);
    tarn::cli::AddEngineCommand(app, status);
    try {
      app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return app.exit(error);
    }
    return status;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ERROR:  {}\n", error.what());
    return 1;
  }
}
