// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/parser.h"

#include "sql/syntax/grammar.h"
#include "sql/syntax/lexer.h"
#include "sql/syntax/syntax_error.h"

namespace tarn::sql::syntax {

namespace {

/// Parses again what failed at `token`, to learn which keywords could have stood there. A misspelt
/// keyword may have been taken for an alias: then the one before is meant to be what could follow
/// it.
template <typename T>
std::string FindHint(std::string_view text, const std::vector<Token>& tokens, size_t token,
                     T (Grammar::*production)()) {
  Grammar grammar(text, tokens);
  grammar.RecordExpectations(token);
  try {
    (void)(grammar.*production)();
    grammar.ExpectEnd();
  } catch (const SyntaxFailure&) {
    const auto nearest = [&](size_t index, const std::vector<std::string_view>& expected) {
      const Token& word = tokens[index];
      return word.kind == TokenKind::kWord
                 ? NearestWord(UpperCase(TextOf(text, word.span)), expected)
                 : std::string();
    };
    std::string word = nearest(token, grammar.ExpectedHere());
    if (word.empty() && token > 0) word = nearest(token - 1, grammar.ExpectedHere());
    if (word.empty() && token > 0) word = nearest(token - 1, grammar.ExpectedBefore());
    if (!word.empty()) return fmt::format("Perhaps you meant {}.", word);
  }
  return {};
}

/// The one place where a SyntaxFailure becomes an Error.
template <typename T>
Result<T> ParseAll(std::string_view text, T (Grammar::*production)()) {
  TARN_ASSIGN(const std::vector<Token> tokens, Tokenize(text));
  try {
    Grammar grammar(text, tokens);
    T tree = (grammar.*production)();
    grammar.ExpectEnd();
    return tree;
  } catch (SyntaxFailure& failure) {
    if (failure.error.kind == ErrorKind::kInvalidArgument) {
      failure.error.hint = FindHint(text, tokens, failure.token, production);
    }
    return std::unexpected(std::move(failure.error));
  }
}

}  // namespace

Result<Statement> ParseStatement(std::string_view text) {
  return ParseAll(text, &Grammar::ParseStatement);
}

Result<Statement> ParseBody(std::string_view text) {
  return ParseAll(text, &Grammar::ParseScriptingStatement);
}

Result<Query> ParseQuery(std::string_view text) { return ParseAll(text, &Grammar::ParseQuery); }

Result<Expression> ParseExpression(std::string_view text) {
  return ParseAll(text, &Grammar::ParseExpression);
}

Result<ObjectName> ParseObjectName(std::string_view text) {
  return ParseAll(text, &Grammar::ParseObjectName);
}

Result<DataType> ParseDataType(std::string_view text) {
  return ParseAll(text, &Grammar::ParseDataType);
}

}  // namespace tarn::sql::syntax
