// SPDX-License-Identifier: Apache-2.0
// Snowflake Scripting.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseBlock() {
  const Level level(*this);
  Block block;
  if (Accept("DECLARE")) {
    while (!At("BEGIN")) {
      block.declarations.push_back(ParseDeclaration());
      Expect(TokenKind::kSemicolon);
    }
  }
  Expect("BEGIN");
  block.body = ParseStatements();
  if (At("EXCEPTION") && IsWord(1, "WHEN")) {
    Take();
    while (At("WHEN")) block.handlers.push_back(ParseHandler());
  }
  Expect("END");
  return block;
}

ExceptionHandler Grammar::ParseHandler() {
  ExceptionHandler handler;
  Expect("WHEN");
  do {
    handler.exceptions.push_back(TakeIdentifier());
  } while (Accept("OR"));
  if (AtAny({"EXIT", "CONTINUE"})) handler.disposition = TakeUpperWord();
  Expect("THEN");
  handler.body = ParseStatements();
  return handler;
}

/// Statements with a semicolon after each, up to a word that ends the list.
std::vector<Statement> Grammar::ParseStatements() {
  std::vector<Statement> statements;
  while (!AtStatementsEnd()) {
    statements.push_back(ParseScriptingStatement());
    Expect(TokenKind::kSemicolon);
  }
  return statements;
}

bool Grammar::AtStatementsEnd() const {
  if (AtEnd()) return true;
  if (AtAny({"ELSE", "ELSEIF", "WHEN", "UNTIL"}) || (At("EXCEPTION") && IsWord(1, "WHEN")))
    return !AtAssignment();
  return At("END") && !AtAssignment();
}

/// `v :=`, `r.f :=`.
bool Grammar::AtAssignment() const {
  if (!AtIdentifier()) return false;
  if (IsKind(1, TokenKind::kAssign)) return true;
  return IsKind(1, TokenKind::kDot) && AtIdentifier(2) && IsKind(3, TokenKind::kAssign);
}

Statement Grammar::ParseScriptingStatement() {
  const Level level(*this);
  const uint32_t begin = Begin();
  if (AtAssignment()) {
    StatementValue value = ParseAssignment();
    return MakeStatement(begin, std::move(value));
  }
  struct Production {
    Keyword word;
    StatementValue (Grammar::*parse)();
  };
  static constexpr Production kProductions[] = {
      {"LET", &Grammar::ParseLet},
      {"IF", &Grammar::ParseIf},
      {"CASE", &Grammar::ParseCaseStatement},
      {"FOR", &Grammar::ParseFor},
      {"WHILE", &Grammar::ParseWhile},
      {"REPEAT", &Grammar::ParseRepeat},
      {"LOOP", &Grammar::ParseLoop},
      {"BREAK", &Grammar::ParseJump},
      {"EXIT", &Grammar::ParseJump},
      {"CONTINUE", &Grammar::ParseJump},
      {"ITERATE", &Grammar::ParseJump},
      {"OPEN", &Grammar::ParseOpen},
      {"FETCH", &Grammar::ParseFetch},
      {"CLOSE", &Grammar::ParseClose},
      {"RETURN", &Grammar::ParseReturn},
      {"RAISE", &Grammar::ParseRaise},
      {"NULL", &Grammar::ParseNull},
      {"AWAIT", &Grammar::ParseAwait},
      {"CANCEL", &Grammar::ParseCancel},
      {"ASYNC", &Grammar::ParseAsync},
  };
  for (const Production& production : kProductions) {
    if (At(production.word)) {
      StatementValue value = (this->*production.parse)();
      return MakeStatement(begin, std::move(value));
    }
  }
  return ParseStatement();
}

// --- Variables
// ----------------------------------------------------------------------------------------------

