// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/query_status.h"

#include "iceberg/json/json_text.h"
#include "server/snowflake/failure.h"
#include "warehouse/session/secret_text.h"

namespace tarn::server::snowflake {
namespace {

const char* StateOf(const Submission& submission, const Outcome* outcome) {
  if (outcome == nullptr) return submission.is_running() ? "RUNNING" : "QUEUED";
  if (!outcome->error) return "SUCCESS";
  return submission.is_aborted() ? "ABORTED" : "FAILED_WITH_ERROR";
}

}  // namespace

tarn::http::Response StatusesOf(const std::vector<std::shared_ptr<Submission>>& submissions,
                                int64_t session_id) {
  std::string body;
  iceberg::JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.BeginObject();
  json.Key("queries");
  json.BeginArray();
  for (const auto& submission : submissions) {
    const auto outcome = submission->outcome();
    const bool failed = outcome != nullptr && outcome->error;
    json.BeginObject();
    json.Member("id", submission->id().ToString());
    json.Member("status", StateOf(*submission, outcome.get()));
    json.Member("state", StateOf(*submission, outcome.get()));
    json.Member("sessionId", session_id);
    json.Member("sqlText", warehouse::WithoutSecrets(submission->request().text));
    json.Member("startTime", submission->started_ms());
    json.Member("endTime", submission->ended_ms());
    json.Member("totalDuration", submission->ended_ms() == 0
                                     ? int64_t{0}
                                     : submission->ended_ms() - submission->started_ms());
    json.Key("errorCode");
    if (failed) {
      json.String(CodeOf(*outcome->error));
    } else {
      json.Raw("null");
    }
    json.Key("errorMessage");
    if (failed) {
      json.String(outcome->error->error.message);
    } else {
      json.Raw("null");
    }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.Key("code");
  json.Raw("null");
  json.Key("message");
  json.Raw("null");
  json.Key("success");
  json.Bool(true);
  json.EndObject();
  return tarn::http::Response::Json(200, std::move(body));
}

}  // namespace tarn::server::snowflake
