// SPDX-License-Identifier: Apache-2.0
#include "cli/capture/source_file.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/file_content.h"
#include "provision/durable_file.h"

namespace tarn::cli {
namespace {

using nlohmann::ordered_json;

constexpr unsigned kSecretMode = 0600;
constexpr const char* kUrl = "url";
constexpr const char* kUser = "username";
constexpr const char* kPassword = "password";
constexpr const char* kPublication = "publication";
constexpr const char* kSsl = "ssl";
constexpr const char* kFlushInterval = "flushInterval";

Result<ordered_json> Read(const std::filesystem::path& path) {
  TARN_ASSIGN(const auto text, ReadFileIfPresent(path.string()));
  if (!text) return ordered_json::object();
  ordered_json document = ordered_json::parse(*text, nullptr, false);
  // What the parser would say of it might show a part of a password.
  if (document.is_object()) return document;
  return std::unexpected(Error{ErrorKind::kInvalidArgument,
                               fmt::format("\"{}\" is no JSON object", path.string()),
                               {},
                               "Mend it, or put it away: it tells how data sources are reached."});
}

Result<> Write(const std::filesystem::path& path, const provision::Account& owner,
               const ordered_json& document) {
  constexpr int kIndent = 2;
  TARN_TRY(provision::WriteFile(path, document.dump(kIndent) + "\n", kSecretMode));
  if (geteuid() != 0 || chown(path.c_str(), owner.uid, owner.gid) == 0) return {};
  return Fail(ErrorKind::kPermissionDenied, "cannot give \"{}\" to user {}", path.string(),
              owner.name);
}

bool IsSame(const std::string& left, const std::string& right) {
  return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
    return std::toupper(a) == std::toupper(b);
  });
}

/// As it is written there; else as it was asked for.
std::string KeyOf(const ordered_json& document, const std::string& name) {
  for (const auto& [key, members] : document.items()) {
    if (IsSame(key, name)) return key;
  }
  return name;
}

std::string TextOf(const ordered_json& members, const char* key) {
  const auto found = members.find(key);
  return found != members.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Result<std::optional<SourceEntry>> SourceFile::Find(const std::string& name) const {
  TARN_ASSIGN(const ordered_json document, Read(path_));
  const auto found = document.find(KeyOf(document, name));
  if (found == document.end() || !found->is_object()) return std::nullopt;
  SourceEntry entry{.url = TextOf(*found, kUrl),
                    .username = TextOf(*found, kUser),
                    .password = TextOf(*found, kPassword),
                    .publication = TextOf(*found, kPublication),
                    .flush_interval = {}};
  if (found->contains(kFlushInterval)) entry.flush_interval = TextOf(*found, kFlushInterval);
  return entry;
}

Result<> SourceFile::Put(const std::string& name, const SourceEntry& entry) {
  TARN_ASSIGN(const auto lock, provision::FileLock::Acquire(path_.string() + ".lock", true));
  TARN_ASSIGN(ordered_json document, Read(path_));
  ordered_json& members = document[KeyOf(document, name)];
  if (!members.is_object()) members = ordered_json::object();
  members[kUrl] = entry.url;
  members[kUser] = entry.username;
  members[kPassword] = entry.password;
  members[kPublication] = entry.publication;
  // The URL says how it is encrypted.
  members[kSsl] = false;
  if (entry.flush_interval) members[kFlushInterval] = *entry.flush_interval;
  return Write(path_, owner_, document);
}

Result<> SourceFile::Remove(const std::string& name) {
  TARN_ASSIGN(const auto lock, provision::FileLock::Acquire(path_.string() + ".lock", true));
  TARN_ASSIGN(ordered_json document, Read(path_));
  if (document.erase(KeyOf(document, name)) == 0) return {};
  return Write(path_, owner_, document);
}

}  // namespace tarn::cli
