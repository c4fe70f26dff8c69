// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scripting/interpreter.h"

#include <charconv>

#include "sql/bind/coercion.h"
#include "sql/bind/data_type_name.h"
#include "sql/syntax/query.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/scripting/evaluation.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;
using sql::bound::Expression;

namespace {

StatementFailure NoSuchVariable(const std::string& name) {
  return CompilationError("000904", "42000", fmt::format("invalid identifier '{}'", name));
}

/// As clients see an exception that no handler took.
StatementError Uncaught(StatementError error, const std::string& name, std::string_view text,
                        syntax::Span at) {
  const syntax::SourcePosition place = syntax::PositionAt(text, at.begin);
  error.error.message =
      fmt::format("Uncaught exception of type '{}' on line {} at position {} : {}", name,
                  place.line, place.column, error.error.message);
  error.position.reset();
  return error;
}

/// The type of a variable that takes it from its first value, whose own length is no limit.
sql::DataType WidestOf(const sql::DataType& type) {
  if (type.kind == sql::DataTypeKind::kVarchar) return sql::VarcharType();
  if (type.kind == sql::DataTypeKind::kNumber) return sql::NumberType(38, type.scale);
  return type;
}

int64_t ChangedRows(const StatementSummary& summary) {
  int64_t rows = 0;
  for (const RowCount& count : summary.counts) rows += count.rows;
  return rows;
}

}  // namespace

StatementResult<ScriptOutcome> Interpreter::Run(const syntax::Statement& body) {
  auto flow = Execute(body);
  if (!flow) {
    if (raised_.empty()) return std::unexpected(std::move(flow).error());
    return std::unexpected(Uncaught(std::move(flow).error(), raised_, text_, raised_at_));
  }
  return std::move(outcome_);
}

Interpreter::Step Interpreter::ExecuteAll(const std::vector<syntax::Statement>& statements) {
  for (const syntax::Statement& statement : statements) {
    STATEMENT_ASSIGN(const Flow flow, Execute(statement));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Interpreter::Step Interpreter::Execute(const syntax::Statement& statement) {
  if (context_.run->is_cancelled()) return context_.run->Failure();
  auto step = std::visit(
      [&]<typename Node>(const Node& node) -> Step {
        if constexpr (requires { Do(node); }) {
          return Do(node);
        } else {
          return RunSql(statement);
        }
      },
      statement.value);
  if (!step && raised_.empty()) {
    // Conditions and assigned values fail as expressions, all else as statements.
    const bool sql = !std::holds_alternative<syntax::Assignment>(statement.value) &&
                     !std::holds_alternative<syntax::Let>(statement.value) &&
                     !std::holds_alternative<syntax::If>(statement.value) &&
                     !std::holds_alternative<syntax::Return>(statement.value);
    raised_ = sql ? "STATEMENT_ERROR" : "EXPRESSION_ERROR";
    raised_at_ = statement.span;
  }
  return step;
}

Interpreter::Step Interpreter::Do(const syntax::Block& block) {
  scopes_.Push();
  auto flow = [&]() -> Step {
    for (const syntax::Declaration& declaration : block.declarations) {
      STATEMENT_TRY(DeclareOne(declaration));
    }
    return ExecuteAll(block.body);
  }();
  if (!flow && !context_.run->is_cancelled()) flow = Handle(block, std::move(flow).error());
  scopes_.Pop();
  return flow;
}

Interpreter::Step Interpreter::Handle(const syntax::Block& block, StatementError error) {
  for (const syntax::ExceptionHandler& handler : block.handlers) {
    bool takes = false;
    for (const syntax::Identifier& name : handler.exceptions) {
      takes = takes || name.Is("OTHER") || name.Canonical() == raised_;
    }
    if (!takes) continue;
    if (handler.disposition == "CONTINUE") return UnsupportedFeature("CONTINUE handlers");
    const std::string outer_name = std::exchange(handled_name_, std::exchange(raised_, ""));
    const std::optional<StatementError> outer = std::exchange(handled_, error);
    scopes_.Push();
    const auto text = [](std::string value) {
      return ScriptVariable{.type = std::nullopt, .value = sql::TextConstant(std::move(value))};
    };
    int64_t code = 0;  // failures of ours have none
    (void)std::from_chars(error.code.data(), error.code.data() + error.code.size(), code);
    scopes_.Declare("SQLCODE",
                    ScriptVariable{.type = std::nullopt, .value = sql::IntegerConstant(code)});
    scopes_.Declare("SQLERRM", text(error.error.message));
    scopes_.Declare("SQLSTATE", text(error.sqlstate));
    auto flow = ExecuteAll(handler.body);
    scopes_.Pop();
    handled_ = outer;
    handled_name_ = outer_name;
    return flow;
  }
  return std::unexpected(std::move(error));
}

Interpreter::Step Interpreter::Do(const syntax::Raise& raise) {
  if (!raise.exception) {
    if (!handled_) return CompilationError("090237", "P0001", "RAISE alone stands in a handler");
    raised_ = handled_name_;
    return std::unexpected(*handled_);
  }
  const std::string name = raise.exception->Canonical();
  const auto* exception = scopes_.FindAs<ScriptException>(name);
  if (exception == nullptr) return NoSuchVariable(name);
  raised_ = name;
  raised_at_ = raise.exception->span;
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument, exception->message, {}, {}},
                     .code = exception->code,
                     .sqlstate = "P0001"});
}

