// SPDX-License-Identifier: Apache-2.0
// The warehouse of a data directory with everything that listens in front of it: what the
// supervisor of `tarn up` runs in a process of its own.
#pragma once

#include <chrono>
#include <memory>

#include "base/result.h"
#include "provision/data_directory.h"
#include "provision/instances.h"
#include "rest/catalog.h"
#include "server/catalogues/mirrors.h"
#include "server/dashboard/service.h"
#include "server/http/server.h"
#include "server/listen_settings.h"
#include "server/postgres/listener.h"
#include "server/snowflake/service.h"
#include "warehouse/connector/connected_agents.h"
#include "warehouse/session/account.h"
#include "warehouse/session/guess_limit.h"

namespace tarn::server {

/// Statements that run when the server ends have so long to finish.
inline constexpr std::chrono::seconds kShutdownGrace{5};

struct WarehouseServerOptions {
  provision::DataDirectory directory;
  ListenSettings listen;
  std::string version;
  provision::Instances* instances = nullptr;  ///< outlives the server
};

/// Used by one thread.
class WarehouseServer {
 public:
  /// Listens when it returns. Makes the account, the first user's password and the certificate
  /// where they are missing. Fails as Account::Open does, with Unavailable where an address is
  /// taken, and says by whom.
  static Result<std::unique_ptr<WarehouseServer>> Start(const WarehouseServerOptions& options);
  /// Stops.
  ~WarehouseServer();

  /// With the ports that were chosen where 0 was asked for.
  const ListenSettings& listen() const { return listen_; }
  /// Takes no more clients; statements that run have kShutdownGrace, then they are cancelled.
  void Stop();

 private:
  WarehouseServer() = default;
  Result<> Open(const WarehouseServerOptions& options);
  Result<> ServeHttp(const WarehouseServerOptions& options, int64_t memory_limit_bytes);

  ListenSettings listen_;
  warehouse::ConnectedAgents agents_;
  std::unique_ptr<warehouse::Account> account_;
  std::unique_ptr<warehouse::GuessLimit> guesses_;
  std::unique_ptr<catalogues::Mirrors> catalogues_;  ///< null without a PostgreSQL to run
  std::unique_ptr<postgres::Listener> postgres_;
  std::unique_ptr<rest::Catalog> catalog_;
  std::shared_ptr<snowflake::Service> snowflake_;
  std::shared_ptr<dashboard::Service> dashboard_;
  http::Router router_;
  std::unique_ptr<http::HttpServer> http_;
};

}  // namespace tarn::server
