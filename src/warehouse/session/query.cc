// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/query.h"

#include <charconv>

#include "base/time_units.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/sequence_numbers.h"
#include "warehouse/session/session_transaction.h"
#include "warehouse/session/text_formats.h"
#include "warehouse/time_travel/change_columns.h"
#include "warehouse/time_travel/point_in_time.h"

namespace tarn::warehouse {
namespace {

constexpr int32_t kJsonIndentDefault = 2;

/// A format that is not set, or that "AUTO" names, is the one of all timestamps.
std::string FormatOf(const SessionState& session, std::string_view parameter,
                     const std::string& absent) {
  const std::string format = session.Parameter(parameter);
  return format.empty() || format == "AUTO" ? absent : format;
}

int32_t JsonIndentOf(const SessionState& session) {
  const std::string text = session.Parameter("JSON_INDENT");
  int32_t indent = kJsonIndentDefault;
  std::from_chars(text.data(), text.data() + text.size(), indent);
  return indent;
}

/// The names' own failure where there is one: it has Snowflake's heading and words.
StatementError FailureOf(const NamingMoment& moment, sql::SqlError error) {
  if (!moment.failure || moment.failure->code != error.code) return FromSql(std::move(error));
  StatementError failure = *moment.failure;
  failure.position = error.position;
  return failure;
}

std::vector<ResultColumn> ResultColumnsOf(const sql::BoundQuery& query) {
  std::vector<ResultColumn> columns;
  for (const sql::bound::OutputColumn& output : query.query.columns) {
    ResultColumn& column = columns.emplace_back(ResultColumn{.name = output.name,
                                                             .type = output.type,
                                                             .carrier = output.carrier,
                                                             .nullable = output.nullable});
    if (output.table < 0) continue;
    column.table_id = query.tables.at(static_cast<size_t>(output.table)).table.id;
    column.column_number = output.table_column + 1;
  }
  return columns;
}

}  // namespace

engine::TextFormats FormatsOf(const SessionState& session) {
  engine::TextFormats formats;
  const std::string all = FormatOf(session, "TIMESTAMP_OUTPUT_FORMAT", formats.timestamp_tz);
  formats.date = FormatOf(session, "DATE_OUTPUT_FORMAT", formats.date);
  formats.time = FormatOf(session, "TIME_OUTPUT_FORMAT", formats.time);
  formats.timestamp_ntz = FormatOf(session, "TIMESTAMP_NTZ_OUTPUT_FORMAT", all);
  formats.timestamp_ltz = FormatOf(session, "TIMESTAMP_LTZ_OUTPUT_FORMAT", all);
  formats.timestamp_tz = FormatOf(session, "TIMESTAMP_TZ_OUTPUT_FORMAT", all);
  return formats;
}

sql::BindRequest MakeBindRequest(const QueryContext& context) {
  const SessionState& session = *context.session;
  return {.text = context.text,
          .session = {.name = {},
                      .now = context.account->clock().NowMs() * kMicrosecondsPerMs,
                      .user = session.user,
                      .role = session.role,
                      .warehouse = session.warehouse,
                      .database = session.database,
                      .schema = session.schema,
                      .account = "TARN",
                      .region = "LOCAL",
                      .version = "0.1.0",
                      .session = session.id.ToString(),
                      .json_indent = JsonIndentOf(session)},
          .parameters = context.parameters,
          .named_parameters = context.named_parameters,
          .output_types = std::nullopt,
          .nulls_last = session.Parameter("DEFAULT_NULL_ORDERING") != "FIRST",
          .quoted_identifiers_ignore_case =
              session.Parameter("QUOTED_IDENTIFIERS_IGNORE_CASE") == "true"};
}

StatementResult<std::unique_ptr<BindingMoment>> BindingMoment::Open(const QueryContext& context) {
  std::unique_ptr<BindingMoment> opened(new BindingMoment(context));
  STATEMENT_ASSIGN(opened->snapshot_, context.account->metastore().Read());
  STATEMENT_ASSIGN(opened->caller_, CallerOf(*opened->snapshot_, *context.session));
  opened->snapshot_->ShowTemporaryOf(opened->caller_.session);
  opened->moment_ = {.snapshot = opened->snapshot_.get(),
                     .tables = &context.account->tables(),
                     .session = context.session,
                     .pinned = {},
                     .failure = std::nullopt,
                     .stages_location = context.account->stages_location(),
                     .captures = &context.account->captures(),
                     .files_held = opened->snapshot_->HoldFiles()};
  opened->names_ = std::make_unique<QueryNames>(&opened->moment_, opened->caller_);
  return opened;
}

StatementResult<std::shared_ptr<const PinnedTable>> BindingMoment::Table(
    const ObjectName& name, std::string_view privilege) {
  return PinTable(moment_, caller_, name, privilege);
}

StatementResult<TableVersion> BindingMoment::VersionOf(const PinnedTable& table,
                                                       const sql::syntax::TimeTravel& written) {
  auto value = sql::BindConstant(written.value, Request());
  if (!value) return std::unexpected(FailureOf(std::move(value).error()));
  STATEMENT_ASSIGN(const PointInTime point,
                   EvaluatePoint(moment_, caller_,
                                 {.before = written.kind == sql::syntax::TimeTravelKind::kBefore,
                                  .point = written.point,
                                  .value = *std::move(value)}));
  return VersionAt(moment_, table, point);
}

sql::BindRequest BindingMoment::Request() {
  sql::BindRequest request = MakeBindRequest(context_);
  request.names = names_.get();
  return request;
}

StatementError BindingMoment::FailureOf(sql::SqlError error) const {
  return warehouse::FailureOf(moment_, std::move(error));
}

namespace {

/// What `bind` makes of the request with the session's names, at the metastore's newest state.
template <typename Bind>
auto BindNow(const QueryContext& context, sql::BindRequest request, const Bind& bind)
    -> StatementResult<typename std::invoke_result_t<Bind, const sql::BindRequest&>::value_type> {
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(context));
  request.names = moment->Request().names;
  auto bound = bind(request);
  if (!bound) return std::unexpected(moment->FailureOf(std::move(bound).error()));
  return *std::move(bound);
}

}  // namespace

