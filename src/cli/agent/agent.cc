// SPDX-License-Identifier: Apache-2.0
#include "cli/agent/agent.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/file_content.h"
#include "cli/agent/agent_key.h"
#include "provision/digest.h"
#include "provision/durable_file.h"
#include "provision/key_token.h"
#include "server/agent_handler.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using provision::PrivateKey;

/// A token is made for each request; this is for clocks that differ.
constexpr int64_t kTokenSeconds = 300;
constexpr int64_t kMillisecondsPerSecond = 1000;
constexpr size_t kDigits = 8;
constexpr size_t kHostNameMax = 100;

/// The same after a restart, another for a copy of the directory.
std::string IdOf(const fs::path& directory) {
  char name[kHostNameMax + 1] = {};
  gethostname(name, kHostNameMax);
  std::string host(name);
  const std::string digest = provision::HexDigest(host + ":" + directory.string(), kDigits);
  for (char& c : host) {
    if (isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') c = '_';
  }
  return host + "-" + digest;
}

/// Of the container; nothing here has such settings.
void NoteVariables(const fs::path& file) {
  const auto text = ReadFileIfPresent(file.string());
  if (text && *text && (*text)->find("JAVA_OPTS") != std::string::npos) {
    spdlog::info("JAVA_OPTS of \"{}\" has no meaning here: this agent is no Java program",
                 file.string());
  }
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::unexpected<Error> RefusalOf(const AgentAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  const auto text = [&](const char* name) -> std::string {
    if (!body.is_object()) return {};
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto kind = answer.status == 401   ? ErrorKind::kPermissionDenied
                    : answer.status == 409 ? ErrorKind::kConflict
                                           : ErrorKind::kUnavailable;
  return std::unexpected(
      Error{kind,
            fmt::format("the warehouse refuses this agent ({}): {}", answer.status,
                        text("message").empty() ? "it does not say why" : text("message")),
            text("detail"), text("hint")});
}

Result<> Send(const WarehouseAccess& access, const PrivateKey& key, AgentRequest request) {
  const int64_t now_s = NowMs() / kMillisecondsPerSecond;
  TARN_ASSIGN(request.token,
              provision::MakeKeyToken(key, access.Subject(), now_s, now_s + kTokenSeconds));
  TARN_ASSIGN(const AgentAnswer answer, SendToWarehouse(access.url, request));
  if (answer.status == 200) return {};
  return RefusalOf(answer);
}

std::string ShownNames(const warehouse::AllSourceSettings& sources) {
  std::string names;
  for (const auto& [name, ignored] : sources) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "no data sources" : "data sources " + names;
}

std::string Shown(const Error& error) {
  std::string text = error.message;
  for (const std::string* more : {&error.detail, &error.hint}) {
    if (!more->empty()) text += ". " + *more;
  }
  return text;
}

}  // namespace

Agent::Agent(AgentFiles files, std::string id, int lock)
    : files_(std::move(files)),
      id_(std::move(id)),
      lock_(lock),
      data_sources_(files_.data_sources.string()) {}

Agent::Agent(Agent&& other) noexcept
    : files_(other.files_),
      id_(other.id_),
      lock_(std::exchange(other.lock_, -1)),
      data_sources_(std::move(other.data_sources_)) {}

Agent::~Agent() {
  if (lock_ >= 0) close(lock_);
}

Result<Agent> Agent::Open(const std::string& directory) {
  std::error_code error;
  const fs::path whole = fs::canonical(directory, error);
  if (error || !fs::is_directory(whole, error)) {
    return Fail(ErrorKind::kNotFound, "there is no directory \"{}\"", directory);
  }
  TARN_ASSIGN(AgentFiles files, FindAgentFiles(whole));
  const int lock = open(whole.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (lock >= 0) close(lock);
    return Fail(ErrorKind::kConflict, "another process is the agent of \"{}\"", whole.string());
  }
  Agent agent(std::move(files), IdOf(whole), lock);
  TARN_TRY(EnsureAgentKey(agent.files_));
  NoteVariables(agent.files_.variables);
  return agent;
}

void Agent::Beat() {
  const auto done = Tell();
  is_up_ = done.has_value();
  const std::string failure = done ? "" : Shown(done.error());
  if (last_failure_ == failure) return;
  if (done) {
    spdlog::info("the warehouse knows {} of agent {}", ShownNames(told_), id_);
  } else {
    spdlog::warn("{}; trying again", failure);
  }
  last_failure_ = failure;
}

Result<WarehouseAccess> Agent::ReadAccess() {
  const char* const enforced = std::getenv("SNOWFLAKE_ENFORCEDURL");
  TARN_ASSIGN(const std::string text, provision::ReadFile(files_.snowflake));
  auto access = ParseWarehouseAccess(text, enforced == nullptr ? "" : enforced);
  if (!access) {
    access.error().message =
        fmt::format("\"{}\": {}", files_.snowflake.string(), access.error().message);
    return access;
  }
  const WarehouseUrl& url = access->url;
  if (!url.tls && !IsLoopback(url.host) && warned_of_ != url.Shown()) {
    spdlog::warn("passwords of the data sources go to {} without encryption", url.Shown());
    warned_of_ = url.Shown();
  }
  return access;
}

Result<> Agent::Tell() {
  TARN_ASSIGN(const WarehouseAccess access, ReadAccess());
  TARN_ASSIGN(const PrivateKey key, ReadAgentKey(files_));
  TARN_ASSIGN(auto settings, data_sources_.Read());
  for (const auto& [name, source] : settings) {
    const auto connection = warehouse::ConnectionOf(source);
    if (connection) continue;
    return Fail(ErrorKind::kInvalidArgument, "data source {}: {}", name,
                connection.error().message);
  }
  if (settings != told_) last_failure_.reset();
  told_ = std::move(settings);
  if (!access.temporary_key.empty() && access.temporary_key != kept_key_) {
    TARN_TRY(RegisterKey(access, key));
  }
  return SendAsAgent(access, key, "POST");
}

Result<> Agent::SendAsAgent(const WarehouseAccess& access, const PrivateKey& key,
                            const char* method) {
  json sources = json::object();
  for (const auto& [name, source] : told_) {
    sources[name] = {{"url", source.url},
                     {"username", source.username},
                     {"password", source.password},
                     {"publication", source.publication},
                     {"ssl", source.ssl},
                     {"slotLimit", std::to_string(source.slot_limit_mb) + "MB"},
                     {"flushInterval", std::to_string(source.flush_interval_ms) + "ms"}};
  }
  const json body = {{"agentId", id_}, {"dataSources", std::move(sources)}};
  return Send(access, key,
              {.method = method,
               .path = server::kAgentPath,
               .token = {},
               .body = body.dump(-1, ' ', false, json::error_handler_t::replace)});
}

Result<> Agent::RegisterKey(const WarehouseAccess& access, const PrivateKey& key) {
  TARN_ASSIGN(const PrivateKey temporary, PrivateKey::Read(access.temporary_key));
  const json body = {{"publicKey", key.public_key().pem()}};
  auto done = Send(access, temporary,
                   {.method = "PUT",
                    .path = std::string(server::kAgentPath) + "/key",
                    .token = {},
                    .body = body.dump()});
  if (!done && done.error().kind == ErrorKind::kPermissionDenied &&
      SendAsAgent(access, key, "POST")) {
    // The answer to an earlier one was lost, or the file could not be changed then.
    done = {};
  }
  TARN_TRY(done);
  spdlog::info("the warehouse has registered this agent's key {}", key.public_key().fingerprint());
  if (const auto removed = RemoveTemporaryKey(files_.snowflake); !removed) {
    kept_key_ = access.temporary_key;
    spdlog::warn("{}: take temporaryPrivateKey out of \"{}\"; it is worth nothing any more",
                 removed.error().message, files_.snowflake.string());
  }
  return {};
}

void Agent::End() {
  is_up_ = false;
  const auto access = ReadAccess();
  const auto key = ReadAgentKey(files_);
  if (!access || !key) return;
  told_.clear();
  if (const auto done = SendAsAgent(*access, *key, "DELETE"); !done) {
    spdlog::warn("{}", Shown(done.error()));
  }
}

}  // namespace tarn::cli
