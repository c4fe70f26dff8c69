// SPDX-License-Identifier: Apache-2.0
// The binder's state and its parts; bind.h is what others use.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/bind/bind.h"
#include "sql/bind/bind_failure.h"
#include "sql/bind/scope.h"

namespace tarn::sql {

/// What a clause may hold, and what was found in it.
struct ClauseState {
  bool aggregates_allowed = false;
  bool windows_allowed = false;
  bool in_aggregate = false;
  const char* clause = "";
};

/// The values that the names of a function's arguments stand for in its body.
struct ArgumentValues {
  struct Value {
    std::string name;
    bound::Expression value;
    size_t nodes = 0;          ///< how large it is
    bool is_volatile = false;  ///< gives another value each time
    bool of_group = false;     ///< aggregates and windows belong to the caller's SELECT
    int uses = 0;
  };
  std::string function;
  std::vector<Value> values;
};

/// A call that was expanded: the same one again has the same value, subqueries included.
struct ExpandedCall {
  int64_t function = 0;
  std::vector<bound::Expression> arguments;
  bound::Expression value;
};

/// Numbers that the whole statement shares, and what it is found to need.
struct BindCounters {
  int32_t next_relation = 0;
  int32_t next_common_table = 0;
  /// Where each `?` of the text begins, and its place in its statement, from 1: the text may be a
  /// block's, with several. Absent until one is met.
  std::optional<std::vector<std::pair<uint32_t, size_t>>> placeholders;
  int32_t next_lambda = 0;
  int32_t views = 0;               ///< nesting
  std::vector<int64_t> functions;  ///< that are being expanded, the outermost first
  size_t argument_nodes = 0;       ///< that came into bodies in the place of arguments
  int32_t volatile_calls = 0;
  std::vector<ExpandedCall> calls;
  std::vector<BoundTable> tables;
  std::vector<NamedSequence> sequences;
  std::vector<ExpandedText> expanded;

  void Add(ExpandedText text);
  /// Moves what the statement needs to where it is run from.
  void Give(BoundQuery& query);
};

/// Whether NEXTVAL stands in an expression; subqueries are not looked into (bind_sequence.cc).
bool TakesNumbers(const bound::Expression& value);

/// Binds one text: the statement, or a view's query. Throws BindFailure.
class Binder {
 public:
  Binder(const BindRequest& request, BindCounters& counters)
      : request_(request), counters_(counters) {}

  // --- Queries (bind_query.cc) ---
  bound::Query BindQuery(const syntax::Query& query, const Scope* outer);
  /// The list of VALUES, set operators, SELECT, by what the body is.
  void BindBody(const syntax::Query& query, const Scope* outer, bound::Query& result);

  // --- Expressions (bind_expression.cc, bind_operator.cc, bind_call.cc) ---
  bound::Expression Bind(const syntax::Expression& expression, const Scope& scope);
  std::vector<bound::Expression> BindAll(const std::vector<syntax::Expression>& expressions,
                                         const Scope& scope);

 private:
  friend class SelectBinder;
  friend class ChangeBinder;
  friend struct ExpressionBinder;

  // --- Queries ---
  void BindWith(const syntax::Query& query, const Scope* outer, bound::Query& result,
                std::vector<CommonTableScope>& scopes);
  bound::CommonTable BindCommonTable(const syntax::CommonTable& table, const Scope* outer,
                                     CommonTableScope& scope);
  void BindValues(const syntax::Values& values, const Scope* outer, bound::Query& result);
  void BindSetOperation(const syntax::SetOperation& operation, const Scope* outer,
                        bound::Query& result);
  void OrderByOutput(const syntax::Query& query, const Scope* outer, bound::Query& result);
  void OverOutput(bound::Query& result);
  bound::Expression BindOverOutput(const syntax::Expression& expression, const Scope* outer,
                                   const bound::Query& result);
  void BindLimit(const syntax::RowLimit& limit, const Scope* outer, bound::Query& result);
  std::optional<bound::Expression> RowCount(const syntax::Expression& expression,
                                            const Scope* outer);
  bool NullsFirst(const syntax::OrderItem& item) const;
  /// The place of an ordinal, 1 to `columns`; 0: it is none.
  int32_t OrdinalOf(const syntax::Expression& expression, size_t columns) const;
  std::shared_ptr<const bound::Query> WithColumns(bound::Query query,
                                                  const std::vector<bound::OutputColumn>& columns);

