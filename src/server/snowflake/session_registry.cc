// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/session_registry.h"

#include <openssl/rand.h>

#include <array>
#include <set>

namespace tarn::server::snowflake {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr int64_t kSweepPeriodMs = 60'000;

/// Nobody guesses it.
std::string MakeToken() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    // The kernel's generator, which does not fail.
    return Uuid::Random().ToString() + Uuid::Random().ToString();
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

int64_t Ms(std::chrono::seconds seconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(seconds).count();
}

}  // namespace

int64_t SessionRegistry::NextId() {
  const std::lock_guard lock(mutex_);
  // Ids of an earlier process do not come again.
  last_id_ = std::max(last_id_ + 1, clock_->NowMs());
  return last_id_;
}

TokenPair SessionRegistry::AddTokens(const std::shared_ptr<ClientSession>& session) {
  const int64_t now = clock_->NowMs();
  TokenPair pair{.session = MakeToken(), .master = MakeToken()};
  sessions_[pair.session] = {session, now + Ms(lifetimes_.session)};
  masters_[pair.master] = {session, now + Ms(lifetimes_.master)};
  return pair;
}

TokenPair SessionRegistry::Add(std::shared_ptr<ClientSession> session) {
  Sweep();
  const std::lock_guard lock(mutex_);
  return AddTokens(session);
}

Reply<std::shared_ptr<ClientSession>> SessionRegistry::Find(std::string_view session_token) {
  Sweep();
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session_token);
  if (found == sessions_.end()) {
    return Refuse(code::kSessionGone,
                  "Session no longer exists. New login required to access the service.");
  }
  if (found->second.expires_ms <= clock_->NowMs()) {
    return Refuse(code::kTokenExpired,
                  "Authentication token has expired. The user must authenticate again.");
  }
  return found->second.session;
}

Reply<std::pair<std::shared_ptr<ClientSession>, TokenPair>> SessionRegistry::Renew(
    std::string_view master_token) {
  Sweep();
  const std::lock_guard lock(mutex_);
  const auto found = masters_.find(master_token);
  if (found == masters_.end()) {
    return Refuse(code::kMasterInvalid, "Master token is invalid.");
  }
  const int64_t now = clock_->NowMs();
  const auto session = found->second.session;
  if (found->second.expires_ms <= now) {
    return Refuse(code::kMasterExpired, "Master token has expired.");
  }
  // Other threads of the client may still have the old ones in their hands.
  std::erase_if(sessions_, [&](const auto& entry) {
    return entry.second.session == session && entry.second.expires_ms <= now;
  });
  return std::pair(session, AddTokens(session));
}

void SessionRegistry::Remove(const std::shared_ptr<ClientSession>& session) {
  const std::lock_guard lock(mutex_);
  const auto is_same = [&](const auto& entry) { return entry.second.session == session; };
  std::erase_if(sessions_, is_same);
  std::erase_if(masters_, is_same);
}

std::vector<std::shared_ptr<ClientSession>> SessionRegistry::All() {
  const std::lock_guard lock(mutex_);
  std::set<std::shared_ptr<ClientSession>> all;
  for (const auto& [token, entry] : masters_) all.insert(entry.session);
  return {all.begin(), all.end()};
}

void SessionRegistry::Sweep() {
  std::set<std::shared_ptr<ClientSession>> over;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now = clock_->NowMs();
    if (now < sweep_at_ms_) return;
    sweep_at_ms_ = now + kSweepPeriodMs;
    std::set<std::shared_ptr<ClientSession>> alive;
    for (const auto& [token, entry] : masters_) {
      (entry.expires_ms > now ? alive : over).insert(entry.session);
    }
    for (const auto& session : alive) over.erase(session);
    const auto is_over = [&](const auto& entry) { return over.contains(entry.second.session); };
    std::erase_if(sessions_, is_over);
    std::erase_if(masters_, is_over);
  }
  for (const auto& session : over) session->Close();
}

}  // namespace tarn::server::snowflake
