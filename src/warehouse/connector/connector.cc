// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connector.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "warehouse/connector/replication_words.h"

namespace tarn::warehouse {
namespace {

constexpr std::chrono::milliseconds kLookInterval{1000};
constexpr std::chrono::milliseconds kPatience{100};
/// In CONNECTED_AGENT_ID, where the warehouse's own file has the settings.
constexpr const char* kOwnAgent = "WAREHOUSE";

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

void Connector::Work(const std::stop_token& stop) {
  std::string last_failure;
  while (!stop.stop_requested()) {
    const int64_t seen = account_.metastore().version();
    const auto done = Reconcile();
    const std::string failure = done ? "" : done.error().message;
    if (!done && failure != last_failure) spdlog::warn("connector: {}", failure);
    last_failure = failure;
    const auto end = std::chrono::steady_clock::now() + kLookInterval;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
      if (account_.metastore().WaitForChange(seen, kPatience)) break;
    }
  }
  running_.clear();
}

Result<> Connector::Reconcile() {
  // What cannot be read changes nothing: who is reached stays reached.
  TARN_ASSIGN(const AllSourceSettings settings, settings_.Read());
  std::map<DataSourceId, SourceTask> tasks;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto sources, DataSourcesOf(*snapshot, std::nullopt));
    for (const DataSource& source : sources) {
      SourceTask task{.source = source, .tables = {}, .settings = {}, .agent = {}};
      TARN_ASSIGN(task.tables, CapturedTablesOf(*snapshot, source.id));
      if (const auto found = settings.find(source.name); found != settings.end()) {
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
    running.directed = std::move(task);
  }
  return {};
}

}  // namespace tarn::warehouse
