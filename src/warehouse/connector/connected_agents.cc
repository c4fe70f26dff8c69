// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connected_agents.h"

#include <spdlog/spdlog.h>

namespace tarn::warehouse {
namespace {

constexpr size_t kAgentsMax = 100;

int64_t SecondsSince(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - time)
      .count();
}

}  // namespace

void ConnectedAgents::ForgetSilent() {
  std::erase_if(agents_, [&](const auto& entry) {
    const bool silent = Clock::now() - entry.second.heard > silence_max_;
    if (silent) spdlog::warn("agent {} was not heard for too long", entry.first);
    return silent;
  });
}

Result<> ConnectedAgents::Tell(const std::string& agent, const std::string& address,
                               AllSourceSettings settings) {
  const std::lock_guard lock(mutex_);
  ForgetSilent();
  for (const auto& [name, other] : agents_) {
    if (name == agent) continue;
    for (const auto& [source, ignored] : settings) {
      if (!other.settings.contains(source)) continue;
      return std::unexpected(Error{
          ErrorKind::kConflict,
          fmt::format("data source {} has another agent: {} at {}, heard {} s ago", source, name,
                      other.address, SecondsSince(other.heard)),
          "A data source has one agent at a time.",
          fmt::format("End that one, or take {} out of one of both datasources.json.", source)});
    }
  }
  const auto known = agents_.find(agent);
  if (known == agents_.end() && agents_.size() >= kAgentsMax) {
    return Fail(ErrorKind::kResourceExhausted, "there are {} agents already", kAgentsMax);
  }
  if (known == agents_.end()) spdlog::info("agent {} has connected from {}", agent, address);
  if (known == agents_.end() || known->second.settings != settings) ++changes_;
  agents_[agent] = {.address = address, .settings = std::move(settings), .heard = Clock::now()};
  return {};
}

void ConnectedAgents::Forget(const std::string& agent) {
  const std::lock_guard lock(mutex_);
  if (agents_.erase(agent) == 0) return;
  spdlog::info("agent {} has ended", agent);
  ++changes_;
}

void ConnectedAgents::ForgetAll() {
  const std::lock_guard lock(mutex_);
  agents_.clear();
  ++changes_;
}

ConnectedAgents::Known ConnectedAgents::Get() {
  const std::lock_guard lock(mutex_);
  ForgetSilent();
  Known known;
  for (const auto& [name, agent] : agents_) {
    known.agents.insert(name);
    for (const auto& [source, settings] : agent.settings) {
      known.sources.emplace(source, Source{.agent = name, .settings = settings});
    }
  }
  return known;
}

int64_t ConnectedAgents::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

}  // namespace tarn::warehouse
