// SPDX-License-Identifier: Apache-2.0
// Every statement.
#pragma once

#include <variant>

#include "sql/syntax/statement_dml.h"
#include "sql/syntax/statement_object.h"
#include "sql/syntax/statement_scripting.h"
#include "sql/syntax/statement_session.h"
#include "sql/syntax/statement_table.h"

namespace tarn::sql::syntax {

using StatementValue = std::variant<
    // rows and files
    QueryStatement, Insert, MultiTableInsert, Update, Delete, Merge, Truncate, CopyIntoTable,
    CopyIntoLocation, FileTransfer, StageCommand,
    // the session
    TransactionControl, Use, SetVariables, UnsetVariables, Show, Describe, Explain, Flow, Call,
    ExecuteImmediate, ExecuteTask,
    // objects
    CreateTable, CreateView, CreateObject, CreateStream, CreateTask, CreateRoutine, AlterObject,
    DropObject, UndropObject, Comment, Grant,
    // blocks
    Block, Let, Assignment, If, CaseStatement, ForRows, ForCounter, While, Repeat, Loop, Jump,
    OpenCursor, FetchCursor, CloseCursor, Return, Raise, NullStatement, AsyncStatement, Await,
    Cancel>;

/// One statement, without the semicolon after it.
struct Statement {
  Span span;
  StatementValue value;
  TARN_SYNTAX_NODE(Statement, value)
};

}  // namespace tarn::sql::syntax
