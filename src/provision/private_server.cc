// SPDX-License-Identifier: Apache-2.0
#include "provision/private_server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "base/file_content.h"
#include "provision/account.h"
#include "provision/digest.h"
#include "provision/durable_file.h"
#include "provision/process.h"
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr auto kStartPatience = std::chrono::seconds(60);
constexpr auto kLook = milliseconds(10);
constexpr int64_t kProcessBytesMax = int64_t{2} << 30;
constexpr size_t kDigits = 32;

/// Written last: what has it is whole.
fs::path StampFile(const InstanceFolder& folder) { return folder.root / "made"; }

std::string BootId() {
  const auto id = ReadFileIfPresent("/proc/sys/kernel/random/boot_id");
  return id && *id ? **id : std::string();
}

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

PrivateServer::PrivateServer(Options options)
    : options_(std::move(options)), folder_{options_.folder}, keeper_([this] { Keep(); }) {}

PrivateServer::~PrivateServer() {
  {
    const std::lock_guard lock(mutex_);
    wish_ = Wish::kEnd;
  }
  changed_.notify_all();
  keeper_.join();
}

Result<PrivateServer::Running> PrivateServer::Ensure() {
  std::unique_lock lock(mutex_);
  if (!discarded_ && IsRunning()) return running_;
  if (wish_ != Wish::kStart) {
    answer_.reset();
    wish_ = Wish::kStart;
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return answer_.has_value(); });
  return *answer_;
}

void PrivateServer::Discard() {
  const std::lock_guard lock(mutex_);
  discarded_ = true;
}

bool PrivateServer::IsRunning() {
  int status = 0;
  if (pid_ != 0 && waitpid(pid_, &status, WNOHANG) == pid_) pid_ = 0;
  return pid_ != 0;
}

void PrivateServer::Keep() {
  // Signals are for the threads that wait for them.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return wish_ != Wish::kNone; });
    if (wish_ == Wish::kEnd) break;
    auto started = Start();
    if (wish_ == Wish::kStart) wish_ = Wish::kNone;
    answer_ = std::move(started);
    changed_.notify_all();
  }
  End(SIGINT);
}

Result<PrivateServer::Running> PrivateServer::Start() {
  if (discarded_) End(SIGQUIT);
  if (!IsRunning()) {
    Result<> launched = Fail(ErrorKind::kNotFound, "not made yet");
    if (!discarded_ && IsBuilt()) launched = Launch();
    if (!launched) {
      TARN_TRY(Build());
      ++running_.generation;
      TARN_TRY(Launch());
    }
  }
  return running_;
}

std::string PrivateServer::Stamp() const {
  const auto version =
      RunForText({.argv = {options_.runtime.program("postgres"), "--version"}}, "postgres");
  const std::string made_of = version.value_or("") + options_.contents + options_.shown_version;
  return HexDigest(made_of, kDigits) + " " + BootId();
}

bool PrivateServer::IsBuilt() const {
  const auto stamp = ReadFileIfPresent(StampFile(folder_).string());
  return stamp && *stamp && **stamp == Stamp();
}

