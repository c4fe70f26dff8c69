// SPDX-License-Identifier: Apache-2.0
#include "table/commit.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <thread>

#include "base/task_group.h"
#include "iceberg/model/table_properties.h"
#include "table/commit_outcome.h"
#include "table/journal.h"
#include "table/pins.h"
#include "table/table_cache.h"

namespace tarn::table {
namespace {

using iceberg::LoadedTable;
using iceberg::PreparedTable;
using Clock = std::chrono::steady_clock;

std::string FullName(const catalog::TableName& table) {
  std::string name;
  for (const std::string& part : table.name_space) name += part + ".";
  return name + table.name;
}

/// Waits longer and longer, and never the same for two that met; false when it is time to give up.
class Patience {
 public:
  explicit Patience(const RetryPolicy& policy)
      : policy_(policy),
        wait_ms_(std::max<int64_t>(policy.min_wait_ms, 1)),
        end_(Clock::now() + std::chrono::milliseconds(policy.total_timeout_ms)) {}

  bool Wait() {
    if (tries_++ >= policy_.retries) return false;
    thread_local std::minstd_rand random{std::random_device{}()};
    const int64_t half = wait_ms_ / 2;
    const auto wait = std::chrono::milliseconds(half + static_cast<int64_t>(random()) % (half + 1));
    if (Clock::now() + wait > end_) return false;
    std::this_thread::sleep_for(wait);
    wait_ms_ = std::min(wait_ms_ * 2, std::max<int64_t>(policy_.max_wait_ms, 1));
    return true;
  }

 private:
  const RetryPolicy policy_;
  int64_t wait_ms_;
  const Clock::time_point end_;
  int32_t tries_ = 0;
};

RetryPolicy Overridden(RetryPolicy policy, const iceberg::TableMetadata& table,
                       const std::string& prefix) {
  const auto number = [&](const char* name, int64_t fallback) {
    return iceberg::NumberProperty(table, (prefix + name).c_str(), fallback);
  };
  policy.retries = static_cast<int32_t>(
      std::clamp<int64_t>(number("num-retries", policy.retries), 0, INT32_MAX));
  policy.min_wait_ms = number("min-wait-ms", policy.min_wait_ms);
  policy.max_wait_ms = number("max-wait-ms", policy.max_wait_ms);
  policy.total_timeout_ms = number("total-timeout-ms", policy.total_timeout_ms);
  return policy;
}

/// One call of CommitTables.
class Committer {
 public:
  Committer(const TableContext& context, catalog::Publisher& publisher, const Writer& writer,
            std::span<const TableChange> changes, const CommitOptions& options)
      : context_(context),
        publisher_(publisher),
        writer_(writer),
        changes_(changes),
        options_(options) {}

  Result<std::vector<LoadedTable>> Run();

 private:
  Result<> CheckNames();
  Result<> LoadBases();
  Result<LoadedTable> LoadBase(const TableChange& change, const std::string& location);
  Result<> PrepareAll(int32_t attempt);
  Result<PreparedTable> PrepareOne(size_t i, int32_t attempt);
  Result<> Publish();
  /// Success, Conflict (certainly not, and never will be) or CommitStateUnknown.
  Result<> Settle(const std::vector<catalog::PointerSwap>& swaps, const Error& cause);
  StepOutcome Look(const std::vector<catalog::PointerSwap>& swaps);
  RetryPolicy PolicyOf(const RetryPolicy& policy, const char* prefix) const;
  void RemoveWritten();
  std::vector<LoadedTable> Results();

  const TableContext& context_;
  catalog::Publisher& publisher_;
  const Writer& writer_;
  const std::span<const TableChange> changes_;
  const CommitOptions& options_;

