// SPDX-License-Identifier: Apache-2.0
// A request after routing and authentication, and what every operation works with.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/json/json_members.h"
#include "rest/catalog_options.h"
#include "rest/failure.h"
#include "rest/http_message.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/objects/object.h"
#include "warehouse/session/account.h"

namespace tarn::rest {

/// What operations share. Outlives every call.
struct Service {
  warehouse::Account* account = nullptr;
  CatalogOptions options;
};

/// A database of a managed PostgreSQL server, which clients name "server.database" where they could
/// name a database of the warehouse.
struct PostgresDatabase {
  std::string server, database;
  warehouse::ObjectHead instance;
};

struct Call {
  const Request* request = nullptr;
  warehouse::Caller caller;
  /// The prefix of the path: the database whose schemas are the namespaces. Absent: databases are
  /// the first level, schemas the second.
  std::optional<std::string> database;
  std::vector<std::string> name_space;  ///< decoded levels of the path; empty: none stands there
  /// Whose schemas are meant. Absent: the warehouse's own.
  std::optional<PostgresDatabase> postgres;
  std::string name;  ///< of the table or view in the path
  std::map<std::string, std::string, std::less<>> query;

  /// Absent: the parameter does not stand there. It may be empty.
  std::optional<std::string> Query(std::string_view name_of_parameter) const;
  /// "true" in any case.
  bool IsTrue(std::string_view name_of_parameter) const;
};

/// A namespace and a name as requests carry them.
struct Identifier {
  std::vector<std::string> name_space;
  std::string name;
};

/// "ns.table", as messages show it.
std::string NamespaceText(const std::vector<std::string>& name_space);
std::string ToString(const Identifier& identifier);
inline Identifier IdentifierOf(const Call& call) { return {call.name_space, call.name}; }

/// The body as a JSON object; 400 where it is none. The document must outlive the members.
Reply<iceberg::Json> ParseBody(const Call& call);
Reply<iceberg::JsonMembers> MembersOf(const iceberg::Json& body);
/// {"namespace": […], "name": "…"}
Reply<Identifier> ParseIdentifier(const iceberg::JsonMembers& members, std::string_view member);

/// A failure to read a request is its sender's: 400.
template <typename T>
Reply<T> FromRequest(Result<T> parsed) {
  if (parsed) {
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return *std::move(parsed);
    }
  }
  Failure failure = AsFailure(std::move(parsed).error());
  if (failure.status == 500) failure.status = 400;
  if (failure.status == 400) failure.type = "BadRequestException";
  return std::unexpected(std::move(failure));
}

}  // namespace tarn::rest
