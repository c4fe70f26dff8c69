// SPDX-License-Identifier: Apache-2.0
#include "lake/engine_process.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>

#include "base/logging.h"
#include "engine/fatal_error.h"
#include "lake/memory_shares.h"
#include "lake/server.h"
#include "storage/faulty_storage.h"
#include "storage/routed_storage.h"
#include "table/pins.h"

namespace tarn::lake {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxDefaultMemoryBytes = int64_t{4} << 30;

/// What the process sends itself when DuckDB is lost.
constexpr int kFatalErrorSignal = SIGUSR1;
constexpr std::chrono::milliseconds kFatalErrorPatience{1000};
/// From a process whose engine is lost, nothing is expected: if it does not end, it is ended.
constexpr unsigned kFatalErrorDeadlineS = 10;

std::string AbsolutePath(const std::string& path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

int64_t MemoryLimit(const EngineProcessOptions& options) {
  if (options.memory_limit_mb > 0) return options.memory_limit_mb << 20;
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  return std::min(machine / 2, kMaxDefaultMemoryBytes);
}

Result<std::unique_ptr<storage::Storage>> OpenStorage(const EngineProcessOptions& options) {
  TARN_ASSIGN(
      std::unique_ptr<storage::Storage> storage,
      storage::OpenConfiguredStorage({.buckets_directory = AbsolutePath(options.buckets_directory),
                                      .allowed_prefixes = options.allowed_prefixes,
                                      .lake_register = options.journal_directory + "/lakes"}));
  if (options.fault_plan.empty()) return storage;
  TARN_ASSIGN(auto plan, storage::ParseFaultPlan(options.fault_plan));
  return storage::MakeFaultyStorage(std::move(storage), std::move(plan));
}

/// Each gets its share whoever comes first.
void DeclareConsumers(MemoryBudget& memory) {
  for (const MemoryShare& share :
       {kWriteBuffers, kFileQueues, kScanBatches, kTableCache, kManifestCache}) {
    (void)Open(memory, share);
  }
}

/// Waits for a signal that ends the process. The signals are blocked in every thread.
int AwaitEnd(const sigset_t& signals) {
  int received = 0;
  while (sigwait(&signals, &received) != 0) {
  }
  return received;
}

/// People commit single rows every few seconds for months. What each commit writes anew (the
/// history in the metadata file, the names of manifests in the list) must stay small; readers of
/// PostgreSQL keep their snapshots whatever the history says.
iceberg::CommitPolicy PolicyForSmallCommits() {
  iceberg::CommitPolicy policy;
  policy.min_snapshots_to_keep = 20;
  policy.max_snapshots_to_keep = 100;
  policy.max_metadata_files = 20;
  policy.metadata_gzip_from_bytes = 64 << 10;
  policy.manifest_min_count_to_merge = 30;
  return policy;
}

/// The one server of the process, for as long as it may be refused to.
std::atomic<Server*> g_server = nullptr;

/// Comes before the error is answered: whoever reads the answer and goes on meets the next engine.
void OnFatalError() {
  if (Server* server = g_server.load()) server->Refuse();
  kill(getpid(), kFatalErrorSignal);
}

/// Who waits for an answer gets it: the first of them is the error itself.
Result<> EndAfterFatalError(Server& server) {
  spdlog::error("an internal error of DuckDB: the engine ends, to be started anew");
  alarm(kFatalErrorDeadlineS);
  server.Stop(kFatalErrorPatience);
  return Fail(ErrorKind::kInternal, "ended after an internal error of DuckDB");
}

Result<> Serve(const EngineProcessOptions& options, const sigset_t& signals) {
  TARN_TRY(StartLogging("tarn engine", options.log_level));
  TARN_ASSIGN(const auto journal, Journal::Open(options.journal_directory));
  TARN_ASSIGN(const auto storage, OpenStorage(options));
  MemoryBudget memory(options.buffer_limit_mb > 0 ? options.buffer_limit_mb << 20
                                                  : options.limits.memory_bytes);
  DeclareConsumers(memory);
  TARN_ASSIGN(const auto engine,
              engine::Engine::Open({.storage = storage.get(),
                                    .memory_limit_bytes = MemoryLimit(options),
                                    .threads = options.threads,
                                    .spill_directory = AbsolutePath(options.spill_directory),
                                    .memory = &memory}));
  iceberg::ManifestCache manifests(storage.get(),
                                   static_cast<size_t>(kManifestCache.BytesOf(memory)),
                                   Open(memory, kManifestCache));
  TableCache tables(storage.get(), kTableCache.BytesOf(memory), Open(memory, kTableCache));
  table::PinnedSnapshots pins(storage.get());
  WorkerPool workers(options.limits.storage_threads);
  LakeContext lake;
  lake.storage = storage.get();
  lake.engine = engine.get();
  lake.manifests = &manifests;
  lake.tables = &tables;
  lake.journal = journal.get();
  lake.pins = &pins;
  lake.workers = &workers;
  lake.memory = &memory;
  lake.limits = options.limits;
  lake.policy = PolicyForSmallCommits();
  Server server(lake);
  TARN_TRY(server.Listen(options.socket_path));
  spdlog::info("serving at {}, node {}", options.socket_path, journal->node().ToString());
  g_server = &server;
  engine::SetFatalErrorHandler(OnFatalError);
  const int end = AwaitEnd(signals);
  if (end == kFatalErrorSignal) return EndAfterFatalError(server);
  spdlog::info("stopping");
  server.Stop();
  return {};
}

}  // namespace

int RunEngine(const EngineProcessOptions& options) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, kFatalErrorSignal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // Batches come and go by the megabyte: their memory is kept instead of mapped anew each time.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  const Result<> result = Serve(options, signals);
  if (result) return 0;
  spdlog::error("{}", result.error().message);
  return 1;
}

}  // namespace tarn::lake
