// SPDX-License-Identifier: Apache-2.0
// Which operation a request asks for. The same list is what the configuration advertises.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rest/call.h"

namespace tarn::rest {

using Operation = Reply<Response> (*)(const Service& service, const Call& call);

struct Endpoint {
  std::string_view method;
  /// "/v1/{prefix}/namespaces/{namespace}", as the specification and its clients spell it.
  std::string_view path;
  Operation operation;
  /// For databases of managed PostgreSQL servers; null: refused, they do that themselves.
  Operation of_postgres = nullptr;
  /// Whether it may change something: then an Idempotency-Key is heeded.
  bool changes = false;
};

std::span<const Endpoint> Endpoints();

/// What a path names, still encoded.
struct Route {
  const Endpoint* endpoint = nullptr;
  std::string_view prefix, name_space, name;
};

/// 404 for a path, 405 for a method that there is not. `{prefix}` may be absent from the path.
Reply<Route> FindRoute(std::string_view method, std::string_view path);

/// The prefix by which clients name a database; it is not taken for a part of a path.
std::string PrefixOf(std::string_view database);

}  // namespace tarn::rest
