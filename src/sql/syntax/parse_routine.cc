// SPDX-License-Identifier: Apache-2.0
// CREATE FUNCTION and PROCEDURE, from the arguments on.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

void Grammar::ParseRoutineTail(CreateRoutine& routine) {
  Expect(TokenKind::kLeftParenthesis);
  while (!At(TokenKind::kRightParenthesis)) {
    routine.arguments.push_back(ParseRoutineArgument());
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightParenthesis);
  while (ParseRoutineClause(routine)) {
  }
}

RoutineArgument Grammar::ParseRoutineArgument() {
  RoutineArgument argument;
  argument.name = TakeIdentifier();
  if (AtAny({"IN", "OUT", "INPUT", "OUTPUT"})) argument.mode = TakeUpperWord();
  argument.type = ParseDataType();
  if (Accept("DEFAULT")) argument.default_value = ParseExpression();
  return argument;
}

/// One clause; AS is the last one.
bool Grammar::ParseRoutineClause(CreateRoutine& routine) {
  static constexpr std::string_view kFlags[] = {"CALLED ON NULL INPUT",
                                                "RETURNS NULL ON NULL INPUT",
                                                "STRICT",
                                                "VOLATILE",
                                                "IMMUTABLE",
                                                "MEMOIZABLE",
                                                "COPY GRANTS",
                                                "NOT NULL",
                                                "NULL",
                                                "SECURE"};
  const uint32_t begin = Begin();
  for (const std::string_view flag : kFlags) {
    if (!AcceptPhrase(flag)) continue;
    if (flag == "NOT NULL") {
      routine.returns_not_null = true;
    } else if (flag != "NULL") {
      routine.options.push_back(FlagOption(begin, std::string(flag)));
    }
    return true;
  }
  if (Accept("RETURNS")) {
    ParseReturns(routine);
  } else if (Accept("LANGUAGE")) {
    OptionValue language = ParseOptionValue();
    routine.options.push_back(ValueOption(begin, "LANGUAGE", std::move(language)));
  } else if (AcceptAll({"EXECUTE", "AS"})) {
    std::string words = TakeUpperWord();  // OWNER, CALLER, RESTRICTED CALLER
    if (words == "RESTRICTED") words += " " + TakeUpperWord();
    ObjectName name;
    name.parts.push_back({Since(begin), std::move(words), false});
    OptionValue value = MakeOptionValue(begin, std::move(name));
    routine.options.push_back(ValueOption(begin, "EXECUTE AS", std::move(value)));
  } else if (Accept("AS")) {
    ParseRoutineBody(routine);
    return false;
  } else {
    return ParseTableOption(routine.options);
  }
  return true;
}

void Grammar::ParseReturns(CreateRoutine& routine) {
  if (!(At("TABLE") && IsKind(1, TokenKind::kLeftParenthesis))) {
    routine.returns = ParseDataType();
    return;
  }
  Take();
  Take();
  routine.returns_table = true;
  while (!At(TokenKind::kRightParenthesis)) {
    TypeField field{TakeIdentifier(), ParseDataType()};
    routine.table_columns.push_back(std::move(field));
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightParenthesis);
}

/// A string, or a block that stands in the statement itself.
void Grammar::ParseRoutineBody(CreateRoutine& routine) {
  if (AtString()) {
    const Token& token = Peek();
    const uint32_t quote = token.kind == TokenKind::kDollarString ? 2 : 1;
    routine.body_span = {token.span.begin + quote, token.span.end - quote};
    routine.body = TakeString();
    return;
  }
  if (!AtAny({"DECLARE", "BEGIN"})) FailHere();
  const uint32_t begin = Begin();
  (void)ParseBlock();
  routine.body_span = Since(begin);
  routine.body = std::string(TextOf(Source(), routine.body_span));
}

}  // namespace tarn::sql::syntax
