// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <memory>

#include "incremental/delta.h"
#include "sql/bound/query.h"

namespace tarn::incremental {

using QueryPointer = std::shared_ptr<const sql::bound::Query>;

/// The same query without WITH: every use of a common table has the query in its place.
/// NotIncremental for recursive ones, LIMIT and OFFSET.
std::expected<QueryPointer, NotIncremental> Inlined(const sql::bound::Query& query);

/// Calls `visit` for every expression of the query, those within others too.
void ForEachExpression(const sql::bound::Query& query,
                       const std::function<void(const sql::bound::Expression&)>& visit);
void ForEachExpression(const sql::bound::Relation& relation,
                       const std::function<void(const sql::bound::Expression&)>& visit);
void ForEachExpression(const sql::bound::Expression& expression,
                       const std::function<void(const sql::bound::Expression&)>& visit);

}  // namespace tarn::incremental
