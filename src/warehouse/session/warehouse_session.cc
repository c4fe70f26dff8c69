// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/warehouse_session.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/clock.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/script.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/parameter_values.h"
#include "warehouse/session/prepared_text.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/session/temporary_objects.h"
#include "warehouse/streams/stream_read.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

namespace {

/// Procedures that call each other, EXECUTE IMMEDIATE of itself.
constexpr int32_t kNestingMax = 16;
/// Of one statement, while others change the same rows from outside of the account's sessions.
constexpr int32_t kRunsMax = 20;

}  // namespace

WarehouseSession::WarehouseSession(Account& account, SessionState state,
                                   std::function<void()> ended)
    : account_(account), initial_(state), state_(std::move(state)), ended_(std::move(ended)) {
  state_.log = std::make_shared<StatementLog>(&account.history(), &account.clock());
  state_.view = std::make_shared<std::shared_ptr<TransactionView>>();
}

WarehouseSession::~WarehouseSession() {
  RollBackOpen();
  DropTemporary();
  ended_();
}

void WarehouseSession::DropTemporary() {
  const auto dropped = DropTemporaryObjects(account_, state_.id.ToString());
  if (!dropped) spdlog::warn("could not drop temporary objects: {}", dropped.error().message);
}

StatementResult<std::vector<StatementText>> WarehouseSession::Split(std::string_view text,
                                                                    const Dialect& dialect) {
  const ClientText whole(text, dialect);
  auto spans = syntax::SplitScript(whole.text());
  if (!spans) return std::unexpected(FromSyntax(std::move(spans).error()));
  std::vector<StatementText> statements;
  for (const syntax::Span& span : *spans) {
    const int64_t begin = whole.WrittenOffset(span.begin);
    const int64_t end = whole.WrittenOffset(span.end);
    statements.push_back({.text = std::string(text.substr(static_cast<size_t>(begin),
                                                          static_cast<size_t>(end - begin))),
                          .offset = begin});
  }
  return statements;
}

