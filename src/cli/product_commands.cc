// SPDX-License-Identifier: Apache-2.0
// tarn up | down | status | logs
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/instance_table.h"
#include "cli/log_view.h"
#include "cli/report.h"
#include "cli/warehouse_login.h"
#include "cli/workplace.h"
#include "provision/address_holder.h"
#include "provision/server_config.h"
#include "provision/supervisor.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using provision::DataDirectory;
using provision::Instances;

constexpr std::string_view kStarted = "started";

struct ProductOptions {
  WorkplaceOptions workplace;
  bool foreground = false;
  bool follow = false;
  int lines = 50;
  std::string name;
  ListenOptions listen;
};

Result<> PrintStatus(const Instances& instances, bool json) {
  TARN_ASSIGN(const auto all, instances.List());
  const DataDirectory& directory = instances.directory();
  const auto supervisor = provision::RunningSupervisor(directory);
  TARN_ASSIGN(const WarehouseStatus warehouse, FindWarehouse(directory));
  if (json) {
    nlohmann::ordered_json document = {
        {"running", supervisor.has_value()},
        {"pid", nullptr},
        {"data", directory.root.string()},
        {"buckets", directory.buckets().string()},
        {"warehouse", warehouse.AsJson()},
        {"http", {{"url", warehouse.HttpUrl()}, {"dashboard", warehouse.DashboardUrl()}}},
        {"instances", InstancesAsJson(all)}};
    if (supervisor) document["pid"] = *supervisor;
    fmt::print("{}\n", document.dump());
    return {};
  }
  fmt::print("tarn       {}\n",
             supervisor ? fmt::format("running (pid {})", *supervisor) : "stopped");
  fmt::print("data       {}\nbuckets    {}\n", directory.root.string(),
             directory.buckets().string());
  fmt::print("warehouse  {} {}:{}\nhttp       {}\ndashboard  {}\n\n", warehouse.state,
             warehouse.listen.host, warehouse.listen.port, warehouse.HttpUrl(),
             warehouse.DashboardUrl());
  PrintInstances(all);
  if (warehouse.pid) {
    fmt::print(
        "\nConnect to the warehouse: tarn sql\n  or with the password in {}:\n"
        "  psql \"host={} port={} user={} sslmode=require\"\n",
        warehouse.password_file, warehouse.listen.host, warehouse.listen.port, kWarehouseUser);
    fmt::print("\nSnowflake's clients, in ~/.snowflake/connections.toml:\n{}",
               ConnectionsToml(warehouse));
  }
  for (const auto& status : all) {
    if (status.state != provision::InstanceState::kRunning) continue;
    fmt::print(
        "\nConnect to an instance:\n  psql \"host={} port={} dbname={} user={} "
        "sslmode=require\"\n",
        status.record.address.host, status.record.address.port, provision::kDatabase,
        provision::kAdminRole);
    break;
  }
  if (all.empty()) fmt::print("\nCreate an instance with: tarn instance create NAME\n");
  return {};
}

// In the child: a session of its own, with the log as its output.
void Detach(const DataDirectory& directory) {
  setsid();
  const int log =
      open(directory.log_file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, 0);
  dup2(log, 1);
  dup2(log, 2);
}

// What comes through the pipe until its other end is closed.
std::string ReadAll(int pipe) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = read(pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

// Returns when the supervisor has started the warehouse and the instances, or ended without.
Result<> SuperviseInBackground(Instances& instances, const provision::Service& service) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) {
    return Fail(ErrorKind::kResourceExhausted, "could not create a pipe");
  }
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return Fail(ErrorKind::kResourceExhausted, "could not start a process");
  if (child == 0) {
    close(ready[0]);
    Detach(instances.directory());
    const auto answer = [&ready](std::string_view text) {
      (void)!write(ready[1], text.data(), text.size());
      close(ready[1]);
    };
    auto done = provision::Supervise(instances, service, [&] { answer(kStarted); });
    // Before that, somebody waits for the reason.
    if (!done) answer(provision::EncodeError(done.error()));
    _exit(done ? 0 : 1);
  }
  close(ready[1]);
  const std::string answer = ReadAll(ready[0]);
  close(ready[0]);
  if (answer == kStarted) return {};
  if (const auto error = provision::DecodeError(answer)) return std::unexpected(*error);
  return std::unexpected(Error{ErrorKind::kUnavailable,
                               "tarn did not start",
                               {},
                               fmt::format("See {}.", instances.directory().log_file().string())});
}

// `up` succeeded when everything runs; the supervisor goes on trying all the same.
Result<> CheckAllRun(const Instances& instances) {
  TARN_ASSIGN(const auto all, instances.List());
  std::string missing;
  std::string detail;
  for (const auto& status : all) {
    if (status.state == provision::InstanceState::kRunning) continue;
    const provision::ListenAddress& address = status.record.address;
    if (!status.pid && !provision::IsFree(address)) {
      detail += fmt::format("{}Address {}:{} of instance \"{}\" is held by {}.",
                            detail.empty() ? "" : " ", address.host, address.port,
                            status.record.name, provision::DescribeHolder(address));
    }
    missing += fmt::format("{}\"{}\" is {}", missing.empty() ? "" : ", ", status.record.name,
                           ToString(status.state));
  }
  if (missing.empty()) return {};
  return std::unexpected(Error{ErrorKind::kUnavailable, "not every instance runs: " + missing,
                               detail, "The reason is in: tarn logs"});
}

