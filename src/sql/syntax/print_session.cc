// SPDX-License-Identifier: Apache-2.0
// Statements about the session, GRANT and REVOKE.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::Write(const TransactionControl& statement) {
  switch (statement.action) {
    case TransactionAction::kBegin:
      Put("BEGIN TRANSACTION");
      return WriteClause(" NAME ", statement.name);
    case TransactionAction::kCommit:
      return Put("COMMIT");
    case TransactionAction::kRollback:
      return Put("ROLLBACK");
  }
}

void Printer::Write(const Use& statement) {
  Put("USE ");
  switch (statement.target) {
    case UseTarget::kUnspecified:
      break;
    case UseTarget::kDatabase:
      Put("DATABASE ");
      break;
    case UseTarget::kSchema:
      Put("SCHEMA ");
      break;
    case UseTarget::kRole:
      Put("ROLE ");
      break;
    case UseTarget::kWarehouse:
      Put("WAREHOUSE ");
      break;
    case UseTarget::kSecondaryRoles:
      Put("SECONDARY ROLES ");
      break;
  }
  Write(statement.name);
  for (const ObjectName& role : statement.more) {
    Put(", ");
    Write(role);
  }
}

void Printer::Write(const SetVariables& statement) {
  Put("SET ");
  if (statement.names.size() == 1 && statement.values.size() == 1) {
    Write(statement.names[0]);
    Put(" = ");
    return Write(statement.values[0]);
  }
  WriteParenthesized(statement.names);
  Put(" = ");
  if (statement.values.size() == 1) return Write(statement.values[0]);
  WriteParenthesized(statement.values);
}

void Printer::Write(const UnsetVariables& statement) {
  Put("UNSET ");
  WriteParenthesized(statement.names);
}

void Printer::Write(const Show& statement) {
  Put(statement.terse ? "SHOW TERSE " : "SHOW ");
  Put(statement.what);
  if (statement.history) Put(" HISTORY");
  const auto text = [this](std::string_view words, const std::optional<std::string>& value) {
    if (!value) return;
    Put(words);
    PutString(*value);
  };
  text(" LIKE ", statement.like);
  for (const ShowScope& scope : statement.scopes) {
    Put(" ");
    Write(scope);
  }
  text(" STARTS WITH ", statement.starts_with);
  WriteClause(" LIMIT ", statement.limit);
  text(" FROM ", statement.limit_from);
  std::string_view separator = " WITH PRIVILEGES ";
  for (const std::string& privilege : statement.with_privileges) {
    Put(separator);
    separator = ", ";
    Put(privilege);
  }
}

void Printer::Write(const ShowScope& scope) {
  Put(scope.relation);
  if (!scope.kind.empty()) Put(" ");
  Put(scope.kind);
  WriteClause(" ", scope.name);
  WriteSignature(scope.has_signature, scope.signature);
}

void Printer::Write(const Describe& statement) {
  Put("DESCRIBE ");
  if (statement.result) {
    Put("RESULT ");
    return Write(*statement.result);
  }
  if (statement.kind) {
    Put(ToString(*statement.kind));
    Put(" ");
  }
  Write(statement.name);
  WriteSignature(statement.has_signature, statement.signature);
  if (!statement.aspect.empty()) Put(" TYPE = ");
  Put(statement.aspect);
}

void Printer::Write(const Explain& statement) {
  Put("EXPLAIN ");
  if (!statement.format.empty()) {
    Put("USING ");
    Put(statement.format);
    Put(" ");
  }
  Write(*statement.statement);
}

void Printer::Write(const Flow& statement) { WriteList(statement.steps, " ->> "); }

void Printer::Write(const Call& statement) {
  if (statement.procedure) {
    Put("WITH ");
    Write((*statement.procedure)->head.name);
    Put(" AS PROCEDURE ");
    WriteRoutineTail(**statement.procedure);
    Put(" ");
  }
  Put("CALL ");
  Write(statement.call);
  WriteClause(" INTO ", statement.into);
}

void Printer::Write(const ExecuteImmediate& statement) {
  Put("EXECUTE IMMEDIATE ");
  WriteClause("", statement.text);
  WriteClause("FROM ", statement.file);
  if (!statement.parameters.empty()) Put(" USING");
  WriteOptionalList(statement.parameters);
}

void Printer::Write(const ExecuteTask& statement) {
  Put("EXECUTE TASK ");
  Write(statement.name);
  if (statement.retry_last) Put(" RETRY LAST");
  if (!statement.options.empty()) Put(" USING");
  WriteOptions(statement.options);
}

void Printer::Write(const Grant& statement) {
  Put(statement.revoke ? "REVOKE " : "GRANT ");
  if (statement.grant_option_for) Put("GRANT OPTION FOR ");
  if (statement.role) {
    Put(statement.role_kind);
    Put(" ");
    Write(*statement.role);
  } else {
    std::string_view separator;
    for (const std::string& privilege : statement.privileges) {
      Put(separator);
      separator = ", ";
      Put(privilege);
    }
    Put(" ON ");
    Write(statement.target);
  }
  Put(statement.revoke ? " FROM " : " TO ");
  Put(statement.grantee_kind);
  if (!statement.grantee_kind.empty()) Put(" ");
  Write(statement.grantee);
  if (statement.with_grant_option) Put(" WITH GRANT OPTION");
  if (!statement.current_grants.empty()) {
    Put(" ");
    Put(statement.current_grants);
    Put(" CURRENT GRANTS");
  }
  if (!statement.behaviour.empty()) Put(" ");
  Put(statement.behaviour);
}

void Printer::Write(const GrantTarget& target) {
  if (target.scope == GrantScope::kAll || target.scope == GrantScope::kFuture) {
    Put(target.scope == GrantScope::kAll ? "ALL " : "FUTURE ");
    for (const ObjectKindWords& words : ObjectKinds()) {
      if (words.singular == target.kind) Put(words.plural);
    }
    Put(" IN ");
    Put(target.container);
  } else {
    Put(target.kind);
  }
  WriteClause(" ", target.name);
  WriteSignature(target.has_signature, target.signature);
}

}  // namespace tarn::sql::syntax
