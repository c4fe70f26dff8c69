// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/query_reply.h"

#include "base/base64.h"
#include "iceberg/json/json_text.h"
#include "server/snowflake/arrow_rows.h"
#include "server/snowflake/failure.h"
#include "server/snowflake/json_rows.h"
#include "server/snowflake/shown_column.h"
#include "server/snowflake/statement_kind.h"

namespace tarn::server::snowflake {
namespace {

using iceberg::JsonText;
using sql::DataTypeKind;

constexpr int64_t kCountPrecision = 19;
constexpr int64_t kAbortsAfterSeconds = 300;

warehouse::ResultColumn TextColumn(const std::string& name) {
  return {.name = name,
          .type = {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault},
          .carrier = Type::Primitive(TypeKind::kString)};
}

warehouse::ResultColumn CountColumn(const std::string& name) {
  return {.name = name,
          .type = {DataTypeKind::kNumber, static_cast<int32_t>(kCountPrecision), 0},
          .carrier = Type::Primitive(TypeKind::kLong),
          .nullable = false};
}

void WriteTotals(int64_t total, int64_t returned, bool arrow, JsonText& json) {
  json.Member("total", total);
  json.Member("returned", returned);
  json.Member("queryResultFormat", arrow ? "arrow" : "json");
}

void WriteParts(const Outcome& outcome, const ReplyContext& context, JsonText& json) {
  const auto& parts = outcome.rows->parts();
  if (parts.size() < 2) return;
  const std::string name =
      context.shelf->Put({.rows = outcome.rows, .as_arrow = outcome.sends_arrow}, context.now_ms);
  json.Key("chunks");
  json.BeginArray();
  for (size_t i = 1; i < parts.size(); ++i) {
    json.BeginObject();
    json.Member("url", fmt::format("{}/queries/chunks/{}/{}", context.base_url, name, i));
    json.Member("rowCount", parts[i].rows);
    json.Member("uncompressedSize", parts[i].bytes);
    json.Member("compressedSize", parts[i].bytes);
    json.EndObject();
  }
  json.EndArray();
  // Without any, Go's client sends keys for encryption.
  json.Key("chunkHeaders");
  json.Raw(R"({"x-tarn-part":"1"})");
}

Result<> WriteRows(const Outcome& outcome, const ReplyContext& context, JsonText& json) {
  const SpooledResult& rows = *outcome.rows;
  const ResultPart& first = rows.parts().front();
  WriteRowType(rows.columns(), json);
  if (outcome.sends_arrow) {
    json.Key("rowsetBase64");
    std::string stream;
    if (first.rows > 0) {
      TARN_ASSIGN(stream, ArrowStreamOf(rows, first));
    }
    json.Raw('"' + EncodeBase64(stream) + '"');
  } else {
    TARN_ASSIGN(const std::string text, JsonRowsOf(rows, first));
    json.Key("rowset");
    json.Raw('[' + text + ']');
  }
  WriteTotals(rows.rows(), rows.rows(), outcome.sends_arrow, json);
  WriteParts(outcome, context, json);
  return {};
}

/// Counts of changed rows are one row of numbers, whose labels clients know.
void WriteCounts(const Outcome& outcome, JsonText& json) {
  std::vector<warehouse::ResultColumn> columns;
  for (const auto& count : outcome.counts) columns.push_back(CountColumn(count.label));
  WriteRowType(columns, json);
  json.Key("rowset");
  json.BeginArray();
  json.BeginArray();
  for (const auto& count : outcome.counts) json.String(std::to_string(count.rows));
  json.EndArray();
  json.EndArray();
  WriteTotals(1, 1, false, json);
  json.Key("stats");
  json.BeginObject();
  const auto member = [&](const char* name, std::string_view label) {
    int64_t rows = 0;
    for (const auto& count : outcome.counts) {
      if (count.label.starts_with(label)) rows += count.rows;
    }
    json.Member(name, rows);
  };
  member("numRowsInserted", "number of rows inserted");
  member("numRowsUpdated", "number of rows updated");
  member("numRowsDeleted", "number of rows deleted");
  member("numDmlDuplicates", "number of multi-joined");
  json.EndObject();
}

void WriteStatus(const std::string& name, const std::string& text, JsonText& json) {
  WriteRowType(std::vector{TextColumn(name)}, json);
  json.Key("rowset");
  json.BeginArray();
  json.BeginArray();
  json.String(text);
  json.EndArray();
  json.EndArray();
  WriteTotals(1, 1, false, json);
}

void WriteChildren(const Outcome& outcome, JsonText& json) {
  std::string ids, types;
  for (const auto& child : outcome.children) {
    const char* const comma = ids.empty() ? "" : ",";
    ids += comma + child->id().ToString();
    types += comma + std::to_string(StatementTypeOf(child->outcome()->command));
  }
  json.Member("resultIds", ids);
  json.Member("resultTypes", types);
}

void WriteSession(const SessionFacts& session, JsonText& json) {
  json.Key("parameters");
  json.Raw(session.parameters.empty() ? "[]" : session.parameters);
  const auto name = [&json](const char* member, const std::string& text) {
    json.Key(member);
    if (text.empty()) {
      json.Raw("null");
    } else {
      json.String(text);
    }
  };
  name("finalDatabaseName", session.database);
  name("finalSchemaName", session.schema);
  name("finalWarehouseName", session.warehouse);
  name("finalRoleName", session.role);
  name("databaseProvider", "");
}

}  // namespace

tarn::http::Response ReplyOf(const Submission& submission, const Outcome& outcome,
                             const ReplyContext& context) {
  if (outcome.error) {
    return StatementFailureResponse(*outcome.error, submission.id(), submission.request().text);
  }
  std::string body;
  JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.BeginObject();
  WriteSession(outcome.session, json);
  const bool several = !outcome.children.empty();
  if (several) {
    WriteStatus("multiple statement execution", "Multiple statements executed successfully.", json);
    WriteChildren(outcome, json);
  } else if (outcome.transfer != nullptr) {
    WriteTransfer(*outcome.transfer, outcome.transfer_style, context.base_url,
                  context.files->Offer(outcome.transfer), json);
  } else if (outcome.rows != nullptr) {
    if (auto written = WriteRows(outcome, context, json); !written) {
      return StatementFailureResponse(
          {.error = std::move(written).error(), .code = {}, .sqlstate = {}, .position = {}},
          submission.id(), "");
    }
  } else if (!outcome.counts.empty()) {
    WriteCounts(outcome, json);
  } else {
    const std::string& status = outcome.status;
    WriteStatus("status", status.empty() ? "Statement executed successfully." : status, json);
  }
  json.Member("queryId", submission.id().ToString());
  json.Member("numberOfBinds", static_cast<int64_t>(outcome.bindings));
  json.Key("arrayBindSupported");
  json.Bool(outcome.bindings > 0 && ChangesRows(outcome.command));
  json.Member("statementTypeId", several ? kMultiStatementType : StatementTypeOf(outcome.command));
  json.Member("version", int64_t{1});
  json.Member("sendResultTime", context.now_ms);
  json.Key("queryContext");
  json.Raw(R"({"entries":[]})");
  json.EndObject();
  for (const char* member : {"code", "message"}) {
    json.Key(member);
    json.Raw("null");
  }
  json.Key("success");
  json.Bool(true);
  json.EndObject();
  return tarn::http::Response::Json(200, std::move(body));
}

tarn::http::Response InProgress(const Submission& submission) {
  const std::string id = submission.id().ToString();
  std::string body;
  JsonText json(&body);
  json.BeginObject();
  json.Key("data");
  json.BeginObject();
  json.Member("queryId", id);
  json.Member("getResultUrl", "/queries/" + id + "/result");
  json.Member("queryAbortsAfterSecs", kAbortsAfterSeconds);
  json.Key("progressDesc");
  json.Raw("null");
  json.EndObject();
  json.Member("code",
              submission.request().asynchronous ? code::kInProgressAsync : code::kInProgress);
  json.Member("message", "Query execution in progress.");
  json.Key("success");
  json.Bool(true);
  json.EndObject();
  return tarn::http::Response::Json(200, std::move(body));
}

Result<std::string> PartBody(const ShelvedResult& result, size_t part) {
  const auto& parts = result.rows->parts();
  if (part >= parts.size()) return Fail(ErrorKind::kNotFound, "there is no part {}", part);
  return result.as_arrow ? ArrowStreamOf(*result.rows, parts[part])
                         : JsonRowsOf(*result.rows, parts[part]);
}

}  // namespace tarn::server::snowflake
