// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/verifier.h"

#include "provision/scram.h"

namespace tarn::warehouse {

StatementResult<> SetPassword(User& user, std::string_view password, int64_t now_ms) {
  STATEMENT_ASSIGN(provision::ScramSecrets secrets, provision::MakeScramSecrets(password));
  user.scram_iterations = secrets.iterations;
  user.scram_salt.bytes = std::move(secrets.salt);
  user.scram_stored_key.bytes = std::move(secrets.stored_key);
  user.scram_server_key.bytes = std::move(secrets.server_key);
  user.password_set_ms = now_ms;
  return {};
}

}  // namespace tarn::warehouse
