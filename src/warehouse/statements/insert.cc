// SPDX-License-Identifier: Apache-2.0
// INSERT and TRUNCATE (Snowflake, "INSERT", "TRUNCATE TABLE").
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/changed_table.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

Outcome Act(StatementContext& context, const syntax::Insert& insert) {
  const BindTo bind = [&](const sql::ChangeTarget& target, const sql::BindRequest& request) {
    return sql::BindInsert(insert, target, request);
  };
  ChangedTable changed;
  if (insert.overwrite) {
    STATEMENT_ASSIGN(changed, OpenToChange(context, insert.table, {kInsert, kDelete}, bind));
  } else {
    STATEMENT_ASSIGN(changed, OpenToAppend(context, insert.table, bind));
  }
  SessionTransaction& transaction = *context.transaction;
  STATEMENT_ASSIGN(WrittenRows written,
                   WriteRows(context.query(), *changed.table, changed.bound, transaction));
  STATEMENT_TRY(
      insert.overwrite
          ? transaction.Replace(*changed.table, std::move(written.files), written.next_ordinal)
          : transaction.Append(*changed.table, std::move(written.files), written.next_ordinal));
  return StatementOutcome{
      .status = {}, .counts = {{"number of rows inserted", written.rows}}, .rows = std::nullopt};
}

Outcome Act(StatementContext& context, const syntax::Truncate& truncate) {
  auto changed = OpenToChange(context, truncate.table, {kTruncate}, nullptr);
  if (!changed) {
    const bool gone = changed.error().error.kind == ErrorKind::kNotFound;
    if (gone && truncate.if_exists) return Executed();
    return std::unexpected(std::move(changed).error());
  }
  SessionTransaction& transaction = *context.transaction;
  STATEMENT_TRY(transaction.Announce(changed->table->loaded.metadata->location));
  STATEMENT_TRY(transaction.Replace(*changed->table, {}, transaction.next_ordinal()));
  // What was loaded is gone with the rows: it may come again.
  transaction.loads().Forget(changed->table->head.id);
  return Executed();
}

}  // namespace tarn::warehouse
