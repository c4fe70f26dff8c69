// SPDX-License-Identifier: Apache-2.0
// Statements that change rows or move files.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/syntax/option.h"
#include "sql/syntax/query.h"

namespace tarn::sql::syntax {

/// INSERT [OVERWRITE] INTO t [(columns)] query; VALUES is a query whose rows may hold DEFAULT.
struct Insert {
  bool overwrite = false;
  ObjectName table;
  std::vector<Identifier> columns;
  bool by_name = false;
  Query source;
  TARN_SYNTAX_NODE(Insert, overwrite, table, columns, by_name, source)
};

/// INTO t [(columns)] [VALUES (…)] of a multi-table insert.
struct InsertTarget {
  ObjectName table;
  std::vector<Identifier> columns;
  std::vector<Expression> values;  ///< empty: the source's columns
  TARN_SYNTAX_NODE(InsertTarget, table, columns, values)
};

struct InsertBranch {
  std::optional<Expression>
      condition;  ///< absent: unconditional, or ELSE (then it is the last one)
  std::vector<InsertTarget> targets;
  TARN_SYNTAX_NODE(InsertBranch, condition, targets)
};

/// INSERT [OVERWRITE] ALL INTO … query, INSERT [OVERWRITE] {ALL|FIRST} WHEN … THEN INTO … query.
struct MultiTableInsert {
  bool overwrite = false;
  bool first = false;
  std::vector<InsertBranch> branches;
  Query source;
  TARN_SYNTAX_NODE(MultiTableInsert, overwrite, first, branches, source)
};

struct ColumnAssignment {
  std::vector<Identifier> column;  ///< `c` or `t.c`
  Expression value;
  TARN_SYNTAX_NODE(ColumnAssignment, column, value)
};

struct Update {
  ObjectName table;
  std::optional<TableAlias> alias;
  std::vector<ColumnAssignment> assignments;
  std::vector<TableExpression> from;
  std::optional<Expression> where;
  TARN_SYNTAX_NODE(Update, table, alias, assignments, from, where)
};

struct Delete {
  ObjectName table;
  std::optional<TableAlias> alias;
  std::vector<TableExpression> from;  ///< USING
  std::optional<Expression> where;
  TARN_SYNTAX_NODE(Delete, table, alias, from, where)
};

enum class MergeAction : uint8_t { kUpdate, kDelete, kInsert };

/// WHEN [NOT] MATCHED [AND condition] THEN action: of kInsert if and only if NOT MATCHED.
struct MergeClause {
  Span span;
  MergeAction action = MergeAction::kUpdate;
  std::optional<Expression> condition;
  bool all_by_name = false;
  std::vector<ColumnAssignment> assignments;
  std::vector<Identifier> columns;
  std::vector<Expression> values;
  TARN_SYNTAX_NODE(MergeClause, action, condition, all_by_name, assignments, columns, values)
};

struct Merge {
  ObjectName table;
  std::optional<TableAlias> alias;
  TableExpression source;
  Expression on;
  std::vector<MergeClause> clauses;
  TARN_SYNTAX_NODE(Merge, table, alias, source, on, clauses)
};

struct Truncate {
  bool if_exists = false;
  ObjectName table;
  TARN_SYNTAX_NODE(Truncate, if_exists, table)
};

/// A stage, or the URL of files outside ('s3://…').
using FileLocation = std::variant<StageReference, Literal>;

/// COPY INTO t [(columns)] FROM {location | (query)} options.
struct CopyIntoTable {
  ObjectName table;
  std::vector<Identifier> columns;
  std::variant<FileLocation, Query> source;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(CopyIntoTable, table, columns, source, options)
};

/// COPY INTO location FROM {t | (query)} [PARTITION BY e] options.
struct CopyIntoLocation {
  FileLocation location;
  std::variant<ObjectName, Query> source;
  std::optional<Expression> partition_by;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(CopyIntoLocation, location, source, partition_by, options)
};

/// PUT file://… @stage, GET @stage file://…; the stage may be a bind variable.
struct FileTransfer {
  bool upload = true;
  std::string local;  ///< the URL, as written but for quotes
  StageReference stage;
  std::optional<Expression> bound_stage;  ///< instead of it: a bind variable, of the text '@stage'
  std::vector<Option> options;
  TARN_SYNTAX_NODE(FileTransfer, upload, local, stage, bound_stage, options)
};

enum class StageAction : uint8_t { kList, kRemove };

/// LIST|REMOVE @stage [PATTERN = …].
struct StageCommand {
  StageAction action = StageAction::kList;
  StageReference stage;
  std::vector<Option> options;
  TARN_SYNTAX_NODE(StageCommand, action, stage, options)
};

}  // namespace tarn::sql::syntax
