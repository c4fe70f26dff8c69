// SPDX-License-Identifier: Apache-2.0
// Who is signed in to the dashboard, by the token in the browser's cookie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace tarn::server::dashboard {

/// One person in one browser. A plain value.
struct SignIn {
  std::string user, role;  ///< role "": the user's default
  /// Digest of what the password is checked with: another password ends the sign-in.
  std::string password_mark;
  int64_t until_ms = 0;
};

/// Kept in a file that only its owner reads, with digests in place of tokens: a restart of the
/// server signs nobody out, and signing out holds for ever. Thread-safe.
class SignIns {
 public:
  /// How long one lasts.
  static constexpr int64_t kLastsMs = int64_t{12} * 60 * 60 * 1000;

  /// The clock outlives it. Fails where the file cannot be read; one that is no list of ours counts
  /// as empty, and is written anew.
  static Result<std::unique_ptr<SignIns>> Open(std::filesystem::path file, const Clock* clock);

  /// A new token. Fails where the file cannot be written.
  Result<std::string> Add(SignIn made);
  /// Absent: not known, or over.
  std::optional<SignIn> Find(std::string_view token);
  Result<> Remove(std::string_view token);

 private:
  SignIns(std::filesystem::path file, const Clock* clock) : file_(std::move(file)), clock_(clock) {}
  Result<> Load();
  Result<> Save();

  const std::filesystem::path file_;
  const Clock* const clock_;
  std::mutex mutex_;
  std::map<std::string, SignIn, std::less<>> known_;  ///< by the token's digest
};

}  // namespace tarn::server::dashboard