StatementResult<std::unique_ptr<PreparedStatement>> WarehouseSession::Prepare(
    std::string text, const Dialect& dialect, std::span<const sql::DataType> declared) {
  ClientText read(text, dialect);
  auto parsed = syntax::ParseStatement(read.text());
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  // Without parameters by number, those declared are all that there are.
  const auto count =
      dialect.dollar_parameters ? read.parameters() : static_cast<int32_t>(declared.size());
  std::vector<sql::DataType> types = ParameterTypes(declared, count);
  auto prepared =
      std::make_unique<PreparedText>(std::move(read), *std::move(parsed), std::move(types));
  StatementRun run;
  StatementContext context{.account = &account_,
                           .session = &state_,
                           .transaction = nullptr,
                           .run = &run,
                           .text = prepared->text().text(),
                           .parameters = UnknownValues(prepared->parameters())};
  if (const auto* query = std::get_if<syntax::QueryStatement>(&prepared->tree().value)) {
    auto bound = BindStatementQuery(context.query(), query->query);
    if (!bound) return std::unexpected(prepared->InWrittenText(std::move(bound).error()));
    prepared->SetColumns(std::move(bound->columns));
  } else {
    auto columns = DescribeStatement(context, prepared->tree());
    if (!columns) return std::unexpected(prepared->InWrittenText(std::move(columns).error()));
    prepared->SetColumns(*std::move(columns));
  }
  return prepared;
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::Execute(
    const PreparedStatement& statement, std::span<const BoundValue> values) {
  const auto& prepared = static_cast<const PreparedText&>(statement);
  auto stream = Run(prepared, values);
  if (!stream) return std::unexpected(prepared.InWrittenText(std::move(stream).error()));
  return stream;
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::Run(
    const PreparedText& prepared, std::span<const BoundValue> values) {
  STATEMENT_ASSIGN(const TimeLimit limit, LimitNow());
  auto run = runs_.Begin(limit);
  const StatementRun::Busy busy(*run);
  StatementContext context{.account = &account_,
                           .session = &state_,
                           .transaction = transaction_.get(),
                           .run = run.get(),
                           .text = prepared.text().text(),
                           .parameters = {}};
  STATEMENT_ASSIGN(context.parameters, BindValues(context.query(), prepared.parameters(), values));
  context.nested = this;
  outer_run_ = run;
  auto stream = RunLogged(context, prepared.tree(), prepared.text().text(), std::move(run));
  outer_run_.reset();
  return stream;
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::RunLogged(
    StatementContext& context, const syntax::Statement& tree, std::string_view written,
    std::shared_ptr<StatementRun> run) {
  const std::shared_ptr<StatementLog> log = state_.log;
  const Uuid id = log->Begin(state_, CommandOf(tree), written);
  context.query_id = id;
  // What it runs within itself comes and goes meanwhile.
  const Uuid around = std::exchange(running_, id);
  auto stream = RunTree(context, tree, std::move(run));
  running_ = around;
  if (stream) return log->Follow(id, *std::move(stream));
  log->Fail(id, stream.error());
  return stream;
}

StatementResult<TimeLimit> WarehouseSession::LimitNow() const {
  int64_t seconds = StatementTimeoutOf(state_.Parameter(kStatementTimeout));
  if (!state_.warehouse.empty()) {
    STATEMENT_ASSIGN(const auto snapshot, account_.metastore().Read());
    STATEMENT_ASSIGN(
        const auto head,
        snapshot->FindNamed(kAccountId, FamilyOf(ObjectKind::kWarehouse), state_.warehouse));
    std::optional<ParameterValue> set;
    if (head) {
      STATEMENT_ASSIGN(set, FindParameter(*snapshot, head->id, kStatementTimeout));
    }
    if (set && set->set_on == head->id) {
      seconds = std::min(seconds, StatementTimeoutOf(set->value));
    }
  }
  return TimeLimit{.timer = &account_.statement_timer(), .seconds = std::chrono::seconds(seconds)};
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::RunTree(
    StatementContext& context, const syntax::Statement& tree, std::shared_ptr<StatementRun> run) {
  if (EffectOf(tree) == StatementEffect::kTransaction) {
    STATEMENT_ASSIGN(StatementOutcome outcome,
                     Control(std::get<syntax::TransactionControl>(tree.value)));
    return MakeOutcomeResult(CommandOf(tree), std::move(outcome));
  }
  if (std::holds_alternative<syntax::QueryStatement>(tree.value)) {
    return RunQuery(context, tree, std::move(run));
  }
  STATEMENT_ASSIGN(StatementOutcome outcome, RunAction(context, tree));
  return MakeOutcomeResult(CommandOf(tree), std::move(outcome));
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::RunNested(
    const syntax::Statement& tree, std::string_view text, const NamedValues& named,
    const std::vector<sql::bound::Expression>& parameters) {
  if (nesting_ >= kNestingMax) {
    return CompilationError("090105", "54001", "statements are nested too deeply");
  }
  StatementContext context{.account = &account_,
                           .session = &state_,
                           .transaction = transaction_.get(),
                           .run = outer_run_.get(),
                           .text = text,
                           .parameters = parameters,
                           .named_parameters = named,
                           .nested = this};
  ++nesting_;
  const std::string_view written = syntax::TextOf(text, tree.span);
  auto stream = RunLogged(context, tree, written.empty() ? text : written, outer_run_);
  --nesting_;
  return stream;
}

StatementResult<std::unique_ptr<ResultStream>> WarehouseSession::RunQuery(
    StatementContext& context, const syntax::Statement& tree, std::shared_ptr<StatementRun> run) {
  const QueryContext query = context.query();
  sql::BindRequest request = MakeBindRequest(query);
  request.select_into = nesting_ > 0;
  STATEMENT_ASSIGN(BoundStatement bound,
                   BindStatementQuery(query, std::get<syntax::QueryStatement>(tree.value).query,
                                      std::move(request)));
  STATEMENT_ASSIGN(auto stream, OpenBoundQuery(query, bound.query, sql::Print(bound.query)));
  return MakeQueryResult(CommandOf(tree), std::move(bound.columns), std::move(stream),
                         std::move(run));
}

StatementResult<StatementOutcome> WarehouseSession::RunAction(StatementContext& context,
                                                              const syntax::Statement& tree) {
  const StatementEffect effect = EffectOf(tree);
  if (in_transaction_ && StandsAlone(tree)) {
    return std::unexpected(StatementError{
        .error = {ErrorKind::kInvalidArgument,
                  fmt::format("{} … REFRESH cannot run inside a transaction", CommandOf(tree)),
                  {},
                  {}},
        .code = {},
        .sqlstate = "25001"});
  }
  if (effect == StatementEffect::kObjects) {
    STATEMENT_TRY(CommitOpen());
    context.transaction = nullptr;
  }
  if (effect != StatementEffect::kRows) return ExecuteStatement(context, tree);
  return RunRows(context, tree);
}

StatementResult<StatementOutcome> WarehouseSession::RunRows(StatementContext& context,
                                                            const syntax::Statement& tree) {
  const bool alone = !in_transaction_ && !in_group_;
  for (int32_t runs = 1;; ++runs) {
    if (transaction_ == nullptr) {
      transaction_ = std::make_unique<SessionTransaction>(
          account_, alone ? TransactionExtent::kStatement : TransactionExtent::kTransaction);
    }
    context.transaction = transaction_.get();
    transaction_->BeginStatement(running_);
    auto outcome = ExecuteStatement(context, tree);
    if (transaction_ != nullptr) transaction_->EndStatement(outcome.has_value());
    if (!alone) return outcome;
    if (!outcome) {
      RollBackOpen();
      return outcome;
    }
    auto committed = CommitOpen();
    if (committed) return outcome;
    const bool again = committed.error().error.kind == ErrorKind::kConflict && runs < kRunsMax;
    if (!again) return std::unexpected(std::move(committed).error());
  }
}

StatementResult<StatementOutcome> WarehouseSession::Control(
    const syntax::TransactionControl& control) {
  switch (control.action) {
    case syntax::TransactionAction::kBegin:
      if (!in_transaction_) OpenView();
      in_transaction_ = true;
      break;
    case syntax::TransactionAction::kCommit:
      STATEMENT_TRY(CommitOpen());
      break;
    case syntax::TransactionAction::kRollback:
      RollBackOpen();
      break;
  }
  return StatementOutcome{.status = "Statement executed successfully."};
}

void WarehouseSession::OpenView() {
  *state_.view =
      std::make_shared<TransactionView>(TransactionView{.began_ms = NowMs(), .streams = {}});
}

StatementResult<> WarehouseSession::CommitOpen() {
  in_transaction_ = false;
  state_.view->reset();
  const std::unique_ptr<SessionTransaction> transaction = std::move(transaction_);
  if (transaction == nullptr) return {};
  transaction->BeginStatement(running_);
  return transaction->Commit(state_, outer_run_.get());
}

void WarehouseSession::RollBackOpen() {
  in_transaction_ = false;
  state_.view->reset();
  transaction_.reset();
}

StatementResult<> WarehouseSession::BeginGroup() {
  in_group_ = true;
  if (!in_transaction_) OpenView();
  return {};
}

StatementResult<> WarehouseSession::EndGroup(bool commit) {
  in_group_ = false;
  // A BEGIN within made it a transaction, which goes on.
  if (in_transaction_) return {};
  if (commit) return CommitOpen();
  RollBackOpen();
  return {};
}

void WarehouseSession::Reset() {
  RollBackOpen();
  DropTemporary();
  in_group_ = false;
  std::shared_ptr<StatementLog> log = std::move(state_.log);
  auto view = std::move(state_.view);
  state_ = initial_;
  state_.log = std::move(log);
  state_.view = std::move(view);
}

StatementResult<std::string> WarehouseSession::Parameter(std::string_view name) const {
  if (FindSessionParameter(name) == nullptr) return InvalidParameterName(name);
  return state_.Parameter(name);
}

StatementResult<> WarehouseSession::SetParameter(std::string_view name, std::string_view value) {
  const ParameterFacts* const facts = FindSessionParameter(name);
  if (facts == nullptr) return InvalidParameterName(name);
  STATEMENT_ASSIGN(std::string checked, CheckSessionParameter(*facts, value));
  state_.parameters[std::string(facts->name)] = std::move(checked);
  return {};
}

}  // namespace tarn::warehouse
