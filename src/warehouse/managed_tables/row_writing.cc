// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/row_writing.h"

#include "table/row_writer.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {

StatementResult<> CheckWritable(const PinnedTable& table) {
  if (table.head.kind != ObjectKind::kTable) {
    return UnsupportedFeature(
        fmt::format("changing the rows of {} {}", FactsOf(table.head.kind).sql, table.head.name));
  }
  if (table.definition.kind != TableKind::kManaged) {
    return UnsupportedFeature(
        fmt::format("changing the rows of table {}, whose metadata others write", table.head.name));
  }
  const auto& fields = table.loaded.metadata->current_schema().fields;
  bool all_shown = fields.size() == table.definition.columns.size();
  for (size_t i = 0; all_shown && i < fields.size(); ++i) {
    all_shown = fields[i].id == FieldId(table.definition.columns[i].field_id);
  }
  if (all_shown) return {};
  return UnsupportedFeature(fmt::format(
      "changing the rows of table {}, which has columns that SQL does not show", table.head.name));
}

StatementResult<WrittenRows> WriteRows(const QueryContext& context, const PinnedTable& table,
                                       const sql::BoundChange& bound,
                                       SessionTransaction& transaction) {
  const iceberg::TableMetadata& metadata = *transaction.StateOf(table).metadata;
  STATEMENT_TRY(transaction.Announce(metadata.location));
  STATEMENT_ASSIGN(const auto writer,
                   table::OpenRowWriter(context.account->tables(), transaction.writer(), metadata,
                                        {.fields = metadata.current_schema().fields,
                                         .partition_spec_id = metadata.default_spec_id,
                                         .first_ordinal = transaction.next_ordinal()}));
  WrittenRows written;
  const RowIntake intake(context, table);
  STATEMENT_ASSIGN(auto tables, PlanTables(context, bound.query));
  STATEMENT_TRY(ForEachBatch(context, std::move(tables), bound.query, [&](BatchView batch) {
    written.rows += batch.rows;
    return intake.Give(std::move(batch), bound.clauses.at(0).counted,
                       [&](const BatchView& rows) { return writer->Append(rows); });
  }));
  STATEMENT_ASSIGN(written.files, writer->Finish());
  written.next_ordinal = writer->next_ordinal();
  return written;
}

}  // namespace tarn::warehouse
