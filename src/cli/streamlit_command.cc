// SPDX-License-Identifier: Apache-2.0
// tarn streamlit: a Streamlit app with a Snowpark session on the warehouse, as apps in Snowflake
// have one. Streamlit and Snowpark are the user's own (docs/use/snowflake-clients.md).
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/warehouse_login.h"

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
  std::string data, app, database, schema, role, warehouse;
  std::vector<std::string> arguments;
};

/// Returns only when it fails.
Result<> Launch(const StreamlitOptions& options) {
  if (!std::filesystem::exists(options.app)) {
    return Fail(ErrorKind::kNotFound, "file \"{}\" does not exist", options.app);
  }
  TARN_ASSIGN(const WarehouseLogin login, FindLogin(options.data));
  nlohmann::json session = {{"account", "tarn"},
                            {"host", login.status.listen.host},
                            {"port", login.status.listen.http_port},
                            {"protocol", "http"},
                            {"user", kWarehouseUser},
                            {"password_file", login.status.password_file}};
  for (const auto& [name, value] : {std::pair{"database", &options.database},
                                    {"schema", &options.schema},
                                    {"role", &options.role},
                                    {"warehouse", &options.warehouse}}) {
    if (!value->empty()) session[name] = *value;
  }
  const char* const chosen = std::getenv("TARN_PYTHON");
  const std::string python = chosen == nullptr ? "python3" : chosen;
  const std::string settings = session.dump();
  std::vector<const char*> words = {python.c_str(), "-c", kLauncher, settings.c_str(),
                                    options.app.c_str()};
  for (const std::string& argument : options.arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true", 0);
  execvp(python.c_str(), const_cast<char* const*>(words.data()));
  return std::unexpected(Error{ErrorKind::kNotFound,
                               fmt::format("could not start \"{}\"", python),
                               {},
                               "Name the Python that has Streamlit in TARN_PYTHON."});
}

}  // namespace

void AddStreamlitCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<StreamlitOptions>();
  CLI::App* command =
      app.add_subcommand("streamlit", "runs a Streamlit app with a session on the warehouse");
  command->add_option("app", options->app, "the app's Python file")->required();
  command->add_option("arguments", options->arguments, "of `streamlit run`, behind --");
  command->add_option("--data", options->data, "data directory");
  command->add_option("--database", options->database, "of the session");
  command->add_option("--schema", options->schema, "of the session");
  command->add_option("--role", options->role, "of the session");
  command->add_option("--warehouse", options->warehouse, "of the session");
  command->callback([options, &status] {
    if (auto done = Launch(*options); !done) status = ReportError(done.error());
  });
}

}  // namespace tarn::cli
