// SPDX-License-Identifier: Apache-2.0
// Runs blocks of Snowflake Scripting (Snowflake, "Snowflake Scripting Developer Guide"). The tree
// is walked; statements of SQL run in the session, expressions are bound as queries without a
// table, and only what is no constant reaches the engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/scripting/script_scope.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// What a block gave: a value, a result set, or neither (NULL).
struct ScriptOutcome {
  std::optional<sql::bound::Expression> value;
  std::shared_ptr<const StoredResult> table;
};

/// One run of one block. Used by the thread of the statement.
class Interpreter {
 public:
  /// `text` is what spans of the tree are of; both outlive it. `context` gives session and nested
  /// statements.
  Interpreter(const StatementContext& context, std::string_view text)
      : context_(context), text_(text) {
    scopes_.Push();
  }

  /// A variable from outside: an argument.
  void Declare(const std::string& name, const sql::DataType& type, sql::bound::Expression value) {
    scopes_.Declare(name, ScriptVariable{.type = type, .value = std::move(value)});
  }

  /// A block, or a single statement. An exception that nobody handled is the failure, with its
  /// name, line and position.
  StatementResult<ScriptOutcome> Run(const sql::syntax::Statement& body);

 private:
  enum class Flow : uint8_t { kNext, kLeave, kIterate, kReturn };
  using Step = StatementResult<Flow>;

  Step Execute(const sql::syntax::Statement& statement);
  Step ExecuteAll(const std::vector<sql::syntax::Statement>& statements);
  Step Do(const sql::syntax::Block& block);
  Step Do(const sql::syntax::Let& let);
  Step Do(const sql::syntax::Assignment& assignment);
  Step Do(const sql::syntax::If& statement);
  Step Do(const sql::syntax::CaseStatement& statement);
  Step Do(const sql::syntax::ForRows& loop);
  Step Do(const sql::syntax::ForCounter& loop);
  Step Do(const sql::syntax::While& loop);
  Step Do(const sql::syntax::Repeat& loop);
  Step Do(const sql::syntax::Loop& loop);
  Step Do(const sql::syntax::Jump& jump);
  Step Do(const sql::syntax::OpenCursor& open);
  Step Do(const sql::syntax::FetchCursor& fetch);
  Step Do(const sql::syntax::CloseCursor& close);
  Step Do(const sql::syntax::Return& statement);
  Step Do(const sql::syntax::Raise& raise);
  Step Do(const sql::syntax::NullStatement&) { return Flow::kNext; }
  Step RunSql(const sql::syntax::Statement& statement);

  /// The body once, as a loop does: true goes on.
  StatementResult<bool> Once(const std::vector<sql::syntax::Statement>& body,
                             const std::optional<sql::syntax::Identifier>& label, Flow& flow);
  StatementResult<> DeclareOne(const sql::syntax::Declaration& declaration);
  StatementResult<> Assign(const std::string& name, sql::bound::Expression value);
  StatementResult<> AssignInto(const sql::syntax::Statement& statement, const StoredResult& result);
  Step Handle(const sql::syntax::Block& block, StatementError error);
  StatementResult<std::shared_ptr<const StoredResult>> RunQuery(
      const sql::syntax::Statement& statement);
  StatementResult<std::shared_ptr<const StoredResult>> RowsOf(const std::string& name);

  /// With variables by their bare names. `type`: to convert to.
  StatementResult<sql::bound::Expression> Evaluate(const sql::syntax::Expression& expression,
                                                   const std::optional<sql::DataType>& type);
  StatementResult<bool> IsTrue(const sql::syntax::Expression& condition);
  StatementResult<int64_t> Integer(const sql::syntax::Expression& expression);

  const StatementContext& context_;
  std::string_view text_;
  ScriptScopes scopes_;
  ScriptOutcome outcome_;
  std::string jump_label_;  ///< of the jump that is under way; "" = the innermost loop
  std::string raised_;      ///< name of the exception that is under way
  sql::syntax::Span raised_at_;
  std::optional<StatementError> handled_;  ///< what RAISE alone raises again
  std::string handled_name_;
};

}  // namespace tarn::warehouse
