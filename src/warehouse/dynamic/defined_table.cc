// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/defined_table.h"

#include <algorithm>
#include <set>

#include "sql/syntax/parser.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

/// Another moment and another session, in which nothing that a refresh may keep has another value.
constexpr int64_t kMuchLaterUs = int64_t{86'400} * 1'000'000 * 1000;

/// The query with its text, which its spans are of.
StatementResult<sql::syntax::Query> Parse(const std::string& text) {
  auto parsed = sql::syntax::ParseQuery(text);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  return *std::move(parsed);
}

QueryContext Reading(const QueryContext& context, const std::string& text) {
  QueryContext reading = context;
  reading.text = text;
  reading.transaction = nullptr;
  reading.parameters.clear();
  reading.named_parameters.clear();
  return reading;
}

}  // namespace

Table AsTable(const DynamicTable& dynamic) {
  Table table;
  table.kind = TableKind::kManaged;
  table.columns = dynamic.columns;
  table.change_tracking = true;
  table.declared_iceberg = dynamic.declared_iceberg;
  table.transient = dynamic.transient;
  return table;
}

StatementResult<SessionState> OwnerState(const Snapshot& snapshot, const ObjectHead& head,
                                         const SessionState& asking) {
  SessionState state = asking;
  STATEMENT_ASSIGN(const auto role, snapshot.FindHead(head.owner));
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(head.container));
  if (!role || !schema) return NoSuchObject(head.name);
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return NoSuchObject(head.name);
  state.role = role->name;
  state.role_id = role->id;
  state.as_owner = true;
  state.all_secondary_roles = false;
  state.database = database->name;
  state.schema = schema->name;
  state.variables.clear();
  state.view = nullptr;
  state.id = Uuid::Random();  // whoever asks may have temporary tables of the same names
  return state;
}

StatementResult<DefinedTable> BindDefinition(const QueryContext& context, const std::string& text,
                                             const PinnedTable& table) {
  const QueryContext reading = Reading(context, text);
  STATEMENT_ASSIGN(const auto query, Parse(text));
  STATEMENT_ASSIGN(const sql::ChangeTarget target, TargetOf(reading, table));
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(reading));
  auto bound = sql::BindRows(query, target, moment->Request());
  if (!bound) return std::unexpected(moment->FailureOf(std::move(bound).error()));
  DefinedTable defined{.bound = *std::move(bound), .moment_ms = moment->snapshot().now_ms()};
  std::set<ObjectId> sources;
  for (const sql::BoundTable& each : defined.bound.query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(each.table.handle.get());
    if (pinned.made || pinned.version || pinned.changes || pinned.stream != nullptr) {
      return UnsupportedFeature("a dynamic table over anything but tables and views");
    }
    sources.insert(pinned.head.id);
  }
  defined.sources.assign(sources.begin(), sources.end());
  return defined;
}

StatementResult<std::vector<ResultColumn>> ColumnsOfDefinition(const QueryContext& context,
                                                               const std::string& text) {
  const QueryContext reading = Reading(context, text);
  STATEMENT_ASSIGN(const auto query, Parse(text));
  STATEMENT_ASSIGN(BoundStatement bound, BindStatementQuery(reading, query));
  return std::move(bound.columns);
}

StatementResult<std::optional<std::string>> WhyNotIncremental(const QueryContext& context,
                                                              const std::string& text,
                                                              const PinnedTable& table) {
  const QueryContext reading = Reading(context, text);
  STATEMENT_ASSIGN(const auto query, Parse(text));
  STATEMENT_ASSIGN(const sql::ChangeTarget target, TargetOf(reading, table));
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(reading));
  const auto now = sql::BindRows(query, target, moment->Request());
  sql::BindRequest other = moment->Request();
  other.session.now += kMuchLaterUs;
  other.session.user = other.session.role = other.session.session = other.session.warehouse =
      "\x01";
  const auto later = sql::BindRows(query, target, other);
  if (!now) return std::unexpected(moment->FailureOf(now.error()));
  if (!later || sql::Print(later->query).text != sql::Print(now->query).text) {
    return "Change tracking is not supported on queries with functions of the session or the "
           "current time.";
  }
  for (const sql::ExpandedText& text : now->query.expanded) {
    if (text.immutable) continue;
    return fmt::format(
        "Change tracking is not supported on queries with functions that are not "
        "IMMUTABLE: {}",
        text.name);
  }
  const auto delta =
      incremental::DeltaOf(now->query, std::vector<bool>(now->query.tables.size(), true));
  if (delta) return std::optional<std::string>();
  return delta.error().reason;
}

}  // namespace tarn::warehouse
