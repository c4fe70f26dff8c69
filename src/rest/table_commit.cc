// SPDX-License-Identifier: Apache-2.0
#include "rest/table_commit.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "iceberg/update/requirement_json.h"
#include "iceberg/update/table_metadata_builder.h"
#include "iceberg/update/update_json.h"
#include "rest/columns.h"
#include "rest/commit_privileges.h"
#include "rest/locations.h"
#include "rest/metastore_change.h"
#include "rest/place.h"
#include "table/commit.h"
#include "table/expired_files.h"
#include "table/table_cache.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/metastore/table_publisher.h"
#include "warehouse/objects/table.h"
#include "warehouse/retention/purge.h"

namespace tarn::rest {
namespace {

using iceberg::LoadedTable;
using iceberg::TableMetadata;
using warehouse::Snapshot;
using warehouse::StatementResult;
using warehouse::Transaction;

constexpr const char* kCreatedMeanwhile = "Requirement failed: table already exists";

/// What a commit does to one table.
struct Plan {
  Identifier identifier;
  Place place;
  table::TableChange change;
  bool asserts_creation = false;
  warehouse::ObjectId table;  ///< that exists
  iceberg::Schema schema;     ///< of its base
  /// The state that is about to appear, of the last attempt.
  std::shared_ptr<const TableMetadata> next;
};

bool AssertsCreation(std::span<const iceberg::TableRequirement> requirements) {
  return std::ranges::any_of(requirements, [](const iceberg::TableRequirement& requirement) {
    return std::holds_alternative<iceberg::AssertCreate>(requirement);
  });
}

catalog::TableName NameOf(const Place& place, const std::string& name) {
  return {{place.database.name, place.schema.name}, name};
}

/// Nothing of a client's table expires but what the client expires itself.
table::TableContext ContextOf(const Service& service) {
  table::TableContext context = service.account->tables();
  context.policy.is_pinned = [](iceberg::SnapshotId) { return true; };
  context.policy.delete_dropped_metadata = false;
  context.policy.follows_metadata_path = true;
  return context;
}

Plan CreationPlan(const Identifier& identifier, Place place,
                  std::shared_ptr<const TableMetadata> metadata) {
  Plan plan{.identifier = identifier, .place = std::move(place)};
  plan.change.table = NameOf(plan.place, identifier.name);
  plan.change.created = std::move(metadata);
  plan.change.snapshot_id = iceberg::NewSnapshotId(plan.change.created.get());
  return plan;
}

/// Makes plans of what clients send, all of one moment.
class Planner {
 public:
  Planner(const Service& service, const Call& call, const Snapshot& snapshot)
      : service_(service), call_(call), snapshot_(snapshot) {}

  Reply<Plan> PlanOf(const TableCommit& commit) {
    const bool creates = AssertsCreation(commit.requirements);
    if (!creates) {
      REST_ASSIGN(const Relation relation, FindTable(snapshot_, call_, commit.identifier));
      return Update(commit, relation);
    }
    REST_ASSIGN(const Place place, FindSchema(snapshot_, call_, commit.identifier.name_space));
    REST_ASSIGN(const auto existing, FindRelation(snapshot_, call_, place, commit.identifier.name));
    if (!existing) return Create(commit, place);
    if (existing->head.kind != warehouse::ObjectKind::kTable) {
      return NameIsTaken(warehouse::ObjectKind::kTable, existing->head.kind, commit.identifier);
    }
    return CommitFailed(kCreatedMeanwhile);
  }

 private:
  Reply<Plan> Create(const TableCommit& commit, const Place& place) {
    REST_TRY(iceberg::CheckRequirements(nullptr, commit.requirements));
    std::vector<iceberg::MetadataUpdate> updates = commit.updates;
    const bool has_uuid = std::ranges::any_of(updates, [](const iceberg::MetadataUpdate& update) {
      return std::holds_alternative<iceberg::AssignUuid>(update);
    });
    if (!has_uuid) updates.insert(updates.begin(), iceberg::AssignUuid{Uuid::Random()});
    REST_ASSIGN(const auto built,
                iceberg::ApplyUpdates(nullptr, "", updates, service_.account->clock().NowMs()));
    REST_TRY(CheckLocations(service_, snapshot_, call_, *built.metadata));
    REST_TRY(CheckAddedFiles(service_, nullptr, *built.metadata, updates));
    Plan plan = CreationPlan(commit.identifier, place, built.metadata);
    plan.change.requirements = commit.requirements;
    plan.asserts_creation = true;
    return plan;
  }

