// SPDX-License-Identifier: Apache-2.0
// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), as PostgreSQL
// plays it: the user name is the one of the startup packet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/postgres/sqlstate.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

inline constexpr std::string_view kScram = "SCRAM-SHA-256";
inline constexpr std::string_view kScramPlus = "SCRAM-SHA-256-PLUS";

/// One exchange. Used by one thread.
class ScramExchange {
 public:
  /// `verifier` absent: no such user; the exchange then goes as with a wrong password, with a salt
  /// that is the same each time. `end_point` "": PLUS was not offered.
  ScramExchange(std::optional<warehouse::PasswordVerifier> verifier, std::string_view user,
                std::string_view server_secret, std::string end_point);

  /// client-first-message → server-first-message.
  warehouse::StatementResult<std::string> First(std::string_view mechanism,
                                                std::string_view message);
  struct Final {
    bool authenticated = false;
    std::string message;  ///< server-final-message
  };
  /// client-final-message. Errors are violations of the protocol; a wrong password is none.
  warehouse::StatementResult<Final> Last(std::string_view message);

 private:
  bool known_ = true;
  warehouse::PasswordVerifier verifier_;
  std::string end_point_;
  std::string binding_input_;  ///< what c= has to hold: gs2 header and binding
  std::string client_first_bare_, server_first_, nonce_;
};

/// "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>" as PostgreSQL stores it.
Result<warehouse::PasswordVerifier> ParseVerifier(std::string_view text);

}  // namespace tarn::server::postgres
