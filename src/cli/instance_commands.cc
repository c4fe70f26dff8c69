// SPDX-License-Identifier: Apache-2.0
// tarn instance create | list | start | stop | drop
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/instance_table.h"
#include "cli/report.h"
#include "cli/store_purge.h"
#include "cli/workplace.h"
#include "provision/server_config.h"

namespace tarn::cli {
namespace {

using nlohmann::ordered_json;
using provision::CreatedInstance;
using provision::Instances;

struct InstanceOptions {
  WorkplaceOptions workplace;
  std::string name;
  std::vector<std::string> allowed_locations;
  bool without_extension = false;
  bool purge = false;
};
using Options = std::shared_ptr<InstanceOptions>;

// Passwords go to standard output only, and are on their way before the instance counts as created.
Result<> Announce(const CreatedInstance& created, bool json) {
  const auto& record = created.record;
  if (json) {
    const ordered_json document = {{"name", record.name},
                                   {"host", record.address.host},
                                   {"port", record.address.port},
                                   {"database", provision::kDatabase},
                                   {"users",
                                    {{provision::kAdminRole, created.admin_password},
                                     {provision::kApplicationRole, created.application_password}}}};
    fmt::print("{}\n", document.dump());
  } else {
    fmt::print("instance {} accepts connections\n\n", record.name);
    fmt::print("  host      {}\n  port      {}\n  database  {}\n\n", record.address.host,
               record.address.port, provision::kDatabase);
    fmt::print("  user {:16} password {}\n", provision::kAdminRole, created.admin_password);
    fmt::print("  user {:16} password {}\n\n", provision::kApplicationRole,
               created.application_password);
    fmt::print(
        "The passwords are not shown again. Connect with:\n  psql \"host={} port={} dbname={} "
        "user={} sslmode=require\"\n",
        record.address.host, record.address.port, provision::kDatabase, provision::kAdminRole);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return Fail(ErrorKind::kUnavailable, "could not print the passwords of instance \"{}\"",
                record.name);
  }
  return {};
}

Result<> Create(const InstanceOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  if (!options.workplace.json) fmt::print(stderr, "creating instance {} ...\n", options.name);
  return workplace.instances.Create(
      {.name = options.name,
       .pg_config = options.workplace.pg_config,
       .allowed_locations = options.allowed_locations,
       .with_extension = !options.without_extension,
       .owners = workplace.owners},
      [&](const CreatedInstance& created) { return Announce(created, options.workplace.json); });
}

Result<> List(const InstanceOptions& options) {
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace(options.workplace));
  TARN_ASSIGN(const auto all, workplace.instances.List());
  if (options.workplace.json) {
    fmt::print("{}\n", InstancesAsJson(all).dump());
  } else {
    PrintInstances(all);
  }
  return {};
}

Result<> PrintState(const Instances& instances, const InstanceOptions& options) {
  TARN_ASSIGN(const auto status, instances.Get(options.name));
  if (options.workplace.json) {
    fmt::print("{}\n", InstanceAsJson(status).dump());
  } else {
    PrintInstances({status});
  }
  return {};
}

Result<> Start(const InstanceOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  TARN_ASSIGN(const bool started, workplace.instances.Start(options.name, true));
  if (!started) PrintNotice(fmt::format("instance \"{}\" is already running", options.name));
  return PrintState(workplace.instances, options);
}

Result<> Stop(const InstanceOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  TARN_ASSIGN(const bool stopped, workplace.instances.Stop(options.name, true));
  if (!stopped) PrintNotice(fmt::format("instance \"{}\" is not running", options.name));
  return PrintState(workplace.instances, options);
}

Result<> Drop(const InstanceOptions& options) {
  TARN_ASSIGN(Workplace workplace, OpenWorkplace(options.workplace));
  int purged = 0;
  if (options.purge) {
    TARN_ASSIGN(purged, PurgeObjectStores(workplace.instances, options.name));
  }
  TARN_ASSIGN(const int on_disk, workplace.instances.Drop(options.name, options.purge));
  purged += on_disk;
  if (options.workplace.json) {
    const ordered_json document = {
        {"name", options.name}, {"state", "dropped"}, {"purged_tables", purged}};
    fmt::print("{}\n", document.dump());
  } else if (options.purge) {
    fmt::print("instance {} dropped with {} tables in the lake\n", options.name, purged);
  } else {
    fmt::print("instance {} dropped; its tables in the lake stay\n", options.name);
  }
  return {};
}

CLI::App* Add(CLI::App& parent, const char* verb, const char* help, bool named, int& status,
              Result<> (*run)(const InstanceOptions&), const Options& options) {
  CLI::App* command = parent.add_subcommand(verb, help);
  if (named) command->add_option("name", options->name, "the instance")->required();
  command->add_option("--data", options->workplace.data, "data directory");
  command->add_flag("--json", options->workplace.json, "print the result as JSON");
  command->callback([run, options, &status] {
    auto done = run(*options);
    if (!done) status = ReportError(done.error());
  });
  return command;
}

}  // namespace

void AddInstanceCommands(CLI::App& app, int& status) {
  CLI::App* group = app.add_subcommand("instance", "PostgreSQL instances with Iceberg tables");
  group->require_subcommand(1);
  const auto options = std::make_shared<InstanceOptions>();
  CLI::App* create =
      Add(*group, "create", "creates and starts an instance", true, status, Create, options);
  create->add_option("--allow-location", options->allowed_locations,
                     "a prefix beyond the bucket directories that tables may be put in");
  create->add_option("--pg-config", options->workplace.pg_config,
                     "pg_config of the PostgreSQL to use instead of the one that came with tarn");
  // For servers whose extension is not built yet.
  create->add_flag("--without-extension", options->without_extension)->group("");
  Add(*group, "list", "lists the instances", false, status, List, options);
  Add(*group, "start", "starts an instance", true, status, Start, options);
  Add(*group, "stop", "stops an instance", true, status, Stop, options);
  CLI::App* drop =
      Add(*group, "drop", "stops and removes an instance", true, status, Drop, options);
  drop->add_flag("--purge", options->purge, "also remove its tables in the lake");
}

}  // namespace tarn::cli
