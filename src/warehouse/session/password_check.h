// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "warehouse/session.h"
#include "warehouse/session/guess_limit.h"

namespace tarn::warehouse {

/// Passwords that come as texts, over whatever protocol. Users that there are not take as long as
/// others. Thread-safe; what it is made of outlives it.
/// Without `guesses` wrong ones are not counted.
class PasswordCheck {
 public:
  PasswordCheck(SessionFactory* sessions, GuessLimit* guesses)
      : sessions_(sessions), guesses_(guesses) {}

  struct Answer {
    /// Set: the password is right, and this is what it was compared with.
    std::optional<PasswordVerifier> verifier;
    int64_t locked_ms = 0;  ///< as GuessLimit::Verdict
  };
  /// An error says that it could not be looked at.
  Result<Answer> Check(const std::string& user, const std::string& password,
                       const std::string& address) const;

 private:
  SessionFactory* const sessions_;
  GuessLimit* const guesses_;
};

/// "15 minutes": of what is left of the time.
std::string MinutesText(int64_t locked_ms);

}  // namespace tarn::warehouse
