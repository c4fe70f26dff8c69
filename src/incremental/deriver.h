// SPDX-License-Identifier: Apache-2.0
// Derives deltas (delta.h). Only for sources of this folder.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incremental/delta.h"
#include "incremental/inlined.h"
#include "incremental/kept_groups.h"

namespace tarn::incremental {

template <typename T>
using Outcome = std::expected<T, NotIncremental>;

std::unexpected<NotIncremental> Refused(std::string what);

/// Relations of one side in some state, how often each of its rows counts, and what must hold
/// beside the query's own conditions.
struct Term {
  sql::bound::Relation relation;
  sql::bound::Expression weight;
  std::optional<sql::bound::Expression> condition;
};
using Terms = std::vector<Term>;

/// Queries whose groups can be kept, the inner ones first. `query` is without WITH.
std::vector<const sql::bound::Query*> KeptQueries(const sql::bound::Query& query);

/// Of one query, which outlives it. Used once.
class Deriver {
 public:
  /// Without names nothing is kept.
  Deriver(const sql::BoundQuery& query, const std::vector<bool>& changed,
          std::span<const KeptNames> names)
      : tables_(query.tables), changed_(changed), names_(names.begin(), names.end()) {}

  Outcome<DeltaPlan> Plan(const sql::bound::Query& query);
  Outcome<std::vector<StateQuery>> Kept(const sql::bound::Query& query);

 private:
  static constexpr int32_t kFirstOwnRelation = 1'000'000;

  /// What is kept of a query.
  struct Node {
    size_t number = 0;
    KeptGroups groups;
    bool touched = false;  ///< there is a step
  };

  Outcome<QueryPointer> Prepare(const sql::bound::Query& query);
  static Outcome<void> Check(const sql::bound::Query& query);
  static QueryPointer NoRows(const sql::bound::Query& query);

  // --- States ---
  int32_t Use(size_t table, TableState state);
  sql::bound::Relation At(const sql::bound::Relation& relation, TableState state);
  QueryPointer At(const sql::bound::Query& query, TableState state);
  QueryPointer KeptAt(const Node& node, const sql::bound::Query& query, TableState state);
  std::optional<sql::bound::Expression> At(const std::optional<sql::bound::Expression>& expression,
                                           TableState state);
  sql::bound::Expression At(const sql::bound::Expression& expression, TableState state);
  bool Changes(const sql::bound::Relation& relation) const;
  bool Changes(const sql::bound::Query& query) const;

  // --- FROM ---
  Outcome<Terms> Delta(const sql::bound::Relation& relation);
  Outcome<Terms> DeltaOfTable(const sql::bound::Relation& relation);
  Outcome<Terms> DeltaOfJoin(const sql::bound::Relation& join);
  Outcome<Terms> DeltaOfInner(const sql::bound::Relation& join);
  Outcome<Terms> DeltaOfOuter(const sql::bound::Relation& join, size_t kept);
  Outcome<Terms> DeltaOfFull(const sql::bound::Relation& join);
  static sql::bound::Expression AnyOf(const Terms& changes,
                                      const std::optional<sql::bound::Expression>& condition);
  sql::bound::Expression NoneOf(const sql::bound::Relation& relation, TableState state,
                                const std::optional<sql::bound::Expression>& condition);

  // --- FROM and WHERE: the conditions of the terms have the WHERE in them ---
  Outcome<Terms> DeltaOfRows(const sql::bound::Select& select);
  Outcome<std::optional<sql::bound::Expression>> Touches(const sql::bound::Expression& where);
  Outcome<std::optional<sql::bound::Expression>> TouchesOf(const sql::bound::Expression& subquery);

  // --- Queries: null where nothing changed ---
  Outcome<QueryPointer> Delta(const sql::bound::Query& query);
  Outcome<QueryPointer> Delta(const sql::bound::Query& query, const sql::bound::Select& select);
  Outcome<QueryPointer> Delta(const sql::bound::Query& query,
                              const sql::bound::SetOperation& operation);
  Outcome<QueryPointer> DeltaOfKept(Node& node, const sql::bound::Query& query,
                                    const sql::bound::Select& select);
  Outcome<KeptStep> StepOf(const Node& node, const sql::bound::Select& select, const Terms& changes,
                           std::vector<DeltaTable> changes_used);
  StateQuery Renewed(const Node& node, const sql::bound::Select& select, bool equal);
  QueryPointer TouchedRows(const Node& node, const sql::bound::Query& query);
  Outcome<QueryPointer> DeltaOfGroups(const sql::bound::Query& query,
                                      const sql::bound::Select& select);
  Outcome<QueryPointer> DeltaOfWindows(const sql::bound::Query& query,
                                       const sql::bound::Select& select,
                                       const std::vector<const sql::bound::Window*>& windows);
  Outcome<QueryPointer> DeltaOfParts(const sql::bound::Query& query,
                                     const sql::bound::Select& select,
                                     const std::vector<sql::bound::Expression>& keys);
  static QueryPointer TouchedParts(const Terms& changes,
                                   const std::vector<sql::bound::Expression>& keys);
  Outcome<QueryPointer> DeltaOfSets(const sql::bound::Query& query,
                                    const sql::bound::SetOperation& operation);

  const std::vector<sql::BoundTable>& tables_;
  const std::vector<bool>& changed_;
  const std::vector<KeptNames> names_;
  QueryPointer root_;
  std::map<const sql::bound::Query*, Node> nodes_;
  std::vector<KeptStep> steps_;
  std::vector<DeltaTable> used_;  ///< by the statement that is being made
  int32_t next_relation_ = kFirstOwnRelation;
};

}  // namespace tarn::incremental
