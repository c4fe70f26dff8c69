// SPDX-License-Identifier: Apache-2.0
// Where agents of change capture connect (docs/internals/connector.md).
#pragma once

#include <memory>

#include "base/http_exchange.h"
#include "server/agent_keys.h"
#include "warehouse/connector/connected_agents.h"

namespace tarn::server {

inline constexpr const char* kAgentPath = "/connector/agent";

/// POST kAgentPath tells who an agent is and how its data sources are reached, DELETE that it has
/// ended; PUT kAgentPath/key registers its public key. `agents` outlives the handler.
std::shared_ptr<tarn::http::Handler> MakeAgentHandler(warehouse::ConnectedAgents& agents,
                                                      AgentKeys keys);

}  // namespace tarn::server
