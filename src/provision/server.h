// SPDX-License-Identifier: Apache-2.0
// One PostgreSQL server: its data directory turned into a running postmaster and back.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "provision/runtime.h"

namespace tarn::provision {

/// Paths of one instance's folder. A value.
struct InstanceFolder {
  std::filesystem::path root;

  std::filesystem::path cluster() const { return root / "pgdata"; }
  std::filesystem::path record() const { return root / "instance.json"; }
  std::filesystem::path logs() const { return root / "log"; }
  std::filesystem::path startup_log() const { return root / "startup.log"; }
  std::filesystem::path short_socket_directory() const { return root / "socket"; }
};

/// The postmaster's process id when it runs on this folder. Proven by the process itself, so a
/// stale postmaster.pid never counts.
std::optional<pid_t> RunningServer(const InstanceFolder& folder);

/// Whether a running server says that it accepts connections.
bool ServerAccepts(const InstanceFolder& folder);

/// Starts the server and waits until it accepts connections. The detail of an error has the last
/// lines of its logs. REQUIRES: the caller runs as the server's account, and the server does not
/// run.
Result<> StartServer(const Runtime& runtime, const InstanceFolder& folder);

/// Stops the server: open transactions are rolled back; if it does not end in a minute, as after a
/// crash. Nothing happens when it does not run.
Result<> StopServer(const Runtime& runtime, const InstanceFolder& folder);

/// Where the server's socket goes: inside the folder, or, since socket paths are limited to 107
/// bytes, a private directory with a short name. Created here; fails when somebody else owns it.
Result<std::filesystem::path> PrepareSocketDirectory(const InstanceFolder& folder);

}  // namespace tarn::provision
