// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/postgres/catalogue_connection.h"
#include "server/postgres/own_statement.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// How values and rows are written, as Bind says: none (all text), one for all, or one each.
struct RunFormats {
  std::vector<Format> parameters, results;
};

/// A statement that is ready to run: the session's, one of PostgreSQL's own, a query of its
/// catalogues, or an empty one.
struct Statement {
  std::shared_ptr<const std::string> client_text;  ///< all that the client sent
  int64_t offset = 0;                              ///< of this statement in it
  std::optional<OwnStatement> own;
  std::shared_ptr<const warehouse::PreparedStatement> prepared;
  std::optional<CatalogueQuery> relayed;  ///< without values
  std::vector<uint32_t> parameter_oids;
  SentColumns columns;

  bool is_empty() const { return !own && prepared == nullptr && !relayed; }
  bool is_read_only() const { return prepared == nullptr || prepared->read_only(); }
};
using StatementPtr = std::shared_ptr<const Statement>;

/// A position in bytes from the start of the statement → in characters, from 1, in the client's
/// text.
std::optional<int64_t> ClientPosition(const std::string& client_text, int64_t offset,
                                      std::optional<int64_t> position);

}  // namespace tarn::server::postgres
