// SPDX-License-Identifier: Apache-2.0
// CREATE PROCEDURE, CALL, EXECUTE IMMEDIATE and blocks.
#include "warehouse/statements/routines.h"

#include <algorithm>

#include "sql/bind/coercion.h"
#include "sql/bind/data_type_name.h"
#include "sql/syntax/parser.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/connector/connector_procedures.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/routine.h"
#include "warehouse/scripting/evaluation.h"
#include "warehouse/scripting/interpreter.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/owners_rights.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;
using sql::bound::Expression;

constexpr const char* kBlockColumn = "anonymous block";

StatementResult<sql::DataType> Resolved(const syntax::DataType& type) {
  auto resolved = sql::ResolveDataType(type);
  if (!resolved) return std::unexpected(FromSql(std::move(resolved).error()));
  return *resolved;
}

std::string TextIn(std::string_view text, syntax::Span span) {
  return std::string(syntax::TextOf(text, span));
}

}  // namespace

StatementResult<std::vector<Argument>> ArgumentsOf(const StatementContext& context,
                                                   const syntax::CreateRoutine& create) {
  std::vector<Argument> arguments;
  for (const syntax::RoutineArgument& written : create.arguments) {
    if (!written.mode.empty() && written.mode != "IN" && written.mode != "INPUT") {
      return UnsupportedFeature("arguments of mode " + written.mode);
    }
    Argument argument{.name = written.name.Canonical(), .type = {}, .default_sql = std::nullopt};
    STATEMENT_ASSIGN(argument.type, Resolved(written.type));
    if (written.default_value) {
      argument.default_sql = TextIn(context.text, (*written.default_value)->span);
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

StatementResult<> ReadReturns(const syntax::CreateRoutine& create, Routine& routine) {
  if (create.returns_table) {
    routine.returns_table.emplace();
    for (const syntax::TypeField& field : create.table_columns) {
      Column column;
      if (field.name) column.name = field.name->Canonical();
      STATEMENT_ASSIGN(column.type, Resolved(field.type));
      routine.returns_table->push_back(std::move(column));
    }
  } else if (create.returns) {
    STATEMENT_ASSIGN(routine.returns, Resolved(*create.returns));
  }
  routine.returns_not_null = create.returns_not_null;
  return {};
}

namespace {

StatementResult<Procedure> ProcedureOf(const StatementContext& context,
                                       const syntax::CreateRoutine& create, std::string& comment) {
  Procedure procedure;
  OptionReader options(context, "PROCEDURE", create.options);
  procedure.language = options.Text("LANGUAGE").value_or("SQL");
  if (syntax::UpperCase(procedure.language) != "SQL") {
    return UnsupportedFeature("LANGUAGE " + procedure.language);
  }
  procedure.language = "SQL";
  comment = options.Text("COMMENT").value_or("");
  procedure.as_caller = options.Text("EXECUTE AS").value_or("OWNER") == "CALLER";
  procedure.strict = options.Flag("RETURNS NULL ON NULL INPUT") || options.Flag("STRICT");
  (void)options.Flag("CALLED ON NULL INPUT");
  STATEMENT_TRY(options.Finish());
  STATEMENT_ASSIGN(procedure.arguments, ArgumentsOf(context, create));
  STATEMENT_TRY(ReadReturns(create, procedure));
  if (!create.body) return MissingOption("AS");
  procedure.body = *create.body;
  // A body that cannot be read is told where it is made, not where it is called.
  auto parsed = syntax::ParseBody(procedure.body);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  return procedure;
}

const syntax::FunctionCall* FunctionOf(const syntax::Expression& call) {
  const auto* boxed = syntax::As<syntax::Box<syntax::FunctionCall>>(call);
  return boxed == nullptr ? nullptr : &**boxed;
}

/// A value as a result of one row.
Outcome OneValue(const StatementContext& context, const std::string& column, Expression value) {
  sql::BoundQuery query;
  value = sql::Canonical(std::move(value));
  if (value.type.kind == sql::DataTypeKind::kNull) {
    value = sql::Constant({}, sql::VarcharType(), sql::CarrierOf(sql::VarcharType()));
  }
  const ResultColumn shown{.name = column, .type = value.type, .carrier = value.carrier};
  query.query.columns.push_back({.name = column, .type = value.type, .carrier = value.carrier});
  query.query.body = sql::bound::Values{.rows = {{std::move(value)}}};
  STATEMENT_ASSIGN(auto stream, OpenBoundQuery(context.query(), query, sql::Print(query)));
  return StatementOutcome{
      .status = {},
      .counts = {},
      .rows = std::nullopt,
      .stream = MakeQueryResult("CALL", {shown}, std::move(stream), context.nested->outer_run())};
}

/// A procedure that fits the call, and its body.
struct Callee {
  ObjectHead head;
  Procedure definition;
  std::string owner;
  std::string database, schema;
  std::optional<ObjectId> application;  ///< whose it is: its body is the program's
};

struct CalledArguments {
  std::vector<std::pair<std::optional<std::string>, Expression>> values;
};

bool Fits(const Procedure& procedure, const CalledArguments& called) {
  if (called.values.size() > procedure.arguments.size()) return false;
  for (size_t i = 0; i < procedure.arguments.size(); ++i) {
    const Argument& argument = procedure.arguments[i];
    const auto named = std::ranges::find_if(
        called.values, [&](const auto& value) { return value.first == argument.name; });
    const Expression* value = nullptr;
    if (named != called.values.end()) {
      value = &named->second;
    } else if (i < called.values.size() && !called.values[i].first) {
      value = &called.values[i].second;
    }
    if (value == nullptr && !argument.default_sql) return false;
    if (value != nullptr && !sql::CanConvert(value->type, argument.type)) return false;
  }
  return true;
}

StatementResult<Callee> FindProcedure(const StatementContext& context, const ObjectName& name,
                                      const CalledArguments& called) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, moment.caller));
  STATEMENT_ASSIGN(const ObjectId schema, ResolveContainer(snapshot, moment.caller, authority,
                                                           ObjectKind::kProcedure, name, "CALL"));
  STATEMENT_ASSIGN(auto overloads,
                   snapshot.Objects<Procedure>("WHERE o.container_id = ? AND o.name = ? AND "
                                               "o.dropped_ms IS NULL ORDER BY o.id",
                                               schema, name.name));
  std::string types;
  for (const auto& [argument, value] : called.values) {
    types += (types.empty() ? "" : ", ") + std::string(ToString(value.type.kind));
  }
  for (auto& overload : overloads) {
    if (!Fits(overload.value, called)) continue;
    STATEMENT_ASSIGN(const bool may, authority.Has(overload.head, kUsage));
    if (!may) continue;
    Callee callee{.head = overload.head, .definition = std::move(overload.value)};
    STATEMENT_ASSIGN(const auto owner, snapshot.FindHead(callee.head.owner));
    if (owner) callee.owner = owner->name;
    STATEMENT_ASSIGN(const auto container, snapshot.FindHead(schema));
    STATEMENT_ASSIGN(const auto database, snapshot.FindHead(container->container));
    callee.schema = container->name;
    callee.database = database->name;
    if (database->kind == ObjectKind::kApplication) callee.application = database->id;
    return callee;
  }
  return CompilationError(
      "002141", "42601",
      fmt::format("Unknown user-defined function {}", name.Written() + "(" + types + ")"));
}

/// The call's own arguments, converted; absent where a default stands in.
StatementResult<std::vector<std::optional<Expression>>> GivenValues(const StatementContext& context,
                                                                    const Procedure& procedure,
                                                                    const CalledArguments& called) {
  std::vector<std::optional<Expression>> values;
  for (size_t i = 0; i < procedure.arguments.size(); ++i) {
    const Argument& argument = procedure.arguments[i];
    const auto named = std::ranges::find_if(
        called.values, [&](const auto& value) { return value.first == argument.name; });
    const Expression* given = nullptr;
    if (named != called.values.end()) {
      given = &named->second;
    } else if (i < called.values.size() && !called.values[i].first) {
      given = &called.values[i].second;
    }
    values.emplace_back();
    if (given == nullptr) continue;
    STATEMENT_ASSIGN(values.back(), ConvertConstant(context, *given, argument.type));
  }
  return values;
}

/// Defaults are the procedure's text, and so have its rights.
StatementResult<std::vector<Expression>> WithDefaults(
    const StatementContext& context, const Procedure& procedure,
    std::vector<std::optional<Expression>> given) {
  std::vector<Expression> values;
  for (size_t i = 0; i < given.size(); ++i) {
    const Argument& argument = procedure.arguments[i];
    if (given[i]) {
      values.push_back(*std::move(given[i]));
      continue;
    }
    auto parsed = syntax::ParseExpression(*argument.default_sql);
    if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
    STATEMENT_ASSIGN(auto value,
                     EvaluateWith(context, *parsed, *argument.default_sql, {}, argument.type));
    values.push_back(std::move(value));
  }
  return values;
}

/// With the rights that the session has at this moment.
StatementResult<ScriptOutcome> RunBody(const StatementContext& context, const Procedure& procedure,
                                       std::vector<std::optional<Expression>> given) {
  STATEMENT_ASSIGN(std::vector<Expression> values,
                   WithDefaults(context, procedure, std::move(given)));
  for (const Expression& value : values) {
    if (procedure.strict && value.is_null_constant()) return ScriptOutcome{};
  }
  auto body = syntax::ParseBody(procedure.body);
  if (!body) return std::unexpected(FromSyntax(std::move(body).error()));
  Interpreter interpreter(context, procedure.body);
  for (size_t i = 0; i < values.size(); ++i) {
    interpreter.Declare(procedure.arguments[i].name, procedure.arguments[i].type,
                        std::move(values[i]));
  }
  return interpreter.Run(*body);
}

StatementResult<ScriptOutcome> RunOfApplication(const StatementContext& context,
                                                const Callee& callee,
                                                std::vector<std::optional<Expression>> given) {
  STATEMENT_ASSIGN(const std::vector<Expression> values,
                   WithDefaults(context, callee.definition, std::move(given)));
  STATEMENT_ASSIGN(std::string answer,
                   CallConnector(callee.head.name, {.metastore = context.account->metastore(),
                                                    .application = *callee.application,
                                                    .values = values}));
  return ScriptOutcome{.value = sql::Constant(std::move(answer), sql::VarcharType(),
                                              sql::CarrierOf(sql::VarcharType())),
                       .table = nullptr};
}

StatementResult<ScriptOutcome> RunProcedure(const StatementContext& context, const Callee& callee,
                                            const CalledArguments& called) {
  STATEMENT_ASSIGN(auto given, GivenValues(context, callee.definition, called));
  if (callee.application) return RunOfApplication(context, callee, std::move(given));
  // Within an owner's rights, a procedure with caller's rights has those of that owner.
  if (callee.definition.as_caller) return RunBody(context, callee.definition, std::move(given));
  STATEMENT_ASSIGN(SessionState owners, OwnersState(*context.account, *context.session,
                                                    {.role = callee.head.owner,
                                                     .role_name = callee.owner,
                                                     .database = callee.database,
                                                     .schema = callee.schema}));
  const SessionInterlude rights(*context.session, std::move(owners));
  return RunBody(context, callee.definition, std::move(given));
}

StatementResult<CalledArguments> EvaluateArguments(const StatementContext& context,
                                                   const syntax::FunctionCall& call) {
  CalledArguments called;
  for (const syntax::Argument& argument : call.arguments) {
    STATEMENT_ASSIGN(Expression value, EvaluateWith(context, argument.value, context.text,
                                                    context.named_parameters, std::nullopt));
    std::optional<std::string> name;
    if (argument.name) name = argument.name->Canonical();
    called.values.emplace_back(std::move(name), std::move(value));
  }
  return called;
}

Outcome Told(const StatementContext& context, const std::string& column, ScriptOutcome outcome,
             const std::optional<sql::DataType>& type) {
  if (outcome.table != nullptr) {
    return StatementOutcome{.status = {},
                            .counts = {},
                            .rows = std::nullopt,
                            .stream = StreamOf(std::move(outcome.table))};
  }
  Expression value = outcome.value.value_or(sql::NullConstant());
  if (type) {
    STATEMENT_ASSIGN(value, ConvertConstant(context, std::move(value), *type));
  }
  return OneValue(context, column, std::move(value));
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateRoutine& create) {
  if (create.head.kind == syntax::ObjectKind::kFunction) return CreateFunction(context, create);
  if (create.head.kind != syntax::ObjectKind::kProcedure) {
    return UnsupportedFeature(fmt::format("CREATE {}", syntax::ToString(create.head.kind)));
  }
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_ASSIGN(Procedure procedure, ProcedureOf(context, create, request.comment));
  procedure.secure =
      std::ranges::find(create.head.modifiers, "SECURE") != create.head.modifiers.end();
  request.name.signature = SignatureOf(procedure.arguments);
  request.definition = std::move(procedure);
  STATEMENT_ASSIGN(StatementOutcome outcome, CreateAndTell(context, request));
  // Snowflake calls both functions and procedures so.
  return outcome;
}

Outcome Act(StatementContext& context, const syntax::Call& call) {
  if (call.procedure) return UnsupportedFeature("WITH … AS PROCEDURE");
  const auto* function = FunctionOf(call.call);
  if (function == nullptr) return CompilationError("001003", "42000", "CALL needs a procedure");
  if (call.into) return UnsupportedFeature("CALL … INTO outside of a block");
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, function->name));
  STATEMENT_ASSIGN(const CalledArguments called, EvaluateArguments(context, *function));
  STATEMENT_ASSIGN(const Callee callee, FindProcedure(context, name, called));
  STATEMENT_ASSIGN(ScriptOutcome outcome, RunProcedure(context, callee, called));
  return Told(
      context, callee.head.name, std::move(outcome),
      callee.definition.returns_table ? std::nullopt : std::optional(callee.definition.returns));
}

