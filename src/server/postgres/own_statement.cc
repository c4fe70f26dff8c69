// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/own_statement.h"

#include <charconv>
#include <limits>

#include "server/postgres/copy_statement.h"
#include "server/postgres/known_query.h"
#include "server/postgres/session_parameters.h"
#include "server/postgres/tokens.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;
using Parsed = StatementResult<std::optional<OwnStatement>>;

// Enough for every statement that is recognised by all of its tokens; one that has a query inside
// keeps it as text.
constexpr size_t kTokensMax = 4096;

std::unexpected<warehouse::StatementError> SyntaxError(const TokenCursor& cursor) {
  const Token* const token = cursor.peek();
  auto failed = token == nullptr
                    ? FailState(sqlstate::kSyntax, "syntax error at end of input")
                    : FailState(sqlstate::kSyntax, "syntax error at or near \"{}\"", token->text);
  failed.error().position = static_cast<int64_t>(cursor.position());
  return failed;
}

Parsed Finished(TokenCursor& cursor, OwnStatement statement) {
  cursor.TakeSymbol(";");
  if (!cursor.at_end()) return SyntaxError(cursor);
  return statement;
}

/// A value of SET: words, strings and numbers, divided by commas. A list of names keeps its quotes.
StatementResult<std::optional<std::string>> TakeValue(TokenCursor& cursor, bool keeps_quotes) {
  if (cursor.TakeWord("default")) return std::nullopt;
  std::string value;
  bool first = true;
  do {
    const bool negative = cursor.TakeSymbol("-");
    const Token* const token = cursor.Take();
    if (token == nullptr || token->kind == Token::Kind::kSymbol) return SyntaxError(cursor);
    if (!first) value += ", ";
    first = false;
    if (negative) value += '-';
    const bool quoted = keeps_quotes && token->kind == Token::Kind::kQuotedName;
    value += quoted ? "\"" + token->text + "\"" : token->text;
  } while (cursor.TakeSymbol(","));
  return value;
}

/// ISOLATION LEVEL …, READ ONLY, READ WRITE, [NOT] DEFERRABLE; false at what is none of them.
bool TakeMode(TokenCursor& cursor, std::string_view prefix, OwnStatement& statement) {
  const auto add = [&](std::string_view name, std::string_view value) {
    statement.settings.emplace_back(std::string(prefix) + std::string(name), value);
    return true;
  };
  if (cursor.TakeWords({"isolation", "level"})) {
    if (cursor.TakeWord("serializable")) return add("transaction_isolation", "serializable");
    if (cursor.TakeWords({"repeatable", "read"})) {
      return add("transaction_isolation", "repeatable read");
    }
    if (cursor.TakeWords({"read", "committed"})) {
      return add("transaction_isolation", "read committed");
    }
    if (cursor.TakeWords({"read", "uncommitted"})) {
      return add("transaction_isolation", "read uncommitted");
    }
    return false;
  }
  if (cursor.TakeWords({"read", "only"})) return add("transaction_read_only", "on");
  if (cursor.TakeWords({"read", "write"})) return add("transaction_read_only", "off");
  if (cursor.TakeWords({"not", "deferrable"})) return add("transaction_deferrable", "off");
  if (cursor.TakeWord("deferrable")) return add("transaction_deferrable", "on");
  return false;
}

StatementResult<> TakeModes(TokenCursor& cursor, std::string_view prefix, OwnStatement& statement) {
  while (!cursor.at_end() && !cursor.IsSymbol(";")) {
    if (!TakeMode(cursor, prefix, statement)) return SyntaxError(cursor);
    cursor.TakeSymbol(",");
  }
  return {};
}

std::string DottedName(TokenCursor& cursor) {
  const Token* token = cursor.TakeName();
  if (token == nullptr) return "";
  std::string name = token->text;
  while (cursor.IsSymbol(".") && cursor.peek(1) != nullptr && cursor.peek(1)->is_name()) {
    cursor.Take();
    name += "." + cursor.Take()->text;
  }
  return name;
}

