// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/backend.h"

#include <limits>

#include "server/postgres/catalogue_words.h"
#include "server/postgres/own_execution.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementError;
using warehouse::StatementResult;

constexpr size_t kColumnsMax = 1664;  // PostgreSQL's MaxTupleAttributeNumber
/// Rows that have waited so long are sent before others are waited for.
constexpr auto kSlowRows = std::chrono::milliseconds(5);

bool EndsBlock(const OwnStatement& own) {
  return own.kind == OwnKind::kCommit || own.kind == OwnKind::kRollback ||
         own.kind == OwnKind::kRollbackTo;
}

int MessageLevel(std::string_view severity) {
  if (severity.starts_with("DEBUG") || severity.starts_with("debug")) return 0;
  if (severity == "LOG" || severity == "log") return 1;
  if (severity == "NOTICE" || severity == "notice") return 2;
  if (severity == "WARNING" || severity == "warning") return 3;
  return severity == "error" ? 4 : 5;  // INFO is always sent
}

}  // namespace

std::optional<int64_t> ClientPosition(const std::string& client_text, int64_t offset,
                                      std::optional<int64_t> position) {
  if (!position) return std::nullopt;
  const int64_t bytes =
      std::clamp<int64_t>(offset + *position, 0, static_cast<int64_t>(client_text.size()));
  int64_t characters = 1;
  for (int64_t i = 0; i < bytes; ++i) {
    if ((static_cast<uint8_t>(client_text[static_cast<size_t>(i)]) & 0xc0) != 0x80) ++characters;
  }
  return characters;
}

Backend::Backend(std::unique_ptr<warehouse::Session> opened, std::string_view user,
                 ServerContext& made_context, Outbox& made_outbox, Interrupts& made_interrupts)
    : context(made_context),
      outbox(made_outbox),
      interrupts(made_interrupts),
      session(std::move(opened)),
      catalogues(made_context.options.catalogues, *session, made_interrupts),
      parameters(*session, context.options.version, user),
      block(*session, parameters) {
  session->OnNotice(
      [this](std::string_view severity, const Error& error) { SendNotice(severity, error); });
  interrupts.SetSession(session.get());
}

Backend::~Backend() {
  interrupts.SetSession(nullptr);
  portals.clear();
  statements.clear();
}

StatementResult<StatementPtr> Backend::Prepare(
    const std::shared_ptr<const std::string>& client_text, warehouse::StatementText text,
    bool extended, std::span<const uint32_t> declared) {
  auto statement = std::make_shared<Statement>();
  statement->client_text = client_text;
  statement->offset = text.offset;
  TARN_STATEMENT_ASSIGN(statement->own, ParseOwn(text.text));
  if (statement->own) {
    TARN_STATEMENT_TRY(CheckAllowed(*statement));
    TARN_STATEMENT_ASSIGN(statement->columns, OwnColumns(*this, *statement->own));
    return statement;
  }
  if (block.has_failed()) TARN_STATEMENT_TRY(CheckAllowed(*statement));
  if (catalogues.is_present() && AsksCatalogues(text.text)) {
    TARN_STATEMENT_TRY(catalogues.Prepare(std::move(text.text), declared,
                                          std::string(parameters.value("TimeZone")), *statement));
    return statement;
  }
  warehouse::Dialect dialect = parameters.dialect();
  dialect.dollar_parameters = extended;
  std::vector<sql::DataType> types;
  for (const uint32_t type_oid : declared) types.push_back(DataTypeOf(type_oid));
  TARN_STATEMENT_ASSIGN(statement->prepared,
                        session->Prepare(std::move(text.text), dialect, types));
  const auto& columns = statement->prepared->columns();
  statement->columns.assign(columns.begin(), columns.end());
  if (statement->columns.size() > kColumnsMax) {
    return FailState(sqlstate::kTooManyColumns, "a result can have at most {} columns",
                     kColumnsMax);
  }
  const auto& parameter_types = statement->prepared->parameters();
  for (size_t i = 0; i < parameter_types.size(); ++i) {
    const bool is_declared =
        i < declared.size() && declared[i] != 0 && declared[i] != oid::kUnknown;
    statement->parameter_oids.push_back(is_declared ? declared[i]
                                                    : WireTypeOf(parameter_types[i], {}).oid);
  }
  return statement;
}

StatementResult<> Backend::CheckAllowed(const Statement& statement) const {
  if (block.has_failed() && !(statement.own && EndsBlock(*statement.own))) {
    return FailState(sqlstate::kFailedTransaction,
                     "current transaction is aborted, commands ignored until end of "
                     "transaction block");
  }
  if (!statement.is_read_only()) {
    const bool read_only =
        block.in_block() ? block.is_read_only() : parameters.is_on("default_transaction_read_only");
    if (read_only) {
      return FailState(sqlstate::kReadOnly, "cannot execute {} in a read-only transaction",
                       statement.prepared->command());
    }
  }
  return {};
}