  // --- FROM (bind_from.cc, bind_join.cc, bind_pivot.cc) ---
  struct BoundFrom {
    bound::Relation relation;
    FromScope scope;
  };
  BoundFrom BindFrom(const syntax::TableExpression& item, const Scope* outer,
                     const FromScope* before);
  BoundFrom BindStagedFiles(const syntax::StagedFiles& files, syntax::Span span);
  BoundFrom BindNamedTable(const syntax::NamedTable& table);
  NamedMoment BindMoment(const syntax::TimeTravel& written);
  BoundFrom BindRelation(SqlResult<NamedRelation> relation, syntax::Span span);
  BoundFrom BindTable(NamedTable table);
  BoundFrom BindView(const NamedView& view, syntax::Span span);
  BoundFrom BindDerived(const syntax::DerivedTable& derived, const Scope* outer,
                        const FromScope* before);
  BoundFrom DerivedFrom(bound::Query query, bool lateral);
  BoundFrom BindTableFunction(const syntax::TableFunction& function, const Scope* outer,
                              const FromScope* before);
  /// A table function of the user or, if there is none of the name, of the warehouse.
  BoundFrom BindNamedCall(const syntax::FunctionCall& call, const Scope& scope);
  BoundFrom BindJoin(const syntax::Join& join, const Scope* outer, const FromScope* before);
  BoundFrom BindPivot(const syntax::Pivot& pivot, const Scope* outer);
  BoundFrom BindUnpivot(const syntax::Unpivot& unpivot, const Scope* outer);
  void ApplyAlias(const syntax::TableExpressionNode& node, BoundFrom& from);
  void ApplySample(const syntax::Sample& sample, bound::Relation& relation);
  void JoinUsing(const std::vector<std::string>& names, const syntax::Join& join, BoundFrom& left,
                 BoundFrom& right, std::vector<bound::Expression>& conditions,
                 std::vector<ScopeColumn>& visible);

