// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/own_execution.h"

#include <algorithm>

#include "server/postgres/backend.h"
#include "server/postgres/portal.h"
#include "server/postgres/tokens.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;
using Source = StatementResult<std::unique_ptr<RowSource>>;
using Columns = SentColumns;

constexpr size_t kPortalsMax = 1000, kStatementsMax = 10'000;

Source Done(std::string tag) { return std::make_unique<TextSource>(std::move(tag)); }

StatementResult<std::shared_ptr<Portal>> FindCursor(Backend& backend, const std::string& name) {
  const auto found = backend.portals.find(name);
  if (found == backend.portals.end()) {
    return FailState(sqlstate::kUndefinedCursor, "cursor \"{}\" does not exist", name);
  }
  return found->second;
}

StatementResult<StatementPtr> FindPrepared(Backend& backend, const std::string& name) {
  const auto found = backend.statements.find(name);
  if (found == backend.statements.end() || name.empty()) {
    return FailState(sqlstate::kUndefinedStatement, "prepared statement \"{}\" does not exist",
                     name);
  }
  return found->second;
}

/// The query inside an own statement, ready to run.
StatementResult<StatementPtr> PrepareInner(Backend& backend, const OwnStatement& own,
                                           const Statement* outer,
                                           std::span<const uint32_t> declared, bool parameters) {
  const auto text =
      outer != nullptr ? outer->client_text : std::make_shared<const std::string>(own.query);
  const int64_t offset =
      outer != nullptr ? outer->offset + static_cast<int64_t>(own.query_offset) : 0;
  auto inner = backend.Prepare(text, {own.query, offset}, parameters, declared);
  if (!inner) {
    if (inner.error().position && outer != nullptr) {
      *inner.error().position += static_cast<int64_t>(own.query_offset);
    }
    return std::unexpected(std::move(inner).error());
  }
  if ((*inner)->own) {
    return FailState(sqlstate::kSyntax, "{} cannot run this statement", own.tag);
  }
  return inner;
}

Source Warned(Backend& backend, StatementResult<std::string> warning, std::string_view state,
              std::string tag) {
  if (!warning) return std::unexpected(std::move(warning).error());
  if (!warning->empty()) {
    backend.SendNotice("WARNING", {.message = *warning}, state);
  }
  return Done(std::move(tag));
}

Source Begin(Backend& backend, const OwnStatement& own) {
  backend.block_began = std::chrono::steady_clock::now();
  return Warned(backend, backend.block.Begin(own.settings), sqlstate::kActiveTransaction, own.tag);
}

/// Cursors with hold keep their rows, all others end with the transaction.
StatementResult<> EndPortals(Backend& backend, bool commits) {
  for (auto it = backend.portals.begin(); it != backend.portals.end();) {
    Portal& portal = *it->second;
    if (portal.hold && commits) {
      TARN_STATEMENT_TRY(portal.cursor->Materialize());
      portal.kept = true;
    }
    it = portal.kept ? std::next(it) : backend.portals.erase(it);
  }
  return {};
}

Source Commit(Backend& backend, const OwnStatement& own) {
  if (backend.block.in_block()) {
    if (auto ended = EndPortals(backend, !backend.block.has_failed()); !ended) {
      (void)EndPortals(backend, false);
      (void)backend.block.Rollback();
      return std::unexpected(std::move(ended).error());
    }
  }
  std::string tag = own.tag;
  auto warning = backend.block.Commit(tag);
  return Warned(backend, std::move(warning), sqlstate::kNoActiveTransaction, tag);
}

Source Rollback(Backend& backend, const OwnStatement& own) {
  if (backend.block.in_block()) (void)EndPortals(backend, false);
  return Warned(backend, backend.block.Rollback(), sqlstate::kNoActiveTransaction, own.tag);
}

Source Set(Backend& backend, const OwnStatement& own) {
  SessionParameters& parameters = backend.parameters;
  if (own.local && !backend.block.in_block() && !backend.block.in_group()) {
    backend.SendNotice("WARNING", {.message = "SET LOCAL can only be used in transaction blocks"},
                       sqlstate::kNoActiveTransaction);
    return Done(own.tag);
  }
  if (own.kind == OwnKind::kSetMany) {
    for (const auto& [name, value] : own.settings) {
      TARN_STATEMENT_TRY(parameters.Set(name, value, own.local));
    }
  } else if (own.value) {
    TARN_STATEMENT_TRY(parameters.Set(own.name, *own.value, own.local));
  } else {
    TARN_STATEMENT_TRY(parameters.Reset(own.name));
  }
  return Done(own.tag);
}

