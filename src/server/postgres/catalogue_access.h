// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/postgres/catalogue_connection.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// Where PostgreSQL's catalogues are asked. Thread-safe.
class CatalogueAccess {
 public:
  virtual ~CatalogueAccess() = default;
  /// Sees to it that the catalogues show what there is now, as far as the session's roles see it in
  /// its database, and tells where. `again`: the last address did not answer.
  virtual warehouse::StatementResult<CatalogueAddress> Ready(const warehouse::Session& session,
                                                             bool again) = 0;
};

}  // namespace tarn::server::postgres