  std::vector<catalog::TableName> names_;
  std::vector<LoadedTable> bases_;
  std::vector<PreparedTable> prepared_;
};

Result<> Committer::CheckNames() {
  std::set<catalog::TableName> seen;
  for (const TableChange& change : changes_) {
    if (!seen.insert(change.table).second) {
      return Fail(ErrorKind::kInvalidArgument, "table \"{}\" stands twice in one commit",
                  FullName(change.table));
    }
    names_.push_back(change.table);
  }
  return {};
}

Result<LoadedTable> Committer::LoadBase(const TableChange& change, const std::string& location) {
  if (location.empty()) {
    if (!change.requirements.empty()) {
      TARN_TRY(iceberg::CheckRequirements(nullptr, change.requirements));
    }
    if (change.created != nullptr) return LoadedTable{"", change.created};
    return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(change.table));
  }
  TARN_ASSIGN(LoadedTable base, context_.tables->Load(location));
  TARN_TRY(iceberg::CheckRequirements(base.metadata.get(), change.requirements));
  if (change.created != nullptr) {
    return Fail(ErrorKind::kAlreadyExists, "table \"{}\" exists already", FullName(change.table));
  }
  // Dropped and created again under the same name: not the table that the writer knows.
  if (!change.table_uuid.is_nil() && base.metadata->table_uuid != change.table_uuid) {
    return Fail(ErrorKind::kConflict, "table \"{}\" was replaced by another one",
                FullName(change.table));
  }
  return base;
}

Result<> Committer::LoadBases() {
  TARN_ASSIGN(const std::vector<std::string> locations, publisher_.Newest(names_));
  bases_.clear();
  for (size_t i = 0; i < changes_.size(); ++i) {
    TARN_ASSIGN(LoadedTable base, LoadBase(changes_[i], locations[i]));
    bases_.push_back(std::move(base));
  }
  return {};
}

Result<PreparedTable> Committer::PrepareOne(size_t i, int32_t attempt) {
  const TableChange& change = changes_[i];
  if (context_.journal != nullptr) {
    TARN_TRY(context_.journal->AddLocation(writer_, bases_[i].metadata->location,
                                           change.created != nullptr));
  }
  iceberg::CommitContext context = MakeCommitContext(context_, writer_.id);
  context.attempt = attempt;
  iceberg::BeforeAppearing before;
  if (options_.before_appearing != nullptr) {
    before = [&](const PreparedTable& table) { return options_.before_appearing(change, table); };
  }
  iceberg::CommitPolicy policy = PolicyFor(context_, bases_[i].metadata->location);
  if (context_.pins != nullptr) {
    policy.is_pinned = context_.pins->Of(bases_[i].metadata, context.now_ms);
  }
  return iceberg::PrepareCommit(context, bases_[i], change.changes, change.snapshot_id, policy,
                                before);
}

Result<> Committer::PrepareAll(int32_t attempt) {
  prepared_.assign(changes_.size(), {});
  // One table alone needs no other thread.
  TaskGroup tasks(changes_.size() > 1 ? context_.workers : nullptr);
  for (size_t i = 0; i < changes_.size(); ++i) {
    tasks.Add([this, i, attempt]() -> Result<> {
      TARN_ASSIGN(prepared_[i], PrepareOne(i, attempt));
      return {};
    });
  }
  Result<> result = tasks.Wait();
  if (!result) RemoveWritten();
  return result;
}

/// Of this attempt. What can't be removed now carries the writer's id and is found by it.
void Committer::RemoveWritten() {
  for (const PreparedTable& table : prepared_) {
    std::vector<std::string> files(table.written_files.rbegin(), table.written_files.rend());
    for (const std::string& file : files) (void)context_.storage->Delete(file);
  }
}

Result<> Committer::Publish() {
  std::vector<catalog::PointerSwap> swaps;
  for (size_t i = 0; i < changes_.size(); ++i) {
    const std::string& location = prepared_[i].table.metadata_location;
    if (location == bases_[i].metadata_location) continue;
    swaps.push_back({changes_[i].table, bases_[i].metadata_location, location});
  }
  if (swaps.empty()) return {};
  Result<> published = publisher_.Publish(Uuid::Random(), swaps);
  if (!published && published.error().kind == ErrorKind::kCommitStateUnknown) {
    published = Settle(swaps, published.error());
  }
  const bool certain = published || published.error().kind != ErrorKind::kCommitStateUnknown;
  if (!published && certain) RemoveWritten();
  return published;
}

StepOutcome Committer::Look(const std::vector<catalog::PointerSwap>& swaps) {
  std::vector<catalog::TableName> names;
  for (const catalog::PointerSwap& swap : swaps) names.push_back(swap.table);
  const auto locations = publisher_.Newest(names);
  if (!locations) return StepOutcome::kUndecided;
  for (size_t i = 0; i < swaps.size(); ++i) {
    // A table that is gone tells nothing.
    if ((*locations)[i].empty()) continue;
    const auto newest = context_.tables->Load((*locations)[i]);
    if (!newest) continue;
    const auto change = std::ranges::find(changes_, swaps[i].table, &TableChange::table);
    const StepOutcome outcome = OutcomeOf(
        {swaps[i].expected_location, swaps[i].new_location, change->snapshot_id}, *newest);
    // All swaps or none: one table tells for all.
    if (outcome != StepOutcome::kUndecided) return outcome;
  }
  return StepOutcome::kUndecided;
}

Result<> Committer::Settle(const std::vector<catalog::PointerSwap>& swaps, const Error& cause) {
  Patience patience(PolicyOf(options_.status_check, "commit.status-check."));
  do {
    switch (Look(swaps)) {
      case StepOutcome::kTaken:
        return {};
      case StepOutcome::kNeverTaken:
        return Fail(ErrorKind::kConflict, "table \"{}\" went on without this commit",
                    FullName(swaps.front().table));
      default:
        break;
    }
  } while (patience.Wait());
  return std::unexpected(Error{ErrorKind::kCommitStateUnknown,
                               fmt::format("cannot tell whether the commit to table \"{}\" took "
                                           "place",
                                           FullName(swaps.front().table)),
                               cause.message, "Look for its rows before trying again."});
}

RetryPolicy Committer::PolicyOf(const RetryPolicy& policy, const char* prefix) const {
  return bases_.empty() ? policy : Overridden(policy, *bases_.front().metadata, prefix);
}

std::vector<LoadedTable> Committer::Results() {
  std::vector<LoadedTable> tables;
  for (PreparedTable& table : prepared_) {
    context_.tables->Add(table.table);
    tables.push_back(std::move(table.table));
  }
  return tables;
}

Result<std::vector<LoadedTable>> Committer::Run() {
  if (changes_.empty()) return std::vector<LoadedTable>();
  TARN_TRY(CheckNames());
  std::optional<Patience> patience;
  for (int32_t attempt = 0;; ++attempt) {
    TARN_TRY(LoadBases());
    if (!patience) patience.emplace(PolicyOf(options_.retry, "commit.retry."));
    // A conflict of the change itself is final: no newer base heals it.
    TARN_TRY(PrepareAll(attempt));
    const Result<> published = Publish();
    if (published) return Results();
    // The pointer moved, and nothing else is known to be wrong.
    if (published.error().kind != ErrorKind::kConflict || !patience->Wait()) {
      return std::unexpected(published.error());
    }
  }
}

}  // namespace

Result<std::vector<LoadedTable>> CommitTables(const TableContext& context,
                                              catalog::Publisher& publisher, const Writer& writer,
                                              std::span<const TableChange> changes,
                                              const CommitOptions& options) {
  return Committer(context, publisher, writer, changes, options).Run();
}

}  // namespace tarn::table
