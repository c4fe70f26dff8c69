// SPDX-License-Identifier: Apache-2.0
#include "server/agent_keys.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file_content.h"
#include "provision/durable_file.h"

namespace tarn::server {
namespace {

constexpr const char* kRegisteredFile = "registered.pub";
constexpr const char* kTemporaryFile = "temporary.pub";
constexpr unsigned kFileMode = 0600, kDirectoryMode = 0700;

}  // namespace

Result<std::optional<provision::PublicKey>> AgentKeys::Read(const char* name) const {
  TARN_ASSIGN(const auto pem, ReadFileIfPresent((directory_ / name).string()));
  if (!pem) return std::nullopt;
  auto key = provision::PublicKey::Read(*pem);
  if (key) return std::optional(*std::move(key));
  return Fail(ErrorKind::kCorruption, "\"{}\" is no public key", (directory_ / name).string());
}

Result<> AgentKeys::Write(const char* name, std::string_view pem) const {
  TARN_TRY(provision::MakeDirectory(directory_, kDirectoryMode));
  return provision::WriteFile(directory_ / name, pem, kFileMode);
}

Result<std::optional<provision::PublicKey>> AgentKeys::Registered() const {
  return Read(kRegisteredFile);
}

Result<std::optional<provision::PublicKey>> AgentKeys::Temporary() const {
  return Read(kTemporaryFile);
}

Result<> AgentKeys::SetTemporary(const provision::PublicKey& key) const {
  return Write(kTemporaryFile, key.pem());
}

Result<> AgentKeys::Register(const provision::PublicKey& key) const {
  TARN_TRY(Write(kRegisteredFile, key.pem()));
  const auto temporary = directory_ / kTemporaryFile;
  if (unlink(temporary.c_str()) == 0 || errno == ENOENT) return {};
  return Fail(ErrorKind::kUnavailable, "could not remove \"{}\": {}", temporary.string(),
              std::strerror(errno));
}

}  // namespace tarn::server
