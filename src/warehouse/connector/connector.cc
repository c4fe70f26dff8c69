// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connector.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "warehouse/connector/installation.h"
#include "warehouse/connector/replication_words.h"

namespace tarn::warehouse {
namespace {

constexpr std::chrono::milliseconds kLookInterval{1000};
constexpr std::chrono::milliseconds kPatience{100};
/// In CONNECTED_AGENT_ID, where the warehouse's own file has the settings.
constexpr const char* kOwnAgent = "WAREHOUSE";

constexpr const char* kRegistered = "Agent registered";
constexpr const char* kUnregistered = "Agent unregistered";
constexpr const char* kAssigned = "Agent assigned";
constexpr const char* kUnassigned = "Agent unassigned";

ConnectorOptions WithStart(ConnectorOptions options) {
  if (options.start == nullptr) options.start = capture::Capture::Start;
  return options;
}

}  // namespace

Connector::Connector(Account& account, ConnectorOptions options)
    : account_(account),
      options_(WithStart(std::move(options))),
      settings_(options_.settings_file),
      thread_([this](const std::stop_token& stop) { Work(stop); }) {}

Connector::~Connector() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

struct Connector::AgentEvent {
  ObjectId application;
  const char* action;
  std::string agent, source;
};

void Connector::Work(const std::stop_token& stop) {
  std::string last_failure;
  while (!stop.stop_requested()) {
    const int64_t seen = account_.metastore().version();
    const int64_t told = options_.agents == nullptr ? 0 : options_.agents->changes();
    const auto done = Reconcile();
    const std::string failure = done ? "" : done.error().message;
    if (!done && failure != last_failure) spdlog::warn("connector: {}", failure);
    last_failure = failure;
    const auto end = std::chrono::steady_clock::now() + kLookInterval;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
      if (account_.metastore().WaitForChange(seen, kPatience)) break;
      if (options_.agents != nullptr && options_.agents->changes() != told) break;
    }
  }
  running_.clear();
}

Result<> Connector::Reconcile() {
  // What cannot be read changes nothing: who is reached stays reached.
  auto read = settings_.Read();
  if (read) known_ = *std::move(read);
  const AllSourceSettings& settings = known_;
  const auto agents =
      options_.agents == nullptr ? ConnectedAgents::Known() : options_.agents->Get();
  std::map<DataSourceId, SourceTask> tasks;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto sources, DataSourcesOf(*snapshot, std::nullopt));
    for (const DataSource& source : sources) {
      SourceTask task{.source = source, .tables = {}, .settings = {}, .agent = {}};
      TARN_ASSIGN(task.tables, CapturedTablesOf(*snapshot, source.id));
      if (const auto told = agents.sources.find(source.name); told != agents.sources.end()) {
        task.settings = told->second.settings;
        task.agent = told->second.agent;
      } else if (const auto found = settings.find(source.name); found != settings.end()) {
        task.settings = found->second;
        task.agent = kOwnAgent;
      }
      tasks.emplace(source.id, std::move(task));
    }
  }
  std::erase_if(running_, [&](const auto& entry) { return !tasks.contains(entry.first); });
  for (auto& [id, task] : tasks) {
    Running& running = running_[id];
    if (running.runner == nullptr) {
      running.runner = std::make_unique<SourceRunner>(account_, task.source, options_.start);
    }
    // States of tables change all the time and are nothing to be done.
    for (CapturedTable& table : task.tables) table = WithoutState(table);
    if (running.directed == task) continue;
    running.runner->Direct(task);
    running.directed = task;
  }
  TARN_TRY(TellOfAgents(agents.agents, tasks));
  if (!read) return std::unexpected(read.error());
  return {};
}

Result<> Connector::TellOfAgents(const std::set<std::string>& agents,
                                 const std::map<DataSourceId, SourceTask>& tasks) {
  std::vector<AgentEvent> events;
  ObjectId application;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto head, snapshot->FindNamed(kAccountId, FamilyOf(ObjectKind::kApplication),
                                                     kConnectorName));
    if (!head) return {};
    application = head->id;
  }
  std::map<DataSourceId, std::string> assigned;
  for (const std::string& agent : agents) {
    if (!told_agents_.contains(agent)) events.push_back({application, kRegistered, agent, {}});
  }
  for (const auto& [id, task] : tasks) {
    const auto before = told_assigned_.find(id);
    const std::string told = before == told_assigned_.end() ? "" : before->second;
    const std::string now = agents.contains(task.agent) ? task.agent : "";
    if (!now.empty()) assigned.emplace(id, now);
    if (now == told) continue;
    const DataSource& source = task.source;
    if (!told.empty()) events.push_back({source.application, kUnassigned, told, source.name});
    if (!now.empty()) events.push_back({source.application, kAssigned, now, source.name});
  }
  for (const std::string& agent : told_agents_) {
    if (!agents.contains(agent)) events.push_back({application, kUnregistered, agent, {}});
  }
  if (!events.empty()) {
    TARN_TRY(WithoutCode(
        account_.metastore().CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
          for (const AgentEvent& event : events) {
            nlohmann::json parameters = {{"agent_id", event.agent}};
            if (!event.source.empty()) parameters["data_source_name"] = event.source;
            STATEMENT_TRY(AddApplicationEvent(transaction, {.application = event.application,
                                                            .by_agent = true,
                                                            .action = event.action,
                                                            .parameters = parameters.dump()}));
          }
          return {};
        })));
  }
  told_agents_ = agents;
  told_assigned_ = std::move(assigned);
  return {};
}

}  // namespace tarn::warehouse
