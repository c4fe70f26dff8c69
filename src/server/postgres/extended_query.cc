// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/extended_query.h"

#include <algorithm>

#include "server/postgres/catalogue_words.h"
#include "server/postgres/copy_out.h"
#include "server/postgres/message_reader.h"
#include "server/postgres/parameter_reader.h"

namespace tarn::server::postgres {
namespace {

using warehouse::BoundValue;
using warehouse::StatementError;
using warehouse::StatementResult;

constexpr size_t kStatementsMax = 10'000, kPortalsMax = 1'000;

void Answer(Backend& backend, char type) {
  backend.outbox.writer().Begin(type);
  backend.outbox.writer().End();
}

/// The error with its position in the text that the client sent.
StatementError Located(StatementError error, const Statement& statement) {
  error.position = ClientPosition(*statement.client_text, statement.offset, error.position);
  return error;
}

StatementResult<StatementPtr> Find(const Backend& backend, std::string_view name) {
  const auto found = backend.statements.find(name);
  if (found != backend.statements.end()) return found->second;
  if (name.empty()) {
    return FailState(sqlstate::kUndefinedStatement, "unnamed prepared statement does not exist");
  }
  return FailState(sqlstate::kUndefinedStatement, "prepared statement \"{}\" does not exist", name);
}

StatementResult<std::shared_ptr<Portal>> FindPortal(const Backend& backend, std::string_view name) {
  const auto found = backend.portals.find(name);
  if (found != backend.portals.end()) return found->second;
  return FailState(sqlstate::kUndefinedCursor, "portal \"{}\" does not exist", name);
}

StatementResult<> CheckUtf8(std::string_view text) {
  if (IsUtf8(text)) return {};
  return FailState(sqlstate::kBadCharacters, "invalid byte sequence for encoding \"UTF8\"");
}

StatementResult<std::vector<BoundValue>> ReadValues(const BindMessage& message,
                                                    const Statement& statement) {
  const size_t count = statement.parameter_oids.size();
  const auto& formats = message.parameter_formats;
  if (formats.size() > 1 && formats.size() != message.values.size()) {
    return FailState(sqlstate::kProtocolViolation,
                     "bind message has {} parameter formats but {} parameters", formats.size(),
                     message.values.size());
  }
  if (message.values.size() != count) {
    return FailState(sqlstate::kProtocolViolation,
                     "bind message supplies {} parameters, but prepared statement \"{}\" "
                     "requires {}",
                     message.values.size(), message.statement, count);
  }
  std::vector<BoundValue> values;
  if (statement.relayed) {
    for (const auto& value : message.values) {
      BoundValue& bound = values.emplace_back();
      if (value) bound.text = std::string(*value);
    }
    return values;
  }
  for (size_t i = 0; i < count; ++i) {
    const sql::DataType& type = statement.prepared->parameters()[i];
    if (!message.values[i]) {
      values.push_back({.type = type});
      continue;
    }
    const Format format = formats.empty() ? Format::kText : formats[formats.size() == 1 ? 0 : i];
    TARN_STATEMENT_ASSIGN(BoundValue value, ReadParameter(statement.parameter_oids[i], type, format,
                                                          *message.values[i]));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace

bool ExtendedQuery::Serve(char type, std::string_view payload) {
  if (type == 'S') {
    Sync();
    return true;
  }
  if (skipping_) return true;
  if (auto served = Dispatch(type, payload); !served) {
    backend_.SendError(std::move(served).error(), nullptr);
    skipping_ = true;
  }
  return true;
}

StatementResult<> ExtendedQuery::Dispatch(char type, std::string_view payload) {
  switch (type) {
    case 'P': {
      TARN_STATEMENT_ASSIGN(const ParseMessage message, ReadParse(payload));
      return Parse(message);
    }
    case 'B': {
      TARN_STATEMENT_ASSIGN(const BindMessage message, ReadBind(payload));
      return Bind(message);
    }
    case 'D': {
      TARN_STATEMENT_ASSIGN(const NamedMessage message, ReadNamed(payload));
      return Describe(message);
    }
    case 'E': {
      TARN_STATEMENT_ASSIGN(const ExecuteMessage message, ReadExecute(payload));
      return Execute(message);
    }
    case 'C': {
      TARN_STATEMENT_ASSIGN(const NamedMessage message, ReadNamed(payload));
      Close(message);
      return {};
    }
    default:
      backend_.outbox.Flush();
      return {};
  }
}

StatementResult<> ExtendedQuery::Parse(const ParseMessage& message) {
  TARN_STATEMENT_TRY(CheckUtf8(message.text));
  TARN_STATEMENT_TRY(CheckUtf8(message.statement));
  const std::string name(message.statement);
  if (name.empty()) backend_.statements.erase(name);
  if (!name.empty() && backend_.statements.contains(name)) {
    return FailState(sqlstate::kDuplicateStatement, "prepared statement \"{}\" already exists",
                     name);
  }
  if (backend_.statements.size() >= kStatementsMax) {
    return FailState(sqlstate::kLimitExceeded, "a session can have at most {} prepared statements",
                     kStatementsMax);
  }
  const auto text = std::make_shared<const std::string>(message.text);
  auto split = SplitStatements(*backend_.session, *text, backend_.parameters.dialect());
  if (!split) {
    split.error().position = ClientPosition(*text, 0, split.error().position);
    return std::unexpected(std::move(split).error());
  }
  if (split->size() > 1) {
    return FailState(sqlstate::kSyntax,
                     "cannot insert multiple commands into a prepared statement");
  }
  StatementPtr statement;
  if (split->empty()) {
    auto nothing = std::make_shared<Statement>();
    nothing->client_text = text;
    statement = nothing;
  } else {
    const int64_t offset = (*split)[0].offset;
    auto prepared = backend_.Prepare(text, std::move((*split)[0]), true, message.parameter_oids);
    if (!prepared) {
      StatementError error = std::move(prepared).error();
      error.position = ClientPosition(*text, offset, error.position);
      return std::unexpected(std::move(error));
    }
    statement = std::move(*prepared);
  }
  backend_.statements[name] = std::move(statement);
  Answer(backend_, '1');
  return {};
}

StatementResult<> ExtendedQuery::Bind(const BindMessage& message) {
  TARN_STATEMENT_ASSIGN(const StatementPtr statement, Find(backend_, message.statement));
  TARN_STATEMENT_TRY(CheckUtf8(message.portal));
  const std::string name(message.portal);
  if (name.empty()) backend_.portals.erase(name);
  if (!name.empty() && backend_.portals.contains(name)) {
    return FailState(sqlstate::kDuplicateCursor, "cursor \"{}\" already exists", name);
  }
  if (backend_.portals.size() >= kPortalsMax) {
    return FailState(sqlstate::kLimitExceeded, "a session can have at most {} cursors",
                     kPortalsMax);
  }
  TARN_STATEMENT_TRY(backend_.CheckAllowed(*statement));
  auto portal = std::make_shared<Portal>();
  TARN_STATEMENT_ASSIGN(portal->values, ReadValues(message, *statement));
  if (message.result_formats.size() > 1 &&
      message.result_formats.size() != statement->columns.size()) {
    return FailState(sqlstate::kProtocolViolation,
                     "bind message has {} result formats but query has {} columns",
                     message.result_formats.size(), statement->columns.size());
  }
  portal->statement = statement;
  portal->parameter_formats = message.parameter_formats;
  portal->formats = message.result_formats;
  backend_.portals[name] = std::move(portal);
  Answer(backend_, '2');
  return {};
}

StatementResult<> ExtendedQuery::Describe(const NamedMessage& message) {
  MessageWriter& out = backend_.outbox.writer();
  const TypeChoices choices = backend_.parameters.type_choices();
  if (message.is_portal) {
    TARN_STATEMENT_ASSIGN(const auto portal, FindPortal(backend_, message.name));
    if (portal->columns().empty()) {
      Answer(backend_, 'n');
    } else {
      WriteRowDescription(portal->columns(), portal->formats, choices, out);
    }
    return {};
  }
  TARN_STATEMENT_ASSIGN(const StatementPtr statement, Find(backend_, message.name));
  out.Begin('t');
  out.Int16(static_cast<int16_t>(statement->parameter_oids.size()));
  for (const uint32_t type_oid : statement->parameter_oids) {
    out.Int32(static_cast<int32_t>(type_oid));
  }
  out.End();
  if (statement->columns.empty()) {
    Answer(backend_, 'n');
  } else {
    WriteRowDescription(statement->columns, {}, choices, out);
  }
  return {};
}

StatementResult<> ExtendedQuery::StartPortal(Portal& portal) {
  // DISCARD ALL may not be part of anything; all else since the last Sync is one transaction.
  const Statement& statement = *portal.statement;
  if (!statement.own || statement.own->kind != OwnKind::kDiscard) {
    TARN_STATEMENT_TRY(backend_.block.BeginGroup());
  }
  auto source = backend_.Start(portal.statement, portal.values, portal.run_formats());
  if (!source) return std::unexpected(Located(std::move(source).error(), statement));
  portal.source = std::move(*source);
  portal.encoder =
      std::make_unique<RowEncoder>(backend_.MakeEncoder(portal.source->columns(), portal.formats));
  return {};
}

StatementResult<> ExtendedQuery::Execute(const ExecuteMessage& message) {
  TARN_STATEMENT_ASSIGN(const auto portal, FindPortal(backend_, message.portal));
  if (portal->cursor == nullptr && portal->statement->is_empty()) {
    Answer(backend_, 'I');
    return {};
  }
  return Run(*portal, std::max(message.limit, 0));
}

StatementResult<> ExtendedQuery::Run(Portal& portal, int64_t limit) {
  if (portal.cursor != nullptr) {
    // Rows of a cursor are fetched from where it is.
    FetchSource source(portal.cursor, {.count = 1, .all = true}, true);
    const RowEncoder encoder = backend_.MakeEncoder(source.columns(), portal.formats);
    TARN_STATEMENT_ASSIGN(const auto sent, backend_.SendRows(source, encoder, limit));
    if (sent.suspended) {
      Answer(backend_, 's');
    } else {
      backend_.SendComplete(fmt::format("SELECT {}", sent.rows));
    }
    return {};
  }
  const Statement& statement = *portal.statement;
  if (portal.ended && statement.columns.empty()) {
    return FailState(sqlstate::kNotPrerequisite, "portal cannot be run anymore");
  }
  if (portal.source == nullptr) TARN_STATEMENT_TRY(StartPortal(portal));
  if (statement.own && statement.own->kind == OwnKind::kCopyOut) {
    TARN_STATEMENT_ASSIGN(const int64_t rows,
                          SendCopy(backend_, *portal.source, statement.own->copy));
    portal.ended = true;
    backend_.SendComplete(fmt::format("COPY {}", rows));
    return {};
  }
  auto sent = backend_.SendRows(*portal.source, *portal.encoder,
                                portal.source->columns().empty() ? 0 : limit);
  if (!sent) return std::unexpected(Located(std::move(sent).error(), statement));
  if (sent->suspended) {
    Answer(backend_, 's');
    return {};
  }
  portal.ended = true;
  backend_.SendComplete(portal.source->Tag(sent->rows));
  return {};
}

void ExtendedQuery::Close(const NamedMessage& message) {
  const std::string name(message.name);
  if (message.is_portal) {
    backend_.portals.erase(name);
  } else {
    backend_.statements.erase(name);
  }
  Answer(backend_, '3');
}

void ExtendedQuery::Sync() {
  // Portals end with the transaction, and without a block that is now.
  if (!backend_.block.in_block()) {
    std::erase_if(backend_.portals, [](const auto& entry) { return !entry.second->kept; });
  }
  if (auto ended = backend_.block.EndGroup(skipping_); !ended) {
    backend_.SendError(std::move(ended).error(), nullptr);
  }
  skipping_ = false;
  backend_.SendReady();
}

}  // namespace tarn::server::postgres
