// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/delta_tables.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/batch.h"
#include "incremental/inlined.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/text_formats.h"
#include "warehouse/time_travel/change_columns.h"
#include "warehouse/time_travel/narrow_changes.h"

namespace tarn::warehouse {
namespace {

using incremental::DeltaTable;
using incremental::TableState;
using sql::bound::Expression;
using sql::bound::ExpressionKind;
using sql::bound::Relation;
using sql::bound::RelationKind;

/// Fields of no schema: in files they are found nowhere, and null.
constexpr int32_t kUnreadId = 2147470000;

const FrontierSource* SourceOf(const Frontier& frontier, ObjectId id) {
  const auto found = std::ranges::find(frontier.sources, id, &FrontierSource::id);
  return found == frontier.sources.end() ? nullptr : &*found;
}

ObjectId IdOf(const sql::BoundTable& bound) {
  return static_cast<const PinnedTable*>(bound.table.handle.get())->head.id;
}

void CollectTables(const sql::bound::Query& query, std::map<int32_t, size_t>& tables);

void CollectTables(const Relation& relation, std::map<int32_t, size_t>& tables) {
  if (relation.kind == RelationKind::kTable) {
    tables[relation.id] = static_cast<size_t>(relation.source);
  }
  for (const Relation& side : relation.sides) CollectTables(side, tables);
  if (relation.query != nullptr) CollectTables(*relation.query, tables);
}

void CollectTables(const sql::bound::Query& query, std::map<int32_t, size_t>& tables) {
  for (const auto& common : query.with) CollectTables(*common.query, tables);
  if (const auto* select = std::get_if<sql::bound::Select>(&query.body)) {
    if (select->from) CollectTables(*select->from, tables);
  } else if (const auto* operation = std::get_if<sql::bound::SetOperation>(&query.body)) {
    for (const auto& operand : operation->operands) CollectTables(*operand, tables);
  } else if (const auto* nested =
                 std::get_if<std::shared_ptr<const sql::bound::Query>>(&query.body)) {
    CollectTables(**nested, tables);
  }
}

std::vector<std::vector<bool>> UsedColumns(const sql::BoundQuery& query) {
  std::map<int32_t, size_t> tables;
  CollectTables(query.query, tables);
  incremental::ForEachExpression(query.query, [&](const Expression& each) {
    if (each.kind == ExpressionKind::kSubquery) CollectTables(*each.query, tables);
  });
  std::vector<std::vector<bool>> used;
  for (const sql::BoundTable& bound : query.tables) used.emplace_back(bound.table.columns.size());
  incremental::ForEachExpression(query.query, [&](const Expression& each) {
    if (each.kind != ExpressionKind::kColumn || each.column.column < 0) return;
    const auto table = tables.find(each.column.relation);
    if (table == tables.end()) return;
    used[table->second].at(static_cast<size_t>(each.column.column)) = true;
  });
  return used;
}

}  // namespace

std::vector<bool> ChangedTables(const sql::BoundQuery& query, const Frontier& before,
                                const Frontier& after) {
  std::vector<bool> changed;
  for (const sql::BoundTable& bound : query.tables) {
    const ObjectId id = IdOf(bound);
    changed.push_back(SourceOf(before, id)->version != SourceOf(after, id)->version);
  }
  return changed;
}

DeltaTables::DeltaTables(const QueryContext& context, const sql::BoundQuery& query,
                         const Frontier& before)
    : context_(context), query_(query), before_(before), used_(UsedColumns(query)) {}

StatementResult<engine::QueryTable> DeltaTables::PlanOne(const DeltaTable& table) const {
  const sql::BoundTable& bound = query_.tables[table.table];
  std::vector<sql::NamedColumn> columns = bound.table.columns;
  PinnedTable state = *static_cast<const PinnedTable*>(bound.table.handle.get());
  const FrontierSource* const source = SourceOf(before_, state.head.id);
  const TableVersion newest{state.loaded.metadata->current_snapshot_id};
  if (table.state != TableState::kChanges) {
    state.version = table.state == TableState::kBefore ? source->version : newest;
    return PlanPast(context_.account->tables(), state, columns);
  }
  state.changes = TableChanges{.from = source->version, .to = newest};
  for (size_t i = 0; i < columns.size(); ++i) {
    if (used_[table.table][i]) continue;
    columns[i].field.id = FieldId(kUnreadId + static_cast<int32_t>(i));
    columns[i].field.initial_default.reset();
    columns[i].field.required = false;
  }
  AppendChangeColumns(columns);
  return PlanNarrowChanges(context_.account->tables(), state, columns);
}

StatementResult<std::vector<engine::QueryTable>> DeltaTables::Plan(
    const std::vector<DeltaTable>& tables) const {
  std::vector<engine::QueryTable> planned;
  for (const DeltaTable& table : tables) {
    STATEMENT_ASSIGN(planned.emplace_back(), PlanOne(table));
  }
  return planned;
}

StatementResult<std::unique_ptr<engine::KeptTable>> DeltaTables::Keep(
    std::string name, std::string text, size_t columns,
    std::vector<engine::QueryTable> tables) const {
  if (context_.run->is_cancelled()) return context_.run->Failure();
  auto kept = engine::KeepRows(*context_.account->tables().engine, std::move(name),
                               {.text = std::move(text),
                                .tables = std::move(tables),
                                .parameters = {},
                                .carriers = {},
                                .time_zone = context_.session->Parameter("TIMEZONE"),
                                .formats = FormatsOf(*context_.session)},
                               columns, [run = context_.run] { return run->is_cancelled(); });
  if (!kept && context_.run->is_cancelled()) return context_.run->Failure();
  if (!kept) return std::unexpected(FromQuery(std::move(kept).error()));
  return *std::move(kept);
}

StatementResult<std::unique_ptr<engine::KeptTable>> DeltaTables::Keep(
    std::string name, const incremental::StateQuery& query) const {
  STATEMENT_ASSIGN(auto tables, Plan(query.tables));
  return Keep(std::move(name), query.text, query.columns, std::move(tables));
}

StatementResult<std::vector<int64_t>> DeltaTables::Numbers(std::string text, size_t columns) const {
  const std::vector<Type> types(columns, Type::Primitive(TypeKind::kLong));
  STATEMENT_ASSIGN(const auto stream,
                   OpenPlannedQuery(context_, {}, {.text = std::move(text), .carriers = types}));
  std::vector<uint8_t> bytes;
  if (auto next = stream->Next(bytes); !next) {
    return std::unexpected(FromQuery(std::move(next).error()));
  }
  STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
  std::vector<int64_t> numbers;
  for (const ColumnView& column : batch.columns) {
    numbers.push_back(reinterpret_cast<const int64_t*>(column.values)[0]);
  }
  return numbers;
}

StatementResult<> DeltaTables::Change(const std::string& statements) const {
  STATEMENT_TRY(engine::ChangeKeptTables(*context_.account->tables().engine, statements));
  return {};
}

}  // namespace tarn::warehouse
