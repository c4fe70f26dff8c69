// SPDX-License-Identifier: Apache-2.0
// tarn sql: statements against the warehouse of a data directory.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "base/file_content.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/sql_client.h"
#include "cli/sql_script.h"
#include "cli/warehouse_login.h"

namespace tarn::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct SqlOptions {
  std::string data, database, role;
  std::vector<std::string> files, commands;
  std::string format = "table";
  bool goes_on = false;
};

Result<SqlAddress> FindAddress(const SqlOptions& options) {
  TARN_ASSIGN(const WarehouseLogin login, FindLogin(options.data));
  return SqlAddress{.host = login.status.listen.host,
                    .port = login.status.listen.port,
                    .user = kWarehouseUser,
                    .password = login.password,
                    .database = options.database,
                    .role = options.role};
}

Result<std::vector<SqlScript>> ReadScripts(const SqlOptions& options) {
  std::vector<SqlScript> scripts;
  for (const std::string& command : options.commands) scripts.push_back({"", command});
  for (const std::string& file : options.files) {
    if (file == "-") continue;
    TARN_ASSIGN(auto text, ReadFileIfPresent(file));
    if (!text) return Fail(ErrorKind::kNotFound, "file \"{}\" does not exist", file);
    scripts.push_back({file, *std::move(text)});
  }
  const bool from_input =
      scripts.empty() || std::ranges::find(options.files, "-") != options.files.end();
  if (from_input && isatty(STDIN_FILENO) == 0) {
    std::ostringstream text;
    text << std::cin.rdbuf();
    scripts.push_back({"<stdin>", text.str()});
  }
  return scripts;
}

class SqlSession {
 public:
  SqlSession(SqlClient& client, const SqlOptions& options)
      : client_(client),
        shows_time_(options.format == "table"),
        goes_on_(options.goes_on),
        writer_(options.format == "csv"    ? MakeCsvWriter()
                : options.format == "json" ? MakeJsonWriter()
                                           : MakeTableWriter()) {}

  /// False: a statement failed.
  bool RunScript(const SqlScript& script) {
    const auto statements = SplitStatements(script);
    if (!statements) {
      fmt::print(stderr, "{}ERROR:  {}\n", script.name.empty() ? "" : script.name + ": ",
                 statements.error().message);
      return false;
    }
    bool all = true;
    for (const ScriptStatement& statement : *statements) {
      if (RunOne(script, statement)) continue;
      all = false;
      if (!goes_on_ || !client_.is_connected() || SqlClient::TakeInterrupt()) return false;
    }
    return all;
  }

 private:
  bool RunOne(const SqlScript& script, const ScriptStatement& statement) {
    const auto began = Clock::now();
    const auto failure = client_.Run(statement.text, *writer_);
    const std::chrono::duration<double, std::milli> took = Clock::now() - began;
    if (shows_time_ && !failure) {
      fmt::print("Time: {:.3f} ms\n\n", took.count());
      std::fflush(stdout);
    }
    if (failure) Report(script, statement, *failure);
    return !failure;
  }

  static void Report(const SqlScript& script, const ScriptStatement& statement,
                     const SqlFailure& failure) {
    const size_t at = statement.offset + failure.position.value_or(0);
    std::string text;
    if (!script.name.empty()) text = fmt::format("{}:{}: ", script.name, LineAt(script.text, at));
    text += fmt::format("{}:  {}\n", failure.severity, failure.message);
    if (failure.position) text += ShowPlace(script.text, at);
    if (!failure.detail.empty()) text += fmt::format("DETAIL:  {}\n", failure.detail);
    if (!failure.hint.empty()) text += fmt::format("HINT:  {}\n", failure.hint);
    fmt::print(stderr, "{}", text);
  }

  SqlClient& client_;
  const bool shows_time_, goes_on_;
  const std::unique_ptr<ResultWriter> writer_;
};

// Lines from a terminal, statement by statement. For editing and completion there is psql.
void Converse(SqlClient& client, const SqlOptions& options, const SqlAddress& address) {
  fmt::print(
      "A statement ends with a semicolon; \\q or Ctrl-D ends. With line editing:\n"
      "  psql \"host={} port={} user={} sslmode=require\"\n",
      address.host, address.port, address.user);
  SqlSession session(client, options);
  std::string typed, line;
  while (client.is_connected()) {
    fmt::print("{} ", typed.empty() ? "tarn=>" : "tarn->");
    std::fflush(stdout);
    if (!std::getline(std::cin, line)) break;
    if (SqlClient::TakeInterrupt()) typed.clear();
    if (typed.empty() && (line == "\\q" || line == "exit" || line == "quit")) return;
    typed += line + "\n";
    const auto complete = CompleteUpTo(typed);
    if (!complete) continue;
    session.RunScript({"", typed.substr(0, *complete)});
    (void)SqlClient::TakeInterrupt();
    typed.erase(0, *complete);
    if (typed.find_first_not_of(" \t\n") == std::string::npos) typed.clear();
  }
  fmt::print("\n");
}

Result<bool> Sql(const SqlOptions& options) {
  TARN_ASSIGN(const SqlAddress address, FindAddress(options));
  TARN_ASSIGN(const auto scripts, ReadScripts(options));
  TARN_ASSIGN(const auto client, SqlClient::Connect(address));
  SqlClient::CatchInterrupts();
  if (scripts.empty()) {
    Converse(*client, options, address);
    return true;
  }
  SqlSession session(*client, options);
  bool all = true;
  for (const SqlScript& script : scripts) {
    all = session.RunScript(script) && all;
    if (!all && (!options.goes_on || !client->is_connected())) break;
  }
  return all;
}

}  // namespace

void AddSqlCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<SqlOptions>();
  CLI::App* command = app.add_subcommand("sql", "runs statements in the warehouse");
  command->add_option("-c,--command", options->commands, "SQL to run; may be repeated");
  command->add_option("-f,--file", options->files, "a file to run, - for standard input")
      ->allow_extra_args(false);
  command->add_option("--format", options->format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}));
  command->add_option("--role", options->role, "the role to begin with");
  command->add_option("-d,--database", options->database, "the database to begin with");
  command->add_flag("--continue", options->goes_on, "go on after a statement that failed");
  command->add_option("--data", options->data, "data directory");
  command->callback([options, &status] {
    const auto done = Sql(*options);
    status = !done ? ReportError(done.error()) : *done ? 0 : 1;
  });
}

}  // namespace tarn::cli