Parsed ParseSet(TokenCursor& cursor) {
  OwnStatement statement{.kind = OwnKind::kSet, .tag = "SET"};
  if (cursor.IsWord("session") && cursor.IsWord("characteristics", 1)) {
    if (!cursor.TakeWords({"session", "characteristics", "as", "transaction"})) {
      return SyntaxError(cursor);
    }
    statement.kind = OwnKind::kSetMany;
    TARN_STATEMENT_TRY(TakeModes(cursor, "default_", statement));
    return Finished(cursor, std::move(statement));
  }
  if (cursor.IsWord("session") && cursor.IsWord("authorization", 1)) {
    cursor.TakeWords({"session", "authorization"});
    statement.kind = cursor.TakeWord("default") ? OwnKind::kNothing : OwnKind::kUnsupported;
    if (statement.kind == OwnKind::kUnsupported) return statement;
    return Finished(cursor, std::move(statement));
  }
  const bool local = cursor.TakeWord("local");
  const bool scoped = local || cursor.TakeWord("session");
  statement.local = local;
  if (cursor.TakeWord("transaction")) {
    statement.kind = OwnKind::kSetMany;
    statement.local = true;
    TARN_STATEMENT_TRY(TakeModes(cursor, "", statement));
    return Finished(cursor, std::move(statement));
  }
  if (cursor.TakeWords({"time", "zone"})) {
    statement.name = "TimeZone";
    if (cursor.TakeWord("local")) return Finished(cursor, std::move(statement));
    TARN_STATEMENT_ASSIGN(statement.value, TakeValue(cursor, false));
    return Finished(cursor, std::move(statement));
  }
  if (cursor.TakeWord("names")) {
    statement.name = "client_encoding";
    TARN_STATEMENT_ASSIGN(statement.value, TakeValue(cursor, false));
    return Finished(cursor, std::move(statement));
  }
  if (cursor.IsWord("role") && cursor.IsWord("none", 1)) {
    cursor.TakeWords({"role", "none"});
    statement.kind = OwnKind::kNothing;
    return Finished(cursor, std::move(statement));
  }
  statement.name = DottedName(cursor);
  const bool to = cursor.TakeWord("to");
  if (statement.name.empty() || (!to && !cursor.TakeSymbol("="))) return std::nullopt;
  // What PostgreSQL does not know is a variable of the session, which TO and LOCAL are not for.
  if (!SessionParameters::Knows(statement.name) && !to && !scoped) return std::nullopt;
  TARN_STATEMENT_ASSIGN(statement.value, TakeValue(cursor, statement.name == "search_path"));
  return Finished(cursor, std::move(statement));
}

Parsed ParseShow(TokenCursor& cursor) {
  OwnStatement statement{.kind = OwnKind::kShow, .tag = "SHOW"};
  if (cursor.TakeWords({"transaction", "isolation", "level"})) {
    statement.name = "transaction_isolation";
  } else if (cursor.TakeWords({"time", "zone"})) {
    statement.name = "TimeZone";
  } else if (cursor.TakeWords({"session", "authorization"})) {
    statement.name = "session_authorization";
  } else if (!cursor.TakeWord("all")) {
    statement.name = DottedName(cursor);
    if (statement.name.empty() || !SessionParameters::Knows(statement.name)) return std::nullopt;
  }
  if (!cursor.at_end() && !cursor.IsSymbol(";")) return std::nullopt;
  return Finished(cursor, std::move(statement));
}

Parsed ParseReset(TokenCursor& cursor) {
  OwnStatement statement{.kind = OwnKind::kReset, .tag = "RESET"};
  if (cursor.TakeWords({"time", "zone"})) {
    statement.name = "TimeZone";
  } else if (cursor.TakeWord("role") || cursor.TakeWords({"session", "authorization"})) {
    statement.kind = OwnKind::kNothing;
  } else if (cursor.TakeWords({"transaction", "isolation", "level"})) {
    statement.name = "transaction_isolation";
  } else if (!cursor.TakeWord("all")) {
    statement.name = DottedName(cursor);
    if (statement.name.empty()) return SyntaxError(cursor);
  }
  return Finished(cursor, std::move(statement));
}

