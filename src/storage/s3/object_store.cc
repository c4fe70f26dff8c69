// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/object_store.h"

#include <sys/stat.h>

#include "base/file_content.h"

namespace tarn::storage {
namespace {

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// The entries of one profile. Lines that are none are skipped, as other readers of the format do.
std::map<std::string, std::string> ProfileOf(std::string_view text, std::string_view profile) {
  std::map<std::string, std::string> entries;
  bool within = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = Trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      within = line.back() == ']' && Trimmed(line.substr(1, line.size() - 2)) == profile;
      continue;
    }
    const size_t equals = line.find('=');
    if (!within || equals == std::string_view::npos) continue;
    entries[std::string(Trimmed(line.substr(0, equals)))] = Trimmed(line.substr(equals + 1));
  }
  return entries;
}

}  // namespace

Result<> CheckSecretFile(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return std::unexpected(Error{ErrorKind::kPermissionDenied,
                               fmt::format("file \"{}\" with secrets can be read by others", path),
                               {},
                               fmt::format("Make it its owner's alone: chmod 600 {}", path)});
}

Result<s3::Credentials> CredentialsOf(const ObjectStore& store) {
  if (store.credentials_file.empty()) return store.credentials;
  TARN_TRY(CheckSecretFile(store.credentials_file));
  TARN_ASSIGN(const auto text, ReadFileIfPresent(store.credentials_file));
  if (!text) {
    return Fail(ErrorKind::kUnavailable, "there is no file of credentials \"{}\"",
                store.credentials_file);
  }
  const auto entries = ProfileOf(*text, store.profile);
  const auto entry = [&entries](const char* name) {
    const auto found = entries.find(name);
    return found == entries.end() ? std::string() : found->second;
  };
  s3::Credentials credentials{entry("aws_access_key_id"), entry("aws_secret_access_key"),
                              entry("aws_session_token")};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return std::unexpected(Error{ErrorKind::kUnavailable,
                                 fmt::format("profile \"{}\" of file \"{}\" has no credentials",
                                             store.profile, store.credentials_file),
                                 {},
                                 "It needs aws_access_key_id and aws_secret_access_key."});
  }
  return credentials;
}

}  // namespace tarn::storage
