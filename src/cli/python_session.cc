// SPDX-License-Identifier: Apache-2.0
#include "cli/python_session.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/warehouse_login.h"

namespace tarn::cli {

void AddSessionOptions(CLI::App& command, PythonSession& session) {
  command.add_option("--data", session.data, "data directory");
  command.add_option("--database", session.database, "of the session");
  command.add_option("--schema", session.schema, "of the session");
  command.add_option("--role", session.role, "of the session");
  command.add_option("--warehouse", session.warehouse, "of the session");
}

Result<> BecomePython(const PythonSession& session, const char* program,
                      const std::vector<std::string>& arguments, const std::string& needs) {
  TARN_ASSIGN(const WarehouseLogin login, FindLogin(session.data));
  nlohmann::json options = {{"account", "tarn"},
                            {"host", login.status.listen.host},
                            {"port", login.status.listen.http_port},
                            {"protocol", "http"},
                            {"user", kWarehouseUser},
                            {"password_file", login.status.password_file}};
  for (const auto& [name, value] : {std::pair{"database", &session.database},
                                    {"schema", &session.schema},
                                    {"role", &session.role},
                                    {"warehouse", &session.warehouse}}) {
    if (!value->empty()) options[name] = *value;
  }
  const char* const chosen = std::getenv("TARN_PYTHON");
  const std::string python = chosen == nullptr ? "python3" : chosen;
  const std::string settings = options.dump();
  std::vector<const char*> words = {python.c_str(), "-c", program, settings.c_str()};
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  words.push_back(nullptr);
  setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true", 0);
  execvp(python.c_str(), const_cast<char* const*>(words.data()));
  return std::unexpected(Error{ErrorKind::kNotFound,
                               fmt::format("could not start \"{}\"", python),
                               {},
                               fmt::format("Name the Python that has {} in TARN_PYTHON.", needs)});
}

}  // namespace tarn::cli
