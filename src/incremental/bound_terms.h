// SPDX-License-Identifier: Apache-2.0
// Parts of bound queries that deltas are made of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "incremental/inlined.h"
#include "sql/bound/query.h"

namespace tarn::incremental {

/// How often a row counts.
Type WeightType();
sql::bound::Expression Weight(int64_t value);
sql::bound::OutputColumn WeightColumn();

sql::bound::Expression ColumnOf(int32_t relation, size_t column, Type carrier);
sql::bound::Expression Call(std::string pattern, std::vector<sql::bound::Expression> arguments,
                            Type carrier);
sql::bound::Expression And(sql::bound::Expression a, sql::bound::Expression b);
std::optional<sql::bound::Expression> And(std::optional<sql::bound::Expression> a,
                                          std::optional<sql::bound::Expression> b);

/// All of them equal to the first columns of the relation, null equal to null. REQUIRES: any.
sql::bound::Expression SameRow(const std::vector<sql::bound::Expression>& values, int32_t relation);
/// The same where none is null, which is found faster.
sql::bound::Expression EqualRow(const std::vector<sql::bound::Expression>& values,
                                int32_t relation);

/// `columns`: names and types of the items.
QueryPointer QueryOf(sql::bound::Select select, std::vector<sql::bound::OutputColumn> columns);
QueryPointer UnionAll(std::vector<QueryPointer> operands);
sql::bound::Relation Derived(int32_t id, QueryPointer query);
sql::bound::Relation InnerJoin(sql::bound::Relation left, sql::bound::Relation right,
                               sql::bound::Expression condition);
std::vector<sql::bound::OutputColumn> ColumnsOf(const std::vector<sql::bound::Expression>& items);

}  // namespace tarn::incremental
