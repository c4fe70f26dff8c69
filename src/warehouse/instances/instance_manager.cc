// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/instance_manager.h"

#include <pwd.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "sql/syntax/name.h"
#include "warehouse/instances/network_access.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {
namespace {

using provision::InstanceState;
using provision::InstanceStatus;

/// Between two looks at the servers, where no object changed.
constexpr std::chrono::milliseconds kLookInterval{1000};
constexpr const char* kRunKind = "instance";

Result<provision::RoleVerifiers> ReadDetails(const std::string& details) {
  const auto json = nlohmann::json::parse(details, nullptr, false);
  if (!json.is_object() || !json.contains("admin") || !json.contains("application")) {
    return Fail(ErrorKind::kCorruption, "the run of an instance's creation is damaged");
  }
  return provision::RoleVerifiers{.admin = json["admin"], .application = json["application"]};
}

/// Of the system's account that this process runs as.
std::string AccountName() {
  const passwd* const entry = getpwuid(geteuid());
  return entry == nullptr ? std::string("root") : std::string(entry->pw_name);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return lower;
}

}  // namespace

std::string CreationDetails(const provision::RoleVerifiers& verifiers) {
  return nlohmann::json{{"admin", verifiers.admin}, {"application", verifiers.application}}.dump();
}

std::string ServerName(std::string_view object_name) {
  return sql::syntax::IsPlainName(object_name) ? LowerCase(object_name) : std::string(object_name);
}

/// An object and what there is of its server, at one moment.
struct InstanceManager::Known {
  Object<PostgresInstance> object;
  std::string server;
  std::optional<InstanceStatus> status;
  std::optional<RunRecord> creation;
  provision::InstanceGovernance governance;
};

InstanceManager::InstanceManager(Metastore* metastore, provision::Instances* instances)
    : metastore_(metastore),
      instances_(instances),
      connections_(*instances),
      pointers_(&connections_, *instances),
      thread_([this](const std::stop_token& stop) { Work(stop); }) {}

InstanceManager::~InstanceManager() = default;

void InstanceManager::Work(const std::stop_token& stop) {
  std::string last_failure;
  while (!stop.stop_requested()) {
    const int64_t seen = metastore_->version();
    const auto done = Reconcile();
    const std::string failure = done ? "" : done.error().message;
    if (failure != last_failure && !done)
      spdlog::warn("instances: {} {}", failure, done.error().detail);
    last_failure = failure;
    const auto end = std::chrono::steady_clock::now() + kLookInterval;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
      if (metastore_->WaitForChange(seen, std::chrono::milliseconds(100))) break;
    }
  }
}

Result<> InstanceManager::Reconcile() {
  std::vector<InstanceStatus> servers;
  {
    const std::lock_guard lock(mutex_);
    TARN_ASSIGN(servers, instances_->List());
  }
  std::vector<Known> all;
  {
    TARN_ASSIGN(const auto snapshot, metastore_->Read());
    TARN_ASSIGN(auto objects, snapshot->Objects<PostgresInstance>("WHERE o.dropped_ms IS NULL"));
    TARN_ASSIGN(const auto runs, OpenRuns(*snapshot, kRunKind));
    for (auto& object : objects) {
      Known known{.object = std::move(object),
                  .server = {},
                  .status = {},
                  .creation = {},
                  .governance = {}};
      known.server = ServerName(known.object.head.name);
      for (const InstanceStatus& status : servers) {
        if (status.record.name == known.server) known.status = status;
      }
      for (const RunRecord& run : runs) {
        if (run.object == known.object.head.id) known.creation = run;
      }
      TARN_ASSIGN(known.governance.table_locations,
                  TableLocationsOf(*snapshot, known.object.value));
      const bool governed = !known.status || known.status->record.governed;
      if (governed || known.object.value.network_policy) {
        TARN_ASSIGN(known.governance.access, AccessOf(*snapshot, known.object.value));
      }
      all.push_back(std::move(known));
    }
  }
  Result<> first;
  const auto note = [&first](const Result<>& done) {
    if (!done && first) first = done;
  };
  for (const Known& known : all) note(ReconcileOne(known));
  for (const InstanceStatus& status : servers) {
    const bool mine = std::ranges::any_of(
        all, [&](const Known& known) { return known.server == status.record.name; });
    const bool complete = status.state != InstanceState::kIncomplete &&
                          status.state != InstanceState::kDropping &&
                          status.state != InstanceState::kDamaged;
    if (!mine && complete) note(Adopt(status));
  }
  return first;
}

