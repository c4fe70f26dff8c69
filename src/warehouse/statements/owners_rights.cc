// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/owners_rights.h"

#include <algorithm>
#include <array>
#include <optional>

#include "warehouse/metastore/parameters.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// The caller's values of these hold within a procedure with owner's rights.
constexpr auto kOfTheCaller = std::to_array<std::string_view>({
    "AUTOCOMMIT",
    "BINARY_INPUT_FORMAT",
    "BINARY_OUTPUT_FORMAT",
    "DATE_INPUT_FORMAT",
    "DATE_OUTPUT_FORMAT",
    "ENABLE_UNLOAD_PHYSICAL_TYPE_OPTIMIZATION",
    "ERROR_ON_NONDETERMINISTIC_MERGE",
    "ERROR_ON_NONDETERMINISTIC_UPDATE",
    "JDBC_TREAT_DECIMAL_AS_INT",
    "JSON_INDENT",
    "LOCK_TIMEOUT",
    "MAX_CONCURRENCY_LEVEL",
    "ODBC_USE_CUSTOM_SQL_DATA_TYPES",
    "PERIODIC_DATA_REKEYING",
    "QUERY_TAG",
    "QUERY_WAREHOUSE_NAME",
    "ROWS_PER_RESULTSET",
    "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS",
    "STATEMENT_TIMEOUT_IN_SECONDS",
    "STRICT_JSON_OUTPUT",
    "TIMESTAMP_DAY_IS_ALWAYS_24H",
    "TIMESTAMP_INPUT_FORMAT",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT",
    "TIMESTAMP_OUTPUT_FORMAT",
    "TIMESTAMP_TYPE_MAPPING",
    "TIMESTAMP_TZ_OUTPUT_FORMAT",
    "TIMEZONE",
    "TIME_INPUT_FORMAT",
    "TIME_OUTPUT_FORMAT",
    "TRANSACTION_ABORT_ON_ERROR",
    "TRANSACTION_DEFAULT_ISOLATION_LEVEL",
    "TWO_DIGIT_CENTURY_START",
    "UNSUPPORTED_DDL_ACTION",
    "USE_CACHED_RESULT",
    "WEEK_OF_YEAR_POLICY",
    "WEEK_START",
});

/// Snowflake's name of a statement that is refused; absent: it is not.
class RefusedKind {
 public:
  using Kind = StatementResult<std::optional<std::string_view>>;

  explicit RefusedKind(const StatementContext& context) : context_(context) {}

  Kind operator()(const syntax::Use&) const { return "USE"; }
  Kind operator()(const syntax::SetVariables&) const { return "SET"; }
  Kind operator()(const syntax::UnsetVariables&) const { return "UNSET"; }
  Kind operator()(const syntax::AlterObject& alter) const {
    if (alter.kind == syntax::ObjectKind::kSession) return "ALTER_SESSION";
    if (alter.kind != syntax::ObjectKind::kUser) return std::nullopt;
    if (!alter.name) return "ALTER_USER";
    STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, *alter.name));
    if (name.name == context_.session->user) return "ALTER_USER";
    return std::nullopt;
  }
  Kind operator()(const syntax::Show& show) const {
    const bool of_nothing = show.scopes.empty();
    if (show.what == "GRANTS" && of_nothing) return "SHOW GRANT";
    if (show.what == "PARAMETERS" && (of_nothing || show.scopes[0].kind == "SESSION")) {
      return "SHOW PARAMETER";
    }
    if (show.what == "VARIABLES") return "SHOW VARIABLE";
    if (show.what == "LOCKS") return "SHOW LOCK";
    if (show.what == "TRANSACTIONS") return "SHOW TRANSACTION";
    if (show.what == "DELEGATED AUTHORIZATIONS") return "SHOW DELEGATED_AUTHORIZATION";
    return std::nullopt;
  }
  Kind operator()(const syntax::StageCommand& command) const {
    return command.action == syntax::StageAction::kList ? "LIST_FILES" : "REMOVE_FILES";
  }
  Kind operator()(const syntax::FileTransfer& transfer) const {
    return transfer.upload ? "PUT_FILES" : "GET_FILES";
  }
  template <typename Node>
  Kind operator()(const Node&) const {
    return std::nullopt;
  }

 private:
  const StatementContext& context_;
};

}  // namespace

StatementResult<SessionState> OwnersState(Account& account, const SessionState& caller,
                                          const OwnerAndPlace& owner) {
  SessionState state = caller;
  state.role = owner.role_name;
  state.role_id = owner.role;
  state.as_owner = true;
  state.all_secondary_roles = false;
  state.database = owner.database;
  state.schema = owner.schema;
  state.variables.clear();
  STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
  for (const ParameterFacts& facts : SessionParameters()) {
    if (std::ranges::find(kOfTheCaller, facts.name) != kOfTheCaller.end()) continue;
    state.parameters.erase(std::string(facts.name));
    STATEMENT_ASSIGN(const auto value, FindParameter(*snapshot, kAccountId, facts.name));
    if (value) state.parameters[std::string(facts.name)] = value->value;
  }
  return state;
}

StatementResult<> CheckOwnersStatement(const StatementContext& context,
                                       const syntax::Statement& statement) {
  if (!context.session->as_owner) return {};
  STATEMENT_ASSIGN(const auto kind, std::visit(RefusedKind(context), statement.value));
  if (!kind) return {};
  return std::unexpected(StatementError{
      .error = {ErrorKind::kUnsupported,
                fmt::format("Stored procedure execution error: Unsupported statement type '{}'.",
                            *kind),
                {},
                {}},
      .code = "090236",
      .sqlstate = "42601"});
}

}  // namespace tarn::warehouse
