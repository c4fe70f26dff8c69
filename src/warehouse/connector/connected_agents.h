// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "base/result.h"
#include "warehouse/connector/source_settings.h"

namespace tarn::warehouse {

/// What agents beside the sources tell of how these are reached: in memory alone. Agents that are
/// silent for too long are forgotten. Thread-safe.
class ConnectedAgents {
 public:
  explicit ConnectedAgents(std::chrono::milliseconds silence_max = std::chrono::minutes(1))
      : silence_max_(silence_max) {}

  /// In place of what the agent told before. Conflict, which changes nothing, where another agent
  /// has one of the data sources, and says who; `address` is told with it. ResourceExhausted for
  /// the 101st agent.
  Result<> Tell(const std::string& agent, const std::string& address, AllSourceSettings settings);
  void Forget(const std::string& agent);
  void ForgetAll();

  struct Source {
    std::string agent;
    SourceSettings settings;
  };
  struct Known {
    std::set<std::string> agents;
    std::map<std::string, Source> sources;  ///< by name
  };
  Known Get();
  /// Grows with every change of what is known but by silence.
  int64_t changes() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Agent {
    std::string address;
    AllSourceSettings settings;
    Clock::time_point heard;
  };
  /// REQUIRES: the mutex is held.
  void ForgetSilent();

  const std::chrono::milliseconds silence_max_;
  mutable std::mutex mutex_;
  std::map<std::string, Agent> agents_;
  int64_t changes_ = 0;
};

}  // namespace tarn::warehouse
