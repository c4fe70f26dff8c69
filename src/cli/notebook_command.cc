// SPDX-License-Identifier: Apache-2.0
// tarn notebook: runs the cells of a notebook, as Snowflake's do: SQL, and Python that finds its
// session. Snowpark is the user's own (docs/use/snowflake-clients.md).
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/notebook_program.h"
#include "cli/python_session.h"
#include "cli/report.h"

namespace tarn::cli {
namespace {

struct NotebookOptions {
  PythonSession session;
  std::string file, output;
  std::vector<std::string> cells;
};

/// Returns only when it fails.
Result<> Launch(const NotebookOptions& options) {
  if (!std::filesystem::exists(options.file)) {
    return Fail(ErrorKind::kNotFound, "file \"{}\" does not exist", options.file);
  }
  std::vector<std::string> arguments = {options.file, options.output};
  arguments.insert(arguments.end(), options.cells.begin(), options.cells.end());
  return BecomePython(options.session, kNotebookProgram, arguments, "Snowpark");
}

}  // namespace

void AddNotebookCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<NotebookOptions>();
  CLI::App* command = app.add_subcommand("notebook", "runs the cells of a notebook with a session");
  command->add_option("file", options->file, "the notebook (.ipynb)")->required();
  command->add_option("--cell", options->cells, "only the cell of this name; may be repeated");
  command->add_option("--output", options->output, "writes the notebook with its results here");
  AddSessionOptions(*command, options->session);
  command->callback([options, &status] {
    if (auto done = Launch(*options); !done) status = ReportError(done.error());
  });
}

}  // namespace tarn::cli