Declaration Grammar::ParseDeclaration() {
  const uint32_t begin = Begin();
  Declaration declaration;
  declaration.name = TakeIdentifier();
  if (Accept("CURSOR")) {
    declaration.kind = DeclarationKind::kCursor;
    Expect("FOR");
    if (AtQueryStart() || AtParenthesizedQuery()) {
      declaration.statement = Box<Statement>(ParseStatement());
    } else {
      declaration.value = ParseExpression();
    }
  } else if (Accept("RESULTSET")) {
    declaration.kind = DeclarationKind::kResultSet;
    if (Accept("DEFAULT") || Accept(TokenKind::kAssign)) {
      declaration.async = Accept("ASYNC");
      if (!At(TokenKind::kLeftParenthesis)) FailHere();
      declaration.statement = Box<Statement>(ParseParenthesizedStatement());
    }
  } else if (Accept("EXCEPTION")) {
    declaration.kind = DeclarationKind::kException;
    if (Accept(TokenKind::kLeftParenthesis)) {
      declaration.code = ParseExpression();
      Expect(TokenKind::kComma);
      declaration.message = TakeString();
      Expect(TokenKind::kRightParenthesis);
    }
  } else {
    if (At("PROCEDURE")) Refuse("nested procedures");
    if (AtIdentifier() && !At("DEFAULT")) declaration.type = ParseDataType();
    if (Accept("DEFAULT") || Accept(TokenKind::kAssign)) declaration.value = ParseExpression();
  }
  declaration.span = Since(begin);
  return declaration;
}

StatementValue Grammar::ParseLet() {
  Expect("LET");
  return Let{ParseDeclaration()};
}

/// Whether parentheses hold a statement that is no query: (SHOW TABLES), (CALL p()), (EXECUTE
/// IMMEDIATE :q).
bool Grammar::AtParenthesizedCommand() const {
  if (!At(TokenKind::kLeftParenthesis)) return false;
  for (const Keyword word :
       {Keyword("SHOW"), Keyword("CALL"), Keyword("DESCRIBE"), Keyword("DESC"), Keyword("EXECUTE"),
        Keyword("LIST"), Keyword("INSERT"), Keyword("UPDATE"), Keyword("DELETE"), Keyword("MERGE"),
        Keyword("COPY"), Keyword("ALTER"), Keyword("CREATE")}) {
    if (IsWord(1, word) && (IsKind(2, TokenKind::kWord) || IsKind(2, TokenKind::kQuotedWord) ||
                            IsKind(2, TokenKind::kStage))) {
      return true;
    }
  }
  return false;
}

Statement Grammar::ParseParenthesizedStatement() {
  const Level level(*this);
  if (AtParenthesizedQuery()) return ParseStatement();
  Expect(TokenKind::kLeftParenthesis);
  Statement statement = ParseStatement();
  Expect(TokenKind::kRightParenthesis);
  return statement;
}

StatementValue Grammar::ParseAssignment() {
  Assignment assignment;
  assignment.target.push_back(TakeIdentifier());
  while (Accept(TokenKind::kDot)) assignment.target.push_back(TakeIdentifier());
  Expect(TokenKind::kAssign);
  assignment.async = At("ASYNC") && IsKind(1, TokenKind::kLeftParenthesis) && Accept("ASYNC");
  if (assignment.async || AtParenthesizedCommand()) {
    assignment.statement = Box<Statement>(ParseParenthesizedStatement());
  } else {
    assignment.value = ParseExpression();
  }
  return assignment;
}

// --- Branches and loops
// -------------------------------------------------------------------------------------

StatementValue Grammar::ParseIf() {
  Expect("IF");
  If node;
  do {
    Expression condition = ParseExpression();
    Expect("THEN");
    node.branches.push_back({std::move(condition), ParseStatements()});
  } while (Accept("ELSEIF"));
  if (Accept("ELSE")) node.otherwise = ParseStatements();
  ExpectAll({"END", "IF"});
  return node;
}

StatementValue Grammar::ParseCaseStatement() {
  Expect("CASE");
  CaseStatement node;
  if (!At("WHEN")) node.operand = ParseExpression();
  while (Accept("WHEN")) {
    Expression condition = ParseExpression();
    Expect("THEN");
    node.branches.push_back({std::move(condition), ParseStatements()});
  }
  if (node.branches.empty()) FailHere();
  if (Accept("ELSE")) node.otherwise = ParseStatements();
  Expect("END");
  (void)Accept("CASE");
  return node;
}

