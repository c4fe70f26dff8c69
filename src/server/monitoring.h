// SPDX-License-Identifier: Apache-2.0
// What is watched of a running warehouse: /health and /metrics.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/http_exchange.h"
#include "server/postgres/listener.h"
#include "warehouse/session/account.h"

namespace tarn::server {

/// What there is to tell; all of it outlives the handlers.
struct Monitored {
  warehouse::Account* account = nullptr;
  const postgres::Listener* postgres = nullptr;
  std::string version;
  int64_t memory_limit_bytes = 0;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

/// 200 with {"status": "ok", …} while the metastore can be read, else 503.
std::shared_ptr<tarn::http::Handler> MakeHealthHandler(Monitored monitored);
/// Prometheus' text format, version 0.0.4.
std::shared_ptr<tarn::http::Handler> MakeMetricsHandler(Monitored monitored);

}  // namespace tarn::server
