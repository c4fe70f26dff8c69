// SPDX-License-Identifier: Apache-2.0
// Who asks: OAuth2's client credentials are a user's name and password, its tokens stand for the
// user in one role.
#pragma once

#include <string>

#include "rest/call.h"
#include "rest/token.h"
#include "warehouse/metastore/snapshot.h"

namespace tarn::rest {

/// Thread-safe.
class Authentication {
 public:
  Authentication(const Service* service, TokenKey key) : service_(service), key_(std::move(key)) {}

  /// POST /v1/oauth/tokens: client credentials or an exchange of a token for a newer one. The scope
  /// "session:role:R" (or "PRINCIPAL_ROLE:R") chooses a role of the user's. Failures are in
  /// OAuth2's form.
  Response IssueToken(const Request& request) const;

  /// 401 without a token that is good now.
  Reply<warehouse::Caller> CallerOf(const warehouse::Snapshot& snapshot,
                                    const Request& request) const;

 private:
  Reply<TokenClaims> Grant(const Request& request) const;
  Reply<TokenClaims> LogIn(const warehouse::Snapshot& snapshot, const std::string& user,
                           const std::string& scope) const;
  Reply<TokenClaims> ClaimsOf(const warehouse::Snapshot& snapshot, std::string_view token) const;

  const Service* service_;
  TokenKey key_;
};

}  // namespace tarn::rest