  Reply<Plan> Update(const TableCommit& commit, const Relation& relation) {
    REST_ASSIGN(const auto authority, warehouse::Authority::Of(snapshot_, call_.caller));
    REST_TRY(CheckLoadPrivileges(authority, relation.head));
    REST_TRY(CheckCommitPrivileges(authority, relation.head, commit.updates));
    if (relation.head.kind != warehouse::ObjectKind::kTable) {
      return Forbidden(fmt::format("{} is a dynamic table: its query alone changes its rows",
                                   ToString(commit.identifier)));
    }
    REST_ASSIGN(const LoadedTable base,
                service_.account->tables().tables->Load(relation.pointer->metadata_location));
    REST_TRY(iceberg::CheckRequirements(base.metadata.get(), commit.requirements));
    // Once beforehand, so that nothing unsound is written; again on what is newest then.
    REST_ASSIGN(const auto built,
                iceberg::ApplyUpdates(base.metadata, base.metadata_location, commit.updates,
                                      service_.account->clock().NowMs()));
    if (MovesPlaces(commit.updates)) {
      REST_TRY(CheckLocations(service_, snapshot_, call_, *built.metadata));
    }
    REST_TRY(CheckAddedFiles(service_, base.metadata.get(), *built.metadata, commit.updates));
    Plan plan{.identifier = commit.identifier, .place = relation.place};
    plan.table = relation.head.id;
    plan.schema = base.metadata->current_schema();
    plan.change.table = NameOf(relation.place, relation.head.name);
    plan.change.requirements = commit.requirements;
    plan.change.changes.updates = commit.updates;
    plan.change.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
    plan.next = built.metadata;
    return plan;
  }

  static bool MovesPlaces(std::span<const iceberg::MetadataUpdate> updates) {
    return std::ranges::any_of(updates, [](const iceberg::MetadataUpdate& update) {
      return std::holds_alternative<iceberg::SetLocation>(update) ||
             std::holds_alternative<iceberg::SetProperties>(update);
    });
  }

