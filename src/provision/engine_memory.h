// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace tarn::provision {

/// Memory that the lake engine of a server takes (resident, bytes), by the server's process id;
/// nothing where none runs.
std::optional<int64_t> EngineMemoryBytes(pid_t server);

}  // namespace tarn::provision
