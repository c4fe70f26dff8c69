// SPDX-License-Identifier: Apache-2.0
// CREATE of other objects, ALTER, DROP, UNDROP, COMMENT, GRANT and REVOKE.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/statement_table.h"

namespace tarn::sql::syntax {

/// Objects that are described by options alone: databases, warehouses, stages, integrations,
/// instances, …
struct CreateObject {
  CreateHead head;
  std::optional<CopySource> copy_of;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(CreateObject, head, copy_of, options)
};

/// STREAM n ON kind source [AT|BEFORE (…)] options.
struct CreateStream {
  CreateHead head;
  ObjectKind source_kind = ObjectKind::kTable;
  ObjectName source;
  std::optional<TimeTravel> time_travel;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(CreateStream, head, source_kind, source, time_travel, options)
};

struct CreateTask {
  CreateHead head;
  std::vector<Option> options;
  std::vector<ObjectName> after;
  std::optional<ObjectName> execute_as_user;
  std::optional<Expression> when;
  Box<Statement> body;
  Span body_span;
  TARN_SYNTAX_NODE(CreateTask, head, options, after, execute_as_user, when, body)
};

struct RoutineArgument {
  Identifier name;
  std::string mode;  ///< IN, OUT, INPUT, OUTPUT or empty
  DataType type;
  std::optional<Expression> default_value;
  TARN_SYNTAX_NODE(RoutineArgument, name, mode, type, default_value)
};

/// FUNCTION, PROCEDURE and EXTERNAL FUNCTION. The body of SQL is not parsed here: it is text that
/// its creation checks and its call parses (ParseBlock), in other languages it is foreign.
struct CreateRoutine {
  CreateHead head;
  std::vector<RoutineArgument> arguments;
  std::optional<DataType> returns;
  bool returns_table = false;
  bool returns_not_null = false;
  std::vector<TypeField> table_columns;
  std::vector<Option> options;  ///< LANGUAGE, EXECUTE AS, COMMENT, HANDLER, PACKAGES, VOLATILE, …
  std::optional<std::string> body;
  Span body_span;  ///< of the text itself, where it stands without a string's quotes and escapes
  TARN_SYNTAX_NODE(CreateRoutine, head, arguments, returns, returns_table, returns_not_null,
                   table_columns, options, body)
};

// --- ALTER
// --------------------------------------------------------------------------------------------------

struct RenameTo {
  ObjectName name;
  TARN_SYNTAX_NODE(RenameTo, name)
};

struct SwapWith {
  ObjectName name;
  TARN_SYNTAX_NODE(SwapWith, name)
};

/// SET options [APPLY IMMEDIATELY | APPLY ON '…'].
struct SetOptions {
  std::vector<Option> options;
  std::string apply;  ///< IMMEDIATELY, ON or empty
  std::optional<std::string> apply_on;
  TARN_SYNTAX_NODE(SetOptions, options, apply, apply_on)
};

struct UnsetOptions {
  std::vector<std::string> keys;  ///< upper case
  std::vector<ObjectName> tags;   ///< UNSET TAG a, b
  TARN_SYNTAX_NODE(UnsetOptions, keys, tags)
};

/// Any other verb: SUSPEND, RESUME IF SUSPENDED, REFRESH 'path', RESET ACCESS FOR 'user', ABORT ALL
/// QUERIES, ADD STORAGE_LOCATION = (…), DROP ALLOWED_VALUES 'a', …
struct Perform {
  std::string verb;  ///< upper case words
  std::vector<Option> options;
  std::vector<Expression> arguments;
  TARN_SYNTAX_NODE(Perform, verb, options, arguments)
};

struct AddColumns {
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns;
  TARN_SYNTAX_NODE(AddColumns, if_not_exists, columns)
};

struct DropColumns {
  bool if_exists = false;
  std::vector<Identifier> columns;
  TARN_SYNTAX_NODE(DropColumns, if_exists, columns)
};

struct RenameColumn {
  Identifier from;
  Identifier to;
  TARN_SYNTAX_NODE(RenameColumn, from, to)
};

enum class ColumnChangeKind : uint8_t {
  kSetType,
  kSetNotNull,
  kDropNotNull,
  kSetDefault,
  kDropDefault,
  kSetComment,
  kUnsetComment,
  kSetPolicy,
  kUnsetPolicy,
  kSetTags,
  kUnsetTags,
};

/// One `[COLUMN] c …` of ALTER COLUMN; which members are set follows from `kind`.
struct ColumnChange {
  Identifier column;
  ColumnChangeKind kind = ColumnChangeKind::kSetType;
  std::optional<DataType> type;
  std::optional<Expression> value;  ///< the default
  std::optional<std::string> comment;
  std::optional<PolicyUse> policy;  ///< of kUnsetPolicy only its kind
  bool force = false;
  std::vector<TagAssignment> tags;
  std::vector<ObjectName> tag_names;
  TARN_SYNTAX_NODE(ColumnChange, column, kind, type, value, comment, policy, force, tags, tag_names)
};

struct AlterColumns {
  std::vector<ColumnChange> changes;
  TARN_SYNTAX_NODE(AlterColumns, changes)
};

struct AddConstraint {
  Constraint constraint;
  TARN_SYNTAX_NODE(AddConstraint, constraint)
};

struct RenameConstraint {
  Identifier from;
  Identifier to;
  TARN_SYNTAX_NODE(RenameConstraint, from, to)
};

/// DROP|ALTER {CONSTRAINT n | PRIMARY KEY | UNIQUE (…) | FOREIGN KEY (…)} properties.
struct ChangeConstraint {
  bool drop = true;
  std::optional<Identifier> name;
  ConstraintKind kind = ConstraintKind::kPrimaryKey;  ///< without a name
  std::vector<Identifier> columns;
  std::vector<std::string> properties;  ///< CASCADE, RELY, NOT ENFORCED, …
  TARN_SYNTAX_NODE(ChangeConstraint, drop, name, kind, columns, properties)
};

struct ClusterBy {
  std::vector<Expression> keys;
  TARN_SYNTAX_NODE(ClusterBy, keys)
};

/// ADD|DROP ROW ACCESS POLICY p [ON (…)], SET|UNSET AGGREGATION POLICY p, DROP ALL ROW ACCESS
/// POLICIES.
struct ChangePolicy {
  std::string verb;  ///< ADD, DROP, SET, UNSET, DROP ALL
  std::optional<PolicyUse> policy;
  std::string kind;  ///< where no policy is named
  bool force = false;
  TARN_SYNTAX_NODE(ChangePolicy, verb, policy, kind, force)
};

/// ADD|REMOVE AFTER a, b of tasks.
struct ChangePredecessors {
  bool remove = false;
  std::vector<ObjectName> tasks;
  TARN_SYNTAX_NODE(ChangePredecessors, remove, tasks)
};

/// MODIFY AS statement.
struct ModifyBody {
  Box<Statement> body;
  Span body_span;
  TARN_SYNTAX_NODE(ModifyBody, body)
};

/// MODIFY WHEN e.
struct ModifyCondition {
  Expression condition;
  TARN_SYNTAX_NODE(ModifyCondition, condition)
};

using AlterAction =
    std::variant<RenameTo, SwapWith, SetOptions, UnsetOptions, Perform, AddColumns, DropColumns,
                 RenameColumn, AlterColumns, AddConstraint, RenameConstraint, ChangeConstraint,
                 ClusterBy, ChangePolicy, ChangePredecessors, ModifyBody, ModifyCondition>;

/// ALTER kind [IF EXISTS] name action[, action]; ALTER SESSION and ALTER ACCOUNT have no name.
/// Several dynamic tables may be refreshed at once.
struct AlterObject {
  ObjectKind kind = ObjectKind::kTable;
  bool if_exists = false;
  std::optional<ObjectName> name;
  std::vector<ObjectName> more_names;
  bool has_signature = false;
  std::vector<DataType> signature;
  std::vector<AlterAction> actions;
  TARN_SYNTAX_NODE(AlterObject, kind, if_exists, name, more_names, has_signature, signature,
                   actions)
};

// --- The rest
// -----------------------------------------------------------------------------------------------

struct DropObject {
  ObjectKind kind = ObjectKind::kTable;
  bool if_exists = false;
  ObjectName name;
  bool has_signature = false;
  std::vector<DataType> signature;
  std::string behaviour;  ///< CASCADE, RESTRICT or empty
  TARN_SYNTAX_NODE(DropObject, kind, if_exists, name, has_signature, signature, behaviour)
};

struct UndropObject {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  TARN_SYNTAX_NODE(UndropObject, kind, name)
};

/// COMMENT [IF EXISTS] ON kind name IS '…'.
struct Comment {
  bool if_exists = false;
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
  bool has_signature = false;
  std::vector<DataType> signature;
  std::string text;
  TARN_SYNTAX_NODE(Comment, if_exists, kind, name, has_signature, signature, text)
};

enum class GrantScope : uint8_t { kNone, kObject, kAll, kFuture };

/// ON kind name, ON {ALL|FUTURE} kinds IN {DATABASE|SCHEMA} name, ON ACCOUNT.
struct GrantTarget {
  GrantScope scope = GrantScope::kNone;
  std::string kind;                ///< upper case, singular: TABLE, POSTGRES INSTANCE
  std::optional<ObjectName> name;  ///< of the object or of the container
  std::string container;           ///< DATABASE or SCHEMA, of kAll and kFuture
  bool has_signature = false;
  std::vector<DataType> signature;
  TARN_SYNTAX_NODE(GrantTarget, scope, kind, name, container, has_signature, signature)
};

/// GRANT|REVOKE privileges ON target TO|FROM grantee, and GRANT|REVOKE {ROLE r | DATABASE ROLE r}
/// TO|FROM grantee.
struct Grant {
  bool revoke = false;
  bool grant_option_for = false;
  std::vector<std::string>
      privileges;         ///< upper case words: SELECT, CREATE ICEBERG TABLE, ALL, OWNERSHIP
  std::string role_kind;  ///< ROLE, DATABASE ROLE, APPLICATION ROLE; then no privileges
  std::optional<ObjectName> role;
  GrantTarget target;
  std::string
      grantee_kind;  ///< ROLE, USER, DATABASE ROLE, SHARE, APPLICATION, …; may be empty: ROLE
  ObjectName grantee;
  bool with_grant_option = false;
  std::string current_grants;  ///< COPY, REVOKE or empty
  std::string behaviour;       ///< CASCADE, RESTRICT or empty
  TARN_SYNTAX_NODE(Grant, revoke, grant_option_for, privileges, role_kind, role, target,
                   grantee_kind, grantee, with_grant_option, current_grants, behaviour)
};

}  // namespace tarn::sql::syntax
