// SPDX-License-Identifier: Apache-2.0
// What a query asks of the objects around it: the warehouse answers, at one moment of its
// metastore and with the rights of one role.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/column_type.h"
#include "sql/bound/expression.h"
#include "sql/data_type.h"
#include "sql/sql_error.h"
#include "sql/syntax/query.h"

namespace tarn::sql {

struct NamedColumn {
  std::string name;
  DataType type;
  /// What is read from files for it. Its type is a carrier of `type`, or one that values are
  /// converted from: kFloat of FLOAT, kFixed of BINARY.
  Field field;
  bool nullable = true;
};

struct NamedTable {
  /// The caller's, for whoever plans the scan.
  std::shared_ptr<const void> handle;
  std::string database, schema, name;
  uint32_t id = 0;
  std::vector<NamedColumn> columns;
};

class Names;

/// A view's query is bound by names of its own: those of its owner and its schema.
struct NamedView {
  std::string database, schema, name;
  std::shared_ptr<const std::string> text;  ///< that the query's spans are of
  std::shared_ptr<const syntax::Query> query;
  std::shared_ptr<Names> names;
  std::vector<std::string> columns;  ///< empty: the query's own names
};

using NamedRelation = std::variant<NamedTable, NamedView>;

/// AT or BEFORE; `value` is a constant expression.
struct NamedMoment {
  bool before = false;
  std::string point;  ///< TIMESTAMP, OFFSET, STATEMENT, STREAM, VERSION
  bound::Expression value;
};

/// CHANGES of a table, from a moment on; without an end until now.
struct NamedChanges {
  bool append_only = false;
  NamedMoment start;
  std::optional<NamedMoment> end;
};

/// Of a function; `name` is empty for one that is not named.
struct NamedArgument {
  std::string name;
  bound::Expression value;  ///< of a table function of the warehouse: a constant expression
};

struct NamedParameter {
  std::string name;
  DataType type;
  /// An expression that the function's names are for; absent: the call must give a value.
  std::optional<std::string> default_sql;
};

/// A user's function. Its body is SQL, bound by names of its own: those of its owner and its
/// schema.
struct NamedFunction {
  int64_t id = 0;
  int32_t place = 0;  ///< of its schema in the search path
  std::string database, schema, name;
  std::vector<NamedParameter> parameters;
  DataType returns;
  std::optional<std::vector<std::pair<std::string, DataType>>> returns_table;
  std::string body;     ///< an expression or a query
  bool strict = false;  ///< NULL, or no row, where an argument is NULL
  bool immutable = false;
  std::shared_ptr<Names> names;
};

struct NamedSequence {
  int64_t id = 0;
  std::string name;
};

/// Used by one thread at a time. Answers of one object do not change while it lives.
class Names {
 public:
  virtual ~Names() = default;
  /// `parts` are one to three, canonical; an empty one in the middle is the schema PUBLIC. 002003
  /// (42S02) for what there is not or the role may not see.
  virtual SqlResult<NamedRelation> Relation(const std::vector<std::string>& parts,
                                            const std::optional<NamedMoment>& moment) = 0;
  /// The relation's columns, METADATA$ACTION, METADATA$ISUPDATE and METADATA$ROW_ID. Refused by
  /// default (000002).
  virtual SqlResult<NamedRelation> Changes(const std::vector<std::string>& parts,
                                           const NamedChanges& changes);
  /// DIRECTORY(@stage): the files of a stage. `location` is what stands behind the `@`. Like those
  /// below, refused by default (000002); rows that are in no file come as a table without a
  /// plan, with pending rows (engine/query.h).
  virtual SqlResult<NamedRelation> Directory(const std::string& location);
  /// @stage/path (…) in FROM: rows of files, their columns by place.
  virtual SqlResult<NamedRelation> StagedFiles(const std::string& location,
                                               const std::vector<NamedArgument>& options);
  /// TABLE(f(…)) of a function that is not the registry's: INFORMATION_SCHEMA.…, RESULT_SCAN.
  virtual SqlResult<NamedRelation> TableFunction(const std::vector<std::string>& parts,
                                                 const std::vector<NamedArgument>& arguments);
  /// The user's functions of the name that the role may call, in the order of the search path. None
  /// by default.
  virtual SqlResult<std::vector<NamedFunction>> Functions(const std::vector<std::string>& parts);
  /// The sequence of the name, which the role may use; absent, as by default: there is none.
  virtual SqlResult<std::optional<NamedSequence>> Sequence(const std::vector<std::string>& parts);
  /// `$n` in FROM behind `->>`: the result of the n-th statement back.
  virtual SqlResult<NamedRelation> PipedResult(const std::string& number);
  /// Whether SystemFunction may know the name, which is upper case and no function of the registry:
  /// asked before arguments are bound.
  virtual bool MayBeSystemFunction(const std::string& name) const;
  /// A function of the objects and the session (SYSTEM$STREAM_HAS_DATA, CURRENT_AVAILABLE_ROLES):
  /// its value as a constant, computed when the statement is bound. Absent: there is none.
  virtual SqlResult<std::optional<bound::Expression>> SystemFunction(
      const std::string& name, const std::vector<bound::Expression>& arguments);
  /// A session's variable by its canonical name, as a constant; absent: not set.
  virtual std::optional<bound::Expression> Variable(const std::string& name) = 0;
};

}  // namespace tarn::sql
