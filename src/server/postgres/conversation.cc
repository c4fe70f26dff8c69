// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/conversation.h"

#include <utility>

#include "base/logging.h"
#include "server/postgres/extended_query.h"
#include "server/postgres/simple_query.h"
#include "warehouse/session/password_check.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementError;
using warehouse::StatementResult;

constexpr int32_t kAuthenticationOk = 0, kAuthenticationSasl = 10, kAuthenticationSaslContinue = 11,
                  kAuthenticationSaslFinal = 12;
constexpr size_t kSaslBytesMax = 1024;
constexpr size_t kShortKeyBytes = 4, kLongKeyBytes = 32;

/// Names of the startup packet that choose what the session begins with.
bool IsSessionChoice(std::string_view name) {
  return name == "warehouse" || name == "role" || name == "schema";
}

}  // namespace

Conversation::Conversation(ServerContext& context, Outbox& outbox, Interrupts& interrupts,
                           Client client)
    : context_(context), outbox_(outbox), interrupts_(interrupts), client_(std::move(client)) {}

Conversation::~Conversation() {
  if (key_.process_id != 0) context_.registry.Remove(key_.process_id);
}

bool Conversation::Fatal(const StatementError& error) {
  outbox_.Report("FATAL", error);
  return false;
}

bool Conversation::Handle(Message message) {
  ++served_;
  switch (message.type) {
    case Message::kStartup:
      return OnStartup(message.payload);
    case Message::kProtocolError:
      return Fatal(FailState(sqlstate::kProtocolViolation, "{}", message.payload).error());
    case Message::kOutOfMemory:
      return Fatal(
          FailState(sqlstate::kOutOfMemory, "the messages of all clients together are too large")
              .error());
    case Message::kTerminated:
      return Fatal(
          FailState(sqlstate::kAdminShutdown, "terminating connection due to administrator command")
              .error());
    case Message::kIdleTimeout:
      return OnIdleTimeout(message.payload);
    case Message::kGone:
      return false;
    default:
      break;
  }
  if (backend_ == nullptr) return OnPassword(message.payload);
  if (!OnMessage(message.type, message.payload)) return false;
  switch (interrupts_.raised()) {
    case Interruption::kGone:
      return false;
    case Interruption::kTransactionTimeout:
      return Fatal(FailState(sqlstate::kTransactionTimeout,
                             "terminating connection due to transaction timeout")
                       .error());
    default:
      return true;
  }
}

void Conversation::Negotiate() {
  MessageWriter& out = outbox_.writer();
  out.Begin('v');
  out.Int32(startup_.protocol);
  out.Int32(static_cast<int32_t>(startup_.unknown_options.size()));
  for (const std::string& option : startup_.unknown_options) out.CString(option);
  out.End();
}

void Conversation::RequestAuthentication(int32_t code, std::string_view data) {
  MessageWriter& out = outbox_.writer();
  out.Begin('R');
  out.Int32(code);
  out.Bytes(data);
  out.End();
}

bool Conversation::OnStartup(std::string_view payload) {
  auto parsed = ParseStartup(payload);
  if (!parsed) return Fatal(parsed.error());
  startup_ = std::move(*parsed);
  if (context_.stopping) {
    return Fatal(FailState(sqlstate::kCannotConnectNow, "the system is shutting down").error());
  }
  if (startup_.needs_negotiation()) Negotiate();
  auto verifier = context_.factory.Verifier(startup_.user);
  if (!verifier) return Fatal(AsStatementError(std::move(verifier).error()));
  scram_.emplace(std::move(*verifier), startup_.user, context_.secret, client_.end_point);
  std::string mechanisms;
  if (!client_.end_point.empty()) mechanisms.append(kScramPlus).append(1, '\0');
  mechanisms.append(kScram).append(2, '\0');
  RequestAuthentication(kAuthenticationSasl, mechanisms);
  return true;
}

bool Conversation::FatalPassword() {
  spdlog::info("{}: password authentication failed for user \"{}\"", client_.address,
               startup_.user);
  return Fatal(FailState(sqlstate::kInvalidPassword,
                         "password authentication failed for user \"{}\"", startup_.user)
                   .error());
}

