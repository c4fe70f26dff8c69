// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <memory>

#include "incremental/delta.h"
#include "sql/bound/query.h"

namespace tarn::incremental {

using QueryPointer = std::shared_ptr<const sql::bound::Query>;

/// The same query without WITH: every use of a common table has the query in its place. And
/// without GROUPING SETS: each set is a query of its own, all of them joined by UNION ALL.
/// NotIncremental for recursive ones, LIMIT and OFFSET.
std::expected<QueryPointer, NotIncremental> Inlined(const sql::bound::Query& query);

/// Whether a subquery stands in an expression that is no WHERE.
bool HasMisplacedSubquery(const sql::bound::Query& query);

/// Calls `visit` for every expression of the query, those within others too.
void ForEachExpression(const sql::bound::Query& query,
                       const std::function<void(const sql::bound::Expression&)>& visit);
void ForEachExpression(const sql::bound::Relation& relation,
                       const std::function<void(const sql::bound::Expression&)>& visit);
void ForEachExpression(const sql::bound::Expression& expression,
                       const std::function<void(const sql::bound::Expression&)>& visit);

}  // namespace tarn::incremental