Result<> InstanceManager::ReconcileOne(const Known& known) {
  const PostgresInstance& wanted = known.object.value;
  const ObjectId id = known.object.head.id;
  const bool complete =
      known.status && known.status->record.phase == provision::InstancePhase::kReady;
  if (known.creation) return Make(known);
  if (wanted.state == "DROPPING") {
    TARN_TRY(DropServer(known.server));
    return WithoutCode(metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_TRY(transaction.Erase(id));
      return {};
    }));
  }
  if (!complete) {
    // Dropped by `tarn instance drop`: the object has nothing left to be.
    if (known.status || wanted.state == "FAILED") return {};
    return WithoutCode(metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_TRY(transaction.Erase(id));
      return {};
    }));
  }
  TARN_TRY(Govern(known));
  const bool runs = known.status->pid.has_value();
  if (wanted.state == "SUSPENDING") {
    const std::lock_guard lock(mutex_);
    TARN_TRY(instances_->Stop(known.server, true));
    return SetState(id, "SUSPENDED");
  }
  if (wanted.state == "RESUMING") {
    const std::lock_guard lock(mutex_);
    TARN_TRY(instances_->Start(known.server, true));
    return SetState(id, "READY");
  }
  // What happened by `tarn instance start` and `stop`.
  if (wanted.state == "READY" && !runs && !known.status->record.wanted_running) {
    return SetState(id, "SUSPENDED");
  }
  if (wanted.state == "SUSPENDED" && runs) return SetState(id, "READY");
  return {};
}

Result<> InstanceManager::Make(const Known& known) {
  const PostgresInstance& wanted = known.object.value;
  Result<> made;
  provision::ListenAddress address{wanted.host, static_cast<int>(wanted.port)};
  const bool complete =
      known.status && known.status->record.phase == provision::InstancePhase::kReady;
  if (complete) {
    address = known.status->record.address;
  } else {
    provision::CreateOptions options{.name = known.server, .address = address};
    TARN_ASSIGN(options.verifiers, ReadDetails(known.creation->details));
    options.access = known.governance.access;
    // The manager itself asks over the local socket.
    options.owners = {AccountName()};
    options.table_locations = known.governance.table_locations;
    const std::lock_guard lock(mutex_);
    made = instances_->Create(options, [&](const provision::CreatedInstance& created) -> Result<> {
      address = created.record.address;
      return {};
    });
  }
  if (!made)
    spdlog::error("instance \"{}\": {} {}", known.server, made.error().message,
                  made.error().detail);
  return WithoutCode(metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(auto instance, transaction.Find<PostgresInstance>(known.object.head.id));
    RunRecord run = *known.creation;
    run.details.clear();  // the verifiers are the server's now
    run.started_ms = run.started_ms.value_or(run.scheduled_ms);
    STATEMENT_TRY(UpdateRun(transaction, run));
    STATEMENT_TRY(EndRun(transaction, run.id, made ? "SUCCEEDED" : "FAILED", "",
                         made ? "" : made.error().message));
    if (!instance) return {};
    instance->state = made ? "READY" : "FAILED";
    instance->host = address.host;
    instance->port = address.port;
    if (!made) instance->operations = nlohmann::json{{"error", made.error().message}}.dump();
    STATEMENT_TRY(transaction.Update(known.object.head.id, *instance));
    return {};
  }));
}

Result<> InstanceManager::Govern(const Known& known) {
  const std::lock_guard lock(mutex_);
  const bool told = reloaded_.contains(known.server);
  // What fails may have written files that the server has not been told of.
  reloaded_.erase(known.server);
  TARN_ASSIGN(const bool changed, instances_->Govern(known.server, known.governance, !told));
  reloaded_.insert(known.server);
  if (changed)
    spdlog::info("instance \"{}\" has taken over its network policy and storage", known.server);
  return {};
}

Result<> InstanceManager::SetState(ObjectId id, std::string state) {
  return WithoutCode(metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(auto instance, transaction.Find<PostgresInstance>(id));
    if (!instance || instance->state == "DROPPING") return {};
    instance->state = state;
    STATEMENT_TRY(transaction.Update(id, *instance));
    return {};
  }));
}

Result<> InstanceManager::Adopt(const InstanceStatus& status) {
  return WithoutCode(metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
    const std::string& server = status.record.name;
    const std::string folded = sql::syntax::UpperCase(server);
    ObjectHead head{
        .name = sql::syntax::IsPlainName(folded) && LowerCase(folded) == server ? folded : server,
        .comment = "made by tarn instance create"};
    STATEMENT_ASSIGN(const auto owner,
                     transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kRole), kAccountAdmin));
    if (owner) head.owner = owner->id;
    STATEMENT_ASSIGN(
        const auto there,
        transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kPostgresInstance), head.name));
    if (there) return {};
    const PostgresInstance instance{.state = status.pid ? "READY" : "SUSPENDED",
                                    .compute_family = "STANDARD_M",
                                    .postgres_version = kServedVersion,
                                    .host = status.record.address.host,
                                    .port = status.record.address.port};
    STATEMENT_TRY(transaction.Insert(head, instance));
    return {};
  }));
}

Result<provision::ListenAddress> InstanceManager::FreeAddress() {
  const std::lock_guard lock(mutex_);
  return instances_->FreeAddress();
}

Result<> InstanceManager::SetVerifier(const std::string& server, std::string_view role,
                                      const std::string& verifier) {
  const std::lock_guard lock(mutex_);
  return instances_->SetVerifier(server, role, verifier);
}

Result<> InstanceManager::DropServer(const std::string& server) {
  const std::lock_guard lock(mutex_);
  const auto dropped = instances_->Drop(server, false);
  if (!dropped && dropped.error().kind != ErrorKind::kNotFound) {
    return std::unexpected(dropped.error());
  }
  return {};
}

}  // namespace tarn::warehouse