bool Conversation::FatalLocked(int64_t locked_ms) {
  warehouse::StatementError error =
      FailState(sqlstate::kInvalidPassword, "too many wrong passwords for user \"{}\"",
                startup_.user)
          .error();
  error.error.hint = fmt::format("Try again in {}.", warehouse::MinutesText(locked_ms));
  return Fatal(error);
}

bool Conversation::OnScramFirst(std::string_view message) {
  const auto answer = scram_->First(std::exchange(mechanism_, {}), message);
  if (!answer) return Fatal(answer.error());
  RequestAuthentication(kAuthenticationSaslContinue, *answer);
  return true;
}

bool Conversation::OnPassword(std::string_view payload) {
  if (!scram_ || payload.size() > kSaslBytesMax) {
    return Fatal(FailState(sqlstate::kProtocolViolation, "invalid SASL message").error());
  }
  if (!first_sent_) {
    MessageReader reader(payload);
    const std::string_view mechanism = reader.CString();
    const auto initial = reader.Value();
    if (!reader.Finish()) {
      return Fatal(FailState(sqlstate::kProtocolViolation, "invalid SASL message").error());
    }
    first_sent_ = true;
    mechanism_ = mechanism;
    if (initial) return OnScramFirst(*initial);
    // The client's first message comes after an empty challenge.
    RequestAuthentication(kAuthenticationSaslContinue, {});
    return true;
  }
  if (!mechanism_.empty()) return OnScramFirst(payload);
  warehouse::StatementResult<ScramExchange::Final> last;
  const auto is_right = [&] {
    last = scram_->Last(payload);
    return last && last->authenticated;
  };
  if (context_.options.guesses == nullptr) {
    is_right();
  } else if (const auto verdict =
                 context_.options.guesses->Try(startup_.user, client_.address, is_right);
             verdict.locked_ms > 0) {
    return FatalLocked(verdict.locked_ms);
  }
  if (!last) return Fatal(last.error());
  if (!last->authenticated) return FatalPassword();
  RequestAuthentication(kAuthenticationSaslFinal, last->message);
  scram_.reset();
  return OpenSession();
}

StatementResult<std::unique_ptr<warehouse::Session>> Conversation::Open() const {
  warehouse::SessionRequest request{
      .user = startup_.user, .database = startup_.database, .address = client_.address};
  for (const auto& [name, value] : startup_.parameters) {
    if (name == "warehouse") request.warehouse = value;
    if (name == "role") request.role = value;
    if (name == "schema") request.schema = value;
    if (name == "application_name") request.client = value;
  }
  auto opened = context_.factory.Open(request);
  // A client that names no database sends the user's name for it.
  if (!opened && opened.error().error.kind == ErrorKind::kNotFound &&
      request.database == request.user) {
    request.database.clear();
    opened = context_.factory.Open(request);
  }
  return opened;
}

bool Conversation::OpenSession() {
  if (!client_.authenticated()) {
    return Fatal(
        FailState(sqlstate::kTooManyConnections, "sorry, too many clients already").error());
  }
  auto opened = Open();
  if (!opened) {
    StatementError error = std::move(opened).error();
    if (error.error.kind == ErrorKind::kResourceExhausted) {
      error.sqlstate = sqlstate::kTooManyConnections;
    } else if (error.error.kind == ErrorKind::kNotFound && error.sqlstate.empty()) {
      error.sqlstate = sqlstate::kInvalidCatalog;
    }
    return Fatal(error);
  }
  backend_ =
      std::make_unique<Backend>(std::move(*opened), startup_.user, context_, outbox_, interrupts_);
  extended_ = std::make_unique<ExtendedQuery>(*backend_);
  if (const auto applied = ApplyStartupParameters(); !applied) return Fatal(applied.error());
  auto key = context_.registry.Add(
      client_.connection, startup_.protocol >= kProtocol32 ? kLongKeyBytes : kShortKeyBytes);
  if (!key) return Fatal(AsStatementError(std::move(key).error()));
  key_ = std::move(*key);
  RequestAuthentication(kAuthenticationOk, {});
  MessageWriter& out = outbox_.writer();
  backend_->parameters.Report(out);
  out.Begin('K');
  out.Int32(key_.process_id);
  out.Bytes(key_.secret);
  out.End();
  backend_->SendReady();
  return true;
}