StatementResult<std::unique_ptr<RowSource>> Backend::Start(
    const StatementPtr& statement, std::span<const warehouse::BoundValue> values,
    const RunFormats& formats) {
  TARN_STATEMENT_TRY(CheckAllowed(*statement));
  if (interrupts.raised() != Interruption::kNone) return std::unexpected(AsInterruption({}));
  if (statement->own) return RunOwn(*this, statement, values);
  if (values.size() != statement->parameter_oids.size()) {
    return FailState("42P02", "there is no parameter ${}", values.size() + 1);
  }
  if (statement->relayed) {
    auto source =
        catalogues.Start(*statement, values, formats, std::string(parameters.value("TimeZone")));
    if (!source) return std::unexpected(AsInterruption(std::move(source).error()));
    return source;
  }
  auto started = session->Execute(*statement->prepared, values);
  if (!started) return std::unexpected(AsInterruption(std::move(started).error()));
  if (!statement->prepared->read_only()) block.OnChange();
  return std::make_unique<StreamSource>(statement->prepared, std::move(*started));
}

StatementResult<> Backend::SendOn(RowSource& source, bool all) {
  if (!all && !outbox.is_full()) return {};
  const auto pause = [&source] { source.Pause(); };
  if (outbox.SendRows(pause, all) != Outbox::Sent::kAll) {
    return std::unexpected(AsInterruption({}));
  }
  return {};
}

StatementResult<Backend::Sent> Backend::SendRows(RowSource& source, const RowEncoder& encoder,
                                                 int64_t limit) {
  Sent sent;
  MessageWriter& out = outbox.writer();
  auto last_sent = std::chrono::steady_clock::now();
  while (true) {
    const int64_t wanted = limit == 0 ? std::numeric_limits<int64_t>::max() : limit - sent.rows;
    auto next = source.Next(wanted);
    if (!next) return std::unexpected(AsInterruption(std::move(next).error()));
    if (next->rows() == 0) return sent;
    for (RowRange range = *next; range.rows() > 0;) {
      const int64_t begin = range.begin;
      range.begin = encoder.Encode(range, Outbox::kFullBytes, out);
      sent.rows += range.begin - begin;
      if (interrupts.raised() != Interruption::kNone) return std::unexpected(AsInterruption({}));
      TARN_STATEMENT_TRY(SendOn(source, false));
    }
    if (limit != 0 && sent.rows == limit) {
      sent.suspended = true;
      return sent;
    }
    if (const auto now = std::chrono::steady_clock::now(); now - last_sent > kSlowRows) {
      TARN_STATEMENT_TRY(SendOn(source, true));
      last_sent = now;
    }
  }
}

StatementError Backend::AsInterruption(StatementError error) const {
  const auto made = [](std::string_view state, std::string_view message) {
    return StatementError{.error = {.kind = ErrorKind::kCancelled, .message = std::string(message)},
                          .sqlstate = std::string(state)};
  };
  switch (interrupts.raised()) {
    case Interruption::kNone:
      return error;
    case Interruption::kCancel:
      return made(sqlstate::kCancelled, "canceling statement due to user request");
    case Interruption::kTimeout:
      return made(sqlstate::kCancelled, "canceling statement due to statement timeout");
    case Interruption::kTransactionTimeout:
      return made(sqlstate::kTransactionTimeout,
                  "terminating connection due to transaction timeout");
    case Interruption::kShutdown:
      return made(sqlstate::kAdminShutdown, "terminating connection due to administrator command");
    case Interruption::kGone:
      break;
  }
  return made("08006", "connection to client lost");
}

RowEncoder Backend::MakeEncoder(std::span<const SentColumn> columns,
                                std::span<const Format> formats) {
  return {columns, formats, parameters.type_choices(), parameters.zone()};
}

void Backend::SendComplete(const std::string& tag) {
  ++context.traffic.succeeded;
  outbox.writer().Begin('C');
  outbox.writer().CString(tag);
  outbox.writer().End();
}

void Backend::SendError(StatementError error, const Statement* statement) {
  if (statement != nullptr) {
    error.position = ClientPosition(*statement->client_text, statement->offset, error.position);
  }
  const bool cancelled = error.error.kind == ErrorKind::kCancelled;
  ++(cancelled ? context.traffic.cancelled : context.traffic.failed);
  outbox.Report("ERROR", error);
  block.OnError();
  (void)block.EndGroup(true);
}

void Backend::SendNotice(std::string_view severity, const Error& error, std::string_view state) {
  if (MessageLevel(severity) < MessageLevel(parameters.value("client_min_messages"))) return;
  outbox.Report(severity, {.error = error, .sqlstate = std::string(state)});
}

void Backend::SendReady() {
  parameters.Report(outbox.writer());
  outbox.writer().Begin('Z');
  outbox.writer().Byte(static_cast<uint8_t>(block.status()));
  outbox.writer().End();
}

}  // namespace tarn::server::postgres
