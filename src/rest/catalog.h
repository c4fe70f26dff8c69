// SPDX-License-Identifier: Apache-2.0
// The Iceberg REST catalog over the warehouse (Apache Iceberg 1.11, "rest-catalog-open-api").
// Databases and schemas are its namespaces, managed tables its tables; users, roles and grants are
// the warehouse's. docs/internals/rest.md has what is decided and why.
#pragma once

#include <memory>

#include "base/result.h"
#include "rest/catalog_options.h"
#include "rest/http_message.h"
#include "warehouse/session/account.h"

namespace tarn::rest {

/// Thread-safe: each request runs on its caller's thread, which waits for the metastore and the
/// storage.
class Catalog {
 public:
  /// `account` outlives the catalog. Fails where the key of tokens can't be read or made.
  static Result<std::unique_ptr<Catalog>> Open(warehouse::Account& account, CatalogOptions options);
  ~Catalog();

  /// Never fails: what goes wrong is a response. Answers paths from "/v1/" on.
  Response Handle(const Request& request);

 private:
  struct State;
  explicit Catalog(std::unique_ptr<State> state);
  Response Answer(const Request& request);

  std::unique_ptr<State> state_;
};

}  // namespace tarn::rest
