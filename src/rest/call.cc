// SPDX-License-Identifier: Apache-2.0
#include "rest/call.h"

#include <algorithm>
#include <cctype>

namespace tarn::rest {

std::optional<std::string> Call::Query(std::string_view name_of_parameter) const {
  const auto found = query.find(name_of_parameter);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

bool Call::IsTrue(std::string_view name_of_parameter) const {
  std::string value = Query(name_of_parameter).value_or("");
  std::ranges::transform(value, value.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return value == "true";
}

std::string NamespaceText(const std::vector<std::string>& name_space) {
  std::string text;
  for (const std::string& level : name_space) {
    if (!text.empty()) text += '.';
    text += level;
  }
  return text;
}

std::string ToString(const Identifier& identifier) {
  if (identifier.name_space.empty()) return identifier.name;
  return NamespaceText(identifier.name_space) + "." + identifier.name;
}

Reply<iceberg::Json> ParseBody(const Call& call) {
  if (call.request->body.empty()) return BadRequest("Malformed request: the body is empty");
  return FromRequest(iceberg::ParseJson(call.request->body, "request"));
}

Reply<iceberg::JsonMembers> MembersOf(const iceberg::Json& body) {
  return FromRequest(iceberg::JsonMembers::Of(body, ""));
}

Reply<Identifier> ParseIdentifier(const iceberg::JsonMembers& members, std::string_view member) {
  const iceberg::Json* value = members.Find(member);
  if (value == nullptr) return BadRequest(fmt::format("Malformed request: {} is missing", member));
  REST_ASSIGN(const auto parts, FromRequest(iceberg::JsonMembers::Of(*value, std::string(member))));
  Identifier identifier;
  REST_ASSIGN(identifier.name_space, FromRequest(parts.Strings("namespace")));
  REST_ASSIGN(identifier.name, FromRequest(parts.String("name")));
  return identifier;
}

}  // namespace tarn::rest
