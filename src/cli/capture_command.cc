// SPDX-License-Identifier: Apache-2.0
// tarn capture URL | list [NAME] | stop NAME
#include <algorithm>
#include <cctype>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "capture/capture.h"
#include "capture/source/table_catalog.h"
#include "cli/capture/capture_progress.h"
#include "cli/capture/captured_source.h"
#include "cli/capture/source_file.h"
#include "cli/capture/warehouse_captures.h"
#include "cli/commands.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "cli/warehouse_login.h"
#include "provision/account.h"
#include "provision/data_directory.h"
#include "sql/syntax/name.h"
#include "sql/syntax/print.h"

namespace tarn::cli {
namespace {

using capture::SourceName;
using nlohmann::ordered_json;

constexpr std::chrono::milliseconds kRound{500};
constexpr const char* kMirror = "MIRROR";
constexpr const char* kOwnPublication = "tarn_";

struct CaptureCommandOptions {
  std::string url, name, database, publication, interval, data;
  std::vector<std::string> tables;
  bool detach = false, json = false;
};
using Options = CaptureCommandOptions;

/// What names of data sources may have.
std::string SourceNameOf(std::string_view text) {
  constexpr size_t kNameMax = 50;
  std::string name;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 && c < 0x80) name += static_cast<char>(std::toupper(c));
  }
  return name.empty() ? "SOURCE" : name.substr(0, kNameMax);
}

