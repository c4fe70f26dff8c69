// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/sign_ins.h"

#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file_content.h"
#include "provision/durable_file.h"
#include "rest/token.h"

namespace tarn::server::dashboard {
namespace {

using nlohmann::json;

constexpr size_t kTokenBytes = 32;
constexpr unsigned kFileMode = 0600;

Result<std::string> MakeToken() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Fail(ErrorKind::kUnavailable, "the machine gives no random numbers");
  }
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

}  // namespace

Result<std::unique_ptr<SignIns>> SignIns::Open(std::filesystem::path file, const Clock* clock) {
  std::unique_ptr<SignIns> made(new SignIns(std::move(file), clock));
  TARN_TRY(made->Load());
  return made;
}

Result<> SignIns::Load() {
  TARN_ASSIGN(const auto text, ReadFileIfPresent(file_.string()));
  if (!text) return {};
  const json entries = json::parse(*text, nullptr, false);
  const bool is_list = entries.is_array() && std::ranges::all_of(entries, [](const json& entry) {
                         return entry.is_object() && entry.value("token", json()).is_string() &&
                                entry.value("user", json()).is_string() &&
                                entry.value("role", json()).is_string() &&
                                entry.value("password_mark", json()).is_string() &&
                                entry.value("until_ms", json()).is_number_integer();
                       });
  if (!is_list) {
    spdlog::warn("{} is not readable: users of the dashboard sign in again", file_.string());
    return {};
  }
  for (const json& entry : entries) {
    known_[entry["token"].get<std::string>()] = {.user = entry["user"],
                                                 .role = entry["role"],
                                                 .password_mark = entry["password_mark"],
                                                 .until_ms = entry["until_ms"]};
  }
  return {};
}

Result<> SignIns::Save() {
  const int64_t now = clock_->NowMs();
  std::erase_if(known_, [now](const auto& entry) { return entry.second.until_ms <= now; });
  json entries = json::array();
  for (const auto& [digest, entry] : known_) {
    entries.push_back({{"token", digest},
                       {"user", entry.user},
                       {"role", entry.role},
                       {"password_mark", entry.password_mark},
                       {"until_ms", entry.until_ms}});
  }
  return provision::WriteFile(
      file_, entries.dump(1, ' ', false, json::error_handler_t::replace) + "\n", kFileMode);
}

Result<std::string> SignIns::Add(SignIn made) {
  TARN_ASSIGN(std::string token, MakeToken());
  const std::lock_guard lock(mutex_);
  made.until_ms = clock_->NowMs() + kLastsMs;
  const std::string digest = rest::Sha256Hex(token);
  known_[digest] = std::move(made);
  if (auto saved = Save(); !saved) {
    known_.erase(digest);
    return std::unexpected(std::move(saved).error());
  }
  return token;
}

std::optional<SignIn> SignIns::Find(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(rest::Sha256Hex(token));
  if (found == known_.end() || found->second.until_ms <= clock_->NowMs()) return std::nullopt;
  return found->second;
}

Result<> SignIns::Remove(std::string_view token) {
  const std::lock_guard lock(mutex_);
  auto removed = known_.extract(rest::Sha256Hex(token));
  if (removed.empty()) return {};
  auto saved = Save();
  // Else it would be signed in again after a restart, whoever asked once more.
  if (!saved) known_.insert(std::move(removed));
  return saved;
}

}  // namespace tarn::server::dashboard