/// BEGIN is a transaction where nothing or one of its words follows, and otherwise a block.
Parsed ParseBegin(TokenCursor& cursor) {
  OwnStatement statement{.kind = OwnKind::kBegin, .tag = "BEGIN"};
  const bool word = cursor.TakeWord("work") || cursor.TakeWord("transaction");
  if (cursor.TakeWord("name")) {
    if (cursor.TakeName() == nullptr) return SyntaxError(cursor);
    return Finished(cursor, std::move(statement));
  }
  const bool mode = cursor.at_end() || cursor.IsSymbol(";") || cursor.IsWord("isolation") ||
                    cursor.IsWord("read") || cursor.IsWord("deferrable") ||
                    (cursor.IsWord("not") && cursor.IsWord("deferrable", 1));
  if (!word && !mode) return std::nullopt;
  TARN_STATEMENT_TRY(TakeModes(cursor, "", statement));
  return Finished(cursor, std::move(statement));
}

Parsed ParseEnd(TokenCursor& cursor, OwnKind kind, std::string tag) {
  OwnStatement statement{.kind = kind, .tag = std::move(tag)};
  if (!cursor.TakeWord("work")) cursor.TakeWord("transaction");
  if (kind == OwnKind::kRollback && cursor.TakeWord("to")) {
    cursor.TakeWord("savepoint");
    const Token* const name = cursor.TakeName();
    if (name == nullptr) return SyntaxError(cursor);
    statement.kind = OwnKind::kRollbackTo;
    statement.name = name->text;
  } else if (cursor.TakeWords({"and", "no", "chain"})) {
    // The default.
  } else if (cursor.IsWord("and") || cursor.IsWord("prepared")) {
    statement.kind = OwnKind::kUnsupported;
    return statement;
  }
  return Finished(cursor, std::move(statement));
}

Parsed ParseNamed(TokenCursor& cursor, OwnKind kind, std::string tag) {
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return SyntaxError(cursor);
  return Finished(cursor, {.kind = kind, .tag = std::move(tag), .name = name->text});
}

/// DECLARE c … CURSOR is a cursor, any other DECLARE begins a block.
Parsed ParseDeclare(TokenCursor& cursor) {
  OwnStatement statement{.kind = OwnKind::kDeclare, .tag = "DECLARE CURSOR"};
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return std::nullopt;
  statement.name = name->text;
  while (!cursor.TakeWord("cursor")) {
    if (cursor.TakeWord("binary")) {
      statement.binary = true;
    } else if (cursor.TakeWords({"no", "scroll"})) {
      statement.scroll = false;
    } else if (cursor.TakeWord("scroll")) {
      statement.scroll = true;
    } else if (!cursor.TakeWord("insensitive") && !cursor.TakeWord("asensitive")) {
      return std::nullopt;
    }
  }
  if (cursor.TakeWords({"with", "hold"})) {
    statement.hold = true;
  } else {
    cursor.TakeWords({"without", "hold"});
  }
  // Snowflake's scripting has "DECLARE c CURSOR FOR …;" in front of a block.
  if (!cursor.TakeWord("for") || cursor.at_end()) return SyntaxError(cursor);
  statement.query = cursor.Rest();
  statement.query_offset = cursor.position();
  return statement;
}

std::optional<int64_t> TakeCount(TokenCursor& cursor) {
  const bool negative = cursor.IsSymbol("-");
  const Token* const token = cursor.peek(negative || cursor.IsSymbol("+") ? 1 : 0);
  if (token == nullptr || token->kind != Token::Kind::kNumber) return std::nullopt;
  int64_t count = 0;
  const char* const end = token->text.data() + token->text.size();
  if (std::from_chars(token->text.data(), end, count).ptr != end) return std::nullopt;
  while (cursor.Take() != token) {
  }
  return negative ? -count : count;
}

