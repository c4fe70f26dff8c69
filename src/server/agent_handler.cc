// SPDX-License-Identifier: Apache-2.0
#include "server/agent_handler.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "provision/key_token.h"

namespace tarn::server {
namespace {

using nlohmann::json;
using provision::PublicKey;
using tarn::http::Request;
using tarn::http::Response;

constexpr size_t kBodyBytesMax = 1024 * 1024;
/// Of JSON, whose writer calls itself for each level.
constexpr int kDepthMax = 8;
constexpr size_t kAgentNameMax = 200;
constexpr int64_t kMillisecondsPerSecond = 1000;
constexpr std::string_view kBearer = "Bearer ";

int StatusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
      return 400;
    case ErrorKind::kPermissionDenied:
      return 401;
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kConflict:
      return 409;
    case ErrorKind::kResourceExhausted:
      return 429;
    default:
      return 500;
  }
}

Response AnswerOf(int status, const json& document) {
  Response response =
      Response::Json(status, document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  response.headers.emplace_back("Cache-Control", "no-store");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Response AnswerOf(int status, const Error& error) {
  json document = {{"message", error.message}};
  if (!error.detail.empty()) document["detail"] = error.detail;
  if (!error.hint.empty()) document["hint"] = error.hint;
  return AnswerOf(status, document);
}

/// Of what the agent sent nothing is repeated: there may be passwords in it.
Result<json> BodyOf(const Request& request) {
  bool too_deep = false;
  const auto is_shallow = [&](int depth, json::parse_event_t /*event*/, json& /*value*/) {
    too_deep |= depth > kDepthMax;
    return !too_deep;
  };
  json body = json::parse(request.body, is_shallow, false);
  if (!too_deep && body.is_object()) return body;
  return Fail(ErrorKind::kInvalidArgument, "the body is no JSON object");
}

Result<std::string> TextOf(const json& body, const char* name) {
  const auto found = body.find(name);
  if (found != body.end() && found->is_string()) return found->get<std::string>();
  return Fail(ErrorKind::kInvalidArgument, "\"{}\" is missing, or no text", name);
}

Result<std::string> AgentOf(const json& body) {
  TARN_ASSIGN(std::string name, TextOf(body, "agentId"));
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  if (!name.empty() && name.size() <= kAgentNameMax && std::ranges::all_of(name, allowed)) {
    return name;
  }
  return Fail(ErrorKind::kInvalidArgument,
              "\"agentId\" has letters, digits, dots, hyphens and underscores only, at most {}",
              kAgentNameMax);
}

class AgentHandler final : public tarn::http::Handler {
 public:
  AgentHandler(warehouse::ConnectedAgents& agents, AgentKeys keys)
      : agents_(agents), keys_(std::move(keys)) {}

  Response Handle(const Request& request) override {
    const bool is_key = request.path == std::string(kAgentPath) + "/key";
    if (!is_key && request.path != kAgentPath) {
      return AnswerOf(404, Error{ErrorKind::kNotFound, "there is nothing here", {}, {}});
    }
    const std::string_view allowed = is_key ? "PUT" : "POST, DELETE";
    const bool fits =
        is_key ? request.method == "PUT" : request.method == "POST" || request.method == "DELETE";
    if (!fits) {
      Response response = AnswerOf(
          405,
          Error{ErrorKind::kUnsupported, fmt::format("only {} is allowed here", allowed), {}, {}});
      response.headers.emplace_back("Allow", allowed);
      return response;
    }
    if (request.body.size() > kBodyBytesMax) {
      return AnswerOf(413, Error{ErrorKind::kResourceExhausted,
                                 fmt::format("the body has over {} bytes", kBodyBytesMax),
                                 {},
                                 {}});
    }
    const Result<> done = is_key ? RegisterKey(request) : Tell(request);
    if (done) return AnswerOf(200, json{{"status", "UP"}});
    const int status = StatusOf(done.error().kind);
    if (status == 500) spdlog::error("an agent could not be answered: {}", done.error().message);
    return AnswerOf(status, done.error());
  }

 private:
  static Result<> Check(const Request& request, const std::optional<PublicKey>& key) {
    const auto header = request.Header("authorization");
    if (!key) {
      return Fail(ErrorKind::kPermissionDenied, "no such key of an agent is registered");
    }
    if (!header || !header->starts_with(kBearer)) {
      return Fail(ErrorKind::kPermissionDenied, "there is no bearer's token");
    }
    return provision::CheckKeyToken(header->substr(kBearer.size()), *key, kAgentSubject,
                                    NowMs() / kMillisecondsPerSecond);
  }

  static Result<> WithHint(Result<> checked, const char* hint) {
    if (!checked) checked.error().hint = hint;
    return checked;
  }

  Result<> Tell(const Request& request) {
    TARN_ASSIGN(const auto key, keys_.Registered());
    TARN_TRY(WithHint(Check(request, key),
                      "Make a new snowflake.json for the agent with: tarn agent generate-file"));
    TARN_ASSIGN(const json body, BodyOf(request));
    TARN_ASSIGN(const std::string agent, AgentOf(body));
    if (request.method == "DELETE") {
      agents_.Forget(agent);
      return {};
    }
    const auto sources = body.find("dataSources");
    if (sources == body.end() || !sources->is_object()) {
      return Fail(ErrorKind::kInvalidArgument, "\"dataSources\" is missing, or no JSON object");
    }
    TARN_ASSIGN(auto settings, warehouse::ParseSourceSettings(sources->dump()));
    return agents_.Tell(agent, request.remote_address, std::move(settings));
  }

  Result<> RegisterKey(const Request& request) {
    // One temporary key registers one key, however many ask at once.
    const std::lock_guard lock(registering_);
    TARN_ASSIGN(const auto temporary, keys_.Temporary());
    TARN_TRY(WithHint(Check(request, temporary),
                      "A temporaryPrivateKey can be used once. Make a new snowflake.json with: "
                      "tarn agent generate-file"));
    TARN_ASSIGN(const json body, BodyOf(request));
    TARN_ASSIGN(const std::string pem, TextOf(body, "publicKey"));
    TARN_ASSIGN(const PublicKey key, PublicKey::Read(pem));
    if (key.fingerprint() == temporary->fingerprint()) {
      return Fail(ErrorKind::kInvalidArgument, "the temporary key cannot be registered itself");
    }
    const auto before = keys_.Registered();
    TARN_TRY(keys_.Register(key));
    // Whoever had another key cannot come back with it.
    if (!before || !*before || (*before)->fingerprint() != key.fingerprint()) agents_.ForgetAll();
    spdlog::info("an agent at {} has registered its key {}", request.remote_address,
                 key.fingerprint());
    return {};
  }

  warehouse::ConnectedAgents& agents_;
  const AgentKeys keys_;
  std::mutex registering_;
};

}  // namespace

std::shared_ptr<tarn::http::Handler> MakeAgentHandler(warehouse::ConnectedAgents& agents,
                                                      AgentKeys keys) {
  return std::make_shared<AgentHandler>(agents, std::move(keys));
}

}  // namespace tarn::server
