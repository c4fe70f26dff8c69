// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/failure.h"

#include "iceberg/json/json_text.h"
#include "server/postgres/sqlstate.h"
#include "sql/syntax/source.h"

namespace tarn::server::snowflake {
namespace {

constexpr int kBadRequest = 400;

const char* CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return "002003";
    case ErrorKind::kAlreadyExists:
      return "002002";
    case ErrorKind::kInvalidArgument:
      return "100132";
    case ErrorKind::kUnsupported:
      return "000002";
    case ErrorKind::kConflict:
      return "000625";
    case ErrorKind::kCancelled:
      return code::kCancelled;
    case ErrorKind::kPermissionDenied:
      return "003001";
    case ErrorKind::kCommitStateUnknown:
    case ErrorKind::kCorruption:
    case ErrorKind::kUnavailable:
    case ErrorKind::kResourceExhausted:
    case ErrorKind::kInternal:
      break;
  }
  return "000603";  // SQL execution internal error
}

std::string MessageOf(const Error& error) {
  std::string message = error.message;
  for (const std::string* sentence : {&error.detail, &error.hint}) {
    if (!sentence->empty()) message += "\n" + *sentence;
  }
  return message;
}

tarn::http::Response Answer(const std::string& body) {
  return tarn::http::Response::Json(200, body);
}

}  // namespace

std::string CodeOf(const warehouse::StatementError& error) {
  return error.code.empty() ? CodeOf(error.error.kind) : error.code;
}

std::string SqlStateOf(const warehouse::StatementError& error) {
  return error.sqlstate.empty() ? std::string(postgres::SqlStateOf(error.error.kind))
                                : error.sqlstate;
}

tarn::http::Response FailureResponse(const Failure& failure) {
  std::string body;
  iceberg::JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.BeginObject();
  json.Member("errorCode", failure.code);
  json.Member("sqlState", failure.sqlstate.empty() ? "28000" : failure.sqlstate);
  json.EndObject();
  json.Member("code", failure.code);
  json.Member("message", failure.message);
  json.Key("success");
  json.Bool(false);
  json.EndObject();
  return Answer(body);
}

tarn::http::Response StatementFailureResponse(const warehouse::StatementError& error,
                                              const Uuid& query_id, std::string_view text) {
  std::string body;
  iceberg::JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.BeginObject();
  json.Key("internalError");
  json.Bool(error.error.kind == ErrorKind::kInternal);
  json.Member("errorCode", CodeOf(error));
  json.Member("sqlState", SqlStateOf(error));
  json.Member("queryId", query_id.ToString());
  if (error.position) {
    const auto at = sql::syntax::PositionAt(text, static_cast<uint32_t>(*error.position));
    json.Member("line", static_cast<int64_t>(at.line));
    json.Member("pos", static_cast<int64_t>(at.column));
    json.Member("type", "COMPILATION");
  }
  json.EndObject();
  json.Member("code", CodeOf(error));
  json.Member("message", MessageOf(error.error));
  json.Key("success");
  json.Bool(false);
  json.EndObject();
  return Answer(body);
}

tarn::http::Response EmptySuccess() {
  return Answer(R"({"data":null,"code":null,"message":null,"success":true})");
}

tarn::http::Response Malformed(std::string_view why) {
  std::string body;
  iceberg::JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.Raw("null");
  json.Member("code", "390400");
  json.Member("message", why);
  json.Key("success");
  json.Bool(false);
  json.EndObject();
  return tarn::http::Response::Json(kBadRequest, body);
}

}  // namespace tarn::server::snowflake
