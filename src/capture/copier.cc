// SPDX-License-Identifier: Apache-2.0
#include "capture/copier.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <utility>

#include "base/uuid.h"
#include "capture/replica.h"
#include "capture/source/slot.h"
#include "capture/source/table_versions.h"

namespace tarn::capture {
namespace {

/// Behind the prefix, so that two processes never ask for one slot.
constexpr size_t kSuffixLetters = 8;
/// PostgreSQL's NAMEDATALEN - 1.
constexpr size_t kSlotNameMax = 63;

std::string TemporarySlot(const std::string& prefix) {
  const std::string suffix = Uuid::Random().ToString().substr(0, kSuffixLetters);
  return fmt::format("{}_{}", prefix.substr(0, kSlotNameMax - 1 - kSuffixLetters), suffix);
}

std::unexpected<Error> Changed(const SourceName& name, const std::string& how) {
  return Fail(ErrorKind::kConflict, "table {} was changed while it was copied: {}",
              QuotedName(name), how);
}

}  // namespace

Copier::Copier(ConnectionSettings source, std::string publication, std::string slot_prefix,
               int32_t workers, Destination& destination)
    : source_(std::move(source)),
      publication_(std::move(publication)),
      slot_prefix_(std::move(slot_prefix)),
      workers_(workers),
      destination_(destination),
      thread_([this] { Run(); }) {}

Copier::~Copier() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    for (const auto& stop : running_) *stop = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Copier::Add(CopyTask task) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(task));
  }
  changed_.notify_all();
}

std::vector<CopyResult> Copier::Take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(ended_, {});
}

void Copier::Run() {
  while (true) {
    std::vector<CopyTask> tasks;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      std::ranges::move(waiting_, std::back_inserter(tasks));
      waiting_.clear();
      for (const CopyTask& task : tasks) running_.push_back(task.stop);
    }
    CopyAll(std::move(tasks));
    const std::scoped_lock lock(mutex_);
    running_.clear();
  }
}

void Copier::CopyAll(std::vector<CopyTask> tasks) {
  auto slot = NewSlot::Create(source_, TemporarySlot(slot_prefix_), true);
  for (CopyTask& task : tasks) {
    if (!slot) {
      Give(task, std::unexpected(slot.error()));
      continue;
    }
    task.progress.position = (*slot)->consistent_point();
    spdlog::info("copying \"{}.{}\" as of {}", task.name.schema, task.name.table,
                 ToString(task.progress.position));
    Give(task, CopyOne(task, (*slot)->snapshot()));
  }
}

Result<InitialCopy> Copier::CopyOne(CopyTask& task, const std::string& snapshot) {
  if (*task.stop) return Fail(ErrorKind::kCancelled, "the copy was given up");
  const TableQuestion question{.name = task.name, .known = {}};
  const std::set<int16_t> replicated = ReplicatedAttributes(task.layout->source);
  TARN_ASSIGN(const auto catalogs, SourceConnection::Open(source_));
  const auto look = [&]() -> Result<VersionDifference> {
    TARN_ASSIGN(auto seen, SightTables(*catalogs, publication_, {&question, 1}));
    if (!seen[0].version) return VersionDifference{.rewritten = "it is gone"};
    VersionDifference difference = Compare(*task.progress.version, *seen[0].version, replicated);
    if (!difference.new_leaves.empty()) difference.rewritten = "partitions came";
    task.progress.version = *std::move(seen[0].version);
    return difference;
  };
  const auto is_as_it_was = [&]() -> Result<> {
    TARN_ASSIGN(const VersionDifference difference, look());
    return difference.rewritten.empty() ? Result<>() : Changed(task.name, difference.rewritten);
  };
  // As of the snapshot it may be another one already than it was described.
  TARN_ASSIGN(const VersionDifference before, look());
  if (!before.rewritten.empty() || before.redefined) {
    return Changed(task.name, before.redefined ? "its columns changed" : before.rewritten);
  }
  const TableVersion begun = *task.progress.version;
  auto copy = CopyTable(destination_, {.source = source_,
                                       .snapshot = snapshot,
                                       .layout = task.layout,
                                       .base = task.base,
                                       .progress = task.progress,
                                       .key = task.key,
                                       .workers = workers_,
                                       .stopping = task.stop.get(),
                                       .rows_read = task.rows_read.get(),
                                       .before_commit = is_as_it_was});
  task.progress.version = begun;
  if (copy || IsPassing(copy.error())) return copy;
  // A column that went meanwhile is asked for in vain.
  TARN_ASSIGN(const VersionDifference meanwhile, look());
  if (!meanwhile.rewritten.empty() || meanwhile.redefined) {
    return Changed(task.name, "its columns changed");
  }
  return copy;
}

void Copier::Give(const CopyTask& task, Result<InitialCopy> copy) {
  const std::scoped_lock lock(mutex_);
  ended_.push_back({task.name, task.stop, task.progress, std::move(copy)});
}

}  // namespace tarn::capture
