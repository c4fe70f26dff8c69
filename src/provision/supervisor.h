// SPDX-License-Identifier: Apache-2.0
// What `tarn up` leaves running: one process per data directory that starts the instances and
// starts them again when they die.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "provision/data_directory.h"
#include "provision/instances.h"
#include "provision/service.h"

namespace tarn::provision {

/// The supervisor's process id while one runs for this directory. Proven by the lock that it holds.
std::optional<pid_t> RunningSupervisor(const DataDirectory& directory);

/// Every name that a service may have.
inline constexpr std::array<std::string_view, 1> kServiceNames = {"warehouse"};

/// Starts the service and every instance, calls `started`, keeps them running (except those stopped
/// by `instance stop` from then on) until SIGTERM or SIGINT, then stops them. Writes a log to
/// standard error. Conflict when another supervisor runs. An instance that does not start is logged
/// and tried again, ever more slowly; a service that does not start at first is an error, and
/// nothing is left running. REQUIRES: a process with one thread.
Result<> Supervise(Instances& instances, const std::optional<Service>& service,
                   const std::function<void()>& started);

/// Asks a running supervisor to end and waits; then stops whatever service or instance still runs.
/// Says whether anything ran.
Result<bool> StopEverything(Instances& instances);

}  // namespace tarn::provision