Source Reset(Backend& backend, const OwnStatement& own) {
  if (own.name.empty()) {
    backend.parameters.ResetAll();
  } else {
    TARN_STATEMENT_TRY(backend.parameters.Reset(own.name));
  }
  return Done(own.tag);
}

Source Show(Backend& backend, const OwnStatement& own) {
  if (own.name.empty()) {
    return std::make_unique<TextSource>(own.tag,
                                        std::vector<std::string>{"name", "setting", "description"},
                                        backend.parameters.ShowAll());
  }
  TARN_STATEMENT_ASSIGN(const std::string value, backend.parameters.Show(own.name));
  return std::make_unique<TextSource>(
      own.tag, std::vector<std::string>{SessionParameters::CanonicalName(own.name)},
      std::vector<std::vector<std::string>>{{value}});
}

Source AnswerKnown(Backend& backend, const OwnStatement& own) {
  std::vector<std::vector<std::string>> rows;
  if (own.name == "version") {
    // Clients look for the number behind the first word.
    rows = {{fmt::format("PostgreSQL {} on x86_64-pc-linux-gnu, 64-bit",
                         backend.parameters.value("server_version"))}};
  }
  return std::make_unique<TextSource>(own.tag, own.words, rows);
}

Source Declare(Backend& backend, const StatementPtr& statement) {
  const OwnStatement& own = *statement->own;
  if (!own.hold && !backend.block.in_block() && !backend.block.in_group()) {
    return FailState(sqlstate::kNoActiveTransaction,
                     "DECLARE CURSOR can only be used in transaction blocks");
  }
  if (backend.portals.contains(own.name)) {
    return FailState(sqlstate::kDuplicateCursor, "cursor \"{}\" already exists", own.name);
  }
  if (backend.portals.size() >= kPortalsMax) {
    return FailState(sqlstate::kLimitExceeded, "a session can have at most {} cursors",
                     kPortalsMax);
  }
  TARN_STATEMENT_ASSIGN(const StatementPtr inner,
                        PrepareInner(backend, own, statement.get(), {}, false));
  if (inner->columns.empty() || !inner->is_read_only()) {
    return FailState(sqlstate::kSyntax, "DECLARE CURSOR needs a query");
  }
  const std::vector<Format> formats = {own.binary ? Format::kBinary : Format::kText};
  TARN_STATEMENT_ASSIGN(auto source, backend.Start(inner, {}, {.results = formats}));
  auto portal = std::make_shared<Portal>();
  portal->statement = inner;
  portal->formats = formats;
  portal->hold = own.hold;
  portal->cursor =
      std::make_shared<Cursor>(inner, std::move(source), own.scroll, backend.context.spool_space);
  // Nothing of it may need the transaction when that is only this statement's.
  if (own.hold && !backend.block.in_block()) {
    TARN_STATEMENT_TRY(portal->cursor->Materialize());
    portal->kept = true;
  }
  backend.portals.emplace(own.name, std::move(portal));
  return Done(own.tag);
}

Source Fetch(Backend& backend, const OwnStatement& own) {
  TARN_STATEMENT_ASSIGN(const auto portal, FindCursor(backend, own.name));
  if (portal->cursor == nullptr) {
    // A portal of the extended protocol, moved by SQL: its rows are wanted one after another.
    if (portal->source == nullptr) {
      TARN_STATEMENT_ASSIGN(
          portal->source, backend.Start(portal->statement, portal->values, portal->run_formats()));
    }
    portal->cursor = std::make_shared<Cursor>(portal->statement, std::move(portal->source), false,
                                              backend.context.spool_space);
  }
  TARN_STATEMENT_TRY(portal->cursor->Check(own.move));
  return std::make_unique<FetchSource>(portal->cursor, own.move, own.kind == OwnKind::kFetch);
}

Source Close(Backend& backend, const OwnStatement& own) {
  if (own.name.empty()) {
    std::erase_if(backend.portals, [](const auto& entry) { return !entry.first.empty(); });
    return Done(own.tag);
  }
  TARN_STATEMENT_TRY(FindCursor(backend, own.name));
  backend.portals.erase(own.name);
  return Done(own.tag);
}

