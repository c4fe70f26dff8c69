// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's protocol in front of scripted sessions, for tests with real clients. Prints the port
// when it listens, and ends when its standard input does.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "base/logging.h"
#include "provision/certificate.h"
#include "provision/scram.h"
#include "server/postgres/listener.h"
#include "server/testing/scripted_session.h"

int main(int argc, char** argv) {
  using namespace tarn;
  server::postgres::ServerOptions options{.port = 0};
  std::string password = "secret";
  bool plain = false;
  CLI::App app{"PostgreSQL's protocol in front of scripted sessions"};
  app.add_option("--port", options.port);
  app.add_option("--password", password);
  app.add_option("--connections", options.connections_max);
  app.add_option("--pending", options.pending_max);
  app.add_option("--authentication-seconds", options.authentication_seconds);
  app.add_option("--message-bytes", options.message_bytes_max);
  app.add_option("--spool-bytes", options.spool_bytes_max);
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
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  (*listener)->Stop();
  return 0;
}
