// SPDX-License-Identifier: Apache-2.0
// CREATE FUNCTION and ALTER FUNCTION (Snowflake's pages of these names), of functions in SQL.
#include <algorithm>

#include "sql/syntax/lexer.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/query.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/session/table_functions.h"
#include "warehouse/session/user_functions.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/routines.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr size_t kBodyBytesMax = size_t{1} << 20;
constexpr size_t kArgumentsMax = 500;
/// Of a function that is not made yet; nothing has it.
constexpr int64_t kNewFunction = -1;

StatementFailure Hinted(StatementFailure failure, std::string hint) {
  failure.error().error.hint = std::move(hint);
  return failure;
}

StatementResult<> RefuseModifiers(const syntax::CreateRoutine& create) {
  for (const std::string& modifier : create.head.modifiers) {
    if (modifier == "SECURE") continue;
    return UnsupportedFeature(fmt::format("CREATE {} FUNCTION", modifier));
  }
  return {};
}

StatementResult<> RequireSql(const std::string& language) {
  if (syntax::UpperCase(language) == "SQL") return {};
  return Hinted(UnsupportedFeature("functions in LANGUAGE " + syntax::UpperCase(language)),
                "Write the body as an expression or a query in SQL, or a procedure in Snowflake "
                "Scripting.");
}

/// BEGIN … END, which Snowflake takes as well.
bool IsBlock(const std::string& body) {
  const auto tokens = syntax::Tokenize(body);
  if (!tokens || tokens->empty()) return false;
  const std::string_view word = syntax::TextOf(body, tokens->front().span);
  return syntax::SameWord(word, "BEGIN") || syntax::SameWord(word, "DECLARE");
}

StatementResult<> CheckArguments(const std::vector<Argument>& arguments) {
  if (arguments.size() > kArgumentsMax) {
    return CompilationError("002146", "54023",
                            fmt::format("a function has at most {} arguments", kArgumentsMax));
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (std::ranges::count(arguments, arguments[i].name, &Argument::name) > 1) {
      return CompilationError("002025", "42S21",
                              fmt::format("duplicate argument name '{}'", arguments[i].name));
    }
    if (i > 0 && arguments[i - 1].default_sql && !arguments[i].default_sql) {
      return CompilationError(
          "001003", "42000",
          fmt::format("argument '{}' without DEFAULT stands behind one that has it",
                      arguments[i].name));
    }
  }
  return {};
}

/// The definition; comment and grants go into the request.
StatementResult<Function> FunctionOf(const StatementContext& context,
                                     const syntax::CreateRoutine& create, CreateRequest& request) {
  Function function;
  OptionReader options(context, "FUNCTION", create.options);
  STATEMENT_TRY(RequireSql(options.Text("LANGUAGE").value_or("SQL")));
  request.comment = options.Text("COMMENT").value_or("");
  request.copy_grants = options.Flag("COPY GRANTS");
  function.strict = options.Flag("RETURNS NULL ON NULL INPUT");
  function.strict |= options.Flag("STRICT");
  const bool called = options.Flag("CALLED ON NULL INPUT");
  function.immutable = options.Flag("IMMUTABLE");
  const bool is_volatile = options.Flag("VOLATILE");
  function.memoizable = options.Flag("MEMOIZABLE");
  function.secure = options.Flag("SECURE") || std::ranges::find(create.head.modifiers, "SECURE") !=
                                                  create.head.modifiers.end();
  STATEMENT_TRY(options.Finish());
  if ((function.strict && called) || (function.immutable && is_volatile)) {
    return CompilationError("001003", "42000", "options of the function contradict each other");
  }
  STATEMENT_ASSIGN(function.arguments, ArgumentsOf(context, create));
  STATEMENT_TRY(CheckArguments(function.arguments));
  if (!create.returns && !create.returns_table) return MissingOption("RETURNS");
  STATEMENT_TRY(ReadReturns(create, function));
  if (function.returns_table && function.returns_table->empty()) return MissingOption("RETURNS");
  if (function.memoizable && function.returns_table) {
    return UnsupportedFeature("MEMOIZABLE table functions");
  }
  if (!create.body) return MissingOption("AS");
  function.body = *create.body;
  if (function.body.size() > kBodyBytesMax) {
    return CompilationError("002146", "54001", "the body of a function has at most 1 MB");
  }
  if (IsBlock(function.body)) {
    return Hinted(UnsupportedFeature("functions in Snowflake Scripting"),
                  "Write the body as an expression or a query, or make it a procedure.");
  }
  return function;
}

StatementResult<> CheckName(const ObjectName& name) {
  const bool taken = sql::IsReservedFunctionName(name.name) ||
                     FindSystemFunction(name.name) != nullptr ||
                     FindTableFunction(name.name) != nullptr;
  if (!taken) return {};
  return CompilationError(
      "002002", "42710",
      fmt::format("'{}' is the name of a system-defined function, which no other takes.",
                  name.name));
}

/// Of the function that would be replaced.
std::optional<ObjectId> Existing(const StatementContext& context, const ObjectName& name) {
  const auto moment = ReadObjects(context);
  if (!moment) return std::nullopt;
  const Snapshot& snapshot = *moment->snapshot;
  const auto authority = Authority::Of(snapshot, moment->caller);
  if (!authority) return std::nullopt;
  const auto schema = ResolveContainer(snapshot, moment->caller, *authority, ObjectKind::kFunction,
                                       name, "CREATE FUNCTION");
  if (!schema) return std::nullopt;
  const auto head =
      snapshot.FindNamed(*schema, FamilyOf(ObjectKind::kFunction), name.name, name.signature);
  if (!head || !*head) return std::nullopt;
  return (*head)->id;
}

