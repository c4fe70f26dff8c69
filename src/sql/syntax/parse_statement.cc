// SPDX-License-Identifier: Apache-2.0
// Which statement it is.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

Statement Grammar::MakeStatement(uint32_t begin, StatementValue value) {
  return {Since(begin), std::move(value)};
}

void Grammar::ExpectEnd() {
  (void)Accept(TokenKind::kSemicolon);
  if (!AtEnd()) FailHere();
}

/// A statement with all that `->>` appends to it.
Statement Grammar::ParseStatement() {
  const Level level(*this);
  const uint32_t begin = Begin();
  Statement first = ParseOneStatement();
  if (!At(TokenKind::kFlow)) return first;
  Flow flow;
  flow.steps.push_back(std::move(first));
  while (Accept(TokenKind::kFlow)) flow.steps.push_back(ParseOneStatement());
  return MakeStatement(begin, std::move(flow));
}

Statement Grammar::ParseOneStatement() {
  const uint32_t begin = Begin();
  if (AtQueryStart() || At(TokenKind::kLeftParenthesis)) return ParseQueryOrCall();
  struct Production {
    Keyword word;
    StatementValue (Grammar::*parse)();
  };
  static constexpr Production kProductions[] = {
      {"INSERT", &Grammar::ParseInsert},
      {"UPDATE", &Grammar::ParseUpdate},
      {"DELETE", &Grammar::ParseDelete},
      {"MERGE", &Grammar::ParseMerge},
      {"TRUNCATE", &Grammar::ParseTruncate},
      {"COPY", &Grammar::ParseCopy},
      {"PUT", &Grammar::ParsePut},
      {"GET", &Grammar::ParseGet},
      {"LIST", &Grammar::ParseStageCommand},
      {"LS", &Grammar::ParseStageCommand},
      {"REMOVE", &Grammar::ParseStageCommand},
      {"RM", &Grammar::ParseStageCommand},
      {"START", &Grammar::ParseTransaction},
      {"COMMIT", &Grammar::ParseTransaction},
      {"ROLLBACK", &Grammar::ParseTransaction},
      {"USE", &Grammar::ParseUse},
      {"SET", &Grammar::ParseSet},
      {"UNSET", &Grammar::ParseUnset},
      {"SHOW", &Grammar::ParseShow},
      {"DESCRIBE", &Grammar::ParseDescribe},
      {"DESC", &Grammar::ParseDescribe},
      {"EXPLAIN", &Grammar::ParseExplain},
      {"CALL", &Grammar::ParseCallStatement},
      {"EXECUTE", &Grammar::ParseExecute},
      {"CREATE", &Grammar::ParseCreate},
      {"ALTER", &Grammar::ParseAlter},
      {"DROP", &Grammar::ParseDrop},
      {"UNDROP", &Grammar::ParseUndrop},
      {"COMMENT", &Grammar::ParseComment},
      {"GRANT", &Grammar::ParseGrant},
      {"REVOKE", &Grammar::ParseGrant},
      {"DECLARE", &Grammar::ParseBlock},
  };
  for (const Production& production : kProductions) {
    if (At(production.word)) {
      StatementValue value = (this->*production.parse)();
      return MakeStatement(begin, std::move(value));
    }
  }
  if (At("BEGIN")) {
    StatementValue value = AtTransactionBegin() ? ParseTransaction() : ParseBlock();
    return MakeStatement(begin, std::move(value));
  }
  FailHere();
}

Statement Grammar::ParseQueryOrCall() {
  const uint32_t begin = Begin();
  if (At("WITH") && AtIdentifier(1) && IsWord(2, "AS") && IsWord(3, "PROCEDURE")) {
    return MakeStatement(begin, ParseCallWithProcedure());
  }
  Query query = ParseQuery();
  return MakeStatement(begin, QueryStatement{std::move(query)});
}

}  // namespace tarn::sql::syntax
