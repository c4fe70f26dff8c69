// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/http_exchange.h"
#include "rest/catalog.h"

namespace tarn::server {

/// The Iceberg REST catalog below a prefix ("/iceberg"), which its paths do not have. The catalog
/// outlives it.
std::shared_ptr<tarn::http::Handler> MakeRestHandler(rest::Catalog& catalog, std::string prefix);

}  // namespace tarn::server
