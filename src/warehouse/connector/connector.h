// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "warehouse/connector/source_runner.h"
#include "warehouse/connector/source_settings.h"

namespace tarn::warehouse {

struct ConnectorOptions {
  std::string settings_file;     ///< datasources.json, which may not be there yet; "": none
  StartCapture start = nullptr;  ///< null: capture::Capture::Start
};

/// Replicates what the connector's procedures asked for: one thread brings the data sources that
/// run to those that the metastore has and somebody knows how to reach. Woken by every commit, and
/// once a second for the settings.
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

  Account& account_;
  const ConnectorOptions options_;
  SourceSettingsFile settings_;
  std::map<DataSourceId, Running> running_;
  std::jthread thread_;
};

}  // namespace tarn::warehouse
