// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/committed_pointers.h"

#include <vector>

#include "provision/server_config.h"
#include "warehouse/instances/extension_relations.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMissingMs = 30'000;

}  // namespace

CommittedPointers::CommittedPointers(provision::ServerConnections* connections,
                                     provision::Instances instances)
    : connections_(connections), instances_(std::move(instances)) {}

Result<std::optional<std::string>> CommittedPointers::Newest(const std::string& table_location) {
  const std::string prefix = table_location + "/metadata/";
  std::optional<Home> home;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = homes_.find(prefix); found != homes_.end()) home = found->second;
    const auto missing = missing_until_ms_.find(prefix);
    if (!home && missing != missing_until_ms_.end() && clock_.NowMs() < missing->second) {
      return std::nullopt;
    }
  }
  if (home) {
    auto newest = Ask(*home, prefix);
    // A server that does not run has the table all the same.
    const bool away = !newest && newest.error().kind == ErrorKind::kUnavailable;
    if (away || (newest && *newest)) return newest;
  }
  return Search(prefix);
}

Result<std::optional<std::string>> CommittedPointers::Ask(const Home& home,
                                                          const std::string& prefix) {
  TARN_ASSIGN(const auto connection, connections_->Take(home.server, home.database));
  TARN_ASSIGN(const auto extension, FindExtension(*connection));
  if (!extension) return std::nullopt;
  const std::vector<std::string> parameters = {prefix};
  TARN_ASSIGN(const auto rows,
              connection->Run(fmt::format("SELECT metadata_location FROM {} "
                                          "WHERE starts_with(metadata_location, $1)",
                                          extension->pointers),
                              parameters));
  // Of two tables at one place nobody can say which is meant.
  if (rows.size() != 1) return std::nullopt;
  return rows[0][0];
}

Result<std::optional<std::string>> CommittedPointers::Search(const std::string& prefix) {
  std::vector<provision::InstanceStatus> servers;
  {
    const std::lock_guard lock(mutex_);
    homes_.erase(prefix);
    TARN_ASSIGN(servers, instances_.List());
  }
  for (const provision::InstanceStatus& server : servers) {
    if (server.state != provision::InstanceState::kRunning) continue;
    std::vector<provision::ServerRow> databases;
    {
      TARN_ASSIGN(const auto connection,
                  connections_->Take(server.record.name, provision::kDatabase));
      TARN_ASSIGN(databases, connection->Run("SELECT datname FROM pg_database WHERE datallowconn "
                                             "AND NOT datistemplate"));
    }
    for (const provision::ServerRow& database : databases) {
      const Home home{.server = server.record.name, .database = database[0].value()};
      TARN_ASSIGN(const auto newest, Ask(home, prefix));
      if (!newest) continue;
      const std::lock_guard lock(mutex_);
      homes_[prefix] = home;
      missing_until_ms_.erase(prefix);
      return newest;
    }
  }
  const std::lock_guard lock(mutex_);
  missing_until_ms_[prefix] = clock_.NowMs() + kMissingMs;
  return std::nullopt;
}

}  // namespace tarn::warehouse
