// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/query_request.h"

#include <charconv>

#include "server/snowflake/request_text.h"
#include "sql/syntax/name.h"
#include "warehouse/statement_error.h"

namespace tarn::server::snowflake {
namespace {

using nlohmann::json;

bool Flag(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_boolean() && found->get<bool>();
}

void ReadParameters(const json& body, StatementRequest& made) {
  const auto parameters = body.find("parameters");
  if (parameters == body.end() || !parameters->is_object()) return;
  for (const auto& [name, value] : parameters->items()) {
    const std::string upper = sql::syntax::UpperCase(name);
    const auto text = ScalarText(value);
    if (!text) continue;
    if (upper == "MULTI_STATEMENT_COUNT") {
      int64_t count = 0;
      const auto read = std::from_chars(text->data(), text->data() + text->size(), count);
      if (read.ec == std::errc()) made.statement_count = count;
    } else {
      made.parameters.emplace_back(upper, *text);
    }
  }
}

}  // namespace

warehouse::StatementResult<StatementRequest> ReadQueryRequest(const tarn::http::Request& request,
                                                              const json& body) {
  StatementRequest made;
  made.request_id = std::string(request.Parameter("requestId").value_or(""));
  made.text = TextMember(body, "sqlText");
  made.asynchronous = Flag(body, "asyncExec");
  made.only_describe = Flag(body, "describeOnly");
  ReadParameters(body, made);
  if (!TextMember(body, "bindStage").empty()) {
    return std::unexpected(warehouse::StatementError{
        .error = {ErrorKind::kUnsupported, "Bind variables in a stage are not supported.", {}, {}},
        .code = "000002",
        .sqlstate = "0A000",
        .position = {}});
  }
  if (const auto bindings = body.find("bindings"); bindings != body.end()) {
    STATEMENT_ASSIGN(made.bindings, ReadBindings(*bindings));
  }
  return made;
}

}  // namespace tarn::server::snowflake
