// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's protocol in front of scripted sessions, for tests with real clients. Prints the port
// when it listens, and ends when its standard input does. With --http also Snowflake's, whose port
// is the second line.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "base/logging.h"
#include "provision/certificate.h"
#include "provision/scram.h"
#include "server/http/server.h"
#include "server/postgres/listener.h"
#include "server/snowflake/service.h"
#include "server/testing/scripted_session.h"

int main(int argc, char** argv) {
  using namespace tarn;
  server::postgres::ServerOptions options{.port = 0};
  std::string password = "secret";
  bool plain = false;
  std::string results;
  int64_t token_seconds = 3600, master_seconds = 14400, answer_ms = 45'000;
  CLI::App app{"PostgreSQL's protocol in front of scripted sessions"};
  app.add_option("--port", options.port);
  app.add_option("--password", password);
  app.add_option("--connections", options.connections_max);
  app.add_option("--pending", options.pending_max);
  app.add_option("--authentication-seconds", options.authentication_seconds);
  app.add_option("--message-bytes", options.message_bytes_max);
  app.add_option("--spool-bytes", options.spool_bytes_max);
  app.add_option("--http", results, "serve Snowflake's protocol, with this directory for results");
  app.add_option("--token-seconds", token_seconds);
  app.add_option("--master-seconds", master_seconds);
  app.add_option("--answer-ms", answer_ms);
  app.add_flag("--require-tls", options.requires_tls);
  app.add_flag("--plain", plain, "offer no TLS");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  (void)StartLogging("wire", "info");

  const auto verifier = provision::ScramVerifier(password);
  const auto certificate = provision::MakeCertificate("wire", "127.0.0.1");
  if (!verifier || !certificate) return 1;
  const auto sessions = server::MakeScriptedSessions(*verifier);
  auto listener = server::postgres::Listener::Start(
      options, *sessions, plain ? "" : certificate->certificate_pem, certificate->key_pem);
  if (!listener) {
    std::cerr << listener.error().message << "\n";
    return 1;
  }
  std::cout << (*listener)->port() << std::endl;
  server::http::Router router;
  std::unique_ptr<server::http::HttpServer> http;
  if (!results.empty()) {
    auto service = server::snowflake::Service::Make(
        {.results_directory = results,
         .uploads_directory = results + "/uploads",
         .lifetimes = {.session = std::chrono::seconds(token_seconds),
                       .master = std::chrono::seconds(master_seconds)},
         .answer_within = std::chrono::milliseconds(answer_ms)},
        *sessions, nullptr);
    if (!service) return 1;
    for (const auto& prefix : server::snowflake::Service::Prefixes()) router.Add(prefix, *service);
    auto started = server::http::HttpServer::Start({.port = 0}, router);
    if (!started) return 1;
    http = std::move(*started);
    std::cout << http->port() << std::endl;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  (*listener)->Stop();
  return 0;
}
