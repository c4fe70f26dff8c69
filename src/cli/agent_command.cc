// SPDX-License-Identifier: Apache-2.0
// tarn agent [generate-file]
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "base/logging.h"
#include "cli/agent/agent.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/warehouse_service.h"
#include "cli/workplace.h"
#include "provision/durable_file.h"
#include "server/agent_keys.h"
#include "server/http/server.h"
#include "warehouse/connector/installation.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using provision::DataDirectory;
using provision::PrivateKey;

constexpr int kHealthPort = 8080;
constexpr std::chrono::seconds kBeatInterval{2};
constexpr unsigned kSecretMode = 0600;
constexpr const char* kHealthPath = "/actuator/health";

struct AgentOptions {
  std::string config;
  std::string health_host = "127.0.0.1";
  int health_port = kHealthPort;
  std::string path = "snowflake.json", data, host;
};

class AgentHealthHandler final : public tarn::http::Handler {
 public:
  explicit AgentHealthHandler(const Agent& agent) : agent_(agent) {}

  tarn::http::Response Handle(const tarn::http::Request& request) override {
    if (request.method != "GET" && request.method != "HEAD") {
      auto refused = tarn::http::Response::Text(405, "only GET and HEAD are allowed here\n");
      refused.headers.emplace_back("Allow", "GET, HEAD");
      return refused;
    }
    return agent_.is_up() ? tarn::http::Response::Json(200, "{\"status\":\"UP\"}")
                          : tarn::http::Response::Json(503, "{\"status\":\"DOWN\"}");
  }

 private:
  const Agent& agent_;
};

/// Whether it came before the next beat is due.
bool WaitForEnd(const sigset_t& end) {
  const timespec patience{.tv_sec = kBeatInterval.count(), .tv_nsec = 0};
  return sigtimedwait(&end, nullptr, &patience) > 0;
}

Result<> RunAgent(const AgentOptions& options) {
  if (options.config.empty()) {
    return std::unexpected(
        Error{ErrorKind::kInvalidArgument,
              "--config is missing",
              {},
              "Run the agent of a directory with: tarn agent --config DIRECTORY"});
  }
  // Before there are threads, which are to leave them to this one.
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  TARN_TRY(StartLogging("agent", "info"));
  TARN_ASSIGN(Agent agent, Agent::Open(options.config));
  server::http::Router router;
  router.Add(kHealthPath, std::make_shared<AgentHealthHandler>(agent));
  TARN_ASSIGN(const auto health, server::http::HttpServer::Start({.host = options.health_host,
                                                                  .port = options.health_port,
                                                                  .connections_max = 16,
                                                                  .threads_max = 1,
                                                                  .body_bytes_max = 0},
                                                                 router));
  fmt::print("agent   {}\nhealth  http://{}:{}{}\n", agent.id(), options.health_host,
             health->port(), kHealthPath);
  std::fflush(stdout);
  do {
    agent.Beat();
  } while (!WaitForEnd(end));
  spdlog::info("stopping");
  agent.End();
  return {};
}

Result<server::ListenSettings> ListenOfRunning(const std::string& data) {
  std::error_code error;
  fs::path root = provision::RequestedDataDirectory(data);
  if (const fs::path whole = fs::canonical(root, error); !error) root = whole;
  TARN_ASSIGN(const WarehouseStatus status, FindWarehouse(DataDirectory{root}));
  if (status.pid) return status.listen;
  return std::unexpected(
      Error{ErrorKind::kUnavailable,
            fmt::format("the warehouse of data directory \"{}\" does not run", root.string()),
            {},
            "Start it with: tarn up"});
}

Result<> GenerateFile(const AgentOptions& options) {
  TARN_ASSIGN(const auto listen, ListenOfRunning(options.data));
  std::string host = options.host.empty() ? listen.host : options.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  TARN_ASSIGN(const PrivateKey key, PrivateKey::Generate());
  TARN_ASSIGN(const std::string pem, key.Pem());
  const WarehouseAccess access{
      .account = server::kAgentAccount,
      .user = server::kAgentUser,
      .application = warehouse::kConnectorName,
      .url = {.tls = false, .host = host, .port = listen.http_port, .path = {}},
      .temporary_key = pem};
  std::error_code error;
  const fs::path path = fs::absolute(options.path, error);
  TARN_TRY(provision::WriteFile(path, WriteWarehouseAccess(access), kSecretMode));
  // Becomes the account of the data directory; the file is the caller's.
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace({.data = options.data, .pg_config = {}}));
  TARN_TRY(server::AgentKeys(workplace.instances.directory().agent_keys())
               .SetTemporary(key.public_key()));
  fmt::print("{}\n", path.string());
  return {};
}

}  // namespace

void AddAgentCommand(CLI::App& app, int& status) {
  const auto options = std::make_shared<AgentOptions>();
  CLI::App* agent =
      app.add_subcommand("agent", "tells the warehouse how sources of change capture are reached");
  agent->add_option("--config", options->config,
                    "directory with snowflake.json and datasources.json");
  agent->add_option("--health-host", options->health_host, "address of /actuator/health")
      ->capture_default_str();
  agent->add_option("--health-port", options->health_port, "port of /actuator/health; 0: any")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  CLI::App* file = agent->add_subcommand("generate-file",
                                         "writes snowflake.json for an agent, with a key that "
                                         "is good for its first start");
  file->add_option("path", options->path, "the file")->capture_default_str();
  file->add_option("--data", options->data, "data directory");
  file->add_option("--host", options->host, "where the agent reaches the warehouse");
  agent->require_subcommand(0, 1);
  agent->callback([options, file, &status] {
    const auto done = file->parsed() ? GenerateFile(*options) : RunAgent(*options);
    if (!done) status = ReportError(done.error());
  });
}

}  // namespace tarn::cli