// A second one on the data directory has nothing to do, and cannot do what it asks for.
Result<> CheckAsksNothing(const ProductOptions& options, pid_t running,
                          const DataDirectory& directory) {
  TARN_ASSIGN(const WarehouseStatus warehouse, FindWarehouse(directory));
  const ListenOptions& asked = options.listen;
  const bool elsewhere =
      (asked.host && *asked.host != warehouse.listen.host) ||
      (asked.port.value_or(0) != 0 && *asked.port != warehouse.listen.port) ||
      (asked.http_port.value_or(0) != 0 && *asked.http_port != warehouse.listen.http_port);
  if (!options.foreground && !elsewhere) {
    PrintNotice(fmt::format("tarn is already running (pid {})", running));
    return {};
  }
  return std::unexpected(Error{
      ErrorKind::kConflict,
      fmt::format("tarn is already running on data directory \"{}\" (pid {})",
                  directory.root.string(), running),
      fmt::format("The warehouse listens on {}:{}.", warehouse.listen.host, warehouse.listen.port),
      "End it with: tarn down"});
}

Result<> Up(const ProductOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  Instances& instances = workplace.instances;
  if (const auto pid = provision::RunningSupervisor(instances.directory())) {
    TARN_TRY(CheckAsksNothing(options, *pid, instances.directory()));
  } else {
    TARN_ASSIGN(const auto listen, ChooseListenSettings(instances.directory(), options.listen));
    const provision::Service service = MakeWarehouseService(instances, listen);
    if (options.foreground) {
      return provision::Supervise(instances, service, [&] {
        (void)PrintStatus(instances, options.workplace.json);
        std::fflush(stdout);
      });
    }
    TARN_TRY(SuperviseInBackground(instances, service));
  }
  TARN_TRY(PrintStatus(instances, options.workplace.json));
  return CheckAllRun(instances);
}

Result<> Down(const ProductOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  TARN_ASSIGN(const bool any, provision::StopEverything(workplace.instances));
  if (!any) PrintNotice("nothing was running");
  if (options.workplace.json) return PrintStatus(workplace.instances, true);
  fmt::print("stopped\n");
  return {};
}

Result<> Status(const ProductOptions& options) {
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace(options.workplace));
  return PrintStatus(workplace.instances, options.workplace.json);
}

/// The part is "tarn", or an instance with what of it wrote the file.
std::vector<LogFile> LogFiles(const Instances& instances, const std::string& name) {
  std::vector<LogFile> files;
  std::error_code ignored;
  if (name.empty() && fs::exists(instances.directory().log_file())) {
    files.push_back({instances.directory().log_file(), "tarn"});
  }
  for (const auto& entry : fs::directory_iterator(instances.directory().instances(), ignored)) {
    const provision::InstanceFolder folder{entry.path()};
    const std::string found = entry.path().filename();
    if (found.starts_with('.') || (!name.empty() && found != name)) continue;
    files.push_back({folder.startup_log(), found + " start"});
    for (const auto& log : fs::directory_iterator(folder.logs(), ignored))
      files.push_back({log.path(), found});
  }
  return files;
}

Result<> Logs(const ProductOptions& options) {
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace(options.workplace));
  if (!options.name.empty()) TARN_TRY(workplace.instances.Get(options.name));
  const std::vector<LogFile> files = LogFiles(workplace.instances, options.name);
  if (files.empty()) return Fail(ErrorKind::kNotFound, "there are no logs yet");
  return ShowLogs(files, {.lines = options.lines, .follow = options.follow});
}

CLI::App* Add(CLI::App& app, const char* verb, const char* help, int& status,
              Result<> (*run)(const ProductOptions&),
              const std::shared_ptr<ProductOptions>& options) {
  CLI::App* command = app.add_subcommand(verb, help);
  command->add_option("--data", options->workplace.data, "data directory");
  command->callback([run, options, &status] {
    auto done = run(*options);
    if (!done) status = ReportError(done.error());
  });
  return command;
}

}  // namespace

void AddProductCommands(CLI::App& app, int& status) {
  const auto options = std::make_shared<ProductOptions>();
  bool& json = options->workplace.json;
  constexpr const char* kJsonHelp = "print the result as JSON";
  CLI::App* up = Add(app, "up", "starts the warehouse and the instances and keeps them running",
                     status, Up, options);
  ListenOptions& listen = options->listen;
  up->add_option("--host", listen.host, "address of the warehouse; remembered")
      ->envname("TARN_HOST");
  up->add_option("--port", listen.port, "port of its SQL; remembered; 0: any")
      ->envname("TARN_PORT");
  up->add_option("--http-port", listen.http_port, "port of its HTTP; remembered; 0: any")
      ->envname("TARN_HTTP_PORT");
  up->add_flag("--foreground", options->foreground, "stay in the foreground and log to stderr");
  up->add_flag("--json", json, kJsonHelp);
  Add(app, "down", "stops everything", status, Down, options)->add_flag("--json", json, kJsonHelp);
  Add(app, "status", "the state of every part", status, Status, options)
      ->add_flag("--json", json, kJsonHelp);
  CLI::App* logs = Add(app, "logs", "shows the logs", status, Logs, options);
  logs->add_option("name", options->name, "of this instance only");
  logs->add_option("-n,--lines", options->lines, "how many lines of each file");
  logs->add_flag("-f,--follow", options->follow, "go on as they grow");
}

}  // namespace tarn::cli
