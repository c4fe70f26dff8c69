// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/session_parameters_json.h"

#include "iceberg/json/json_text.h"
#include "warehouse/session/session_parameters.h"

namespace tarn::server::snowflake {

std::string ParametersJson(const warehouse::Session& session) {
  std::string text;
  iceberg::JsonText json(&text);
  json.BeginArray();
  for (const auto& facts : warehouse::SessionParameters()) {
    const auto known = session.Parameter(facts.name);
    const std::string value = known ? *known : std::string(facts.fallback);
    json.BeginObject();
    json.Member("name", facts.name);
    json.Key("value");
    if (facts.type == "STRING") {
      json.String(value);
    } else {
      json.Raw(value);
    }
    json.EndObject();
  }
  json.EndArray();
  return text;
}

}  // namespace tarn::server::snowflake
