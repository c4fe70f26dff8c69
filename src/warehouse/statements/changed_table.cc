// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/changed_table.h"

#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/streams/stream_changes.h"

namespace tarn::warehouse {
namespace {

StatementResult<> Bind(const QueryContext& query, BindingMoment& moment, const BindTo& bind,
                       ChangedTable& changed) {
  STATEMENT_TRY(CheckWritable(*changed.table));
  if (bind == nullptr) return {};
  STATEMENT_ASSIGN(const sql::ChangeTarget target, TargetOf(query, *changed.table));
  auto bound = bind(target, moment.Request());
  if (!bound) return std::unexpected(moment.FailureOf(std::move(bound).error()));
  changed.bound = *std::move(bound);
  return {};
}

}  // namespace

StatementResult<bool> ConsumeStreams(const StatementContext& context, SessionTransaction& by,
                                     const Snapshot& snapshot, const sql::BoundQuery& query) {
  std::vector<const StreamRead*> reads;
  bool settled = true;
  for (const sql::BoundTable& table : query.tables) {
    const auto* const pinned = static_cast<const PinnedTable*>(table.table.handle.get());
    if (pinned == nullptr || pinned->stream == nullptr) continue;
    reads.push_back(pinned->stream.get());
    STATEMENT_ASSIGN(const bool locked,
                     by.LockStream(pinned->stream->head.id, *context.session, *context.run));
    settled = settled && !locked;
  }
  if (!settled) return false;
  for (const StreamRead* const read : reads) {
    STATEMENT_ASSIGN(const auto now, snapshot.Find<Stream>(read->head.id));
    if (!now || !StandsAt(*now, read->before)) return ConsumedMeanwhile(read->head);
    by.Consume(*read);
  }
  return true;
}

StatementResult<ChangedTable> OpenToAppend(const StatementContext& context,
                                           const sql::syntax::ObjectName& name,
                                           const BindTo& bind) {
  STATEMENT_ASSIGN(const ObjectName meant, NameOf(context, name));
  const QueryContext query = context.query();
  while (true) {
    STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query));
    ChangedTable changed;
    STATEMENT_ASSIGN(changed.table, moment->Table(meant, kInsert));
    STATEMENT_TRY(Bind(query, *moment, bind, changed));
    STATEMENT_ASSIGN(const bool settled, ConsumeStreams(context, *context.transaction,
                                                        moment->snapshot(), changed.bound.query));
    if (settled) return changed;
  }
}

StatementResult<ChangedTable> OpenToChange(const StatementContext& context,
                                           const sql::syntax::ObjectName& name,
                                           const std::vector<std::string_view>& privileges,
                                           const BindTo& bind) {
  STATEMENT_ASSIGN(const ObjectName meant, NameOf(context, name));
  const QueryContext query = context.query();
  std::optional<ObjectId> locked;
  while (true) {
    ObjectId id;
    {
      STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query));
      ChangedTable changed;
      for (const std::string_view privilege : privileges) {
        STATEMENT_ASSIGN(changed.table, moment->Table(meant, privilege));
      }
      id = changed.table->head.id;
      if (locked == id) {
        STATEMENT_TRY(context.transaction->PrepareToChange(*changed.table));
        STATEMENT_TRY(Bind(query, *moment, bind, changed));
        STATEMENT_ASSIGN(
            const bool settled,
            ConsumeStreams(context, *context.transaction, moment->snapshot(), changed.bound.query));
        if (settled) return changed;
        continue;
      }
      STATEMENT_TRY(CheckWritable(*changed.table));
    }
    // What is there is looked at again behind the lock.
    STATEMENT_TRY(context.transaction->LockForChange(id, *context.session, *context.run));
    locked = id;
  }
}

}  // namespace tarn::warehouse