CursorMove TakeMove(TokenCursor& cursor) {
  const auto counted = [&](CursorMove::Kind kind) {
    return CursorMove{.kind = kind, .count = TakeCount(cursor).value_or(0)};
  };
  if (cursor.TakeWord("next")) return {};
  if (cursor.TakeWord("prior")) return {.count = -1};
  if (cursor.TakeWord("first")) return {.kind = CursorMove::Kind::kAbsolute};
  if (cursor.TakeWord("last")) return {.kind = CursorMove::Kind::kAbsolute, .count = -1};
  if (cursor.TakeWord("absolute")) return counted(CursorMove::Kind::kAbsolute);
  if (cursor.TakeWord("relative")) return counted(CursorMove::Kind::kRelative);
  const bool backward = cursor.TakeWord("backward");
  if (!backward) cursor.TakeWord("forward");
  const int64_t sign = backward ? -1 : 1;
  if (cursor.TakeWord("all")) return {.count = sign, .all = true};
  const int64_t count = TakeCount(cursor).value_or(1);
  return {.count = count == std::numeric_limits<int64_t>::min() ? count : sign * count};
}

Parsed ParseFetch(TokenCursor& cursor, OwnKind kind, std::string tag) {
  OwnStatement statement{.kind = kind, .tag = std::move(tag)};
  // A cursor may be called like one of the words: it is the last name.
  const bool only_name = cursor.peek(1) == nullptr || cursor.IsSymbol(";", 1);
  if (!only_name) {
    statement.move = TakeMove(cursor);
    if (!cursor.TakeWord("from")) cursor.TakeWord("in");
  }
  const Token* const name = cursor.TakeName();
  // FETCH c INTO v is a statement of scripting.
  if (name == nullptr || cursor.IsWord("into")) return std::nullopt;
  statement.name = name->text;
  return Finished(cursor, std::move(statement));
}

Parsed ParseClose(TokenCursor& cursor) {
  if (cursor.TakeWord("all")) {
    return Finished(cursor, {.kind = OwnKind::kClose, .tag = "CLOSE CURSOR ALL"});
  }
  return ParseNamed(cursor, OwnKind::kClose, "CLOSE CURSOR");
}

/// What stands between the parenthesis that is open and its end, divided by commas.
StatementResult<std::vector<std::string>> TakeList(TokenCursor& cursor,
                                                   std::string_view statement) {
  std::vector<std::string> words;
  size_t begin = cursor.position();
  for (int depth = 1; depth > 0;) {
    const size_t end = cursor.position();
    const Token* const token = cursor.Take();
    if (token == nullptr) return SyntaxError(cursor);
    if (token->kind != Token::Kind::kSymbol) continue;
    if (token->text == "(") ++depth;
    if (token->text == ")") --depth;
    if (depth == 0 || (depth == 1 && token->text == ",")) {
      std::string word(statement.substr(begin, end - begin));
      while (!word.empty() && (word.back() == ' ' || word.back() == '\n')) word.pop_back();
      if (word.empty()) return SyntaxError(cursor);
      words.push_back(std::move(word));
      begin = cursor.position();
    }
  }
  return words;
}

Parsed ParsePrepare(TokenCursor& cursor, std::string_view text) {
  OwnStatement statement{.kind = OwnKind::kPrepare, .tag = "PREPARE"};
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return SyntaxError(cursor);
  statement.name = name->text;
  if (cursor.TakeSymbol("(")) {
    TARN_STATEMENT_ASSIGN(statement.words, TakeList(cursor, text));
  }
  if (!cursor.TakeWord("as") || cursor.at_end()) return SyntaxError(cursor);
  statement.query = cursor.Rest();
  statement.query_offset = cursor.position();
  return statement;
}

/// EXECUTE IMMEDIATE and EXECUTE TASK are the warehouse's.
Parsed ParseExecute(TokenCursor& cursor, std::string_view text) {
  OwnStatement statement{.kind = OwnKind::kExecute, .tag = "EXECUTE"};
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return std::nullopt;
  statement.name = name->text;
  if (cursor.TakeSymbol("(")) {
    TARN_STATEMENT_ASSIGN(statement.words, TakeList(cursor, text));
  }
  cursor.TakeSymbol(";");
  if (!cursor.at_end()) return std::nullopt;
  return statement;
}

