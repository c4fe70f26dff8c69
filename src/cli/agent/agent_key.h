// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "cli/agent/agent_files.h"
#include "provision/signing_key.h"

namespace tarn::cli {

/// SNOWFLAKE_PRIVATEKEY, the file of SNOWFLAKE_PRIVATEKEYPATH, or the agent's own file, with the
/// password of SNOWFLAKE_PRIVATEKEYPASSWORD.
Result<provision::PrivateKey> ReadAgentKey(const AgentFiles& files);

/// Makes the agent's own pair of keys where it would be read and is missing. The public one is
/// written anew from the private one.
Result<> EnsureAgentKey(const AgentFiles& files);

}  // namespace tarn::cli