Result<> PrivateServer::Build() {
  TARN_TRY(KillLeftovers(folder_.root));
  TARN_TRY(RemoveTree(folder_.root));
  TARN_TRY(MakeDirectory(folder_.root, 0700));
  const Runtime& runtime = options_.runtime;
  const fs::path cluster = folder_.cluster();
  TARN_TRY(RunOrFail(
      {.argv = {runtime.program("initdb"), "-D", cluster, "-U", kOwner, "-E", "UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--wal-segsize=1",
                "--auth-local=peer", "--auth-host=reject", "--no-instructions", "--no-sync"},
       .directory = folder_.root},
      "initializing the private database cluster"));
  // Ids of the metastore become OIDs: the server's own must not meet them.
  TARN_TRY(RunOrFail({.argv = {runtime.program("pg_resetwal"), "-o",
                               std::to_string(options_.first_oid), "-D", cluster},
                      .directory = folder_.root},
                     "setting the first OID"));
  TARN_ASSIGN(const std::string share,
              RunForText({.argv = {runtime.program("pg_config"), "--sharedir"}}, "pg_config"));
  TARN_ASSIGN(const std::string information_schema,
              ReadFile(fs::path(Trimmed(share)) / "information_schema.sql"));
  TARN_TRY(RunOrFail({.argv = {runtime.program("postgres"), "--single", "-F", "-O", "-j", "-D",
                               cluster, "-c", "exit_on_error=true", "-c",
                               "tarn.server_version=" + options_.shown_version, "template1"},
                      .input = options_.contents + information_schema,
                      .directory = folder_.root},
                     "filling the private database cluster"));
  TARN_TRY(WriteConfiguration());
  TARN_TRY(WriteFile(StampFile(folder_), Stamp(), 0600));
  discarded_ = false;
  return {};
}

Result<> PrivateServer::WriteConfiguration() {
  const fs::path cluster = folder_.cluster();
  TARN_TRY(WriteFile(cluster / "pg_hba.conf", "local all all peer map=private\n", 0600));
  return WriteFile(cluster / "pg_ident.conf", fmt::format("private \"{}\" all\n", CallerName()),
                   0600);
}

Result<> PrivateServer::Launch() {
  TARN_TRY(KillLeftovers(folder_.root));
  TARN_ASSIGN(running_.socket_directory, PrepareSocketDirectory(folder_));
  std::error_code ignored;
  fs::remove(folder_.cluster() / "postmaster.pid", ignored);
  TARN_TRY(WriteFile(folder_.startup_log(), "", 0600));
  Command command{.argv = {options_.runtime.program("postgres"), "-D", folder_.cluster()},
                  .directory = folder_.root,
                  .memory_bytes_max = kProcessBytesMax};
  const std::array settings = {
      std::string("listen_addresses="),
      fmt::format("unix_socket_directories=\"{}\"", running_.socket_directory.string()),
      std::string("unix_socket_permissions=0700"),
      fmt::format("port={}", kPort),
      fmt::format("max_connections={}", options_.connections_max),
      std::string("shared_buffers=16MB"),
      std::string("work_mem=8MB"),
      std::string("temp_file_limit=256MB"),
      // All of it can be made anew.
      std::string("fsync=off"),
      std::string("full_page_writes=off"),
      std::string("wal_level=minimal"),
      std::string("max_wal_senders=0"),
      std::string("max_wal_size=64MB"),
      std::string("autovacuum=off"),
      std::string("max_parallel_workers_per_gather=0"),
      std::string("jit=off"),
      std::string("statement_timeout=60s"),
      std::string("idle_session_timeout=20s"),
      std::string("client_connection_check_interval=500ms"),
      // What users ask for stands in no log.
      std::string("log_min_error_statement=panic"),
      std::string("log_min_messages=fatal"),
      std::string("log_checkpoints=off"),
      std::string("update_process_title=off"),
  };
  for (const std::string& setting : settings) {
    command.argv.insert(command.argv.end(), {"-c", setting});
  }
  TARN_ASSIGN(pid_, Spawn(command, folder_.startup_log()));
  for (const auto until = Clock::now() + kStartPatience; Clock::now() < until;) {
    if (!IsRunning()) break;
    if (ServerAccepts(folder_)) return {};
    std::this_thread::sleep_for(kLook);
  }
  End(SIGQUIT);
  return std::unexpected(Error{ErrorKind::kInternal,
                               "the private server of the catalogues did not start",
                               ReadFile(folder_.startup_log()).value_or(""),
                               {}});
}

void PrivateServer::End(int signal_number) {
  if (!IsRunning()) return;
  kill(pid_, signal_number);
  auto until = Clock::now() + std::chrono::seconds(5);
  while (IsRunning()) {
    if (Clock::now() > until) {
      kill(pid_, SIGKILL);
      until = Clock::time_point::max();
    }
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace tarn::provision
