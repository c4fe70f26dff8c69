// SPDX-License-Identifier: Apache-2.0
#include "provision/server_connections.h"

namespace tarn::provision {
namespace {

constexpr std::chrono::seconds kIdleTime{2};
constexpr size_t kIdleMax = 8;

}  // namespace

ServerConnections::ServerConnections(Instances instances)
    : instances_(std::move(instances)),
      closer_([this](const std::stop_token& stop) { CloseIdle(stop); }) {}

ServerConnections::~ServerConnections() = default;

ServerConnections::Lease::~Lease() {
  if (connection_ != nullptr) home_->GiveBack(key_, std::move(connection_));
}

Result<ServerConnections::Lease> ServerConnections::Take(const std::string& server,
                                                         const std::string& database) {
  Key key{server, database};
  std::optional<InstanceStatus> status;
  {
    const std::lock_guard lock(mutex_);
    std::vector<Idle>& idle = idle_[key];
    while (!idle.empty()) {
      std::unique_ptr<ServerConnection> connection = std::move(idle.back().connection);
      idle.pop_back();
      if (connection->IsIdle()) return Lease(this, std::move(key), std::move(connection));
    }
    TARN_ASSIGN(status, instances_.Get(server));
  }
  if (status->state != InstanceState::kRunning) {
    return Fail(ErrorKind::kUnavailable, "instance \"{}\" is not running", server);
  }
  TARN_ASSIGN(auto connection, ServerConnection::Open(status->record, database));
  return Lease(this, std::move(key), std::move(connection));
}

Result<InstanceRecord> ServerConnections::RecordOf(const std::string& server) {
  const std::lock_guard lock(mutex_);
  TARN_ASSIGN(InstanceStatus status, instances_.Get(server));
  return std::move(status.record);
}

void ServerConnections::GiveBack(const Key& key, std::unique_ptr<ServerConnection> connection) {
  if (!connection->IsIdle()) return;
  {
    const std::lock_guard lock(mutex_);
    std::vector<Idle>& idle = idle_[key];
    if (idle.size() >= kIdleMax) return;
    idle.push_back({std::move(connection), Clock::now() + kIdleTime});
  }
  changed_.notify_one();
}

void ServerConnections::CloseIdle(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    std::optional<Clock::time_point> next;
    for (auto it = idle_.begin(); it != idle_.end();) {
      std::erase_if(it->second, [](const Idle& idle) { return idle.until <= Clock::now(); });
      for (const Idle& idle : it->second) next = std::min(next.value_or(idle.until), idle.until);
      it = it->second.empty() ? idle_.erase(it) : std::next(it);
    }
    // Nothing else waits for the mutex to be told: a connection given back makes the next moment.
    const auto before = idle_.size();
    const auto differs = [&] { return idle_.size() != before; };
    if (next) {
      changed_.wait_until(lock, stop, *next, differs);
    } else {
      changed_.wait(lock, stop, differs);
    }
  }
}

}  // namespace tarn::provision