Interpreter::Step Interpreter::RunSql(const syntax::Statement& statement) {
  STATEMENT_ASSIGN(const auto result, RunQuery(statement));
  STATEMENT_TRY(AssignInto(statement, *result));
  return Flow::kNext;
}

StatementResult<std::shared_ptr<const StoredResult>> Interpreter::RunQuery(
    const syntax::Statement& statement) {
  STATEMENT_ASSIGN(const auto stream,
                   context_.nested->RunNested(statement, text_, scopes_.Values(), {}));
  STATEMENT_ASSIGN(StoredResult stored, Store(*stream));
  const StatementSummary& summary = stored.summary;
  const bool changes = !summary.counts.empty();
  const int64_t rows = changes ? ChangedRows(summary) : stored.rows;
  scopes_.Declare("SQLROWCOUNT",
                  ScriptVariable{.type = std::nullopt, .value = sql::IntegerConstant(rows)});
  scopes_.Declare("SQLFOUND",
                  ScriptVariable{.type = std::nullopt,
                                 .value = sql::Constant(rows > 0, sql::BooleanType(),
                                                        Type::Primitive(TypeKind::kBoolean))});
  scopes_.Declare("SQLID", ScriptVariable{.type = std::nullopt,
                                          .value = sql::TextConstant(summary.query_id.ToString())});
  return std::make_shared<const StoredResult>(std::move(stored));
}

StatementResult<> Interpreter::AssignInto(const syntax::Statement& statement,
                                          const StoredResult& result) {
  const std::vector<syntax::Expression>* const into = IntoOf(statement);
  if (into == nullptr || into->empty()) return {};
  if (result.rows > 1) {
    return CompilationError(
        "090269", "P0000",
        fmt::format("A SELECT INTO statement expects exactly 1 returned row, but got {}.",
                    result.rows));
  }
  std::vector<Expression> values(into->size(), sql::NullConstant());
  STATEMENT_TRY(ForEachRow(result, [&](std::vector<Expression> row) -> StatementResult<bool> {
    if (row.size() != into->size()) {
      return CompilationError(
          "002020", "21S01",
          fmt::format("{} values cannot be assigned to {} variables", row.size(), into->size()));
    }
    values = std::move(row);
    return false;
  }));
  for (size_t i = 0; i < into->size(); ++i) {
    STATEMENT_ASSIGN(const std::string name, VariableNamed((*into)[i]));
    STATEMENT_TRY(Assign(name, std::move(values[i])));
  }
  return {};
}

StatementResult<> Interpreter::DeclareOne(const syntax::Declaration& declaration) {
  const std::string name = declaration.name.Canonical();
  switch (declaration.kind) {
    case syntax::DeclarationKind::kException: {
      ScriptException exception{.message = declaration.message};
      if (declaration.code) {
        STATEMENT_ASSIGN(const int64_t code, Integer(*declaration.code));
        exception.code = std::to_string(code);
      }
      scopes_.Declare(name, std::move(exception));
      return {};
    }
    case syntax::DeclarationKind::kCursor: {
      ScriptCursor cursor;
      if (declaration.statement) cursor.query = &**declaration.statement;
      if (declaration.value) {
        STATEMENT_ASSIGN(cursor.result_set, VariableNamed(*declaration.value));
      }
      scopes_.Declare(name, std::move(cursor));
      return {};
    }
    case syntax::DeclarationKind::kResultSet: {
      ScriptResultSet set;
      if (declaration.async) return UnsupportedFeature("ASYNC");
      if (declaration.statement) {
        STATEMENT_ASSIGN(set.result, RunQuery(**declaration.statement));
      }
      scopes_.Declare(name, std::move(set));
      return {};
    }
    case syntax::DeclarationKind::kVariable:
      break;
  }
  ScriptVariable variable{.type = std::nullopt, .value = sql::NullConstant()};
  if (declaration.type) {
    auto type = sql::ResolveDataType(*declaration.type);
    if (!type) return std::unexpected(FromSql(std::move(type).error()));
    variable.type = *std::move(type);
    variable.value = sql::Constant({}, *variable.type, sql::CarrierOf(*variable.type));
  }
  if (declaration.value) {
    STATEMENT_ASSIGN(variable.value, Evaluate(*declaration.value, variable.type));
    if (!variable.type) variable.type = WidestOf(variable.value.type);
  }
  scopes_.Declare(name, std::move(variable));
  return {};
}

