// SPDX-License-Identifier: Apache-2.0
// From a query's syntax to a bound query: names resolved, types known, casts explicit.
#pragma once

#include <string_view>
#include <vector>

#include "sql/bind/names.h"
#include "sql/bound/query.h"
#include "sql/functions/function.h"
#include "sql/sql_error.h"
#include "sql/syntax/query.h"

namespace tarn::sql {

/// No name of the user: it has a character that identifiers cannot hold, unless quoted.
inline constexpr std::string_view kRowNumberName = "\x01ROW";

struct BindRequest {
  std::string_view text;  ///< that the query's spans are of
  Names* names = nullptr;
  FunctionContext session;
  /// Values of `?`, `:1`, in order; of `:name` and `:row.column` by their canonical names.
  std::vector<bound::Expression> parameters;
  std::vector<std::pair<std::string, bound::Expression>> named_parameters;
  /// Whether `t.kRowNumberName` is a column: the number of a table's row, for statements that
  /// change rows and make a query of their own to find them.
  bool row_numbers = false;
  /// Types that the output is converted to, as INSERT does; 002020 (21S01) for another number of
  /// columns, 002023 (22000) where there is no such conversion.
  std::optional<std::vector<DataType>> output_types;
  /// Whether a name that is no column is a named parameter, as in expressions of blocks.
  bool bare_variables = false;
  /// Whether SELECT … INTO may stand; its variables are the caller's.
  bool select_into = false;
  bool nulls_last = true;  ///< DEFAULT_NULL_ORDERING
  bool quoted_identifiers_ignore_case = false;
};

/// A table of the query, `tarn_table(i)` of its text. All columns of the table are there.
struct BoundTable {
  NamedTable table;
};

/// A view or a user's function whose text has become part of a query.
struct ExpandedText {
  int64_t function = 0;  ///< its id; 0: a view
  std::string name;      ///< with database and schema
  std::string text;
  bool immutable = true;  ///< of a function, as it was declared
  bool operator==(const ExpandedText&) const = default;
};

struct BoundQuery {
  bound::Query query;  ///< its columns travel in carriers that the session's contract allows
  std::vector<BoundTable> tables;
  /// `tarn_next_value(i)` of its text takes the next number of the i-th.
  std::vector<NamedSequence> sequences = {};
  std::vector<ExpandedText> expanded = {};  ///< each once, in no order
};

SqlResult<BoundQuery> BindQuery(const syntax::Query& query, const BindRequest& request);

/// An expression over no table: of SET, VALUES, AT.
SqlResult<bound::Expression> BindConstant(const syntax::Expression& expression,
                                          const BindRequest& request);

/// Binds the body with values of the parameters' types that nobody knows, and converts it to what
/// the function returns: what CREATE FUNCTION checks. What it expands is the answer.
SqlResult<std::vector<ExpandedText>> CheckFunction(const NamedFunction& function,
                                                   const BindRequest& request);

/// Whether an upper-case name is that of a function of the documentation, which no user's function
/// takes. (Names::MayBeSystemFunction knows more.)
bool IsReservedFunctionName(std::string_view name);

/// What the engine needs to run it, but for the tables' plans.
struct PrintedQuery {
  std::string text;
  std::vector<Type> carriers;
  std::vector<NamedSequence> sequences = {};
};
PrintedQuery Print(const BoundQuery& query);

}  // namespace tarn::sql
