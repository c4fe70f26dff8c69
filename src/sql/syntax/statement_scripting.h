// SPDX-License-Identifier: Apache-2.0
// Snowflake Scripting: blocks and the statements that stand only in blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/syntax/query.h"

namespace tarn::sql::syntax {

enum class DeclarationKind : uint8_t { kVariable, kCursor, kResultSet, kException };

/// `v [type] [DEFAULT|:= e]`, `c CURSOR FOR {query|rs}`, `rs RESULTSET [DEFAULT (query)]`, `e
/// EXCEPTION [(-20001, 'text')]`: in DECLARE, and after LET but for exceptions.
struct Declaration {
  Span span;
  DeclarationKind kind = DeclarationKind::kVariable;
  Identifier name;
  std::optional<DataType> type;
  std::optional<Expression> value;          ///< of a variable; of a cursor, a result set's name
  std::optional<Box<Statement>> statement;  ///< of a cursor or result set
  bool async = false;
  std::optional<Expression> code;  ///< of an exception
  std::string message;
  TARN_SYNTAX_NODE(Declaration, kind, name, type, value, statement, async, code, message)
};

struct Let {
  Declaration declaration;
  TARN_SYNTAX_NODE(Let, declaration)
};

/// `v := e`, `rs := [ASYNC] (statement)`. What is assigned a query in parentheses shows only where
/// the variable is known: such a `value` is a ScalarSubquery, for a result set as well.
struct Assignment {
  std::vector<Identifier> target;  ///< `v` or `r.field`
  std::optional<Expression> value;
  std::optional<Box<Statement>> statement;
  bool async = false;
  TARN_SYNTAX_NODE(Assignment, target, value, statement, async)
};

struct ExceptionHandler {
  std::vector<Identifier> exceptions;  ///< OTHER alone is every exception
  std::string disposition;             ///< EXIT, CONTINUE or empty
  std::vector<Statement> body;
  TARN_SYNTAX_NODE(ExceptionHandler, exceptions, disposition, body)
};

/// [DECLARE …] BEGIN … [EXCEPTION …] END.
struct Block {
  std::vector<Declaration> declarations;
  std::vector<Statement> body;
  std::vector<ExceptionHandler> handlers;
  TARN_SYNTAX_NODE(Block, declarations, body, handlers)
};

struct ConditionalBranch {
  Expression condition;
  std::vector<Statement> body;
  TARN_SYNTAX_NODE(ConditionalBranch, condition, body)
};

struct If {
  std::vector<ConditionalBranch> branches;
  std::vector<Statement> otherwise;
  TARN_SYNTAX_NODE(If, branches, otherwise)
};

/// CASE [e] WHEN … THEN statements … END CASE.
struct CaseStatement {
  std::optional<Expression> operand;
  std::vector<ConditionalBranch> branches;
  std::vector<Statement> otherwise;
  TARN_SYNTAX_NODE(CaseStatement, operand, branches, otherwise)
};

/// FOR r IN {cursor | rs | (query)} DO … END FOR.
struct ForRows {
  Identifier row;
  std::optional<Expression> source;
  std::optional<Box<Statement>> query;
  std::vector<Statement> body;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(ForRows, row, source, query, body, label)
};

/// FOR i IN [REVERSE] a TO b DO … END FOR.
struct ForCounter {
  Identifier counter;
  bool reverse = false;
  Expression from;
  Expression to;
  std::vector<Statement> body;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(ForCounter, counter, reverse, from, to, body, label)
};

struct While {
  Expression condition;
  std::vector<Statement> body;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(While, condition, body, label)
};

struct Repeat {
  std::vector<Statement> body;
  Expression until;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(Repeat, body, until, label)
};

struct Loop {
  std::vector<Statement> body;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(Loop, body, label)
};

/// BREAK|EXIT [label], CONTINUE|ITERATE [label].
struct Jump {
  bool leave = true;
  std::optional<Identifier> label;
  TARN_SYNTAX_NODE(Jump, leave, label)
};

struct OpenCursor {
  Identifier cursor;
  std::vector<Expression> parameters;
  TARN_SYNTAX_NODE(OpenCursor, cursor, parameters)
};

struct FetchCursor {
  Identifier cursor;
  std::vector<Expression> into;
  TARN_SYNTAX_NODE(FetchCursor, cursor, into)
};

struct CloseCursor {
  Identifier cursor;
  TARN_SYNTAX_NODE(CloseCursor, cursor)
};

struct Return {
  std::optional<Expression> value;
  TARN_SYNTAX_NODE(Return, value)
};

struct Raise {
  std::optional<Identifier> exception;
  TARN_SYNTAX_NODE(Raise, exception)
};

struct NullStatement {
  TARN_SYNTAX_NODE(NullStatement)
};

/// ASYNC (statement).
struct AsyncStatement {
  Box<Statement> statement;
  TARN_SYNTAX_NODE(AsyncStatement, statement)
};

/// AWAIT rs, AWAIT ALL.
struct Await {
  std::optional<Identifier> result_set;  ///< absent: ALL
  TARN_SYNTAX_NODE(Await, result_set)
};

/// CANCEL rs.
struct Cancel {
  Identifier result_set;
  TARN_SYNTAX_NODE(Cancel, result_set)
};

}  // namespace tarn::sql::syntax
