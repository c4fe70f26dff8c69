// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server that this process has for itself: no user can reach it, what it holds can be
// made anew at any time, and it ends with the process.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "provision/runtime.h"
#include "provision/server.h"

namespace tarn::provision {

/// Starts at the first wish, and again after it has died. A server whose files are of another
/// version, were made before the machine last booted (nothing is flushed to disk), or with which it
/// does not start, is made anew. Thread-safe.
class PrivateServer {
 public:
  struct Options {
    Runtime runtime;
    /// Holds everything of it, and nothing else.
    std::filesystem::path folder;
    /// Runs in template1 when the server is made, in single-user mode with changes of system
    /// catalogues allowed; statements end with a semicolon and an empty line. What PostgreSQL's
    /// information_schema.sql makes is made anew after it.
    std::string contents;
    /// The server's version for `contents`, as the parameter tarn.server_version.
    std::string shown_version;
    int64_t first_oid = 0;  ///< of objects that are not PostgreSQL's
    int32_t connections_max = 100;
  };
  /// Does nothing yet.
  explicit PrivateServer(Options options);
  /// Ends the server at once.
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  struct Running {
    std::filesystem::path socket_directory;
    /// Another number than before: its databases are gone.
    int64_t generation = 0;
  };
  /// Waits until it accepts connections. Internal with what its log says where it does not.
  Result<Running> Ensure();
  /// Its files are not to be trusted: the next Ensure makes them anew.
  void Discard();

  static constexpr const char* kOwner = "tarn";  ///< the superuser
  static constexpr int kPort = 5432;             ///< in the socket's name

 private:
  enum class Wish : uint8_t { kNone, kStart, kEnd };
  void Keep();
  Result<Running> Start();
  Result<> Build();
  Result<> Launch();
  Result<> WriteConfiguration();
  bool IsRunning();
  bool IsBuilt() const;
  std::string Stamp() const;
  void End(int signal_number);

  const Options options_;
  const InstanceFolder folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Wish wish_ = Wish::kNone;                ///< under mutex_
  std::optional<Result<Running>> answer_;  ///< under mutex_, to the last wish
  Running running_;                        ///< under mutex_
  bool discarded_ = false;                 ///< under mutex_
  pid_t pid_ = 0;                          ///< under mutex_; 0: does not run
  std::thread keeper_;  ///< the server's parent thread, which must live as long as it
};

}  // namespace tarn::provision
