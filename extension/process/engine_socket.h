// SPDX-License-Identifier: Apache-2.0
// The socket calls under EngineClient, without C++ objects: safe to be called from anywhere.
// Sockets never block.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace tarn::extension {

/// Where the engine listens, relative to the data directory, which is every backend's working
/// directory: so its length never meets the limit of socket names.
inline constexpr char kEngineSocket[] = "tarn/run/engine.sock";

/// -1 with errno if nobody listens.
int ConnectEngineSocket();
void CloseEngineSocket(int socket);

/// Bytes moved; 0 = would block; -1 = the connection is gone.
ssize_t SendSome(int socket, const void* data, size_t size);
ssize_t ReceiveSome(int socket, void* data, size_t size);
/// True if the other side closed the connection; nothing is consumed.
bool PeerClosed(int socket);

/// Waits without serving interrupts. False after `timeout_ms`.
bool WaitReadable(int socket, int timeout_ms);
bool WaitWriteable(int socket, int timeout_ms);

/// Waits for the socket, the latch or the postmaster's death, with a set that is kept between calls
/// (no system call to build it). Returns the events (WL_…). May ereport.
uint32_t WaitForEngine(int socket, uint32_t socket_events, long timeout_ms);
/// Sleeps, serving interrupts. May ereport.
void PauseForEngine(long milliseconds);

}  // namespace tarn::extension
