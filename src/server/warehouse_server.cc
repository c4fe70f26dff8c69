// SPDX-License-Identifier: Apache-2.0
#include "server/warehouse_server.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "base/file_content.h"
#include "provision/address_holder.h"
#include "provision/certificate.h"
#include "provision/durable_file.h"
#include "server/agent_handler.h"
#include "server/monitoring.h"
#include "server/rest_handler.h"
#include "warehouse/connector/connector.h"
#include "warehouse/session/first_password.h"

namespace tarn::server {
namespace {

using provision::DataDirectory;
using provision::ListenAddress;

constexpr const char* kRestPrefix = "/iceberg";
constexpr unsigned kCertificateMode = 0644, kKeyMode = 0600;
constexpr int64_t kMemoryLeast = int64_t{512} << 20;
/// Of the machine's memory, beside PostgreSQL's servers with their engines.
constexpr int64_t kMemoryShare = 4;
/// Snowflake's clients wait for their statements in a request.
constexpr int32_t kHttpThreadsMax = 64;

/// As an error that says who is in the way, before anything was opened.
Result<> CheckFree(const std::string& host, int port, const char* option) {
  const ListenAddress address{host, port};
  if (port == 0 || provision::IsFree(address)) return {};
  const std::string holder = provision::DescribeHolder(address);
  if (holder == "nobody") {
    return std::unexpected(Error{ErrorKind::kUnavailable,
                                 fmt::format("could not listen on {}:{}", host, port),
                                 "The address is not one of this machine's, or may not be used.",
                                 "Choose another with: tarn up --host HOST"});
  }
  return std::unexpected(
      Error{ErrorKind::kUnavailable, fmt::format("could not listen on {}:{}", host, port),
            fmt::format("The address is held by {}.", holder),
            fmt::format("End that process, or choose another port with: tarn up {} PORT", option)});
}

Result<provision::Certificate> CertificateOf(const DataDirectory& directory,
                                             const std::string& host) {
  const auto certificate_file = directory.warehouse() / "server.crt";
  const auto key_file = directory.warehouse() / "server.key";
  TARN_ASSIGN(auto certificate, ReadFileIfPresent(certificate_file.string()));
  TARN_ASSIGN(auto key, ReadFileIfPresent(key_file.string()));
  if (certificate && key) {
    return provision::Certificate{.certificate_pem = *certificate, .key_pem = *key};
  }
  TARN_ASSIGN(auto made, provision::MakeCertificate("tarn", host));
  TARN_TRY(provision::WriteFile(key_file, made.key_pem, kKeyMode));
  TARN_TRY(provision::WriteFile(certificate_file, made.certificate_pem, kCertificateMode));
  return made;
}

int64_t MemoryLimit() {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  return std::max(machine / kMemoryShare, kMemoryLeast);
}

}  // namespace

Result<std::unique_ptr<WarehouseServer>> WarehouseServer::Start(
    const WarehouseServerOptions& options) {
  std::unique_ptr<WarehouseServer> server(new WarehouseServer());
  TARN_TRY(server->Open(options));
  return server;
}

Result<> WarehouseServer::Open(const WarehouseServerOptions& options) {
  const DataDirectory& directory = options.directory;
  listen_ = options.listen;
  TARN_TRY(CheckFree(listen_.host, listen_.port, "--port"));
  TARN_TRY(CheckFree(listen_.host, listen_.http_port, "--http-port"));
  const warehouse::ConnectorOptions connector{
      .settings_file = (directory.root / "datasources.json").string(), .agents = &agents_};
  warehouse::AccountOptions account{.directory = directory.warehouse().string(),
                                    .buckets_directory = directory.buckets().string(),
                                    .memory_limit_bytes = MemoryLimit(),
                                    .instances = options.instances,
                                    .follows_tables = true,
                                    .connector = &connector,
                                    .scheduler = true};
  TARN_ASSIGN(account_, warehouse::Account::Open(account));
  TARN_TRY(warehouse::EnsureFirstPassword(account_->metastore(), directory.admin_password()));
  TARN_ASSIGN(const auto certificate, CertificateOf(directory, listen_.host));
  guesses_ = std::make_unique<warehouse::GuessLimit>(&account_->clock());
  postgres::ServerOptions postgres{.host = listen_.host,
                                   .port = listen_.port,
                                   .version = options.version,
                                   .guesses = guesses_.get()};
  const provision::Runtime* const runtime =
      options.instances == nullptr ? nullptr : options.instances->default_runtime();
  if (runtime != nullptr) {
    catalogues_ = std::make_unique<catalogues::Mirrors>(
        account_->metastore(),
        catalogues::Mirrors::Options{.runtime = *runtime,
                                     .folder = directory.warehouse() / "catalogues",
                                     .version = options.version,
                                     .connections_max = postgres.connections_max});
    postgres.catalogues = catalogues_.get();
  }
  TARN_ASSIGN(postgres_,
              postgres::Listener::Start(std::move(postgres), account_->sessions(),
                                        certificate.certificate_pem, certificate.key_pem));
  listen_.port = postgres_->port();
  spdlog::info("PostgreSQL's protocol on {}:{}", listen_.host, listen_.port);
  TARN_TRY(ServeHttp(options, account.memory_limit_bytes));
  return SaveListenSettings(directory, listen_);
}

Result<> WarehouseServer::ServeHttp(const WarehouseServerOptions& options,
                                    int64_t memory_limit_bytes) {
  const Monitored monitored{.account = account_.get(),
                            .postgres = postgres_.get(),
                            .version = options.version,
                            .memory_limit_bytes = memory_limit_bytes};
  router_.Add("/health", MakeHealthHandler(monitored));
  router_.Add("/metrics", MakeMetricsHandler(monitored));
  rest::CatalogOptions catalog;
  catalog.token_key_file = (options.directory.warehouse() / "rest.key").string();
  catalog.guesses = guesses_.get();
  TARN_ASSIGN(catalog_, rest::Catalog::Open(*account_, std::move(catalog)));
  router_.Add(kAgentPath, MakeAgentHandler(agents_, AgentKeys(options.directory.agent_keys())));
  router_.Add(kRestPrefix, MakeRestHandler(*catalog_, kRestPrefix));
  TARN_ASSIGN(snowflake_,
              snowflake::Service::Make(
                  {.results_directory = (options.directory.warehouse() / "results").string(),
                   .uploads_directory = (options.directory.warehouse() / "uploads").string(),
                   .version = options.version,
                   .guesses = guesses_.get()},
                  account_->sessions(), &account_->metastore()));
  for (const std::string& prefix : snowflake::Service::Prefixes()) {
    router_.Add(prefix, snowflake_);
  }
  router_.Add(snowflake::StageFiles::kPrefix, snowflake_->stage_files());
  TARN_ASSIGN(dashboard_, dashboard::Service::Make(
                              options.directory.warehouse() / "dashboard-sign-ins.json",
                              account_->sessions(), account_->metastore(), guesses_.get()));
  router_.Add(dashboard::kPath, dashboard_);
  TARN_ASSIGN(http_,
              http::HttpServer::Start(
                  {.host = listen_.host, .port = listen_.http_port, .threads_max = kHttpThreadsMax},
                  router_));
  listen_.http_port = http_->port();
  spdlog::info("HTTP on {}:{}", listen_.host, listen_.http_port);
  return {};
}

void WarehouseServer::Stop() {
  // Its clients wait for their statements within requests, which the listener lets end.
  if (snowflake_ != nullptr) snowflake_->Stop(kShutdownGrace);
  if (http_ != nullptr) http_->Stop();
  if (postgres_ != nullptr) postgres_->Stop(kShutdownGrace);
}

WarehouseServer::~WarehouseServer() { Stop(); }

}  // namespace tarn::server
