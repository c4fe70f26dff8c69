// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "cli/agent/agent_files.h"

namespace tarn::cli {

/// A request of an agent. A plain value; the token and the body are secret.
struct AgentRequest {
  std::string method, path, token, body;
};

struct AgentAnswer {
  int status = 0;
  std::string body;
};

/// Sends one over a connection of its own; over TLS the server's certificate is checked against
/// those that the system trusts (SSL_CERT_FILE and SSL_CERT_DIR say others). Unavailable where
/// nobody answers within some seconds.
Result<AgentAnswer> SendToWarehouse(const WarehouseUrl& url, const AgentRequest& request);

}  // namespace tarn::cli
