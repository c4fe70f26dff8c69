// SPDX-License-Identifier: Apache-2.0
// Statements about the session: transactions, USE, variables, SHOW, DESCRIBE, EXPLAIN, calls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/syntax/object_kind.h"
#include "sql/syntax/option.h"
#include "sql/syntax/query.h"

namespace tarn::sql::syntax {

struct QueryStatement {
  Query query;
  TARN_SYNTAX_NODE(QueryStatement, query)
};

enum class TransactionAction : uint8_t { kBegin, kCommit, kRollback };

struct TransactionControl {
  TransactionAction action = TransactionAction::kBegin;
  std::optional<Identifier> name;
  TARN_SYNTAX_NODE(TransactionControl, action, name)
};

enum class UseTarget : uint8_t {
  kUnspecified,
  kDatabase,
  kSchema,
  kRole,
  kWarehouse,
  kSecondaryRoles
};

/// USE [DATABASE|SCHEMA|ROLE|WAREHOUSE] name; kUnspecified is a database, or database.schema.
struct Use {
  UseTarget target = UseTarget::kUnspecified;
  ObjectName name;               ///< of secondary roles: ALL or NONE, or the first role
  std::vector<ObjectName> more;  ///< further secondary roles
  TARN_SYNTAX_NODE(Use, target, name, more)
};

/// SET v = e, SET (a, b) = (e, f).
struct SetVariables {
  std::vector<Identifier> names;
  std::vector<Expression> values;  ///< as many as names, or one query for all
  TARN_SYNTAX_NODE(SetVariables, names, values)
};

struct UnsetVariables {
  std::vector<Identifier> names;
  TARN_SYNTAX_NODE(UnsetVariables, names)
};

/// IN ACCOUNT, IN SCHEMA s, IN t, ON TABLE t, TO ROLE r, OF ROLE r, FOR SESSION …
struct ShowScope {
  std::string relation;  ///< IN, ON, TO, OF, FOR
  std::string kind;      ///< upper case words; empty where only a name stands
  std::optional<ObjectName> name;
  std::vector<DataType> signature;  ///< of a function or procedure
  bool has_signature = false;
  TARN_SYNTAX_NODE(ShowScope, relation, kind, name, signature, has_signature)
};

struct Show {
  std::string
      what;  ///< upper case words: TABLES, POSTGRES INSTANCES, GRANTS, FUTURE GRANTS, PARAMETERS
  std::optional<ObjectKind> kind;  ///< where `what` is the plural of one
  bool terse = false;
  bool history = false;
  std::optional<std::string> like;
  std::vector<ShowScope> scopes;
  std::optional<std::string> starts_with;
  std::optional<Expression> limit;
  std::optional<std::string> limit_from;
  std::vector<std::string> with_privileges;
  TARN_SYNTAX_NODE(Show, what, kind, terse, history, like, scopes, starts_with, limit, limit_from,
                   with_privileges)
};

/// DESCRIBE kind name; DESCRIBE RESULT e.
struct Describe {
  std::optional<ObjectKind> kind;
  ObjectName name;
  std::vector<DataType> signature;
  bool has_signature = false;
  std::optional<Expression> result;  ///< of DESCRIBE RESULT; then nothing else is set
  std::string aspect;                ///< TYPE = COLUMNS|STAGE; may be empty
  TARN_SYNTAX_NODE(Describe, kind, name, signature, has_signature, result, aspect)
};

/// EXPLAIN [USING TABULAR|JSON|TEXT] statement.
struct Explain {
  std::string format;  ///< upper case, may be empty
  Box<Statement> statement;
  TARN_SYNTAX_NODE(Explain, format, statement)
};

/// s ->> s …
struct Flow {
  std::vector<Statement> steps;  ///< two or more
  TARN_SYNTAX_NODE(Flow, steps)
};

struct CreateRoutine;
extern template class Box<CreateRoutine>;

/// CALL p(…) [INTO :v]; WITH p AS PROCEDURE … CALL p(…).
struct Call {
  std::optional<Box<CreateRoutine>> procedure;
  Expression call;  ///< a FunctionCall
  std::optional<Expression> into;
  TARN_SYNTAX_NODE(Call, procedure, call, into)
};

/// EXECUTE IMMEDIATE e [USING (…)]; EXECUTE IMMEDIATE FROM {@stage/file | 'file'} [USING (k => v)].
struct ExecuteImmediate {
  std::optional<Expression> text;
  std::optional<StageReference> file;
  std::vector<Argument> parameters;
  TARN_SYNTAX_NODE(ExecuteImmediate, text, file, parameters)
};

struct ExecuteTask {
  ObjectName name;
  bool retry_last = false;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(ExecuteTask, name, retry_last, options)
};

}  // namespace tarn::sql::syntax
