// SPDX-License-Identifier: Apache-2.0
// What a source does to its tables and the stream does not tell.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "capture/replication.h"
#include "capture/source/table_catalog.h"

namespace tarn::capture {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// OIDs below are the server's own (PostgreSQL, FirstNormalObjectId).
constexpr uint32_t kFirstUserOid = 16'384;
/// Every so many looks, the slot.
constexpr int64_t kLooksPerSlot = 5;
/// A commit is sent before others see it: for as long as that takes, and for those that never will.
constexpr int kDescriptionLooks = 5;
constexpr auto kDescriptionWait = milliseconds(10);

bool IsWanted(const TableRequest& request, const std::string& column) {
  const auto has = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, column) != names.end();
  };
  return request.included_columns.empty() ? !has(request.excluded_columns)
                                          : has(request.included_columns);
}

/// Columns of the stream that the catalogs do not have, or have otherwise.
std::set<std::string> Unsettled(const Replica& replica, const Description& described) {
  std::set<std::string> names;
  for (const RelationColumn& column : *described) {
    if (!IsWanted(replica.request, column.name)) continue;
    const auto& known = replica.layout->source.columns;
    const auto found = std::ranges::find(known, column.name, &SourceColumn::name);
    // Domains are described as such, and known as what they are made of.
    const bool same = found != known.end() &&
                      (found->type.oid == column.type || column.type.value() >= kFirstUserOid);
    if (!same) names.insert(column.name);
  }
  return names;
}

Error Missing(const Replica& replica, const std::string& publication, const TableSighting& seen) {
  const std::string name = QuotedName(replica.name());
  if (seen.version) {
    return {ErrorKind::kNotFound,
            fmt::format("publication {} does not have table {} any more", QuotedName(publication),
                        name),
            "Its changes are not in the stream.",
            fmt::format("Run ALTER PUBLICATION {} ADD TABLE {} in the source: then it is copied "
                        "again. Or remove the table.",
                        QuotedName(publication), name)};
  }
  return {ErrorKind::kNotFound, fmt::format("table {} does not exist in the source any more", name),
          seen.other_name ? fmt::format("It is called {} now.", *seen.other_name) : std::string(),
          "When there is one of this name, it is copied again. Or remove the table."};
}

}  // namespace

Result<> Replication::LookNow() {
  last_look_ = {};
  looked_ = Watch();
  return looked_;
}

Result<> Replication::Watch() {
  TARN_TRY(std::exchange(looked_, {}));
  const Moment now = steady_clock::now();
  if (now - last_look_ < options_.look_interval) return {};
  last_look_ = now;
  std::vector<Replica*> watched;
  for (auto& [name, replica] : replicas_) {
    if (replica->stage == ReplicaStage::kStreaming || replica->stage == ReplicaStage::kAbsent) {
      watched.push_back(replica.get());
    }
  }
  TARN_TRY(Look(watched));
  if (looks_++ % kLooksPerSlot == 0) {
    TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
    WatchSlot(*catalogs);
  }
  return {};
}

void Replication::WatchSlot(SourceConnection& catalogs) {
  const auto slot = DescribeSlot(catalogs, options_.slot);
  // Whoever reads it says what is wrong.
  if (!slot || !*slot) return;
  const int64_t retained = (*slot)->retained_bytes;
  const bool beyond = options_.slot_bytes_alert > 0 && retained > options_.slot_bytes_alert;
  board_.Update([&](CaptureStatus& status) {
    status.slot_retained_bytes = retained;
    status.slot_is_beyond_alert = beyond;
    status.source_end = (*slot)->log_end;
  });
  if (beyond && !warned_of_slot_) {
    spdlog::warn("replication slot \"{}\" makes the source keep {} MB of its log", options_.slot,
                 retained >> 20);
  }
  warned_of_slot_ = beyond;
}

Result<> Replication::Look(std::span<Replica* const> replicas) {
  TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
  std::vector<TableQuestion> questions;
  for (const Replica* const replica : replicas) {
    questions.push_back({.name = replica->name(), .known = replica->progress.table});
  }
  auto sightings = SightTables(*catalogs, options_.publication, questions);
  if (!sightings) {
    catalogs_.reset();
    return std::unexpected(std::move(sightings).error());
  }
  for (size_t i = 0; i < replicas.size(); ++i) TARN_TRY(Judge(*replicas[i], (*sightings)[i]));
  return {};
}

Result<> Replication::Judge(Replica& replica, const TableSighting& seen) {
  auto judged = [&]() -> Result<> {
    if (!seen.version || !seen.published) return Miss(replica, seen);
    if (replica.stage == ReplicaStage::kAbsent) {
      Introspect(replica);
      return {};
    }
    const bool same = seen.version->oid == replica.progress.table;
    // Whoever copies looks what happens to the table meanwhile.
    if (same && replica.stage == ReplicaStage::kCopying) return {};
    return same ? JudgeSeen(replica, *seen.version) : CopyAgain(replica, "it is another table");
  }();
  if (judged) return {};
  if (!IsPassing(judged.error())) {
    // It may have gone since it was seen.
    if (const auto missed = IsMissed(replica); missed && *missed) return {};
    Fail(replica, std::move(judged).error());
    return {};
  }
  // The next look is through another connection.
  catalogs_.reset();
  return judged;
}

