// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/request_text.h"

#include "iceberg/json/gzip.h"
#include "iceberg/json/json_text.h"
#include "sql/syntax/name.h"

namespace tarn::server::snowflake {
namespace {

constexpr size_t kBodyBytesMax = size_t{128} << 20;
constexpr int kDepthMax = 64;

/// nlohmann's parser takes any depth, and destroying its values takes stack.
bool IsShallow(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepthMax) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

}  // namespace

Result<std::string> BodyOf(const tarn::http::Request& request) {
  const auto coding = request.Header("content-encoding");
  if (!coding || *coding != "gzip") return request.body;
  auto plain = iceberg::Gunzip(request.body, kBodyBytesMax);
  if (!plain) return Fail(ErrorKind::kInvalidArgument, "the body is no gzip stream");
  return plain;
}

Result<nlohmann::json> ObjectOf(const tarn::http::Request& request) {
  TARN_ASSIGN(const std::string body, BodyOf(request));
  if (body.empty()) return nlohmann::json::object();
  if (!IsShallow(body)) return Fail(ErrorKind::kInvalidArgument, "the body is nested too deeply");
  if (!iceberg::IsValidUtf8(body)) {
    return Fail(ErrorKind::kInvalidArgument, "the body is not UTF-8");
  }
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  if (!parsed.is_object()) return Fail(ErrorKind::kInvalidArgument, "the body is no JSON object");
  return parsed;
}

std::string TextMember(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::string> ScalarText(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

std::string TokenOf(const tarn::http::Request& request) {
  constexpr std::string_view kScheme = "Snowflake Token=\"";
  const std::string_view header = request.Header("authorization").value_or("");
  if (!header.starts_with(kScheme) || !header.ends_with('"') || header.size() <= kScheme.size()) {
    return {};
  }
  return std::string(header.substr(kScheme.size(), header.size() - kScheme.size() - 1));
}

std::vector<std::string> SegmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) {
      segments.push_back(tarn::http::DecodePercent(path.substr(0, slash)).value_or(""));
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

}  // namespace tarn::server::snowflake
