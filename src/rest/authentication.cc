// SPDX-License-Identifier: Apache-2.0
#include "rest/authentication.h"

#include <algorithm>

#include "base/base64.h"
#include "iceberg/json/json_text.h"
#include "rest/uri_text.h"
#include "sql/syntax/name.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/objects/principals.h"
#include "warehouse/session/password_check.h"
#include "warehouse/session/session_state.h"

namespace tarn::rest {
namespace {

using warehouse::ObjectHead;
using warehouse::ObjectKind;
using warehouse::Snapshot;

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kBasic = "Basic ";
constexpr std::string_view kTokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::array<std::string_view, 2> kRoleScopes = {"session:role:", "PRINCIPAL_ROLE:"};

/// OAuth2 names its failures itself (RFC 6749, 5.2).
std::unexpected<Failure> Refused(int status, const char* error, std::string description) {
  return std::unexpected(Failure{status, error, std::move(description)});
}

/// By the exact name, or folded: names are written without quotes here.
Result<std::optional<ObjectHead>> FindFolded(const Snapshot& snapshot, ObjectKind kind,
                                             const std::string& name) {
  const std::string_view family = warehouse::FamilyOf(kind);
  TARN_ASSIGN(auto exact, snapshot.FindNamed(warehouse::kAccountId, family, name));
  if (exact) return exact;
  return snapshot.FindNamed(warehouse::kAccountId, family, sql::syntax::UpperCase(name));
}

/// "" = none is asked for.
std::string RoleOfScope(std::string_view scope) {
  while (!scope.empty()) {
    const std::string_view word = scope.substr(0, scope.find(' '));
    scope.remove_prefix(std::min(word.size() + 1, scope.size()));
    for (const std::string_view prefix : kRoleScopes) {
      if (word.starts_with(prefix)) return std::string(word.substr(prefix.size()));
    }
  }
  return {};
}

struct Credentials {
  std::string user, password;
};

Credentials CredentialsOf(const Request& request,
                          const std::map<std::string, std::string, std::less<>>& form) {
  const std::string_view header = request.Header("authorization");
  if (header.starts_with(kBasic)) {
    const auto decoded = DecodeBase64(header.substr(kBasic.size()));
    const std::string_view pair = decoded ? std::string_view(*decoded) : std::string_view();
    if (const size_t colon = pair.find(':'); colon != std::string_view::npos) {
      return {std::string(pair.substr(0, colon)), std::string(pair.substr(colon + 1))};
    }
  }
  const auto value = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  return {value("client_id"), value("client_secret")};
}

Response TokenResponse(const std::string& token, int64_t lifetime_seconds) {
  Response response{.headers = {{"Cache-Control", "no-store"}}};
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Member("access_token", token);
  json.Member("token_type", "bearer");
  json.Member("expires_in", lifetime_seconds);
  json.Member("issued_token_type", kAccessToken);
  json.EndObject();
  return response;
}

Response RefusalResponse(const Failure& failure) {
  Response response{.status = failure.status};
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Member("error", failure.type);
  json.Member("error_description", failure.message);
  json.EndObject();
  return response;
}

}  // namespace

Reply<TokenClaims> Authentication::LogIn(const Snapshot& snapshot, const std::string& name,
                                         const std::string& scope) const {
  const auto wrong = [] {
    return Refused(401, "invalid_client", "Incorrect username or password was specified.");
  };
  REST_ASSIGN(const auto head, FindFolded(snapshot, ObjectKind::kUser, name));
  if (!head) return wrong();
  REST_ASSIGN(const auto user, snapshot.Find<warehouse::User>(head->id));
  if (!user || user->disabled) return wrong();
  warehouse::SessionState state;
  state.user = head->name;
  state.user_id = head->id;
  const std::string asked = RoleOfScope(scope);
  const bool all = sql::syntax::UpperCase(asked) == "ALL";
  std::string role = asked.empty() || all ? user->default_role : asked;
  if (role.empty()) role = warehouse::kPublicRole;
  REST_ASSIGN(const auto role_head, FindFolded(snapshot, ObjectKind::kRole, role));
  const auto taken = UseRole(snapshot, state, role_head ? role_head->name : role);
  if (!taken) {
    return Refused(400, "invalid_scope", fmt::format("Role {} is not granted to the user.", role));
  }
  const auto& secondary = user->default_secondary_roles;
  const int64_t now = service_->account->clock().NowMs();
  return TokenClaims{.user = head->id,
                     .role = state.role_id,
                     .all_roles = all || std::ranges::find(secondary, "ALL") != secondary.end(),
                     .issued_ms = now,
                     .expires_ms = now + service_->options.token_lifetime_seconds * 1000};
}

Reply<TokenClaims> Authentication::ClaimsOf(const Snapshot& snapshot,
                                            std::string_view token) const {
  const auto claims = key_.Read(token);
  if (!claims) return NotAuthorized("The token is not valid");
  if (claims->expires_ms <= service_->account->clock().NowMs()) {
    return NotAuthorized("The token has expired");
  }
  REST_ASSIGN(const auto head, snapshot.FindHead(claims->user));
  REST_ASSIGN(const auto user, snapshot.Find<warehouse::User>(claims->user));
  if (!head || head->dropped_ms || !user || user->disabled) {
    return NotAuthorized("The token's user does not exist or is disabled");
  }
  // Whoever changes a password shuts out who knew the old one.
  if (user->password_set_ms && *user->password_set_ms > claims->issued_ms) {
    return NotAuthorized("The password was changed since the token was issued");
  }
  return *claims;
}

Reply<TokenClaims> Authentication::Grant(const Request& request) const {
  const auto form = ParseForm(request.body);
  const auto value = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  const std::string grant = value("grant_type");
  REST_ASSIGN(const auto snapshot, service_->account->metastore().Read());
  if (grant == kTokenExchange) {
    REST_ASSIGN(TokenClaims claims, ClaimsOf(*snapshot, value("subject_token")));
    claims.issued_ms = service_->account->clock().NowMs();
    claims.expires_ms = claims.issued_ms + service_->options.token_lifetime_seconds * 1000;
    return claims;
  }
  if (grant != "client_credentials") {
    return Refused(400, "unsupported_grant_type", fmt::format("Unknown grant type: {}", grant));
  }
  const Credentials credentials = CredentialsOf(request, form);
  const warehouse::PasswordCheck passwords(&service_->account->sessions(),
                                           service_->options.guesses);
  REST_ASSIGN(const auto checked,
              passwords.Check(credentials.user, credentials.password, request.remote_address));
  if (checked.locked_ms > 0) {
    return Refused(429, "temporarily_unavailable",
                   fmt::format("There were too many wrong passwords. Try again in {}.",
                               warehouse::MinutesText(checked.locked_ms)));
  }
  if (!checked.verifier) {
    return Refused(401, "invalid_client", "Incorrect username or password was specified.");
  }
  return LogIn(*snapshot, credentials.user, value("scope"));
}

Response Authentication::IssueToken(const Request& request) const {
  Reply<TokenClaims> claims = Grant(request);
  if (claims) return TokenResponse(key_.Sign(*claims), service_->options.token_lifetime_seconds);
  if (claims.error().type == "NotAuthorizedException") claims.error().type = "invalid_grant";
  return RefusalResponse(claims.error());
}

Reply<warehouse::Caller> Authentication::CallerOf(const Snapshot& snapshot,
                                                  const Request& request) const {
  const std::string_view header = request.Header("authorization");
  TokenClaims claims;
  if (header.starts_with(kBearer)) {
    REST_ASSIGN(claims, ClaimsOf(snapshot, header.substr(kBearer.size())));
  } else if (!service_->options.anonymous_user.empty()) {
    REST_ASSIGN(claims, LogIn(snapshot, service_->options.anonymous_user, ""));
  } else {
    return NotAuthorized("A bearer token is needed");
  }
  warehouse::SessionState state;
  state.user_id = claims.user;
  state.role_id = claims.role;
  state.all_secondary_roles = claims.all_roles;
  REST_ASSIGN(const auto role, snapshot.FindHead(claims.role));
  if (!role || role->dropped_ms) return NotAuthorized("The token's role does not exist");
  state.role = role->name;
  const auto caller = warehouse::CallerOf(snapshot, state);
  if (!caller) return NotAuthorized(caller.error().error.message);
  return *caller;
}

}  // namespace tarn::rest
