// SPDX-License-Identifier: Apache-2.0
// The procedures of the connector's schema PUBLIC (Snowflake, "Configuring replication for the
// Snowflake Connector for PostgreSQL"). They are objects of the metastore as other procedures are;
// what they do is here, with the application's rights.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/bound/expression.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/objects/routine.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// One call, whose caller may make it. Values are constants of the arguments' types, in order.
struct ConnectorCall {
  Metastore& metastore;
  ObjectId application;
  std::span<const sql::bound::Expression> values;
};

struct ConnectorProcedure {
  std::string_view name;
  std::vector<Argument> (*arguments)() = nullptr;
  /// What it answers. A failure has changed nothing.
  StatementResult<std::string> (*run)(const ConnectorCall& call) = nullptr;
};
std::span<const ConnectorProcedure> ConnectorProcedures();

/// Those of one name read how many values they were given. NoSuchObject for a name that is none of
/// the above.
StatementResult<std::string> CallConnector(std::string_view name, const ConnectorCall& call);

}  // namespace tarn::warehouse
