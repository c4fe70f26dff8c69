// SPDX-License-Identifier: Apache-2.0
// Transactions, USE, variables, EXPLAIN, CALL, EXECUTE.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

/// BEGIN alone or before TRANSACTION, WORK or NAME begins a transaction; before anything else, a
/// block.
bool Grammar::AtTransactionBegin() const {
  return IsKind(1, TokenKind::kEnd) || IsKind(1, TokenKind::kSemicolon) ||
         IsKind(1, TokenKind::kFlow) || IsWord(1, "TRANSACTION") || IsWord(1, "WORK") ||
         (IsWord(1, "NAME") && (IsKind(2, TokenKind::kWord) || IsKind(2, TokenKind::kQuotedWord)));
}

StatementValue Grammar::ParseTransaction() {
  TransactionControl control;
  const std::string word = TakeUpperWord();
  if (word == "COMMIT" || word == "ROLLBACK") {
    control.action = word == "COMMIT" ? TransactionAction::kCommit : TransactionAction::kRollback;
    (void)Accept("WORK");
    return control;
  }
  if (word == "START") {
    Expect("TRANSACTION");
  } else if (!Accept("TRANSACTION")) {
    (void)Accept("WORK");
  }
  if (Accept("NAME")) control.name = TakeIdentifier();
  return control;
}

StatementValue Grammar::ParseUse() {
  Expect("USE");
  Use use;
  const bool more = !IsKind(1, TokenKind::kEnd) && !IsKind(1, TokenKind::kSemicolon) &&
                    !IsKind(1, TokenKind::kDot);
  if (more && AcceptAll({"SECONDARY", "ROLES"})) {
    use.target = UseTarget::kSecondaryRoles;
    use.name = ParseOptionName();
    while (Accept(TokenKind::kComma)) use.more.push_back(ParseObjectName());
    return use;
  }
  if (more && Accept("DATABASE")) {
    use.target = UseTarget::kDatabase;
  } else if (more && Accept("SCHEMA")) {
    use.target = UseTarget::kSchema;
  } else if (more && Accept("ROLE")) {
    use.target = UseTarget::kRole;
  } else if (more && Accept("WAREHOUSE")) {
    use.target = UseTarget::kWarehouse;
  }
  use.name = ParseObjectName();
  return use;
}

StatementValue Grammar::ParseSet() {
  Expect("SET");
  SetVariables set;
  if (At(TokenKind::kLeftParenthesis)) {
    set.names = ParseColumnNames();
    Expect(TokenKind::kEqual);
    Expression values = ParseExpression();
    if (auto* row = std::get_if<Row>(&values->value)) {
      set.values = std::move(row->elements);
    } else {
      set.values.push_back(std::move(values));
    }
  } else {
    set.names.push_back(TakeIdentifier());
    Expect(TokenKind::kEqual);
    set.values.push_back(ParseExpression());
  }
  return set;
}

StatementValue Grammar::ParseUnset() {
  Expect("UNSET");
  UnsetVariables unset;
  if (At(TokenKind::kLeftParenthesis)) {
    unset.names = ParseColumnNames();
  } else {
    unset.names.push_back(TakeIdentifier());
  }
  return unset;
}

StatementValue Grammar::ParseExplain() {
  Expect("EXPLAIN");
  std::string format;
  if (Accept("USING")) {
    if (!AtAny({"TABULAR", "JSON", "TEXT"})) FailHere();
    format = TakeUpperWord();
  }
  return Explain{std::move(format), Box<Statement>(ParseStatement())};
}

StatementValue Grammar::ParseCallStatement() {
  Expect("CALL");
  const uint32_t begin = Begin();
  ObjectName name = ParseObjectName();
  Call call{.procedure = {}, .call = ParseCall(begin, std::move(name)), .into = {}};
  if (Accept("INTO")) {
    if (!At(TokenKind::kColon)) FailHere();
    call.into = ParseVariable();
  }
  return call;
}

/// WITH p AS PROCEDURE (…) RETURNS … AS '…' CALL p(…).
StatementValue Grammar::ParseCallWithProcedure() {
  Expect("WITH");
  CreateRoutine routine;
  routine.head.kind = ObjectKind::kProcedure;
  const uint32_t begin = Begin();
  routine.head.name.parts.push_back(TakeIdentifier());
  routine.head.name.span = Since(begin);
  routine.head.name_span = routine.head.name.span;
  ExpectAll({"AS", "PROCEDURE"});
  ParseRoutineTail(routine);
  Call call = std::get<Call>(ParseCallStatement());
  call.procedure = Box<CreateRoutine>(std::move(routine));
  return call;
}

StatementValue Grammar::ParseExecute() {
  Expect("EXECUTE");
  if (Accept("TASK")) {
    ExecuteTask task;
    task.name = ParseObjectName();
    task.retry_last = AcceptAll({"RETRY", "LAST"});
    if (Accept("USING")) {
      if (!At("CONFIG")) FailHere();
      task.options = ParseOptions();
    }
    return task;
  }
  Expect("IMMEDIATE");
  ExecuteImmediate execute;
  if (Accept("FROM")) {
    if (At(TokenKind::kStage)) {
      execute.file = ParseStage();
    } else {
      const std::string file = TakeString();
      execute.file =
          StageReference{!file.empty() && file.front() == '@' ? file.substr(1) : file, true};
    }
  } else {
    execute.text = ParseExpression();
  }
  if (Accept("USING")) execute.parameters = ParseArgumentList();
  return execute;
}

}  // namespace tarn::sql::syntax