std::string LowerCase(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// As SQL reads a name: in upper case unless it is quoted.
std::string DatabaseNameOf(const std::string& written) {
  if (written.size() > 1 && written.front() == '"' && written.back() == '"') {
    return written.substr(1, written.size() - 2);
  }
  return sql::syntax::UpperCase(written);
}

Result<SourceFile> FileOf(const Options& options) {
  std::error_code error;
  std::filesystem::path root = provision::RequestedDataDirectory(options.data);
  if (const auto whole = std::filesystem::canonical(root, error); !error) root = whole;
  TARN_ASSIGN(provision::Account account, provision::ServerAccount());
  return SourceFile(root / "datasources.json", std::move(account));
}

/// What is asked for, with what follows from the source.
struct Plan {
  std::string name, database, publication;
  SourceEntry entry;
  std::string shown;  ///< host, port, database and user
  std::vector<SourceName> tables;
};

Result<Plan> MakePlan(const Options& options, OpenedSource& source) {
  Plan plan;
  plan.name = SourceNameOf(options.name.empty() ? source.database : options.name);
  plan.database = DatabaseNameOf(options.database.empty() ? source.database : options.database);
  plan.publication =
      options.publication.empty() ? kOwnPublication + LowerCase(plan.name) : options.publication;
  plan.shown = capture::Describe(source.settings);
  plan.entry.username = source.settings.keywords.at("user");
  plan.entry.password = source.settings.password;
  plan.entry.publication = plan.publication;
  if (!options.interval.empty()) plan.entry.flush_interval = options.interval;
  capture::ConnectionSettings anonymous = source.settings;
  anonymous.keywords.erase("user");
  plan.entry.url = capture::ToPostgresUrl(anonymous);
  return plan;
}

/// The name is free, or that of the same database, by whatever way it is reached.
Result<> CheckSame(const Plan& plan, const SourceEntry& known) {
  const auto places = [](const std::string& url) { return url.substr(0, url.find('?')); };
  if (places(known.url) == places(plan.entry.url)) return {};
  return std::unexpected(Error{
      ErrorKind::kAlreadyExists, fmt::format("data source \"{}\" is another database", plan.name),
      fmt::format("The one that was asked for is {}.", plan.shown),
      "Give this one a name of its own: --name NAME, and --database NAME."});
}

Result<> CheckState(const Options& options, const Plan& plan, const CapturedSourceState& state) {
  if (state.mode != kMirror) {
    return std::unexpected(Error{
        ErrorKind::kAlreadyExists, fmt::format("data source \"{}\" is the connector's", plan.name),
        "Its tables have the connector's columns, and stay so.",
        "Give this one a name of its own: --name NAME, and --database NAME."});
  }
  if (options.database.empty() || state.database == plan.database) return {};
  return std::unexpected(Error{
      ErrorKind::kAlreadyExists,
      fmt::format("data source \"{}\" is captured into database {}", plan.name, state.database),
      {},
      fmt::format("Leave --database out, or run: tarn capture stop {}", plan.name)});
}

/// Which of the tables are new there.
Result<std::vector<SourceName>> AddToWarehouse(const Options& options, Plan& plan,
                                               WarehouseCaptures& warehouse) {
  TARN_ASSIGN(const auto sources, warehouse.Sources());
  const auto known = std::ranges::find(sources, plan.name, &CapturedSourceState::name);
  if (known == sources.end()) {
    TARN_TRY(warehouse.AddMirror(plan.name, plan.database));
  } else {
    TARN_TRY(CheckState(options, plan, *known));
    plan.database = known->database;
  }
  TARN_ASSIGN(const auto captured, warehouse.Tables(plan.name));
  std::vector<SourceName> added;
  for (const SourceName& table : plan.tables) {
    if (std::ranges::find(captured, table, &CapturedTableState::name) == captured.end()) {
      added.push_back(table);
    }
  }
  TARN_TRY(warehouse.AddTables(plan.name, added));
  return added;
}

void PrintPlan(const Options& options, const Plan& plan, size_t added) {
  if (options.json) {
    ordered_json tables = ordered_json::array();
    for (const SourceName& name : plan.tables) {
      tables.push_back({{"schema", name.schema}, {"table", name.table}});
    }
    fmt::print("{}\n", ordered_json{{"name", plan.name},
                                    {"database", plan.database},
                                    {"source", plan.shown},
                                    {"publication", plan.publication},
                                    {"tables", tables},
                                    {"added", added}}
                           .dump());
  } else {
    const SourceName& first = plan.tables.front();
    fmt::print("source    {} ({})\ndatabase  {}\ntables    {}, {} of them new\n\n", plan.name,
               plan.shown, plan.database, plan.tables.size(), added);
    fmt::print("  SELECT * FROM {}.\"{}\".\"{}\";\n\n",
               sql::syntax::IsPlainName(plan.database) ? plan.database
                                                       : sql::syntax::QuoteName(plan.database),
               first.schema, first.table);
  }
  std::fflush(stdout);
}

/// Until somebody interrupts.
Result<> Follow(const Plan& plan, WarehouseCaptures& warehouse) {
  SqlClient::CatchInterrupts();
  CaptureProgress progress;
  while (!SqlClient::TakeInterrupt()) {
    const auto tables = warehouse.Tables(plan.name);
    if (!tables && SqlClient::TakeInterrupt()) break;
    if (!tables) return std::unexpected(tables.error());
    progress.Show(*tables);
    std::this_thread::sleep_for(kRound);
  }
  fmt::print(
      "\nIt goes on in the warehouse: tarn capture list {}. To end it: tarn capture stop {}\n",
      plan.name, plan.name);
  return {};
}

Result<> CaptureUrl(const Options& options) {
  // Before the source is touched.
  TARN_ASSIGN(WarehouseCaptures warehouse, WarehouseCaptures::Connect(options.data));
  TARN_ASSIGN(OpenedSource source, OpenSource(options.url));
  TARN_ASSIGN(Plan plan, MakePlan(options, source));
  TARN_ASSIGN(const auto known, warehouse.Sources());
  const bool is_new =
      std::ranges::find(known, plan.name, &CapturedSourceState::name) == known.end();
  // A source that is captured has its slot.
  if (is_new) TARN_TRY(capture::CheckReadiness(*source.connection));
  std::vector<std::string> skipped;
  TARN_ASSIGN(plan.tables, ChooseTables(*source.connection, options.tables, skipped));
  for (const std::string& why : skipped) PrintNotice(why + "; it is left out");
  TARN_ASSIGN(SourceFile file, FileOf(options));
  TARN_ASSIGN(auto entry, file.Find(plan.name));
  if (entry) {
    TARN_TRY(CheckSame(plan, *entry));
    if (options.publication.empty() && !entry->publication.empty()) {
      plan.publication = plan.entry.publication = entry->publication;
    }
    if (options.interval.empty()) plan.entry.flush_interval = entry->flush_interval;
  }
  TARN_ASSIGN(const bool made,
              EnsurePublication(*source.connection, plan.publication, plan.tables));
  if (made && !options.json) fmt::print("made publication {} in the source\n", plan.publication);
  source.connection.reset();
  if (!entry || *entry != plan.entry) TARN_TRY(file.Put(plan.name, plan.entry));
  const auto added = AddToWarehouse(options, plan, warehouse);
  if (!added) {
    // Nobody asks for what it was put there for.
    if (is_new && !entry) TARN_TRY(file.Remove(plan.name));
    return std::unexpected(added.error());
  }
  PrintPlan(options, plan, added->size());
  return options.detach ? Result<>() : Follow(plan, warehouse);
}

std::string ShownSource(const std::optional<SourceEntry>& entry) {
  if (!entry || entry->url.empty()) return "-";
  auto settings = entry->url.starts_with("jdbc:") ? capture::ParseJdbcUrl(entry->url)
                                                  : capture::ParsePostgresUrl(entry->url);
  if (!settings) return "-";
  if (!entry->username.empty()) settings->keywords["user"] = entry->username;
  return capture::Describe(*settings);
}

ordered_json OrNull(const std::optional<double>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

Result<> ListTables(const Options& options, WarehouseCaptures& warehouse) {
  TARN_ASSIGN(const auto tables, warehouse.Tables(SourceNameOf(options.name)));
  if (!options.json) {
    for (const std::string& line : TableLines(tables)) fmt::print("{}\n", line);
    return {};
  }
  ordered_json list = ordered_json::array();
  for (const CapturedTableState& table : tables) {
    list.push_back({{"schema", table.name.schema},
                    {"table", table.name.table},
                    {"state", table.state},
                    {"rows_copied", table.rows_copied},
                    {"rows_applied", table.rows_applied},
                    {"rows_per_second", table.rows_per_second},
                    {"lag_seconds", OrNull(table.lag_seconds)},
                    {"error", table.error}});
  }
  fmt::print("{}\n", list.dump());
  return {};
}

Result<> List(const Options& options) {
  TARN_ASSIGN(WarehouseCaptures warehouse, WarehouseCaptures::Connect(options.data));
  if (!options.name.empty()) return ListTables(options, warehouse);
  TARN_ASSIGN(const auto sources, warehouse.Sources());
  TARN_ASSIGN(const SourceFile file, FileOf(options));
  ordered_json list = ordered_json::array();
  if (!options.json) {
    fmt::print("{:16} {:10} {:16} {:40} {:>6} {:10} {:>9} {:>10}\n", "NAME", "MODE", "DATABASE",
               "SOURCE", "TABLES", "STATE", "LAG", "LOG KEPT");
  }
  for (const CapturedSourceState& source : sources) {
    TARN_ASSIGN(const auto entry, file.Find(source.name));
    const std::string shown = ShownSource(entry);
    const char* const state = source.connected ? "connected" : "waiting";
    if (options.json) {
      list.push_back({{"name", source.name},
                      {"mode", LowerCase(source.mode)},
                      {"database", source.database},
                      {"source", shown},
                      {"tables", source.tables},
                      {"connected", source.connected},
                      {"lag_seconds", OrNull(source.lag_seconds)},
                      {"lag_bytes", source.lag_bytes},
                      {"slot_retained_bytes", source.slot_retained_bytes},
                      {"error", source.error}});
      continue;
    }
    fmt::print("{:16} {:10} {:16} {:40} {:>6} {:10} {:>9} {:>10}{}\n", source.name,
               LowerCase(source.mode), source.database, shown, source.tables, state,
               LagText(source.lag_seconds), SizeText(source.slot_retained_bytes),
               source.error.empty() ? "" : "  " + source.error);
  }
  if (options.json) fmt::print("{}\n", list.dump());
  return {};
}

/// What the capture left in the source: a slot that nobody reads keeps the source's log for ever.
Result<> ClearSource(const std::string& name, const SourceEntry& entry) {
  TARN_ASSIGN(auto settings, entry.url.starts_with("jdbc:") ? capture::ParseJdbcUrl(entry.url)
                                                            : capture::ParsePostgresUrl(entry.url));
  settings.keywords["user"] = entry.username;
  settings.password = entry.password;
  TARN_ASSIGN(const auto source, capture::SourceConnection::Open(settings));
  const bool own = entry.publication == kOwnPublication + LowerCase(name);
  return RemoveTraces(*source, capture::ConnectorSlotName(name), own ? entry.publication : "");
}

Result<> Stop(const Options& options) {
  const std::string name = SourceNameOf(options.name);
  TARN_ASSIGN(WarehouseCaptures warehouse, WarehouseCaptures::Connect(options.data));
  TARN_ASSIGN(const auto sources, warehouse.Sources());
  const auto known = std::ranges::find(sources, name, &CapturedSourceState::name);
  TARN_ASSIGN(SourceFile file, FileOf(options));
  TARN_ASSIGN(const auto entry, file.Find(name));
  if (known == sources.end() && !entry) {
    return std::unexpected(Error{ErrorKind::kNotFound,
                                 fmt::format("nothing is captured under the name \"{}\"", name),
                                 {},
                                 "tarn capture list shows what is."});
  }
  if (known != sources.end()) TARN_TRY(warehouse.Remove(name));
  if (entry) {
    if (const auto cleared = ClearSource(name, *entry); !cleared) {
      const Error& error = cleared.error();
      PrintNotice(fmt::format(
          "the source keeps what the capture left in it: {} {}\nRun there, once it is reached: "
          "SELECT pg_drop_replication_slot('{}');",
          error.message, error.detail, capture::ConnectorSlotName(name)));
    }
    TARN_TRY(file.Remove(name));
  }
  if (options.json) {
    fmt::print("{}\n", ordered_json{{"name", name}, {"state", "stopped"}}.dump());
  } else {
    fmt::print("capture {} stopped; its tables in the warehouse stay\n", name);
  }
  return {};
}

void AddTo(CLI::App& command, const std::shared_ptr<Options>& options) {
  command.add_option("--data", options->data, "data directory");
  command.add_flag("--json", options->json, "print the result as JSON");
}

}  // namespace

void AddCaptureCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "capture", "follows tables of a PostgreSQL database as live Iceberg tables");
  command->add_option("url", options->url,
                      "postgresql://user@host/database; the password may be in PGPASSWORD or "
                      "~/.pgpass");
  command->add_option("--tables", options->tables, "schema.table, …; all that have a key otherwise")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--database", options->database,
                      "the warehouse's database for them; the source's name otherwise");
  command->add_option("--name", options->name, "what it is called in list and stop");
  command->add_option("--publication", options->publication,
                      "a publication of the source; one is made otherwise");
  command->add_option("--interval", options->interval,
                      "between commits: 500ms, 5s, 2min; 1s otherwise");
  command->add_flag("--detach", options->detach, "do not show how far it is");
  AddTo(*command, options);
  CLI::App* list = command->add_subcommand("list", "what is captured");
  list->add_option("name", options->name, "show the tables of this one");
  AddTo(*list, options);
  CLI::App* stop = command->add_subcommand("stop", "ends a capture; tables stay");
  stop->add_option("name", options->name, "the capture")->required();
  AddTo(*stop, options);
  command->require_subcommand(0, 1);
  command->callback([options, list, stop, &status] {
    Result<> done;
    if (list->parsed()) {
      done = List(*options);
    } else if (stop->parsed()) {
      done = Stop(*options);
    } else if (options->url.empty()) {
      done = std::unexpected(Error{ErrorKind::kInvalidArgument,
                                   "a connection URL is missing",
                                   {},
                                   "tarn capture postgresql://user@host/database"});
    } else {
      done = CaptureUrl(*options);
    }
    if (!done) status = ReportError(done.error());
  });
}

}  // namespace tarn::cli
