// SPDX-License-Identifier: Apache-2.0
#include "rest/namespace_response.h"

#include "iceberg/json/json_text.h"
#include "rest/paging.h"

namespace tarn::rest {
namespace {

using iceberg::JsonText;

void WriteLevels(const std::vector<std::string>& levels, JsonText& json) {
  json.BeginArray();
  for (const std::string& level : levels) json.String(level);
  json.EndArray();
}

}  // namespace

Response NamespaceResponse(const std::vector<std::string>& levels,
                           const std::map<std::string, std::string>& properties) {
  Response response;
  JsonText json(&response.body);
  json.BeginObject();
  json.Key("namespace");
  WriteLevels(levels, json);
  json.Key("properties");
  iceberg::WriteStringMap(properties, json);
  json.EndObject();
  return response;
}

Reply<Response> NamespacesResponse(const Call& call, const std::vector<std::string>& parent,
                                   std::vector<std::string> names) {
  REST_ASSIGN(const Page page, PageOf(call, std::move(names)));
  Response response;
  JsonText json(&response.body);
  json.BeginObject();
  json.Key("namespaces");
  json.BeginArray();
  for (const std::string& name : page.names) {
    std::vector<std::string> levels = parent;
    levels.push_back(name);
    WriteLevels(levels, json);
  }
  json.EndArray();
  if (!page.next_token.empty()) json.Member("next-page-token", page.next_token);
  json.EndObject();
  return response;
}

}  // namespace tarn::rest