Parsed ParseDeallocate(TokenCursor& cursor) {
  cursor.TakeWord("prepare");
  if (cursor.TakeWord("all")) {
    return Finished(cursor, {.kind = OwnKind::kDeallocate, .tag = "DEALLOCATE ALL"});
  }
  return ParseNamed(cursor, OwnKind::kDeallocate, "DEALLOCATE");
}

Parsed ParseDiscard(TokenCursor& cursor) {
  for (const std::string_view what : {"all", "temp", "temporary", "plans", "sequences"}) {
    if (!cursor.TakeWord(what)) continue;
    OwnStatement statement{.kind = OwnKind::kDiscard, .name = std::string(what)};
    if (what == "all") statement.tag = "DISCARD ALL";
    if (what.starts_with("temp")) statement.tag = "DISCARD TEMP";
    if (what == "plans") statement.tag = "DISCARD PLANS";
    if (what == "sequences") statement.tag = "DISCARD SEQUENCES";
    return Finished(cursor, std::move(statement));
  }
  return SyntaxError(cursor);
}

Parsed ParseListen(TokenCursor& cursor, std::string tag) {
  if (!cursor.TakeSymbol("*") && cursor.TakeName() == nullptr) return SyntaxError(cursor);
  return Finished(cursor, {.kind = OwnKind::kNothing, .tag = std::move(tag)});
}

}  // namespace

Parsed ParseOwn(std::string_view text) {
  const std::vector<Token> first = Tokenize(text, 1);
  if (first.empty() || first[0].kind != Token::Kind::kWord) return std::nullopt;
  const std::string& verb = first[0].text;
  // Most statements are the warehouse's: only these are looked at further.
  if (verb == "select") return ParseKnownQuery(text);
  if (verb == "with" || verb == "insert") return std::nullopt;
  const std::vector<Token> tokens = Tokenize(text, kTokensMax);
  TokenCursor cursor(tokens, text);
  cursor.Take();
  if (verb == "set") return ParseSet(cursor);
  if (verb == "show") return ParseShow(cursor);
  if (verb == "reset") return ParseReset(cursor);
  if (verb == "begin") return ParseBegin(cursor);
  if (verb == "start") {
    if (!cursor.TakeWord("transaction")) return std::nullopt;
    OwnStatement statement{.kind = OwnKind::kBegin, .tag = "START TRANSACTION"};
    TARN_STATEMENT_TRY(TakeModes(cursor, "", statement));
    return Finished(cursor, std::move(statement));
  }
  if (verb == "commit" || verb == "end") return ParseEnd(cursor, OwnKind::kCommit, "COMMIT");
  if (verb == "rollback" || verb == "abort") {
    return ParseEnd(cursor, OwnKind::kRollback, "ROLLBACK");
  }
  if (verb == "savepoint") return ParseNamed(cursor, OwnKind::kSavepoint, "SAVEPOINT");
  if (verb == "release") {
    cursor.TakeWord("savepoint");
    return ParseNamed(cursor, OwnKind::kRelease, "RELEASE");
  }
  if (verb == "declare") return ParseDeclare(cursor);
  if (verb == "fetch") return ParseFetch(cursor, OwnKind::kFetch, "FETCH");
  if (verb == "move") return ParseFetch(cursor, OwnKind::kMove, "MOVE");
  if (verb == "close") return ParseClose(cursor);
  if (verb == "prepare") return ParsePrepare(cursor, text);
  if (verb == "execute") return ParseExecute(cursor, text);
  if (verb == "deallocate") return ParseDeallocate(cursor);
  if (verb == "discard") return ParseDiscard(cursor);
  if (verb == "listen") return ParseListen(cursor, "LISTEN");
  if (verb == "unlisten") return ParseListen(cursor, "UNLISTEN");
  if (verb == "notify") return OwnStatement{.kind = OwnKind::kUnsupported, .tag = "NOTIFY"};
  if (verb == "copy") return ParseCopy(cursor, text);
  return std::nullopt;
}

}  // namespace tarn::server::postgres
