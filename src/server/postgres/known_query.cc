// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/known_query.h"

#include <array>

#include "server/postgres/tokens.h"

namespace tarn::server::postgres {
namespace {

constexpr size_t kTextMax = 300;
constexpr size_t kTokensMax = 64;

struct KnownQuery {
  std::string_view words;  ///< tokens as they are compared, a space between them
  bool is_version;         ///< one row; else none, of the columns oid and typarray
};

constexpr std::array kQueries = {
    KnownQuery{"select version ( )", true},
    KnownQuery{"select pg_catalog . version ( )", true},
    // SQLAlchemy with psycopg2: HstoreAdapter.get_oids.
    KnownQuery{"select t . oid , typarray from pg_type t join pg_namespace ns on typnamespace = ns "
               ". oid where typname = hstore",
               false},
};

}  // namespace

std::optional<OwnStatement> ParseKnownQuery(std::string_view statement) {
  // A look at each character at most, since every query comes by here.
  if (statement.size() > kTextMax) return std::nullopt;
  if (statement.find("version") == std::string_view::npos &&
      statement.find("hstore") == std::string_view::npos) {
    return std::nullopt;
  }
  std::string words;
  for (const Token& token : Tokenize(statement, kTokensMax)) {
    if (token.kind == Token::Kind::kQuotedName) return std::nullopt;
    words += (words.empty() ? "" : " ") + token.text;
  }
  for (const KnownQuery& query : kQueries) {
    if (words != query.words) continue;
    OwnStatement known{.kind = OwnKind::kKnown, .tag = "SELECT"};
    known.name = query.is_version ? "version" : "";
    known.words = query.is_version ? std::vector<std::string>{"version"}
                                   : std::vector<std::string>{"oid", "typarray"};
    return known;
  }
  return std::nullopt;
}

}  // namespace tarn::server::postgres
