// SPDX-License-Identifier: Apache-2.0
#include "rest/catalog.h"

#include <spdlog/spdlog.h>

#include "rest/authentication.h"
#include "rest/call.h"
#include "rest/idempotency.h"
#include "rest/postgres_database.h"
#include "rest/postgres_operations.h"
#include "rest/routes.h"
#include "rest/uri_text.h"

namespace tarn::rest {
namespace {

constexpr std::string_view kTokensPath = "/v1/oauth/tokens";
constexpr std::string_view kIdempotencyKey = "idempotency-key";

Response Respond(Reply<Response> reply, bool is_head) {
  Response response = reply ? *std::move(reply) : ErrorResponse(reply.error());
  if (response.status >= 500) spdlog::warn("REST catalog: {}", response.body);
  if (is_head) response.body.clear();
  const bool has_body = !response.body.empty();
  if (has_body) response.headers.emplace_back("Content-Type", "application/json");
  return response;
}

}  // namespace

struct Catalog::State {
  State(warehouse::Account& account, CatalogOptions asked, TokenKey key)
      : service{.account = &account, .options = std::move(asked)},
        authentication(&service, std::move(key)),
        answers(&account.clock(), service.options.idempotency_lifetime_seconds * 1000) {}

  Service service;
  Authentication authentication;
  IdempotentAnswers answers;
};

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::Open(warehouse::Account& account,
                                               CatalogOptions options) {
  TARN_ASSIGN(TokenKey key, TokenKey::Open(options.token_key_file));
  return std::unique_ptr<Catalog>(
      new Catalog(std::make_unique<State>(account, std::move(options), std::move(key))));
}

Response Catalog::Handle(const Request& request) {
  const bool is_head = request.method == "HEAD";
  if (request.path == kTokensPath) {
    if (request.method != "POST") return Respond(BadRequest("Use POST to get a token"), is_head);
    return Respond(state_->authentication.IssueToken(request), is_head);
  }
  return Answer(request);
}

Response Catalog::Answer(const Request& request) {
  const bool is_head = request.method == "HEAD";
  const Reply<Route> route = FindRoute(request.method, request.path);
  if (!route) return Respond(std::unexpected(route.error()), is_head);
  Call call{.request = &request, .query = ParseForm(request.query)};
  if (!route->prefix.empty()) call.database = DecodeUriPart(route->prefix);
  if (!route->name_space.empty()) call.name_space = NamespaceOfPath(route->name_space);
  call.name = DecodeUriPart(route->name);
  {
    auto snapshot = state_->service.account->metastore().Read();
    if (!snapshot) return Respond(std::unexpected(AsFailure(snapshot.error())), is_head);
    Reply<warehouse::Caller> caller = state_->authentication.CallerOf(**snapshot, request);
    if (!caller) return Respond(std::unexpected(std::move(caller).error()), is_head);
    call.caller = *std::move(caller);
    if (const auto database = NamedDatabase(call)) {
      auto found = FindPostgresDatabase(state_->service, **snapshot, call.caller, *database);
      if (!found) return Respond(std::unexpected(std::move(found).error()), is_head);
      call.postgres = *std::move(found);
    }
  }
  const Operation operation =
      call.postgres ? route->endpoint->of_postgres : route->endpoint->operation;
  const auto run = [&] {
    if (operation == nullptr) return Respond(postgres::Refuse(call), is_head);
    return Respond(operation(state_->service, call), is_head);
  };
  const std::string_view key = request.Header(kIdempotencyKey);
  if (!route->endpoint->changes || key.empty()) return run();
  // Of one user: nobody gets another one's answers by guessing a key.
  const std::string own_key = fmt::format("{}/{}", call.caller.user.value(), key);
  const std::string fingerprint =
      Sha256Hex(request.method + " " + request.path + "?" + request.query + "\n" + request.body);
  return state_->answers.Once(own_key, fingerprint, run);
}

}  // namespace tarn::rest
