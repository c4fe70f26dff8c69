// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/unchanged_tables.h"

#include <algorithm>
#include <map>
#include <utility>

#include "table/table_cache.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {

StatementResult<RefreshTarget> ReadRefreshTarget(const QueryContext& context, ObjectId id) {
  Account& account = *context.account;
  STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
  STATEMENT_ASSIGN(const auto head, snapshot->FindHead(id));
  STATEMENT_ASSIGN(const bool alive, snapshot->IsAlive(id));
  STATEMENT_ASSIGN(const auto dynamic, snapshot->Find<DynamicTable>(id));
  STATEMENT_ASSIGN(const auto pointer, FindPointer(*snapshot, id));
  if (!head || !alive || !dynamic || !pointer) return NoSuchObject(head ? head->name : "");
  STATEMENT_ASSIGN(SessionState owner, OwnerState(*snapshot, *head, *context.session));
  PinnedTable pinned{.head = *head,
                     .database = owner.database,
                     .schema = owner.schema,
                     .definition = AsTable(*dynamic),
                     .loaded = {},
                     .files_held = snapshot->HoldFiles()};
  STATEMENT_ASSIGN(pinned.loaded, account.tables().tables->Load(pointer->metadata_location));
  STATEMENT_ASSIGN(auto frontier, FrontierOf(pinned.loaded.metadata->properties));
  return RefreshTarget{{*head, *dynamic}, std::move(pinned), std::move(owner), std::move(frontier)};
}

namespace {

class UnchangedTables {
 public:
  explicit UnchangedTables(const QueryContext& context) : context_(context) {}

  bool Has(ObjectId id) {
    const auto known = known_.find(id);
    if (known != known_.end()) return known->second;
    known_[id] = false;  // of a circle, which nobody can make
    const auto found = Look(id);
    return known_[id] = found && *found;
  }

  StatementResult<std::set<ObjectId>> Record(RefreshTrigger trigger, const std::string& query_id) {
    std::set<ObjectId> recorded;
    if (found_.empty()) return recorded;
    STATEMENT_TRY(
        context_.account->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
          recorded.clear();
          for (const Found& each : found_) {
            STATEMENT_ASSIGN(const bool ended, RecordOne(transaction, each, trigger, query_id));
            if (ended) recorded.insert(each.id);
          }
          return {};
        }));
    return recorded;
  }

 private:
  struct Found {
    ObjectId id;
    std::string metadata_location;
    int64_t moment_ms = 0;
  };

  /// What it reads counts with it alone.
  StatementResult<bool> Look(ObjectId id) {
    const size_t found_before = found_.size();
    auto looked = LookWithSources(id);
    if (looked && *looked) return looked;
    for (size_t i = found_before; i < found_.size(); ++i) known_.erase(found_[i].id);
    found_.erase(found_.begin() + static_cast<std::ptrdiff_t>(found_before), found_.end());
    return looked;
  }

  StatementResult<bool> LookWithSources(ObjectId id) {
    STATEMENT_ASSIGN(const RefreshTarget target, ReadRefreshTarget(context_, id));
    const std::string& text = target.object.value.query;
    if (!target.frontier || !target.frontier->definition.starts_with(text)) return false;
    QueryContext owned = context_;
    owned.session = &target.owner;
    STATEMENT_ASSIGN(const DefinedTable defined, BindDefinition(owned, text, target.pinned));
    const Frontier now = FrontierOf(defined.bound.query, 0, text);
    if (now.sources != target.frontier->sources) return false;
    if (now.definition != target.frontier->definition) return false;
    for (const sql::BoundTable& bound : defined.bound.query.tables) {
      const auto& source = *static_cast<const PinnedTable*>(bound.table.handle.get());
      if (source.head.kind != ObjectKind::kDynamicTable) continue;
      STATEMENT_ASSIGN(const auto snapshot, context_.account->metastore().Read());
      STATEMENT_ASSIGN(const auto dynamic, snapshot->Find<DynamicTable>(source.head.id));
      // Nobody refreshes what is suspended.
      if (!dynamic) return false;
      if (dynamic->scheduling_state == "ACTIVE" && !Has(source.head.id)) return false;
    }
    found_.push_back({.id = id,
                      .metadata_location = target.pinned.loaded.metadata_location,
                      .moment_ms = defined.moment_ms});
    return true;
  }

  /// False: somebody has refreshed it meanwhile.
  StatementResult<bool> RecordOne(Transaction& transaction, const Found& each,
                                  RefreshTrigger trigger, const std::string& query_id) const {
    STATEMENT_ASSIGN(const auto pointer, FindPointer(transaction, each.id));
    STATEMENT_ASSIGN(auto dynamic, transaction.Find<DynamicTable>(each.id));
    if (!pointer || !dynamic || pointer->metadata_location != each.metadata_location) return false;
    dynamic->data_timestamp_ms = std::max(dynamic->data_timestamp_ms.value_or(0), each.moment_ms);
    STATEMENT_TRY(transaction.Update(each.id, *dynamic));
    RunRecord run{.kind = std::string(kRefreshRun),
                  .object = each.id,
                  .root = each.id,
                  .trigger = std::string(ToString(trigger)),
                  .state = "SUCCEEDED",
                  .scheduled_ms = each.moment_ms,
                  .started_ms = each.moment_ms,
                  .ended_ms = transaction.now_ms(),
                  .query_id = query_id,
                  .details = StatisticsOf({.data_timestamp_ms = each.moment_ms}, trigger)};
    STATEMENT_ASSIGN(run.object_name, transaction.QualifiedName(each.id));
    STATEMENT_TRY(RecordRun(transaction, std::move(run)));
    return true;
  }

  const QueryContext& context_;
  std::map<ObjectId, bool> known_;
  std::vector<Found> found_;
};

}  // namespace

StatementResult<std::set<ObjectId>> EndUnchanged(const QueryContext& context,
                                                 const std::vector<ObjectId>& tables,
                                                 RefreshTrigger trigger,
                                                 const std::string& query_id) {
  UnchangedTables unchanged(context);
  for (const ObjectId table : tables) unchanged.Has(table);
  return unchanged.Record(trigger, query_id);
}

}  // namespace tarn::warehouse