Result<> Replication::JudgeSeen(Replica& replica, const TableVersion& seen) {
  TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
  if (!replica.progress.version) replica.progress.version = seen;
  VersionDifference difference =
      Compare(*replica.progress.version, seen, ReplicatedAttributes(replica.layout->source));
  bool follows = true;
  if (difference.redefined) {
    TARN_ASSIGN(follows, FollowSchema(*catalogs, options_.publication, destination_, replica));
    Unbind(replica);
    // Columns that came count, too.
    difference =
        Compare(*replica.progress.version, seen, ReplicatedAttributes(replica.layout->source));
  }
  for (const RelationOid leaf : difference.new_leaves) {
    if (!difference.rewritten.empty()) break;
    TARN_ASSIGN(const bool has_earlier, HasEarlierRows(*catalogs, leaf));
    if (has_earlier) difference.rewritten = "a partition with rows came";
  }
  if (!follows || !difference.rewritten.empty()) {
    return CopyAgain(replica, follows ? difference.rewritten
                                      : std::string("its rows have what the stream does not tell"));
  }
  replica.progress.version = seen;
  return {};
}

Result<> Replication::CopyAgain(Replica& replica, const std::string& why) {
  spdlog::warn("table {} is copied again: {}", QuotedName(replica.name()), why);
  if (replica.stop_copy != nullptr) *replica.stop_copy = true;
  TARN_TRY(ForgetPosition(destination_, replica.name()));
  Introspect(replica);
  return {};
}

Result<> Replication::Miss(Replica& replica, const TableSighting& seen) {
  Error error = Missing(replica, options_.publication, seen);
  const bool known = replica.stage == ReplicaStage::kAbsent && replica.state.error &&
                     replica.state.error->message == error.message;
  if (known) return {};
  spdlog::warn("table {}: {} {}", QuotedName(replica.name()), error.message, error.detail);
  // What happens to it meanwhile is not in the stream.
  TARN_TRY(ForgetPosition(destination_, replica.name()));
  replica.stage = ReplicaStage::kAbsent;
  Dismiss(replica);
  Forget(replica);
  replica.state.phase = Phase::kIncrementalLoad;
  replica.state.introspection = PhaseStatus::kDone;
  replica.state.incremental = PhaseStatus::kRetrying;
  Report(replica, std::move(error));
  return {};
}

Result<bool> Replication::IsMissed(Replica& replica) {
  TARN_ASSIGN(const auto found, destination_.Find(replica.name()));
  if (!found) return false;
  TARN_ASSIGN(const auto progress, ProgressOf(found->table.metadata->properties));
  if (!progress) return false;
  TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
  const TableQuestion question{.name = replica.name(), .known = progress->table};
  TARN_ASSIGN(const auto seen, SightTables(*catalogs, options_.publication, {&question, 1}));
  if (seen.at(0).version && seen[0].published) return false;
  TARN_TRY(Miss(replica, seen[0]));
  return true;
}

Result<> Replication::AwaitDescription(Replica& replica, const Description& described) {
  Replica* const one = &replica;
  TARN_TRY(Look({&one, 1}));
  if (replica.stage != ReplicaStage::kStreaming) return {};
  std::set<std::string> unsettled = Unsettled(replica, described);
  for (int look = 0; look < kDescriptionLooks && !unsettled.empty(); ++look) {
    std::this_thread::sleep_for(kDescriptionWait);
    TARN_TRY(Look({&one, 1}));
    if (replica.stage != ReplicaStage::kStreaming) return {};
    unsettled = Unsettled(replica, described);
  }
  for (const std::string& name : unsettled) {
    const auto& known = replica.layout->source.columns;
    if (std::ranges::find(known, name, &SourceColumn::name) == known.end()) {
      replica.unknown.insert(name);
    }
  }
  return {};
}

void Replication::Unbind(const Replica& replica) {
  for (auto& [oid, route] : routes_) {
    if (route.replica != &replica && route.name != replica.name()) continue;
    route.bound = false;
    route.replica = nullptr;
  }
}

/// A publication that was dropped and made anew leaves a slot behind that cannot be read: the log
/// between the two is decoded by the catalogs of then.
std::unexpected<Error> Replication::EndOfStream(Error error) {
  if (error.kind != ErrorKind::kNotFound) return std::unexpected(std::move(error));
  stream_.reset();
  const auto drop = [&]() -> Result<> {
    TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
    TARN_TRY(FindPublication(*catalogs, options_.publication));
    spdlog::warn("replication slot \"{}\" cannot be read on: {} Tables are copied again",
                 options_.slot, error.message);
    return DropSlot(*catalogs, options_.slot);
  };
  if (auto dropped = drop(); !dropped) {
    spdlog::warn("replication slot \"{}\": {} {}", options_.slot, dropped.error().message,
                 dropped.error().hint);
  }
  return std::unexpected(std::move(error));
}

}  // namespace tarn::capture