  // --- Expressions ---
  bound::Expression BindNode(const syntax::ExpressionNode& node, const Scope& scope);
  bound::Expression BindColumn(const syntax::ColumnReference& reference, const Scope& scope,
                               syntax::Span span);
  std::optional<bound::Expression> FindColumn(const std::vector<std::string>& parts,
                                              const Scope& scope, syntax::Span span);
  bound::Expression BindPositional(const syntax::PositionalColumn& column, const Scope& scope,
                                   syntax::Span span);
  bound::Expression BindLiteral(const syntax::Literal& literal, syntax::Span span);
  bound::Expression BindSubquery(const char* name, const char* pattern, const syntax::Query& query,
                                 std::vector<bound::Expression> operands, const Scope& scope,
                                 bool scalar);
  bound::Expression BindIn(const syntax::InList& in, const Scope& scope);
  bound::Expression BindInQuery(const syntax::InQuery& in, const Scope& scope);
  bound::Expression BindQuantified(const syntax::QuantifiedComparison& comparison,
                                   const Scope& scope);
  bound::Expression BindPattern(const syntax::PatternMatch& match, const Scope& scope);
  bound::Expression BindBinary(const syntax::Binary& binary, const Scope& scope);
  bound::Expression BindCase(const syntax::Case& node, const Scope& scope);
  bound::Expression CompareRows(std::string_view op, const syntax::Expression& left,
                                const syntax::Expression& right, const Scope& scope);
  /// Of a name that is no function of the registry. Absent: the names do not know it either.
  std::optional<bound::Expression> BindSystemCall(const syntax::FunctionCall& call,
                                                  const std::string& name, const Scope& scope,
                                                  syntax::Span span);
  bound::Expression BindCall(const syntax::FunctionCall& call, const Scope& scope,
                             syntax::Span span);
  // bind_user_function.cc
  friend SqlResult<std::vector<ExpandedText>> CheckFunction(const NamedFunction& function,
                                                            const BindRequest& request);
  std::vector<NamedFunction> UserFunctions(const std::vector<std::string>& parts,
                                           syntax::Span span) const;
  bound::Expression BindUserCall(const syntax::FunctionCall& call,
                                 const std::vector<std::string>& parts, const Scope& scope,
                                 syntax::Span span);
  BoundFrom BindUserTable(const std::vector<NamedFunction>& functions,
                          const syntax::FunctionCall& call, const Scope& scope);
  std::vector<NamedArgument> BindArguments(const syntax::FunctionCall& call, const Scope& scope,
                                           std::vector<bool>& is_volatile);
  ArgumentValues ValuesOf(const NamedFunction& function, std::vector<NamedArgument> arguments,
                          const std::vector<bool>& is_volatile);
  bound::Expression DefaultOf(const NamedFunction& function, const NamedParameter& parameter);
  bound::Expression ExpandScalar(const NamedFunction& function, ArgumentValues& values);
  bound::Query ExpandTable(const NamedFunction& function, ArgumentValues& values);
  BindRequest RequestOf(const NamedFunction& function, std::string_view text) const;
  std::optional<bound::Expression> ArgumentNamed(const std::string& name);
  // bind_sequence.cc
  /// A value that is computed when the statement is bound, and so takes no numbers.
  bound::Expression BindFixed(const syntax::Expression& expression);
  /// `sequence.NEXTVAL`; absent: there is no such sequence.
  std::optional<bound::Expression> BindNextValue(const std::vector<std::string>& parts,
                                                 syntax::Span span);
  // bind_semistructured.cc
  bound::Expression BindPath(const syntax::Path& path, const Scope& scope);
  bound::Expression BindArray(const syntax::ArrayConstant& array, const Scope& scope);
  bound::Expression BindObject(const syntax::ObjectConstant& object, const Scope& scope);
  bound::Expression BindLambdaCall(const std::string& name, const syntax::FunctionCall& call,
                                   const Scope& scope);
  /// Name and value of each column, as OBJECT_CONSTRUCT(*) takes them.
  void AppendStarFields(const syntax::Star& star, const Scope& scope, syntax::Span span,
                        std::vector<bound::Expression>& fields);
  BoundFrom BindFlatten(const syntax::FunctionCall& call, const Scope& scope);
  bound::Expression BindCount(const syntax::FunctionCall& call, const Scope& scope);
  bound::Expression BindDateCall(const std::string& name, const syntax::FunctionCall& call,
                                 const Scope& scope, bool& bound);
  void BindCallClauses(const syntax::FunctionCall& call, const Scope& scope,
                       bound::Expression& result);
  std::shared_ptr<const bound::Window> BindWindow(const syntax::WindowSpecification& window,
                                                  const Scope& scope, const bound::Expression& of);
  std::vector<bound::OrderKey> BindOrderItems(const std::vector<syntax::OrderItem>& items,
                                              const Scope& scope);
  DataType BindType(const syntax::DataType& type);
  void ExpandStar(const syntax::Star& star, const Scope& scope, syntax::Span span,
                  std::vector<ScopeColumn>& columns);

  // --- Names and errors ---
  std::string NameOf(const syntax::Identifier& identifier) const;
  std::vector<std::string> NamesOf(const syntax::ObjectName& name);
  [[noreturn]] void FailAt(syntax::Span span, std::string code, std::string sqlstate,
                           std::string message) const;

  const BindRequest& request_;
  BindCounters& counters_;
  const CommonTableScope* common_tables_ = nullptr;
  const std::vector<syntax::NamedWindow>* windows_ = nullptr;
  ClauseState clause_;
  ArgumentValues* arguments_ = nullptr;  ///< of the function whose body this is
  int32_t query_depth_ = 0;
};

}  // namespace tarn::sql
