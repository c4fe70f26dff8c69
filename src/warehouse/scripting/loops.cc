// SPDX-License-Identifier: Apache-2.0
// Branches, loops and cursors of the interpreter.
#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/scripting/evaluation.h"
#include "warehouse/scripting/interpreter.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;
using sql::bound::Expression;

Interpreter::Step Interpreter::Do(const syntax::If& statement) {
  for (const syntax::ConditionalBranch& branch : statement.branches) {
    STATEMENT_ASSIGN(const bool taken, IsTrue(branch.condition));
    if (taken) return ExecuteAll(branch.body);
  }
  return ExecuteAll(statement.otherwise);
}

Interpreter::Step Interpreter::Do(const syntax::CaseStatement& statement) {
  for (const syntax::ConditionalBranch& branch : statement.branches) {
    bool taken = false;
    if (statement.operand) {
      const syntax::Expression equal(syntax::ExpressionNode{
          (*branch.condition).span,
          syntax::Binary{syntax::BinaryOperator::kEqual, *statement.operand, branch.condition}});
      STATEMENT_ASSIGN(taken, IsTrue(equal));
    } else {
      STATEMENT_ASSIGN(taken, IsTrue(branch.condition));
    }
    if (taken) return ExecuteAll(branch.body);
  }
  return ExecuteAll(statement.otherwise);
}

StatementResult<bool> Interpreter::Once(const std::vector<syntax::Statement>& body,
                                        const std::optional<syntax::Identifier>& label,
                                        Flow& flow) {
  if (context_.run->is_cancelled()) return context_.run->Failure();  // a body may be empty
  STATEMENT_ASSIGN(flow, ExecuteAll(body));
  if (flow == Flow::kReturn) return false;
  const bool mine = jump_label_.empty() || (label && label->Canonical() == jump_label_);
  if (flow != Flow::kNext && !mine) return false;  // an outer loop's
  const bool leaves = flow == Flow::kLeave;
  flow = Flow::kNext;
  jump_label_.clear();
  return !leaves;
}

Interpreter::Step Interpreter::Do(const syntax::While& loop) {
  Flow flow = Flow::kNext;
  while (true) {
    STATEMENT_ASSIGN(const bool taken, IsTrue(loop.condition));
    if (!taken) return Flow::kNext;
    STATEMENT_ASSIGN(const bool goes_on, Once(loop.body, loop.label, flow));
    if (!goes_on) return flow;
  }
}

Interpreter::Step Interpreter::Do(const syntax::Repeat& loop) {
  Flow flow = Flow::kNext;
  while (true) {
    STATEMENT_ASSIGN(const bool goes_on, Once(loop.body, loop.label, flow));
    if (!goes_on) return flow;
    STATEMENT_ASSIGN(const bool over, IsTrue(loop.until));
    if (over) return Flow::kNext;
  }
}

Interpreter::Step Interpreter::Do(const syntax::Loop& loop) {
  Flow flow = Flow::kNext;
  while (true) {
    STATEMENT_ASSIGN(const bool goes_on, Once(loop.body, loop.label, flow));
    if (!goes_on) return flow;
  }
}

Interpreter::Step Interpreter::Do(const syntax::ForCounter& loop) {
  STATEMENT_ASSIGN(const int64_t from, Integer(loop.from));
  STATEMENT_ASSIGN(const int64_t to, Integer(loop.to));
  Flow flow = Flow::kNext;
  const int64_t count = to >= from ? to - from + 1 : 0;
  scopes_.Push();
  StatementResult<Flow> result = Flow::kNext;
  for (int64_t i = 0; i < count; ++i) {
    scopes_.Declare(
        loop.counter.Canonical(),
        ScriptVariable{.type = std::nullopt,
                       .value = sql::IntegerConstant(loop.reverse ? to - i : from + i)});
    const auto goes_on = Once(loop.body, loop.label, flow);
    if (goes_on && *goes_on) continue;
    result = goes_on ? StatementResult<Flow>(flow) : std::unexpected(goes_on.error());
    break;
  }
  scopes_.Pop();
  return result;
}

Interpreter::Step Interpreter::Do(const syntax::ForRows& loop) {
  std::shared_ptr<const StoredResult> rows;
  if (loop.query) {
    STATEMENT_ASSIGN(rows, RunQuery(**loop.query));
  } else {
    STATEMENT_ASSIGN(const std::string name, VariableNamed(*loop.source));
    STATEMENT_ASSIGN(rows, RowsOf(name));
  }
  Flow flow = Flow::kNext;
  scopes_.Push();
  const auto done = ForEachRow(*rows, [&](std::vector<Expression> values) -> StatementResult<bool> {
    ScriptRow row;
    for (size_t i = 0; i < values.size(); ++i) {
      row.fields.emplace_back(rows->columns[i].name, std::move(values[i]));
    }
    scopes_.Declare(loop.row.Canonical(), std::move(row));
    return Once(loop.body, loop.label, flow);
  });
  scopes_.Pop();
  STATEMENT_TRY(done);
  return flow;
}

Interpreter::Step Interpreter::Do(const syntax::Jump& jump) {
  jump_label_ = jump.label ? jump.label->Canonical() : "";
  return jump.leave ? Flow::kLeave : Flow::kIterate;
}

Interpreter::Step Interpreter::Do(const syntax::OpenCursor& open) {
  const std::string name = open.cursor.Canonical();
  if (!open.parameters.empty()) return UnsupportedFeature("OPEN … USING");
  if (scopes_.FindAs<ScriptCursor>(name) == nullptr) {
    return CompilationError("000904", "42000", fmt::format("invalid identifier '{}'", name));
  }
  STATEMENT_ASSIGN(const auto rows, RowsOf(name));
  auto* cursor = scopes_.FindAs<ScriptCursor>(name);
  cursor->result = rows;
  cursor->next_row = 0;
  return Flow::kNext;
}

Interpreter::Step Interpreter::Do(const syntax::FetchCursor& fetch) {
  const std::string name = fetch.cursor.Canonical();
  auto* cursor = scopes_.FindAs<ScriptCursor>(name);
  if (cursor == nullptr || cursor->result == nullptr) {
    return CompilationError("090242", "P0000", fmt::format("cursor '{}' is not open", name));
  }
  // Beyond the last row variables become NULL, as in Snowflake.
  std::vector<Expression> values(fetch.into.size(), sql::NullConstant());
  int64_t at = 0;
  const int64_t wanted = cursor->next_row++;
  STATEMENT_TRY(
      ForEachRow(*cursor->result, [&](std::vector<Expression> row) -> StatementResult<bool> {
        if (at++ != wanted) return true;
        values = std::move(row);
        return false;
      }));
  if (values.size() != fetch.into.size()) {
    return CompilationError("002020", "21S01",
                            fmt::format("{} values cannot be assigned to {} variables",
                                        values.size(), fetch.into.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    STATEMENT_ASSIGN(const std::string target, VariableNamed(fetch.into[i]));
    STATEMENT_TRY(Assign(target, std::move(values[i])));
  }
  return Flow::kNext;
}

Interpreter::Step Interpreter::Do(const syntax::CloseCursor& close) {
  auto* cursor = scopes_.FindAs<ScriptCursor>(close.cursor.Canonical());
  if (cursor != nullptr) cursor->result.reset();
  return Flow::kNext;
}

}  // namespace tarn::warehouse
