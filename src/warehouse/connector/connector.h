// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "warehouse/connector/connected_agents.h"
#include "warehouse/connector/source_runner.h"
#include "warehouse/connector/source_settings.h"

namespace tarn::warehouse {

struct ConnectorOptions {
  std::string settings_file;     ///< datasources.json, which may not be there yet; "": none
  StartCapture start = nullptr;  ///< null: capture::Capture::Start
  /// What they tell beats the file. Outlives the account; null: none.
  ConnectedAgents* agents = nullptr;
};

/// Replicates what the connector's procedures asked for: one thread brings the data sources that
/// run to those that the metastore has and somebody knows how to reach. Woken by every commit and
/// by agents, and once a second for the file.
class Connector {
 public:
  /// Starts its thread. The account outlives it.
  Connector(Account& account, ConnectorOptions options);
  /// Ends all captures.
  ~Connector();

 private:
  void Work(const std::stop_token& stop);
  Result<> Reconcile();
  struct Running {
    std::unique_ptr<SourceRunner> runner;
    std::optional<SourceTask> directed;
  };
  struct AgentEvent;
  /// Into the audit log of agents: those that came and went, and with which sources.
  Result<> TellOfAgents(const std::set<std::string>& agents,
                        const std::map<DataSourceId, SourceTask>& tasks);

  Account& account_;
  const ConnectorOptions options_;
  SourceSettingsFile settings_;
  AllSourceSettings known_;  ///< as the file was when it could last be read
  std::map<DataSourceId, Running> running_;
  // As the audit log has them.
  std::set<std::string> told_agents_;
  std::map<DataSourceId, std::string> told_assigned_;
  std::jthread thread_;
};

}  // namespace tarn::warehouse