  const Service& service_;
  const Call& call_;
  const Snapshot& snapshot_;
};

StatementResult<> MakeObject(const Service& service, Transaction& transaction, const Call& call,
                             const Plan& plan) {
  const TableMetadata& metadata = *plan.change.created;
  STATEMENT_TRY(warehouse::RefuseDyingPlace(*service.account->tables().journal, metadata.location));
  warehouse::CreateRequest request;
  request.name = {.database = plan.place.database.name,
                  .schema = plan.place.schema.name,
                  .name = plan.identifier.name};
  request.definition =
      warehouse::Table{.declared_iceberg = true, .columns = ColumnsOf(metadata.current_schema())};
  STATEMENT_ASSIGN(const auto outcome, CreateObject(transaction, call.caller, request));
  STATEMENT_TRY(SetPointer(transaction, {.id = outcome.id,
                                         .table_uuid = metadata.table_uuid,
                                         .location = metadata.location,
                                         .metadata_location = {},
                                         .published_ms = 0}));
  return {};
}

/// What SQL knows of a table follows its schema.
StatementResult<> UpdateObject(const Service& service, Transaction& transaction, const Plan& plan) {
  if (plan.next == nullptr) return {};
  const TableMetadata& metadata = *plan.next;
  STATEMENT_ASSIGN(auto definition, transaction.Find<warehouse::Table>(plan.table));
  if (definition) {
    auto columns = ColumnsAfter(definition->columns, plan.schema, metadata.current_schema());
    const bool changed = !metadata.current_schema().SameFields(plan.schema);
    if (changed && columns != definition->columns) {
      definition->columns = std::move(columns);
      STATEMENT_TRY(transaction.Update(plan.table, *definition));
    }
  }
  STATEMENT_ASSIGN(auto pointer, FindPointer(transaction, plan.table));
  const bool moved = pointer && (pointer->location != metadata.location ||
                                 pointer->table_uuid != metadata.table_uuid);
  if (!moved) return {};
  STATEMENT_TRY(warehouse::RefuseDyingPlace(*service.account->tables().journal, metadata.location));
  pointer->location = metadata.location;
  pointer->table_uuid = metadata.table_uuid;
  STATEMENT_TRY(SetPointer(transaction, *pointer));
  return {};
}

Failure FailureOf(const Plan& first, const Error& error,
                  const std::optional<warehouse::StatementError>& effect_error) {
  const ErrorKind kind = effect_error ? effect_error->error.kind : error.kind;
  if (kind == ErrorKind::kAlreadyExists) {
    if (first.asserts_creation) return CommitFailed(kCreatedMeanwhile).error();
    return NameIsTaken(warehouse::ObjectKind::kTable, warehouse::ObjectKind::kTable,
                       first.identifier)
        .error();
  }
  if (kind == ErrorKind::kNotFound && !effect_error) {
    return NoSuchTable(ToString(first.identifier)).error();
  }
  return effect_error ? AsFailure(*effect_error) : AsFailure(error);
}

Reply<std::vector<LoadedTable>> Publish(const Service& service, const Call& call,
                                        std::vector<Plan> plans) {
  FileWriter files(service);
  std::vector<table::TableChange> changes;
  for (Plan& plan : plans) {
    const TableMetadata* metadata =
        plan.change.created ? plan.change.created.get() : plan.next.get();
    REST_TRY(files.Announce(metadata->location));
    changes.push_back(plan.change);
  }
  bool has_effect = false;
  const auto effect = [&](Transaction& transaction) -> StatementResult<> {
    has_effect = true;
    for (const Plan& plan : plans) {
      STATEMENT_TRY(plan.change.created ? MakeObject(service, transaction, call, plan)
                                        : UpdateObject(service, transaction, plan));
    }
    return {};
  };
  table::CommitOptions options;
  const auto journal_expired = table::JournalExpired(*ContextOf(service).journal, files.writer());
  options.before_appearing = [&](const table::TableChange& change,
                                 const iceberg::PreparedTable& prepared) -> Result<> {
    TARN_TRY(journal_expired(change, prepared));
    plans[static_cast<size_t>(&change - changes.data())].next = prepared.table.metadata;
    return {};
  };
  warehouse::TablePublisher publisher(&service.account->metastore(), files.writer().id, effect);
  auto committed =
      table::CommitTables(ContextOf(service), publisher, files.writer(), changes, options);
  if (committed) {
    // Updates that change nothing publish nothing: then nobody knows the writer.
    if (has_effect) files.Committed();
    return *std::move(committed);
  }
  if (committed.error().kind == ErrorKind::kCommitStateUnknown) files.LeaveOpen();
  return std::unexpected(FailureOf(plans.front(), committed.error(), publisher.effect_error()));
}

}  // namespace

Reply<TableCommit> ParseTableCommit(const iceberg::JsonMembers& members, Identifier identifier) {
  TableCommit commit{.identifier = std::move(identifier), .requirements = {}, .updates = {}};
  if (const iceberg::Json* requirements = members.Find("requirements")) {
    REST_ASSIGN(commit.requirements,
                FromRequest(iceberg::ParseRequirementsTree(*requirements, "requirements")));
  }
  if (const iceberg::Json* updates = members.Find("updates")) {
    REST_ASSIGN(commit.updates, FromRequest(iceberg::ParseUpdatesTree(*updates, "updates")));
  }
  return commit;
}

Reply<std::vector<LoadedTable>> CommitTables(const Service& service, const Call& call,
                                             std::span<const TableCommit> commits) {
  std::vector<Plan> plans;
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    Planner planner(service, call, *snapshot);
    for (const TableCommit& commit : commits) {
      REST_ASSIGN(Plan plan, planner.PlanOf(commit));
      plans.push_back(std::move(plan));
    }
  }
  if (plans.empty()) return std::vector<LoadedTable>();
  return Publish(service, call, std::move(plans));
}

Reply<LoadedTable> CreateManagedTable(const Service& service, const Call& call,
                                      const Identifier& identifier,
                                      std::shared_ptr<const TableMetadata> metadata) {
  std::vector<Plan> plans;
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_ASSIGN(Place place, FindSchema(*snapshot, call, identifier.name_space));
    plans.push_back(CreationPlan(identifier, std::move(place), std::move(metadata)));
  }
  REST_ASSIGN(auto tables, Publish(service, call, std::move(plans)));
  return std::move(tables.front());
}

}  // namespace tarn::rest
