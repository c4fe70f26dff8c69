// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "server/snowflake/failure.h"
#include "server/snowflake/statement_runner.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/session.h"
#include "warehouse/session/password_check.h"

namespace tarn::server::snowflake {

/// Who logs in, and as what; a plain value.
struct LoggedIn {
  std::unique_ptr<warehouse::Session> session;
  ClientKind client;
};

/// Answers /session/v1/login-request, but for the tokens. Thread-safe.
class Login {
 public:
  /// All outlive it. Without a metastore nobody logs in with a key pair; without `guesses` wrong
  /// passwords are not counted.
  Login(warehouse::SessionFactory* sessions, warehouse::Metastore* metastore,
        warehouse::GuessLimit* guesses)
      : sessions_(sessions), metastore_(metastore), passwords_(sessions, guesses) {}

  /// `body` is the request's. 390100 where the password is wrong, 390102 after too many, 390190 for
  /// ways to log in that there are not.
  Reply<LoggedIn> LogIn(const tarn::http::Request& request, const nlohmann::json& body) const;

 private:
  /// The user's name.
  Reply<std::string> Authenticate(const nlohmann::json& data, const std::string& address) const;
  Reply<> CheckPassword(const std::string& user, const std::string& password,
                        const std::string& address) const;

  warehouse::SessionFactory* const sessions_;
  warehouse::Metastore* const metastore_;
  const warehouse::PasswordCheck passwords_;
};

}  // namespace tarn::server::snowflake