StatementResult<> Conversation::ApplyStartupParameters() {
  for (const auto& [name, value] : startup_.parameters) {
    if (IsSessionChoice(name)) continue;
    TARN_STATEMENT_TRY(backend_->parameters.Set(name, value, false));
  }
  backend_->parameters.KeepAsDefaults();
  return {};
}

bool Conversation::OnMessage(char type, std::string_view payload) {
  switch (type) {
    case 'Q':
      if (extended_->is_skipping()) return true;
      ServeQuery(*backend_, payload);
      return true;
    case 'X':
      return false;
    case 'F':
      if (extended_->is_skipping()) return true;
      backend_->SendError(
          FailState(sqlstate::kNotSupported, "function calls by message are not supported").error(),
          nullptr);
      backend_->SendReady();
      return true;
    case 'd':
    case 'c':
    case 'f':
      return true;  // the rest of a COPY that has failed
    case 'p':
      return Fatal(FailState(sqlstate::kProtocolViolation, "invalid frontend message type {}",
                             static_cast<int>(type))
                       .error());
    default:
      return extended_->Serve(type, payload);
  }
}

Deadline Conversation::WorkDeadline() const {
  Deadline deadline{.sequence = served_};
  if (backend_ == nullptr) return deadline;
  const auto now = std::chrono::steady_clock::now();
  const auto statement = backend_->parameters.timeout("statement_timeout");
  if (statement.count() > 0) {
    deadline.kind = Deadline::Kind::kStatement;
    deadline.at = now + statement;
  }
  const auto transaction = backend_->parameters.timeout("transaction_timeout");
  if (transaction.count() > 0 && backend_->block.in_block()) {
    const auto at = backend_->block_began + transaction;
    if (deadline.kind == Deadline::Kind::kNone || at < deadline.at) {
      deadline.kind = Deadline::Kind::kTransaction;
      deadline.at = at;
    }
  }
  return deadline;
}

Deadline Conversation::IdleDeadline() const {
  Deadline deadline{.sequence = served_};
  if (backend_ == nullptr) return deadline;
  const bool in_block = backend_->block.in_block();
  const auto now = std::chrono::steady_clock::now();
  const auto idle = backend_->parameters.timeout(in_block ? "idle_in_transaction_session_timeout"
                                                          : "idle_session_timeout");
  if (idle.count() > 0) {
    deadline.kind = Deadline::Kind::kIdle;
    deadline.at = now + idle;
  }
  const auto transaction = backend_->parameters.timeout("transaction_timeout");
  if (transaction.count() > 0 && in_block) {
    const auto at = backend_->block_began + transaction;
    if (deadline.kind == Deadline::Kind::kNone || at < deadline.at) {
      deadline.kind = Deadline::Kind::kIdle;
      deadline.at = at;
    }
  }
  return deadline;
}

bool Conversation::OnIdleTimeout(const std::string& sequence) {
  // A message that came at the same moment was faster.
  if (backend_ == nullptr || sequence != std::to_string(served_ - 1)) return true;
  if (!backend_->block.in_block()) {
    return Fatal(
        FailState(sqlstate::kIdleSession, "terminating connection due to idle-session timeout")
            .error());
  }
  const auto transaction = backend_->parameters.timeout("transaction_timeout");
  if (transaction.count() > 0 &&
      std::chrono::steady_clock::now() >= backend_->block_began + transaction) {
    return Fatal(FailState(sqlstate::kTransactionTimeout,
                           "terminating connection due to transaction timeout")
                     .error());
  }
  return Fatal(FailState(sqlstate::kIdleInTransaction,
                         "terminating connection due to idle-in-transaction timeout")
                   .error());
}

}  // namespace tarn::server::postgres
