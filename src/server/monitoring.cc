// SPDX-License-Identifier: Apache-2.0
#include "server/monitoring.h"

#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/batch.h"
#include "engine/query.h"
#include "server/capture_metrics.h"
#include "server/metrics_text.h"

namespace tarn::server {

using tarn::http::Request;
using tarn::http::Response;

namespace {

double Uptime(const Monitored& monitored) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - monitored.started)
      .count();
}

bool Reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

Response NotAllowed() {
  Response response = Response::Text(405, "only GET and HEAD are allowed here\n");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

class HealthHandler final : public tarn::http::Handler {
 public:
  explicit HealthHandler(Monitored monitored) : monitored_(std::move(monitored)) {}

  Response Handle(const Request& request) override {
    if (!Reads(request)) return NotAllowed();
    const auto snapshot = monitored_.account->metastore().Read();
    nlohmann::ordered_json document = {{"status", snapshot ? "ok" : "failing"},
                                       {"version", monitored_.version},
                                       {"uptime_seconds", Uptime(monitored_)}};
    if (!snapshot) document["reason"] = snapshot.error().message;
    Response response = Response::Json(snapshot ? 200 : 503, document.dump() + "\n");
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
  }

 private:
  const Monitored monitored_;
};

int64_t ResidentBytes() {
  int64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * sysconf(_SC_PAGE_SIZE);
}

/// Absent where it cannot be asked now: an engine without memory for this says so by the gap.
std::optional<int64_t> EngineBytes(engine::Engine& engine) {
  auto stream =
      engine.OpenQuery({.text = "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()",
                        .tables = {},
                        .parameters = {},
                        .carriers = {{.kind = TypeKind::kLong}}});
  std::vector<uint8_t> bytes;
  if (!stream || !(*stream)->Next(bytes) || bytes.empty()) return std::nullopt;
  const auto batch = DecodeBatch(bytes, std::vector<Type>{{.kind = TypeKind::kLong}});
  if (!batch || batch->rows != 1 || batch->columns[0].is_null(0)) return std::nullopt;
  int64_t value = 0;
  std::memcpy(&value, batch->columns[0].values, sizeof value);
  return value;
}

class MetricsHandler final : public tarn::http::Handler {
 public:
  explicit MetricsHandler(Monitored monitored) : monitored_(std::move(monitored)) {}

  Response Handle(const Request& request) override {
    if (!Reads(request)) return NotAllowed();
    MetricsText text;
    AddProcess(text);
    AddClients(text);
    AddCaptureMetrics(*monitored_.account, text);
    Response response = Response::Text(200, text.Take());
    response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
    return response;
  }

 private:
  void AddProcess(MetricsText& text) const {
    text.Family("tarn_info", "gauge", "The program that runs.");
    text.Sample(1, fmt::format("{{version=\"{}\"}}", monitored_.version));
    text.Family("tarn_uptime_seconds", "gauge", "Seconds since the warehouse was opened.");
    text.Sample(Uptime(monitored_));
    text.Family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
    text.Sample(ResidentBytes());
    text.Family("tarn_engine_memory_bytes", "gauge", "Memory that queries and their caches hold.");
    if (const auto bytes = EngineBytes(*monitored_.account->tables().engine)) text.Sample(*bytes);
    text.Family("tarn_engine_memory_limit_bytes", "gauge", "What they may hold together.");
    text.Sample(monitored_.memory_limit_bytes);
    text.Family("tarn_metastore_version", "counter", "Transactions that changed the metastore.");
    text.Sample(monitored_.account->metastore().version());
  }

  void AddClients(MetricsText& text) const {
    const postgres::Traffic& traffic = monitored_.postgres->traffic();
    text.Family("tarn_sessions", "gauge", "Authenticated connections.");
    text.Sample(monitored_.postgres->connections());
    text.Family("tarn_sessions_active", "gauge", "Those of them that are being served.");
    text.Sample(traffic.active.load());
    text.Family("tarn_statements_total", "counter", "Statements that have ended.");
    text.Sample(traffic.succeeded.load(), "{outcome=\"succeeded\"}");
    text.Sample(traffic.failed.load(), "{outcome=\"failed\"}");
    text.Sample(traffic.cancelled.load(), "{outcome=\"cancelled\"}");
    text.Family("tarn_client_bytes_total", "counter", "Bytes of PostgreSQL's protocol.");
    text.Sample(traffic.received_bytes.load(), "{direction=\"received\"}");
    text.Sample(traffic.sent_bytes.load(), "{direction=\"sent\"}");
  }

  const Monitored monitored_;
};

}  // namespace

std::shared_ptr<tarn::http::Handler> MakeHealthHandler(Monitored monitored) {
  return std::make_shared<HealthHandler>(std::move(monitored));
}

std::shared_ptr<tarn::http::Handler> MakeMetricsHandler(Monitored monitored) {
  return std::make_shared<MetricsHandler>(std::move(monitored));
}

}  // namespace tarn::server