std::optional<Identifier> Grammar::TryLabel() {
  if (!AtIdentifier()) return std::nullopt;
  return TakeIdentifier();
}

std::vector<Statement> Grammar::ParseLoopBody(Keyword loop) {
  if (!Accept("DO")) Expect("LOOP");
  std::vector<Statement> body = ParseStatements();
  Expect("END");
  if (!Accept(loop)) Expect("LOOP");
  return body;
}

StatementValue Grammar::ParseFor() {
  Expect("FOR");
  Identifier name = TakeIdentifier();
  Expect("IN");
  if (AtParenthesizedQuery() || AtParenthesizedCommand()) {
    ForRows rows{.row = std::move(name),
                 .source = {},
                 .query = Box<Statement>(ParseParenthesizedStatement()),
                 .body = {},
                 .label = {}};
    rows.body = ParseLoopBody("FOR");
    rows.label = TryLabel();
    return rows;
  }
  const bool reverse = Accept("REVERSE");
  Expression source = ParseExpression();
  if (reverse || At("TO")) {
    Expect("TO");
    ForCounter counter{std::move(name), reverse, std::move(source), ParseExpression(), {}, {}};
    counter.body = ParseLoopBody("FOR");
    counter.label = TryLabel();
    return counter;
  }
  ForRows rows{std::move(name), std::move(source), {}, {}, {}};
  rows.body = ParseLoopBody("FOR");
  rows.label = TryLabel();
  return rows;
}

StatementValue Grammar::ParseWhile() {
  Expect("WHILE");
  While node{ParseExpression(), {}, {}};
  node.body = ParseLoopBody("WHILE");
  node.label = TryLabel();
  return node;
}

StatementValue Grammar::ParseRepeat() {
  Expect("REPEAT");
  std::vector<Statement> body = ParseStatements();
  Expect("UNTIL");
  Repeat node{std::move(body), ParseExpression(), {}};
  ExpectAll({"END", "REPEAT"});
  node.label = TryLabel();
  return node;
}

StatementValue Grammar::ParseLoop() {
  Expect("LOOP");
  Loop node{ParseStatements(), {}};
  ExpectAll({"END", "LOOP"});
  node.label = TryLabel();
  return node;
}

StatementValue Grammar::ParseJump() {
  const std::string word = TakeUpperWord();
  const bool leave = word == "BREAK" || word == "EXIT";
  return Jump{leave, TryLabel()};
}

// --- Cursors and results
// ------------------------------------------------------------------------------------

StatementValue Grammar::ParseOpen() {
  Expect("OPEN");
  OpenCursor node{TakeIdentifier(), {}};
  if (Accept("USING")) {
    Expect(TokenKind::kLeftParenthesis);
    node.parameters = ParseExpressions();
    Expect(TokenKind::kRightParenthesis);
  }
  return node;
}

StatementValue Grammar::ParseFetch() {
  Expect("FETCH");
  FetchCursor node{TakeIdentifier(), {}};
  Expect("INTO");
  node.into = ParseTargets();
  return node;
}

StatementValue Grammar::ParseClose() {
  Expect("CLOSE");
  return CloseCursor{TakeIdentifier()};
}

StatementValue Grammar::ParseReturn() {
  Expect("RETURN");
  if (At(TokenKind::kSemicolon) || AtEnd()) return Return{};
  return Return{ParseExpression()};
}

StatementValue Grammar::ParseRaise() {
  Expect("RAISE");
  return Raise{TryLabel()};
}

StatementValue Grammar::ParseNull() {
  Expect("NULL");
  return NullStatement{};
}

StatementValue Grammar::ParseAwait() {
  Expect("AWAIT");
  if (Accept("ALL")) return Await{};
  return Await{TakeIdentifier()};
}

StatementValue Grammar::ParseCancel() {
  Expect("CANCEL");
  return Cancel{TakeIdentifier()};
}

StatementValue Grammar::ParseAsync() {
  Expect("ASYNC");
  return AsyncStatement{Box<Statement>(ParseParenthesizedStatement())};
}

}  // namespace tarn::sql::syntax