uint32_t TypeOidOf(std::string_view name) {
  const std::vector<Token> tokens = Tokenize(name, 8);
  std::string word = tokens.empty() ? "" : tokens[0].text;
  const bool array = tokens.size() > 2 && tokens[1].text == "[";
  if (array) return 0;
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, word) != names.end();
  };
  if (is({"int", "integer", "int4"})) return oid::kInt4;
  if (is({"bigint", "int8"})) return oid::kInt8;
  if (is({"smallint", "int2"})) return oid::kInt2;
  if (is({"text", "string"})) return oid::kText;
  if (is({"varchar", "character", "char"})) return oid::kVarchar;
  if (is({"boolean", "bool"})) return oid::kBool;
  if (is({"float8", "double", "float"})) return oid::kFloat8;
  if (is({"real", "float4"})) return oid::kFloat4;
  if (is({"date"})) return oid::kDate;
  if (is({"time"})) return oid::kTime;
  if (is({"timestamp", "timestamp_ntz"})) return oid::kTimestamp;
  if (is({"timestamptz", "timestamp_tz", "timestamp_ltz"})) return oid::kTimestampTz;
  if (is({"bytea", "binary"})) return oid::kBytea;
  if (is({"json", "jsonb", "variant"})) return oid::kJson;
  return is({"uuid"}) ? oid::kUuid : 0;
}

Source PrepareNamed(Backend& backend, const StatementPtr& statement) {
  const OwnStatement& own = *statement->own;
  if (backend.statements.contains(own.name)) {
    return FailState(sqlstate::kDuplicateStatement, "prepared statement \"{}\" already exists",
                     own.name);
  }
  if (backend.statements.size() >= kStatementsMax) {
    return FailState(sqlstate::kLimitExceeded, "a session can have at most {} prepared statements",
                     kStatementsMax);
  }
  std::vector<uint32_t> declared;
  for (const std::string& word : own.words) declared.push_back(TypeOidOf(word));
  TARN_STATEMENT_ASSIGN(const StatementPtr inner,
                        PrepareInner(backend, own, statement.get(), declared, true));
  backend.statements.emplace(own.name, inner);
  return Done(own.tag);
}

