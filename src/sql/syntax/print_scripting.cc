// SPDX-License-Identifier: Apache-2.0
// Snowflake Scripting: one line per statement, two blanks per level.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::NewLine() {
  out_ += '\n';
  out_.append(2 * static_cast<size_t>(indent_), ' ');
}

void Printer::WriteBody(const std::vector<Statement>& body) {
  ++indent_;
  for (const Statement& statement : body) {
    NewLine();
    Write(statement);
    Put(";");
  }
  --indent_;
  NewLine();
}

void Printer::WriteLabel(const std::optional<Identifier>& label) { WriteClause(" ", label); }

void Printer::WriteInParentheses(const Statement& statement) {
  Put("(");
  Write(statement);
  Put(")");
}

void Printer::Write(const Block& block) {
  if (!block.declarations.empty()) {
    Put("DECLARE");
    ++indent_;
    for (const Declaration& declaration : block.declarations) {
      NewLine();
      Write(declaration);
      Put(";");
    }
    --indent_;
    NewLine();
  }
  Put("BEGIN");
  WriteBody(block.body);
  if (!block.handlers.empty()) Put("EXCEPTION");
  for (const ExceptionHandler& handler : block.handlers) {
    ++indent_;
    NewLine();
    Put("WHEN ");
    WriteList(handler.exceptions, " OR ");
    if (!handler.disposition.empty()) Put(" ");
    Put(handler.disposition);
    Put(" THEN");
    WriteBody(handler.body);
    --indent_;
  }
  if (!block.handlers.empty()) NewLine();
  Put("END");
}

void Printer::Write(const Declaration& declaration) {
  Write(declaration.name);
  switch (declaration.kind) {
    case DeclarationKind::kVariable:
      WriteClause(" ", declaration.type);
      WriteClause(" := ", declaration.value);
      break;
    case DeclarationKind::kCursor:
      Put(" CURSOR FOR ");
      WriteClause("", declaration.value);
      WriteClause("", declaration.statement);
      break;
    case DeclarationKind::kResultSet:
      Put(" RESULTSET");
      if (!declaration.statement) break;
      Put(declaration.async ? " := ASYNC " : " := ");
      WriteInParentheses(**declaration.statement);
      break;
    case DeclarationKind::kException:
      Put(" EXCEPTION");
      if (!declaration.code) break;
      Put(" (");
      Write(*declaration.code);
      Put(", ");
      PutString(declaration.message);
      Put(")");
      break;
  }
}

void Printer::Write(const Let& statement) {
  Put("LET ");
  Write(statement.declaration);
}

void Printer::Write(const Assignment& statement) {
  WriteParts(statement.target);
  Put(statement.async ? " := ASYNC " : " := ");
  WriteClause("", statement.value);
  if (statement.statement) WriteInParentheses(**statement.statement);
}

void Printer::Write(const If& statement) {
  std::string_view word = "IF (";
  for (const ConditionalBranch& branch : statement.branches) {
    Put(word);
    word = "ELSEIF (";
    Write(branch.condition);
    Put(") THEN");
    WriteBody(branch.body);
  }
  if (!statement.otherwise.empty()) {
    Put("ELSE");
    WriteBody(statement.otherwise);
  }
  Put("END IF");
}

void Printer::Write(const CaseStatement& statement) {
  Put("CASE");
  WriteClause(" ", statement.operand);
  ++indent_;
  for (const ConditionalBranch& branch : statement.branches) {
    NewLine();
    Put("WHEN ");
    Write(branch.condition);
    Put(" THEN");
    WriteBody(branch.body);
  }
  if (!statement.otherwise.empty()) {
    NewLine();
    Put("ELSE");
    WriteBody(statement.otherwise);
  }
  --indent_;
  NewLine();
  Put("END CASE");
}

void Printer::Write(const ForRows& statement) {
  Put("FOR ");
  Write(statement.row);
  Put(" IN ");
  WriteClause("", statement.source);
  if (statement.query) WriteInParentheses(**statement.query);
  Put(" DO");
  WriteBody(statement.body);
  Put("END FOR");
  WriteLabel(statement.label);
}

void Printer::Write(const ForCounter& statement) {
  Put("FOR ");
  Write(statement.counter);
  Put(statement.reverse ? " IN REVERSE " : " IN ");
  Write(statement.from);
  Put(" TO ");
  Write(statement.to);
  Put(" DO");
  WriteBody(statement.body);
  Put("END FOR");
  WriteLabel(statement.label);
}

void Printer::Write(const While& statement) {
  Put("WHILE (");
  Write(statement.condition);
  Put(") DO");
  WriteBody(statement.body);
  Put("END WHILE");
  WriteLabel(statement.label);
}

void Printer::Write(const Repeat& statement) {
  Put("REPEAT");
  WriteBody(statement.body);
  Put("UNTIL (");
  Write(statement.until);
  Put(") END REPEAT");
  WriteLabel(statement.label);
}

void Printer::Write(const Loop& statement) {
  Put("LOOP");
  WriteBody(statement.body);
  Put("END LOOP");
  WriteLabel(statement.label);
}

void Printer::Write(const Jump& statement) {
  Put(statement.leave ? "BREAK" : "CONTINUE");
  WriteLabel(statement.label);
}

// --- Cursors and results
// ------------------------------------------------------------------------------------

void Printer::Write(const OpenCursor& statement) {
  Put("OPEN ");
  Write(statement.cursor);
  if (!statement.parameters.empty()) Put(" USING");
  WriteOptionalList(statement.parameters);
}

void Printer::Write(const FetchCursor& statement) {
  Put("FETCH ");
  Write(statement.cursor);
  Put(" INTO ");
  WriteList(statement.into);
}

void Printer::Write(const CloseCursor& statement) {
  Put("CLOSE ");
  Write(statement.cursor);
}

void Printer::Write(const Return& statement) {
  Put("RETURN");
  WriteClause(" ", statement.value);
}

void Printer::Write(const Raise& statement) {
  Put("RAISE");
  WriteClause(" ", statement.exception);
}

void Printer::Write(const NullStatement&) { Put("NULL"); }

void Printer::Write(const AsyncStatement& statement) {
  Put("ASYNC ");
  WriteInParentheses(*statement.statement);
}

void Printer::Write(const Await& statement) {
  Put("AWAIT");
  if (!statement.result_set) return Put(" ALL");
  WriteClause(" ", statement.result_set);
}

void Printer::Write(const Cancel& statement) {
  Put("CANCEL ");
  Write(statement.result_set);
}

}  // namespace tarn::sql::syntax
