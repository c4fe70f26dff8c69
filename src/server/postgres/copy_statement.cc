// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/copy_statement.h"

#include "server/postgres/startup.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

std::unexpected<warehouse::StatementError> SyntaxError(const TokenCursor& cursor) {
  const Token* const token = cursor.peek();
  auto failed = token == nullptr
                    ? FailState(sqlstate::kSyntax, "syntax error at end of input")
                    : FailState(sqlstate::kSyntax, "syntax error at or near \"{}\"", token->text);
  failed.error().position = static_cast<int64_t>(cursor.position());
  return failed;
}

/// "(query)" or "table [(columns)]" as a query; its text stands in the statement.
StatementResult<> TakeSource(TokenCursor& cursor, std::string_view text, OwnStatement& statement) {
  if (cursor.TakeSymbol("(")) {
    const size_t begin = cursor.position();
    for (int depth = 1; depth > 0;) {
      const size_t end = cursor.position();
      const Token* const token = cursor.Take();
      if (token == nullptr) return SyntaxError(cursor);
      if (token->kind != Token::Kind::kSymbol) continue;
      depth += token->text == "(" ? 1 : token->text == ")" ? -1 : 0;
      if (depth == 0) statement.query = text.substr(begin, end - begin);
    }
    statement.query_offset = begin;
    return {};
  }
  const size_t begin = cursor.position();
  if (cursor.TakeName() == nullptr) return SyntaxError(cursor);
  while (cursor.TakeSymbol(".")) {
    if (cursor.TakeName() == nullptr) return SyntaxError(cursor);
  }
  const std::string table(text.substr(begin, cursor.position() - begin));
  std::string columns = "*";
  if (cursor.TakeSymbol("(")) {
    const size_t first = cursor.position();
    while (!cursor.IsSymbol(")")) {
      if (cursor.Take() == nullptr) return SyntaxError(cursor);
    }
    columns = text.substr(first, cursor.position() - first);
    cursor.Take();
  }
  statement.query = "SELECT " + columns + " FROM " + table;
  return {};
}

StatementResult<char> OneCharacter(const Token* token, std::string_view option) {
  if (token != nullptr && token->text.size() == 1 && token->text != "\n" && token->text != "\r") {
    return token->text[0];
  }
  return FailState(sqlstate::kInvalidParameter, "COPY {} must be a single one-byte character",
                   option);
}

StatementResult<> SetFormat(const Token* token, CopyOptions& options) {
  const std::string name = token == nullptr ? "" : ToLower(token->text);
  if (name == "csv") {
    options.format = CopyOptions::Format::kCsv;
  } else if (name == "binary") {
    options.format = CopyOptions::Format::kBinary;
  } else if (name != "text") {
    return FailState(sqlstate::kInvalidParameter, "COPY format \"{}\" not recognized", name);
  }
  return {};
}

bool TakeBoolean(TokenCursor& cursor) {
  if (cursor.TakeWord("false") || cursor.TakeWord("off")) return false;
  if (const Token* const token = cursor.peek();
      token != nullptr && (token->text == "0" || token->text == "false" || token->text == "off")) {
    cursor.Take();
    return false;
  }
  if (!cursor.TakeWord("true")) cursor.TakeWord("on");
  return true;
}

/// One option in either of the two ways of writing them. `given`: which of them were.
struct Given {
  bool delimiter = false, null = false, escape = false;
};
StatementResult<> TakeOption(TokenCursor& cursor, CopyOptions& options, Given& given) {
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return SyntaxError(cursor);
  const std::string& option = name->text;
  if (option == "format") return SetFormat(cursor.Take(), options);
  if (option == "csv" || option == "binary") return SetFormat(name, options);
  if (option == "header") {
    options.header = TakeBoolean(cursor);
    return {};
  }
  cursor.TakeWord("as");
  if (option == "delimiter" || option == "delimiters") {
    given.delimiter = true;
    TARN_STATEMENT_ASSIGN(options.delimiter, OneCharacter(cursor.Take(), "delimiter"));
  } else if (option == "null") {
    const Token* const value = cursor.Take();
    if (value == nullptr || value->kind != Token::Kind::kString) return SyntaxError(cursor);
    given.null = true;
    options.null = value->text;
  } else if (option == "quote") {
    TARN_STATEMENT_ASSIGN(options.quote, OneCharacter(cursor.Take(), "quote"));
  } else if (option == "escape") {
    given.escape = true;
    TARN_STATEMENT_ASSIGN(options.escape, OneCharacter(cursor.Take(), "escape"));
  } else if (option == "encoding") {
    const Token* const value = cursor.Take();
    const std::string encoding = value == nullptr ? "" : ToLower(value->text);
    if (encoding != "utf8" && encoding != "utf-8") {
      return FailState(sqlstate::kNotSupported, "COPY encoding \"{}\" is not supported", encoding);
    }
  } else if (option == "force_quote" && cursor.TakeSymbol("*")) {
    options.force_quote_all = true;
  } else if (option == "force" && cursor.TakeWord("quote") && cursor.TakeSymbol("*")) {
    options.force_quote_all = true;
  } else if (option != "freeze" && option != "force" && option != "force_quote" &&
             option != "force_null" && option != "force_not_null") {
    return FailState(sqlstate::kSyntax, "option \"{}\" not recognized", option);
  } else {
    return FailState(sqlstate::kNotSupported, "COPY option \"{}\" is not supported", option);
  }
  return {};
}

StatementResult<> TakeOptions(TokenCursor& cursor, CopyOptions& options) {
  Given given;
  cursor.TakeWord("with");
  if (cursor.TakeSymbol("(")) {
    do {
      TARN_STATEMENT_TRY(TakeOption(cursor, options, given));
    } while (cursor.TakeSymbol(","));
    if (!cursor.TakeSymbol(")")) return SyntaxError(cursor);
  }
  while (!cursor.at_end() && !cursor.IsSymbol(";")) {
    TARN_STATEMENT_TRY(TakeOption(cursor, options, given));
  }
  cursor.TakeSymbol(";");
  if (!cursor.at_end()) return SyntaxError(cursor);
  if (options.format == CopyOptions::Format::kCsv) {
    if (!given.delimiter) options.delimiter = ',';
    if (!given.null) options.null = "";
    if (!given.escape) options.escape = options.quote;
  }
  return {};
}

}  // namespace

StatementResult<std::optional<OwnStatement>> ParseCopy(TokenCursor& cursor, std::string_view text) {
  if (cursor.IsWord("into")) return std::nullopt;
  OwnStatement statement{.kind = OwnKind::kCopyOut, .tag = "COPY"};
  if (cursor.TakeWord("binary")) statement.copy.format = CopyOptions::Format::kBinary;
  TARN_STATEMENT_TRY(TakeSource(cursor, text, statement));
  if (cursor.TakeWord("from")) {
    statement.kind = OwnKind::kUnsupported;
    statement.tag = "COPY FROM";
    return statement;
  }
  if (!cursor.TakeWord("to")) return SyntaxError(cursor);
  if (!cursor.TakeWord("stdout")) {
    statement.kind = OwnKind::kUnsupported;
    statement.tag = "COPY to a file of the server";
    return statement;
  }
  TARN_STATEMENT_TRY(TakeOptions(cursor, statement.copy));
  return statement;
}

}  // namespace tarn::server::postgres