/// A body that cannot be bound is told where it is made, not where it is called.
StatementResult<> CheckBody(const StatementContext& context, const ObjectName& name,
                            const Function& function) {
  SessionState session = *context.session;
  if (name.database) session.database = *name.database;
  if (name.schema) session.schema = *name.schema;
  QueryContext reading = context.query();
  reading.session = &session;
  reading.transaction = nullptr;
  reading.parameters.clear();
  reading.named_parameters.clear();
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(reading));
  const sql::BindRequest request = moment->Request();
  sql::NamedFunction named = AsNamed(function);
  named.id = kNewFunction;
  named.database = session.database;
  named.schema = session.schema;
  named.name = name.name;
  named.names = std::shared_ptr<sql::Names>(std::shared_ptr<void>(), request.names);
  const auto expanded = sql::CheckFunction(named, request);
  if (!expanded) {
    // The names' own words have no place for the function.
    return std::unexpected(FromSql(expanded.error()));
  }
  const auto existing = Existing(context, name);
  const bool recursive =
      existing && std::ranges::find(*expanded, existing->value(), &sql::ExpandedText::function) !=
                      expanded->end();
  if (!recursive) return {};
  return CompilationError("002036", "42601",
                          fmt::format("Function '{}' refers to itself", name.Written()));
}

bool Accepts(const Function& function, size_t count) {
  const auto required = static_cast<size_t>(std::ranges::count_if(
      function.arguments, [](const Argument& argument) { return !argument.default_sql; }));
  return count >= required && count <= function.arguments.size();
}

/// Whether some call by place fits both, since defaults do not tell functions apart.
bool Clash(const Function& a, const Function& b) {
  const size_t most = std::max(a.arguments.size(), b.arguments.size());
  for (size_t count = 0; count <= most; ++count) {
    if (!Accepts(a, count) || !Accepts(b, count)) continue;
    const auto same = [&](size_t i) {
      return a.arguments[i].type.kind == b.arguments[i].type.kind;
    };
    size_t equal = 0;
    while (equal < count && same(equal)) ++equal;
    if (equal == count) return true;
  }
  return false;
}

StatementResult<> CheckOverloads(const Snapshot& snapshot, ObjectId id) {
  STATEMENT_ASSIGN(const auto head, snapshot.FindHead(id));
  STATEMENT_ASSIGN(const auto function, snapshot.Find<Function>(id));
  if (!head || !function) return {};
  STATEMENT_ASSIGN(const auto others,
                   snapshot.Objects<Function>("WHERE o.container_id = ? AND o.name = ? AND "
                                              "o.dropped_ms IS NULL",
                                              head->container, head->name));
  for (const auto& other : others) {
    if (other.head.id == id || !Clash(other.value, *function)) continue;
    return CompilationError(
        "000949", "42723",
        fmt::format(
            "Cannot overload FUNCTION '{}' as it would cause ambiguous FUNCTION overloading.",
            head->name));
  }
  return {};
}

StatementResult<AlterRequest> RequestOf(const StatementContext& context,
                                        const syntax::AlterObject& alter) {
  STATEMENT_ASSIGN(AlterRequest request, AlterRequestOf(context, alter));
  STATEMENT_ASSIGN(request.name.signature, SignatureOf(alter.signature));
  return request;
}

Outcome RenameFunction(StatementContext& context, const AlterRequest& request,
                       const syntax::RenameTo& rename) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, rename.name));
  STATEMENT_TRY(CheckName(name));
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(const auto head, FindToAlter(transaction, caller, request));
        STATEMENT_TRY(RenameObject(transaction, caller, request, name));
        if (!head) return {};
        return CheckOverloads(transaction, head->id);
      }));
  return Executed();
}

StatementResult<> SetSecure(const StatementContext& context, const syntax::AlterObject& alter,
                            const syntax::AlterAction& action, Function& function) {
  if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
    OptionReader options(context, "FUNCTION", set->options);
    function.secure |= options.Flag("SECURE");
    return options.Finish();
  }
  const auto* const unset = std::get_if<syntax::UnsetOptions>(&action);
  const bool secure = unset != nullptr && unset->keys == std::vector<std::string>{"SECURE"};
  if (!secure) return UnsupportedClause(alter);
  function.secure = false;
  return {};
}

}  // namespace

Outcome CreateFunction(StatementContext& context, const syntax::CreateRoutine& create) {
  STATEMENT_TRY(RefuseModifiers(create));
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_ASSIGN(Function function, FunctionOf(context, create, request));
  STATEMENT_TRY(CheckName(request.name));
  request.name.signature = SignatureOf(function.arguments);
  STATEMENT_TRY(CheckBody(context, request.name, function));
  request.definition = std::move(function);
  return CreateAndTell(context, request,
                       [](Transaction& transaction, const CreateOutcome& outcome) {
                         return CheckOverloads(transaction, outcome.id);
                       });
}

Outcome AlterFunction(StatementContext& context, const syntax::AlterObject& alter) {
  STATEMENT_ASSIGN(const AlterRequest request, RequestOf(context, alter));
  if (alter.actions.size() == 1) {
    if (const auto* rename = std::get_if<syntax::RenameTo>(&alter.actions[0])) {
      return RenameFunction(context, request, *rename);
    }
  }
  if (auto general = TryGeneralAlter(context, alter)) return *std::move(general);
  return AlterByActions<Function>(
      context, alter, request,
      [&](Alteration&, Function& function, const syntax::AlterAction& action) {
        return SetSecure(context, alter, action, function);
      });
}

}  // namespace tarn::warehouse
