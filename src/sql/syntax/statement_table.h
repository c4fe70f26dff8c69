// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE in all its kinds, and CREATE VIEW.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/syntax/object_kind.h"
#include "sql/syntax/option.h"
#include "sql/syntax/query.h"

namespace tarn::sql::syntax {

/// What CREATE says before and of the name.
struct CreateHead {
  ObjectKind kind = ObjectKind::kTable;
  bool or_replace = false;
  bool or_alter = false;
  bool if_not_exists = false;
  std::vector<std::string>
      modifiers;  ///< TRANSIENT, TEMPORARY, LOCAL, SECURE, RECURSIVE, …, as written
  Span name_span;
  ObjectName name;
  TARN_SYNTAX_NODE(CreateHead, kind, or_replace, or_alter, if_not_exists, modifiers, name)
};

enum class CopyKind : uint8_t { kClone, kLike, kFork, kShare };

/// CLONE t [AT|BEFORE (…)], LIKE t, FORK i, FROM SHARE s.
struct CopySource {
  CopyKind kind = CopyKind::kClone;
  ObjectName name;
  std::optional<TimeTravel> time_travel;
  TARN_SYNTAX_NODE(CopySource, kind, name, time_travel)
};

enum class ConstraintKind : uint8_t { kPrimaryKey, kUnique, kForeignKey, kCheck };

struct Constraint {
  Span span;
  std::optional<Identifier> name;
  ConstraintKind kind = ConstraintKind::kPrimaryKey;
  std::vector<Identifier> columns;  ///< empty inline
  std::optional<ObjectName> referenced_table;
  std::vector<Identifier> referenced_columns;
  std::optional<Expression> check;
  std::vector<std::string> properties;  ///< NOT ENFORCED, RELY, ON DELETE CASCADE, MATCH FULL, …
  std::optional<std::string> comment;
  TARN_SYNTAX_NODE(Constraint, name, kind, columns, referenced_table, referenced_columns, check,
                   properties, comment)
};

/// MASKING POLICY p USING (a, b), PROJECTION POLICY p, ROW ACCESS POLICY p ON (a), AGGREGATION
/// POLICY p, …
struct PolicyUse {
  std::string kind;  ///< MASKING, PROJECTION, ROW ACCESS, AGGREGATION, JOIN, STORAGE LIFECYCLE
  ObjectName policy;
  std::vector<Identifier> columns;
  TARN_SYNTAX_NODE(PolicyUse, kind, policy, columns)
};

/// AUTOINCREMENT | IDENTITY.
struct AutoIncrement {
  std::optional<Expression> start;
  std::optional<Expression> step;
  std::string order;  ///< ORDER, NOORDER or empty
  TARN_SYNTAX_NODE(AutoIncrement, start, step, order)
};

enum class Nullability : uint8_t { kUnspecified, kNotNull, kNull };

struct ColumnDefinition {
  Span span;
  Identifier name;
  std::optional<DataType> type;  ///< absent in CREATE TABLE … AS and in views
  std::optional<std::string> collation;
  Nullability nullability = Nullability::kUnspecified;
  std::optional<Expression> default_value;
  std::optional<AutoIncrement> auto_increment;
  std::optional<Expression> computed;  ///< AS (e)
  std::vector<Constraint> constraints;
  std::vector<PolicyUse> policies;
  std::vector<TagAssignment> tags;
  std::optional<std::string> comment;
  TARN_SYNTAX_NODE(ColumnDefinition, name, type, collation, nullability, default_value,
                   auto_increment, computed, constraints, policies, tags, comment)
};

/// TABLE, ICEBERG TABLE, DYNAMIC [ICEBERG] TABLE, EXTERNAL, EVENT and HYBRID TABLE.
struct CreateTable {
  CreateHead head;
  std::vector<ColumnDefinition> columns;
  std::vector<Constraint> constraints;
  std::optional<CopySource> copy_of;
  std::vector<Expression> cluster_by;
  std::vector<Expression> partition_by;
  std::vector<PolicyUse> policies;
  std::vector<Option> options;
  std::optional<Expression> frozen_where;  ///< FROZEN|IMMUTABLE WHERE (e)
  std::optional<ObjectName> backfill_from;
  std::optional<TimeTravel> start_at;
  std::optional<ObjectName> execute_as_user;
  std::vector<ObjectName> secondary_roles;  ///< of that user: ALL, NONE or roles
  std::optional<Query> query;               ///< AS
  std::optional<Box<Statement>> refresh_using;
  TARN_SYNTAX_NODE(CreateTable, head, columns, constraints, copy_of, cluster_by, partition_by,
                   policies, options, frozen_where, backfill_from, start_at, execute_as_user, query,
                   refresh_using)
};

/// VIEW, MATERIALIZED VIEW.
struct CreateView {
  CreateHead head;
  std::vector<ColumnDefinition> columns;
  std::vector<Expression> cluster_by;
  std::vector<PolicyUse> policies;
  std::vector<Option> options;
  Query query;
  TARN_SYNTAX_NODE(CreateView, head, columns, cluster_by, policies, options, query)
};

}  // namespace tarn::sql::syntax
