// SPDX-License-Identifier: Apache-2.0
// How bind_change.h's queries are made. Throws BindFailure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sql/bind/bind_change.h"
#include "sql/bind/binder.h"

namespace tarn::sql {

/// Of one statement. Call one of the seven, once.
class ChangeBinder {
 public:
  ChangeBinder(const ChangeTarget& target, const BindRequest& request)
      : target_(&target), binder_(request, counters_) {}

  BoundChange Insert(const syntax::Insert& insert);
  BoundChange Rows(const syntax::Query& source);
  BoundChange Update(const syntax::Update& update);
  BoundChange Delete(const syntax::Delete& remove);
  BoundChange Merge(const syntax::Merge& merge);
  /// `targets`: of the INTOs, in their order. The binder's own target counts for nothing.
  BoundMultiInsert InsertAll(const syntax::MultiTableInsert& insert,
                             std::span<const ChangeTarget> targets);
  BoundLoad Load(const syntax::Query& source, const std::vector<syntax::Identifier>& names,
                 const LoadOptions& options);

 private:
  // --- Values ---
  bound::Expression ToStored(bound::Expression value, const TargetColumn& column) const;
  bound::Expression DefaultOf(const TargetColumn& column) const;
  size_t ColumnOf(const syntax::Identifier& name, syntax::Span span);
  /// All, where none is named.
  std::vector<size_t> ColumnsOf(const std::vector<syntax::Identifier>& names);
  size_t AssignedColumn(const syntax::ColumnAssignment& assignment);
  bound::Expression NewValue(size_t column, const syntax::Expression* written, BoundClause& clause);

  // --- FROM ---
  void BindTarget(const syntax::ObjectName& name, const std::optional<syntax::TableAlias>& alias);
  bound::Expression RowNumber() const;
  bound::Expression RowId();
  void JoinEach(const std::vector<syntax::TableExpression>& items);
  bound::Expression BindOver(const syntax::Expression& expression, const char* clause);
  bound::Expression BindIn(const syntax::Expression& expression, const Scope& scope,
                           const char* clause);

  // --- INSERT (bind_insert.cc) ---
  BoundChange InsertValues(const syntax::Values& values, const std::vector<size_t>& columns);
  std::vector<std::optional<bound::Expression>> BindValuesOf(const syntax::Values& values,
                                                             size_t place);
  BoundChange InsertQuery(const syntax::Query& source, const std::vector<syntax::Identifier>& names,
                          bool by_name);
  void AddInserted(std::vector<std::optional<bound::Expression>> written, BoundClause clause);
  std::vector<size_t> ColumnsByName(const std::vector<ScopeColumn>& visible);
  void CheckCount(size_t columns, size_t values) const;

  // --- INSERT ALL (bind_insert_all.cc) ---
  std::vector<bound::Expression> ConditionsOf(const syntax::MultiTableInsert& insert);
  std::vector<std::optional<bound::Expression>> ValuesInto(const syntax::InsertTarget& into,
                                                           std::vector<bool>& counted);

  // --- COPY INTO (bind_load.cc) ---
  bound::Expression Loaded(bound::Expression value, const TargetColumn& column,
                           const LoadOptions& options) const;
  bound::Expression Guarded(bound::Expression value) const;

  // --- MERGE ---
  void JoinSource(const syntax::Merge& merge);
  Scope ScopeOf(const syntax::MergeClause& clause) const;
  bound::Expression ClauseOf(const syntax::Merge& merge);
  std::vector<bound::Expression> ValuesOf(const syntax::MergeClause& clause, BoundClause& bound);
  std::vector<std::optional<bound::Expression>> WrittenIn(const syntax::MergeClause& clause,
                                                          const Scope& scope, BoundClause& bound);
  std::vector<std::optional<bound::Expression>> ByName();

  void AddColumn(std::string name, bound::Expression value);
  BoundChange Take();

  const ChangeTarget* target_;
  BindCounters counters_;
  Binder binder_;
  Binder::BoundFrom from_;
  FromScope source_;  ///< of MERGE
  bound::Relation target_relation_;
  ScopeItem target_item_;
  bound::Select select_;
  BoundChange result_;
};

}  // namespace tarn::sql