/// An argument of EXECUTE: a literal as it is, any other expression by the session.
StatementResult<warehouse::BoundValue> Evaluate(Backend& backend, const std::string& word) {
  const std::vector<Token> tokens = Tokenize(word, 3);
  const bool negative = tokens.size() == 2 && tokens[0].text == "-";
  const bool one = tokens.size() == 1 || (negative && tokens[1].kind == Token::Kind::kNumber);
  if (one) {
    const Token& token = tokens.back();
    if (token.kind == Token::Kind::kString) return warehouse::BoundValue{.text = token.text};
    if (token.kind == Token::Kind::kNumber) {
      return warehouse::BoundValue{.text = (negative ? "-" : "") + token.text};
    }
    if (token.text == "null") return warehouse::BoundValue{};
    if (token.text == "true" || token.text == "false") {
      return warehouse::BoundValue{.type = {.kind = sql::DataTypeKind::kBoolean},
                                   .value = token.text == "true"};
    }
  }
  const auto text = std::make_shared<const std::string>("SELECT " + word);
  TARN_STATEMENT_ASSIGN(const StatementPtr statement, backend.Prepare(text, {*text, 0}, false, {}));
  TARN_STATEMENT_ASSIGN(const auto source, backend.Start(statement, {}));
  TARN_STATEMENT_ASSIGN(const RowRange range, source->Next(1));
  if (range.rows() != 1 || range.batch->columns.size() != 1) {
    return FailState(sqlstate::kSyntax, "an argument of EXECUTE has to be one value");
  }
  MessageWriter out;
  backend.MakeEncoder(source->columns(), {})
      .EncodeValue(0, range.batch->columns[0], range.begin, out);
  if (range.batch->columns[0].is_null(range.begin)) return warehouse::BoundValue{};
  const auto bytes = out.bytes().subspan(4);
  return warehouse::BoundValue{
      .text = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

Source Execute(Backend& backend, const OwnStatement& own) {
  TARN_STATEMENT_ASSIGN(const StatementPtr inner, FindPrepared(backend, own.name));
  if (inner->is_empty()) return Done("");
  if (inner->parameter_oids.size() != own.words.size()) {
    auto failed = FailState(sqlstate::kSyntax,
                            "wrong number of parameters for prepared statement \"{}\"", own.name);
    failed.error().error.detail = fmt::format("Expected {} parameters but got {}.",
                                              inner->parameter_oids.size(), own.words.size());
    return failed;
  }
  std::vector<warehouse::BoundValue> values;
  for (const std::string& word : own.words) {
    TARN_STATEMENT_ASSIGN(warehouse::BoundValue value, Evaluate(backend, word));
    values.push_back(std::move(value));
  }
  return backend.Start(inner, values);
}

Source Deallocate(Backend& backend, const OwnStatement& own) {
  if (own.name.empty()) {
    std::erase_if(backend.statements, [](const auto& entry) { return !entry.first.empty(); });
    return Done(own.tag);
  }
  TARN_STATEMENT_TRY(FindPrepared(backend, own.name));
  backend.statements.erase(own.name);
  return Done(own.tag);
}

Source Discard(Backend& backend, const OwnStatement& own) {
  if (own.name != "all") return Done(own.tag);
  if (backend.block.in_block() || backend.block.in_group()) {
    return FailState(sqlstate::kActiveTransaction,
                     "DISCARD ALL cannot run inside a transaction block");
  }
  backend.portals.clear();
  backend.statements.clear();
  backend.session->Reset();
  backend.parameters.ResetAll();
  return Done(own.tag);
}

}  // namespace

StatementResult<Columns> OwnColumns(Backend& backend, const OwnStatement& own) {
  switch (own.kind) {
    case OwnKind::kShow:
      return TextSource::TextColumns(
          own.name.empty() ? std::vector<std::string>{"name", "setting", "description"}
                           : std::vector<std::string>{SessionParameters::CanonicalName(own.name)});
    case OwnKind::kKnown:
      return TextSource::TextColumns(own.words);
    case OwnKind::kFetch: {
      TARN_STATEMENT_ASSIGN(const auto portal, FindCursor(backend, own.name));
      return portal->columns();
    }
    case OwnKind::kExecute: {
      TARN_STATEMENT_ASSIGN(const StatementPtr inner, FindPrepared(backend, own.name));
      return inner->columns;
    }
    default:
      return Columns{};
  }
}

Source RunOwn(Backend& backend, const StatementPtr& statement,
              std::span<const warehouse::BoundValue> /*values*/) {
  const OwnStatement& own = *statement->own;
  switch (own.kind) {
    case OwnKind::kSet:
    case OwnKind::kSetMany:
      return Set(backend, own);
    case OwnKind::kReset:
      return Reset(backend, own);
    case OwnKind::kShow:
      return Show(backend, own);
    case OwnKind::kKnown:
      return AnswerKnown(backend, own);
    case OwnKind::kBegin:
      return Begin(backend, own);
    case OwnKind::kCommit:
      return Commit(backend, own);
    case OwnKind::kRollback:
      return Rollback(backend, own);
    case OwnKind::kSavepoint:
      TARN_STATEMENT_TRY(backend.block.Savepoint(own.name));
      return Done(own.tag);
    case OwnKind::kRelease:
      TARN_STATEMENT_TRY(backend.block.Release(own.name));
      return Done(own.tag);
    case OwnKind::kRollbackTo:
      TARN_STATEMENT_TRY(backend.block.RollbackTo(own.name));
      return Done(own.tag);
    case OwnKind::kDeclare:
      return Declare(backend, statement);
    case OwnKind::kFetch:
    case OwnKind::kMove:
      return Fetch(backend, own);
    case OwnKind::kClose:
      return Close(backend, own);
    case OwnKind::kPrepare:
      return PrepareNamed(backend, statement);
    case OwnKind::kExecute:
      return Execute(backend, own);
    case OwnKind::kDeallocate:
      return Deallocate(backend, own);
    case OwnKind::kDiscard:
      return Discard(backend, own);
    case OwnKind::kCopyOut: {
      TARN_STATEMENT_ASSIGN(const StatementPtr inner,
                            PrepareInner(backend, own, statement.get(), {}, false));
      if (inner->columns.empty()) {
        return FailState(sqlstate::kNotSupported, "COPY query must have a result");
      }
      const bool binary = own.copy.format == CopyOptions::Format::kBinary;
      return backend.Start(inner, {}, {.results = {binary ? Format::kBinary : Format::kText}});
    }
    case OwnKind::kNothing:
      return Done(own.tag);
    case OwnKind::kUnsupported:
      break;
  }
  return FailState(sqlstate::kNotSupported, "{} is not supported", own.tag);
}

}  // namespace tarn::server::postgres
