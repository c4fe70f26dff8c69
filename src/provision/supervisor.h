// SPDX-License-Identifier: Apache-2.0
// What `tarn up` leaves running: one process per data directory that starts the instances and
// starts them again when they die.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

#include "base/result.h"
#include "provision/data_directory.h"
#include "provision/instances.h"

namespace tarn::provision {

/// The supervisor's process id while one runs for this directory. Proven by the lock that it holds.
std::optional<pid_t> RunningSupervisor(const DataDirectory& directory);

/// Starts every instance, calls `started`, keeps them running (except those stopped by `instance
/// stop` from then on) until SIGTERM or SIGINT, then stops them. Writes a log to standard error.
/// Conflict when another supervisor runs. An instance that does not start is logged and tried
/// again, ever more slowly.
Result<> Supervise(Instances& instances, const std::function<void()>& started);

/// Asks a running supervisor to end and waits; then stops whatever instance still runs. Says
/// whether anything ran.
Result<bool> StopEverything(Instances& instances);

}  // namespace tarn::provision
