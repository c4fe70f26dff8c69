// SPDX-License-Identifier: Apache-2.0
// Statements that change rows, as the query that gives the new rows: INSERT, UPDATE, DELETE, MERGE.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/bind/bind.h"
#include "sql/syntax/statement_dml.h"

namespace tarn::sql {

/// A column of the table that is written to.
struct TargetColumn {
  std::string name;
  DataType type;
  Type stored;  ///< of the column in files
  /// What DEFAULT gives: an expression over no table, not converted. Absent: NULL.
  std::optional<bound::Expression> default_value = std::nullopt;
  /// DEFAULT gives numbers that only the caller can count: it gets NULL and is told.
  bool counted = false;
};

/// The columns in the order of Names::Relation's.
struct ChangeTarget {
  std::vector<TargetColumn> columns;
  /// Whether a column with the rows' _row_id comes along, for UPDATE and MERGE.
  bool row_ids = false;
};

/// What a WHEN of MERGE, or the whole statement, makes of a row.
struct BoundClause {
  syntax::MergeAction action = syntax::MergeAction::kInsert;
  /// By the target's columns: whether the caller has to number the values.
  std::vector<bool> counted;
};

/// Values come converted as INSERT converts them, in the types of the files' columns. The columns
/// of the query:
///   the row's number (kLong), of UPDATE, DELETE and MERGE; null where MERGE inserts
///   its _row_id (kLong), where that was asked for, not of DELETE
///   the clause (kInt), of MERGE: an index into `clauses`; null where none applies
///   a value of every column of the target, not of DELETE
struct BoundChange {
  BoundQuery query;
  /// The query's table whose rows are changed; not of INSERT.
  int32_t target_table = -1;
  std::vector<BoundClause> clauses;  ///< one, but for MERGE
};

/// The rows that one INTO of a multi-table insert gets.
struct BoundInsertRows {
  size_t applies = 0;      ///< the query's column (kBoolean, never null) that says for which rows
  size_t first_value = 0;  ///< from here on, a value of every column of the target
  std::vector<bool> counted;  ///< as BoundClause::counted
};

struct BoundMultiInsert {
  BoundQuery query;
  std::vector<BoundInsertRows> targets;  ///< in the order of the INTOs
};

/// Rows of files for a table: each value may fail for itself. The query reads one table. Its
/// columns:
///   the row's number there (kLong, engine/query.h)
///   of every item of the SELECT, whether its value cannot be made (kBoolean, never null)
///   a value of every column of the target, null where it cannot be made
struct BoundLoad {
  BoundQuery query;
  std::vector<size_t> columns;  ///< of the target, by the items of the SELECT
  std::vector<bool> counted;    ///< as BoundClause::counted
};

struct LoadOptions {
  /// Texts that are longer than their column are cut.
  bool truncate = false;
  /// Not set: a value that cannot be made ends the query, with its own failure.
  bool guarded = true;
};

/// 002020 (21S01) for another number of columns, 002023 (22000) where there is no conversion,
/// 000904 for columns that the table lacks, 002025 (42S21) for one that stands twice.
SqlResult<BoundChange> BindInsert(const syntax::Insert& insert, const ChangeTarget& target,
                                  const BindRequest& request);
/// The same of a query whose columns are those of the target, in order: of CREATE TABLE … AS.
SqlResult<BoundChange> BindRows(const syntax::Query& rows, const ChangeTarget& target,
                                const BindRequest& request);
/// The source is read once, whatever the number of targets.
SqlResult<BoundMultiInsert> BindInsertAll(const syntax::MultiTableInsert& insert,
                                          std::span<const ChangeTarget> targets,
                                          const BindRequest& request);
/// COPY INTO: `rows` is a SELECT of values from the files of one stage, for the named columns of
/// the target, or all. Others take their default. As BindInsert; 000002 for a query that does more.
SqlResult<BoundLoad> BindLoad(const syntax::Query& rows,
                              const std::vector<syntax::Identifier>& columns,
                              const ChangeTarget& target, const LoadOptions& options,
                              const BindRequest& request);
SqlResult<BoundChange> BindUpdate(const syntax::Update& update, const ChangeTarget& target,
                                  const BindRequest& request);
SqlResult<BoundChange> BindDelete(const syntax::Delete& remove, const BindRequest& request);
/// 001003 for a clause behind one that takes all of its kind; 000002 for conditions that may answer
/// differently when they are asked again.
SqlResult<BoundChange> BindMerge(const syntax::Merge& merge, const ChangeTarget& target,
                                 const BindRequest& request);

}  // namespace tarn::sql