Interpreter::Step Interpreter::Do(const syntax::Let& let) {
  STATEMENT_TRY(DeclareOne(let.declaration));
  return Flow::kNext;
}

StatementResult<> Interpreter::Assign(const std::string& name, Expression value) {
  ScriptVariable* const variable = scopes_.FindAs<ScriptVariable>(name);
  if (variable == nullptr) return NoSuchVariable(name);
  if (variable->type) {
    STATEMENT_ASSIGN(value, ConvertConstant(context_, std::move(value), *variable->type));
  } else {
    variable->type = WidestOf(value.type);
  }
  // A conversion may have run statements that declare: look again.
  scopes_.FindAs<ScriptVariable>(name)->value = std::move(value);
  return {};
}

Interpreter::Step Interpreter::Do(const syntax::Assignment& assignment) {
  if (assignment.target.size() != 1)
    return UnsupportedFeature("assignment to a part of a variable");
  if (assignment.async) return UnsupportedFeature("ASYNC");
  const std::string name = assignment.target[0].Canonical();
  if (scopes_.FindAs<ScriptResultSet>(name) != nullptr) {
    std::shared_ptr<const StoredResult> result;
    if (assignment.statement) {
      STATEMENT_ASSIGN(result, RunQuery(**assignment.statement));
    } else {
      const auto* query = syntax::As<syntax::ScalarSubquery>(*assignment.value);
      if (query == nullptr) return NoSuchVariable(name);
      const syntax::Statement statement{.span = (*assignment.value)->span,
                                        .value = syntax::QueryStatement{.query = *query->query}};
      STATEMENT_ASSIGN(result, RunQuery(statement));
    }
    scopes_.FindAs<ScriptResultSet>(name)->result = std::move(result);
    return Flow::kNext;
  }
  const auto* variable = scopes_.FindAs<ScriptVariable>(name);
  if (variable == nullptr || !assignment.value) return NoSuchVariable(name);
  STATEMENT_ASSIGN(Expression value, Evaluate(*assignment.value, variable->type));
  STATEMENT_TRY(Assign(name, std::move(value)));
  return Flow::kNext;
}

Interpreter::Step Interpreter::Do(const syntax::Return& statement) {
  outcome_ = {};
  if (!statement.value) return Flow::kReturn;
  if (const auto table = ReturnedTable(*statement.value)) {
    if (scopes_.Find(*table) != nullptr) {
      STATEMENT_ASSIGN(outcome_.table, RowsOf(*table));
      return Flow::kReturn;
    }
  }
  STATEMENT_ASSIGN(outcome_.value, Evaluate(*statement.value, std::nullopt));
  return Flow::kReturn;
}

StatementResult<std::shared_ptr<const StoredResult>> Interpreter::RowsOf(const std::string& name) {
  if (const auto* set = scopes_.FindAs<ScriptResultSet>(name)) {
    if (set->result != nullptr) return set->result;
    return CompilationError("090086", "P0000", fmt::format("result set '{}' has no result", name));
  }
  const auto* cursor = scopes_.FindAs<ScriptCursor>(name);
  if (cursor == nullptr) return NoSuchVariable(name);
  if (cursor->result != nullptr) return cursor->result;
  if (cursor->result_set) return RowsOf(*cursor->result_set);
  if (cursor->query == nullptr) return NoSuchVariable(name);
  return RunQuery(*cursor->query);
}

StatementResult<Expression> Interpreter::Evaluate(const syntax::Expression& expression,
                                                  const std::optional<sql::DataType>& type) {
  return EvaluateWith(context_, expression, text_, scopes_.Values(), type);
}

StatementResult<bool> Interpreter::IsTrue(const syntax::Expression& condition) {
  STATEMENT_ASSIGN(const Expression value, Evaluate(condition, sql::BooleanType()));
  const auto* truth = std::get_if<bool>(&value.constant);
  return truth != nullptr && *truth;
}

StatementResult<int64_t> Interpreter::Integer(const syntax::Expression& expression) {
  STATEMENT_ASSIGN(const Expression value, Evaluate(expression, sql::NumberType(18, 0)));
  return IntegerOf(value);
}

}  // namespace tarn::warehouse