StatementResult<BoundStatement> BindStatementQuery(const QueryContext& context,
                                                   const sql::syntax::Query& query,
                                                   sql::BindRequest request) {
  BoundStatement result;
  STATEMENT_ASSIGN(result.query,
                   BindNow(context, std::move(request), [&](const sql::BindRequest& with_names) {
                     return sql::BindQuery(query, with_names);
                   }));
  result.columns = ResultColumnsOf(result.query);
  return result;
}

StatementResult<BoundStatement> BindStatementQuery(const QueryContext& context,
                                                   const sql::syntax::Query& query) {
  return BindStatementQuery(context, query, MakeBindRequest(context));
}

StatementResult<sql::bound::Expression> BindStatementConstant(
    const QueryContext& context, const sql::syntax::Expression& expression) {
  return BindNow(context, MakeBindRequest(context), [&](const sql::BindRequest& with_names) {
    return sql::BindConstant(expression, with_names);
  });
}

namespace {

/// A query whose files stay as long as it runs.
class HoldingStream final : public engine::QueryStream {
 public:
  HoldingStream(std::unique_ptr<engine::QueryStream> stream,
                std::vector<std::shared_ptr<const void>> held)
      : held_(std::move(held)), stream_(std::move(stream)) {}

  engine::QueryResult<> Next(std::vector<uint8_t>& out) override { return stream_->Next(out); }
  void Interrupt() override { stream_->Interrupt(); }
  std::optional<double> progress() const override { return stream_->progress(); }

 private:
  std::vector<std::shared_ptr<const void>> held_;
  std::unique_ptr<engine::QueryStream> stream_;
};

}  // namespace

StatementResult<std::vector<engine::QueryTable>> PlanTables(const QueryContext& context,
                                                            const sql::BoundQuery& query) {
  const table::TableContext& tables = context.account->tables();
  std::vector<engine::QueryTable> planned;
  for (const sql::BoundTable& bound : query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(bound.table.handle.get());
    engine::QueryTable& table = planned.emplace_back();
    if (pinned.version || pinned.changes) {
      STATEMENT_ASSIGN(table, PlanPast(tables, pinned, bound.table.columns));
      continue;
    }
    for (const sql::NamedColumn& column : bound.table.columns) {
      table.columns.push_back({.field = column.field, .default_value = {}});
    }
    if (pinned.made) {
      table.pending = pinned.made;
      continue;
    }
    const SessionTransaction* const transaction = context.transaction;
    const iceberg::LoadedTable& state =
        transaction == nullptr ? pinned.loaded : transaction->StateOf(pinned);
    STATEMENT_ASSIGN(table.plan, iceberg::PlanScan(table::MakeCommitContext(tables, Uuid()),
                                                   state.metadata, {}));
    if (pinned.area != nullptr) STATEMENT_TRY(CheckPlannedFiles(*pinned.area, *table.plan));
    if (transaction != nullptr) table.pending = transaction->PendingRowsOf(pinned.head.id);
  }
  return planned;
}

StatementResult<std::unique_ptr<engine::QueryStream>> OpenPlannedQuery(
    const QueryContext& context, std::vector<engine::QueryTable> tables,
    sql::PrintedQuery printed) {
  if (context.run->is_cancelled()) return context.run->Failure();
  auto stream = context.account->tables().engine->OpenQuery(
      {.text = std::move(printed.text),
       .tables = std::move(tables),
       .parameters = {},
       .carriers = std::move(printed.carriers),
       .time_zone = context.session->Parameter("TIMEZONE"),
       .formats = FormatsOf(*context.session),
       .numbers = NumbersOf(context.account->metastore(), printed.sequences)});
  if (!stream && context.run->is_cancelled()) return context.run->Failure();
  if (!stream) return std::unexpected(FromQuery(std::move(stream).error()));
  return *std::move(stream);
}

StatementResult<std::unique_ptr<engine::QueryStream>> OpenBoundQuery(const QueryContext& context,
                                                                     const sql::BoundQuery& query,
                                                                     sql::PrintedQuery printed) {
  STATEMENT_ASSIGN(auto tables, PlanTables(context, query));
  STATEMENT_ASSIGN(auto stream, OpenPlannedQuery(context, std::move(tables), std::move(printed)));
  std::vector<std::shared_ptr<const void>> held;
  for (const sql::BoundTable& bound : query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(bound.table.handle.get());
    if (pinned.files_held != nullptr) held.push_back(pinned.files_held);
  }
  if (held.empty()) return stream;
  return std::make_unique<HoldingStream>(std::move(stream), std::move(held));
}

}  // namespace tarn::warehouse
