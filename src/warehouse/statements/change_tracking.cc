// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/change_tracking.h"

#include "warehouse/objects/privilege.h"

namespace tarn::warehouse {
namespace {

constexpr int32_t kLineageVersion = 3;
/// While clients of the REST catalog commit to the table.
constexpr int32_t kRunsMax = 20;

/// Whether rows lack the ids that they shall have.
bool LacksRowIds(const PinnedTable& table) {
  if (table.definition.declared_iceberg) return false;
  const iceberg::TableMetadata& metadata = *table.loaded.metadata;
  const iceberg::Snapshot* const head = metadata.current_snapshot();
  return metadata.format_version < kLineageVersion || (head != nullptr && !head->first_row_id);
}

StatementResult<std::shared_ptr<const PinnedTable>> OwnedTable(const QueryContext& query,
                                                               const ObjectName& name) {
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query));
  return moment->Table(name, kOwnership);
}

StatementResult<> TrackOnce(const StatementContext& context, const ObjectName& name,
                            const OnTracked& then) {
  const QueryContext query = context.query();
  SessionTransaction transaction(*context.account, TransactionExtent::kTransaction);
  transaction.BeginStatement(context.query_id);
  STATEMENT_ASSIGN(auto table, OwnedTable(query, name));
  for (std::optional<ObjectId> locked; locked != table->head.id;) {
    locked = table->head.id;
    STATEMENT_TRY(transaction.LockForChange(*locked, *context.session, *context.run));
    // What is there is looked at again behind the lock.
    STATEMENT_ASSIGN(table, OwnedTable(query, name));
  }
  Table definition = table->definition;
  definition.change_tracking = true;
  STATEMENT_TRY(transaction.Alter(*table, table->loaded.metadata->current_schema().fields,
                                  std::move(definition)));
  TableVersion from{table->loaded.metadata->current_snapshot_id};
  if (LacksRowIds(*table)) from = transaction.NumberRows(*table);
  return transaction.Commit(
      *context.session, context.run, [&](Transaction& objects) -> StatementResult<> {
        return then == nullptr ? StatementResult<>() : then(objects, *table, from);
      });
}

}  // namespace

StatementResult<> TrackChanges(const StatementContext& context, const ObjectName& name,
                               const OnTracked& then) {
  for (int32_t runs = 1;; ++runs) {
    StatementResult<> tracked = TrackOnce(context, name, then);
    const bool again = !tracked && tracked.error().error.kind == ErrorKind::kConflict;
    if (!again || runs == kRunsMax) return tracked;
  }
}

}  // namespace tarn::warehouse
