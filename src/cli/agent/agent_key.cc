// SPDX-License-Identifier: Apache-2.0
#include "cli/agent/agent_key.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdlib>

#include "base/file_content.h"
#include "provision/durable_file.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using provision::PrivateKey;

constexpr unsigned kSecretMode = 0600, kPublicMode = 0644;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string Password() { return Variable("SNOWFLAKE_PRIVATEKEYPASSWORD"); }

void WarnOfReaders(const fs::path& file) {
  struct stat status{};
  if (stat(file.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    spdlog::warn("\"{}\" is a private key and may be read by others: chmod 600 it", file.string());
  }
}

}  // namespace

Result<PrivateKey> ReadAgentKey(const AgentFiles& files) {
  std::string pem = Variable("SNOWFLAKE_PRIVATEKEY");
  std::string where = "SNOWFLAKE_PRIVATEKEY";
  if (pem.empty()) {
    const std::string asked = Variable("SNOWFLAKE_PRIVATEKEYPATH");
    const fs::path file = asked.empty() ? files.private_key : fs::path(asked);
    TARN_ASSIGN(pem, provision::ReadFile(file));
    where = file.string();
  }
  auto key = PrivateKey::Read(pem, Password());
  if (!key) key.error().message = where + ": " + key.error().message;
  return key;
}

Result<> EnsureAgentKey(const AgentFiles& files) {
  if (!Variable("SNOWFLAKE_PRIVATEKEY").empty()) return {};
  if (const std::string asked = Variable("SNOWFLAKE_PRIVATEKEYPATH"); !asked.empty()) {
    WarnOfReaders(asked);
    return {};
  }
  TARN_ASSIGN(const auto present, ReadFileIfPresent(files.private_key.string()));
  if (!present) {
    TARN_ASSIGN(const PrivateKey made, PrivateKey::Generate());
    TARN_ASSIGN(const std::string pem, made.Pem(Password()));
    TARN_TRY(provision::WriteFile(files.private_key, pem, kSecretMode));
    spdlog::info("made the key pair {} in \"{}\"", made.public_key().fingerprint(),
                 files.private_key.string());
  }
  WarnOfReaders(files.private_key);
  TARN_ASSIGN(const PrivateKey key, ReadAgentKey(files));
  TARN_ASSIGN(const auto known, ReadFileIfPresent(files.public_key.string()));
  if (known == key.public_key().pem()) return {};
  return provision::WriteFile(files.public_key, key.public_key().pem(), kPublicMode);
}

}  // namespace tarn::cli
