// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/memory_budget.h"
#include "base/worker_pool.h"
#include "server/postgres/cancel.h"
#include "server/postgres/tls_context.h"
#include "server/postgres/traffic.h"
#include "warehouse/session.h"
#include "warehouse/session/guess_limit.h"

namespace tarn::server::postgres {

class CatalogueAccess;

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 7432;
  std::string version = "0.1.0";  ///< Tarn's, shown behind the PostgreSQL version
  int32_t connections_max = 200;
  /// Connections that have not authenticated yet, beside the others.
  int32_t pending_max = 100;
  int32_t io_threads = 2;
  int32_t authentication_seconds = 60;
  bool requires_tls = false;
  int64_t message_bytes_max = int64_t{1} << 30;  ///< of all clients' unfinished messages together
  int64_t spool_bytes_max = int64_t{4} << 30;    ///< of all cursors that keep their rows
  CatalogueAccess* catalogues = nullptr;         ///< outlives the server; nullptr: there are none
  warehouse::GuessLimit* guesses = nullptr;      ///< the same; nullptr: wrong ones do not count
};

/// What the connections of one server share. Outlives them.
struct ServerContext {
  ServerContext(ServerOptions made_options, warehouse::SessionFactory& made_factory)
      : options(std::move(made_options)),
        factory(made_factory),
        message_memory(options.message_bytes_max),
        spool_space(options.spool_bytes_max),
        workers(std::make_unique<WorkerPool>(options.connections_max + options.pending_max)) {}

  const ServerOptions options;
  warehouse::SessionFactory& factory;
  std::unique_ptr<TlsContext> tls;  ///< nullptr: none is offered
  std::string secret;               ///< random: salts of users that there are not
  MemoryBudget message_memory, spool_space;
  Traffic traffic;
  ConnectionRegistry registry;
  std::atomic<int32_t> connections = 0;  ///< authenticated
  std::atomic<int32_t> pending = 0;      ///< not yet
  std::atomic<bool> stopping = false;
  /// Destroyed between the end of the io threads and the end of what is above.
  std::unique_ptr<WorkerPool> workers;
};

}  // namespace tarn::server::postgres