Outcome Act(StatementContext& context, const syntax::Block& block) {
  const syntax::Statement statement{.span = {}, .value = block};
  Interpreter interpreter(context, context.text);
  STATEMENT_ASSIGN(ScriptOutcome outcome, interpreter.Run(statement));
  return Told(context, kBlockColumn, std::move(outcome), std::nullopt);
}

Outcome Act(StatementContext& context, const syntax::ExecuteImmediate& execute) {
  if (execute.file) return UnsupportedFeature("EXECUTE IMMEDIATE FROM");
  STATEMENT_ASSIGN(const Expression text,
                   EvaluateWith(context, *execute.text, context.text, context.named_parameters,
                                sql::VarcharType()));
  const auto* written = std::get_if<std::string>(&text.constant);
  if (written == nullptr) {
    return CompilationError("001003", "42000", "EXECUTE IMMEDIATE of NULL");
  }
  std::vector<Expression> parameters;
  for (const syntax::Argument& argument : execute.parameters) {
    STATEMENT_ASSIGN(Expression value, EvaluateWith(context, argument.value, context.text,
                                                    context.named_parameters, std::nullopt));
    parameters.push_back(std::move(value));
  }
  auto tree = syntax::ParseStatement(*written);
  if (!tree) return std::unexpected(FromSyntax(std::move(tree).error()));
  STATEMENT_ASSIGN(const auto stream, context.nested->RunNested(*tree, *written, {}, parameters));
  // The text is gone before its rows are read.
  STATEMENT_ASSIGN(StoredResult stored, Store(*stream));
  if (stored.columns.empty()) {
    return StatementOutcome{.status = stored.summary.status, .counts = stored.summary.counts};
  }
  return StatementOutcome{
      .status = {},
      .counts = {},
      .rows = std::nullopt,
      .stream = StreamOf(std::make_shared<const StoredResult>(std::move(stored)))};
}

std::optional<std::vector<ResultColumn>> RoutineColumns(StatementContext& context,
                                                        const syntax::Statement& statement) {
  const auto column = [](std::string name, const sql::DataType& type) {
    return std::vector<ResultColumn>{
        {.name = std::move(name), .type = type, .carrier = sql::CarrierOf(type)}};
  };
  if (std::holds_alternative<syntax::Block>(statement.value)) {
    return column(kBlockColumn, sql::VarcharType());
  }
  const auto* call = std::get_if<syntax::Call>(&statement.value);
  const auto* function = call == nullptr ? nullptr : FunctionOf(call->call);
  if (function == nullptr) return std::nullopt;
  const auto name = NameOf(context, function->name);
  if (!name) return std::nullopt;
  const auto called = EvaluateArguments(context, *function);
  if (!called) return std::nullopt;
  const auto callee = FindProcedure(context, *name, *called);
  if (!callee || callee->definition.returns_table) return std::nullopt;
  return column(callee->head.name, callee->definition.returns);
}

}  // namespace tarn::warehouse
