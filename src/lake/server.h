// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "lake/compaction_board.h"
#include "lake/lake_context.h"
#include "lake/maintenance.h"
#include "lake/postgres_writer.h"
#include "lake/session_registry.h"

namespace tarn::lake {

/// Accepts connections on a Unix socket and serves each in a thread of its own. Stop from the
/// thread that started it.
class Server {
 public:
  /// Sets what of `lake` is the server's.
  explicit Server(LakeContext& lake);
  ~Server() { Stop(); }

  /// Listens at `path`, in a directory that is made with mode 0700 where it is missing; a stale
  /// socket is replaced. Connections of other users are refused.
  Result<> Listen(const std::string& path);
  /// Serves one connected socket, and owns it.
  void Serve(int socket);
  /// Takes no more connections and requests; those that run give their answers. From any thread,
  /// while the server lives; before an answer that tells of it, so that whoever reads that answer
  /// meets the next engine.
  void Refuse();
  /// Accepts no more, breaks all connections, waits for their threads. For `patience`, running
  /// requests are left to give their answers.
  void Stop(std::chrono::milliseconds patience = {});

 private:
  void AcceptLoop();
  void ConnectionEnded();

  LakeContext& lake_;
  SessionRegistry registry_;
  PostgresFates fates_{registry_};
  CompactionBoard compaction_;
  std::unique_ptr<Maintenance> maintenance_;
  std::string path_;
  int listener_ = -1;
  std::thread accepting_;
  std::mutex listener_mutex_;  ///< guards the closing of listener_
  std::mutex mutex_;
  std::condition_variable ended_;
  int connections_ = 0;
};

}  // namespace tarn::lake
