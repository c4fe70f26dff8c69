// SPDX-License-Identifier: Apache-2.0
// Numbers of sequences for the queries of a session (`sequence.NEXTVAL`).
#pragma once

#include <memory>
#include <vector>

#include "engine/query.h"
#include "sql/bind/names.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::warehouse {

/// One source for each of the sequences, in their order. Numbers are taken outside of any
/// transaction, as many as a query asks for and, once it has asked often, more: there are gaps, and
/// none comes twice. 100097 beyond 64 bits, 002003 for a sequence that is gone. The metastore
/// outlives them.
std::vector<std::shared_ptr<engine::NumberSource>> NumbersOf(
    Metastore& metastore, const std::vector<sql::NamedSequence>& sequences);

}  // namespace tarn::warehouse
