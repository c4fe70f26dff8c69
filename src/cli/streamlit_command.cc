// SPDX-License-Identifier: Apache-2.0
// tarn streamlit: a Streamlit app with a Snowpark session on the warehouse, as apps in Snowflake
// have one. Streamlit and Snowpark are the user's own (docs/use/snowflake-clients.md).
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/python_session.h"
#include "cli/report.h"

namespace tarn::cli {
namespace {

/// Runs the server in the process that has the session: get_active_session() finds only what is in
/// its own. `experimental_rerun` has another name in today's Streamlit.
constexpr const char* kLauncher = R"python(
import json, sys
try:
    import streamlit
    from streamlit.web import cli
    from snowflake.snowpark import Session
except ImportError as missing:
    sys.exit(f"ERROR:  {missing}\nHINT:  Install it with: pip install streamlit 'snowflake-snowpark-python[pandas]'")
options = json.loads(sys.argv[1])
app, *arguments = sys.argv[2:]
with open(options.pop("password_file")) as file:
    options["password"] = file.read().strip()
if not hasattr(streamlit, "experimental_rerun"):
    streamlit.experimental_rerun = streamlit.rerun
Session.builder.configs(options).create()
Session.SessionBuilder.create = Session.SessionBuilder.getOrCreate
cli.main(args=["run", app, *arguments], prog_name="streamlit")
)python";

struct StreamlitOptions {
  PythonSession session;
  std::string app;
  std::vector<std::string> arguments;
};

/// Returns only when it fails.
Result<> Launch(const StreamlitOptions& options) {
  if (!std::filesystem::exists(options.app)) {
    return Fail(ErrorKind::kNotFound, "file \"{}\" does not exist", options.app);
  }
  std::vector<std::string> arguments = {options.app};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  return BecomePython(options.session, kLauncher, arguments, "Streamlit");
}

}  // namespace

void AddStreamlitCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<StreamlitOptions>();
  CLI::App* command =
      app.add_subcommand("streamlit", "runs a Streamlit app with a session on the warehouse");
  command->add_option("app", options->app, "the app's Python file")->required();
  command->add_option("arguments", options->arguments, "of `streamlit run`, behind --");
  AddSessionOptions(*command, options->session);
  command->callback([options, &status] {
    if (auto done = Launch(*options); !done) status = ReportError(done.error());
  });
}

}  // namespace tarn::cli
