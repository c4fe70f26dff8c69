// SPDX-License-Identifier: Apache-2.0
// For tests: the REST catalog of an account in a directory. Prints its port and serves until it is
// killed.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/base64.h"
#include "provision/scram.h"
#include "rest/catalog.h"
#include "rest/testing/listener.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/objects/principals.h"

namespace tarn::rest {
namespace {

struct ServerOptions {
  std::string directory;
  uint16_t port = 0;
  std::string password;
  std::vector<std::string> databases;
  CatalogOptions catalog;
};

/// "SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>" into the user.
void TakeVerifier(const std::string& verifier, warehouse::User& user) {
  const size_t iterations = verifier.find('$') + 1;
  const size_t salt = verifier.find(':', iterations) + 1;
  const size_t stored = verifier.find('$', salt) + 1;
  const size_t server = verifier.find(':', stored) + 1;
  user.scram_iterations = std::stoll(verifier.substr(iterations));
  user.scram_salt.bytes = DecodeBase64(verifier.substr(salt, stored - 1 - salt)).value();
  user.scram_stored_key.bytes = DecodeBase64(verifier.substr(stored, server - 1 - stored)).value();
  user.scram_server_key.bytes = DecodeBase64(verifier.substr(server)).value();
}

warehouse::StatementResult<> SetPassword(warehouse::Transaction& transaction,
                                         const std::string& password) {
  STATEMENT_ASSIGN(const auto head,
                   transaction.FindNamed(warehouse::kAccountId, "user", warehouse::kFirstUser));
  STATEMENT_ASSIGN(auto user, transaction.Find<warehouse::User>(head->id));
  STATEMENT_ASSIGN(const std::string verifier, provision::ScramVerifier(password));
  TakeVerifier(verifier, *user);
  STATEMENT_TRY(transaction.Update(head->id, *user));
  return {};
}

/// Needs no privilege: the account is a test's.
warehouse::StatementResult<> MakeDatabases(warehouse::Transaction& transaction,
                                           const std::vector<std::string>& databases) {
  STATEMENT_ASSIGN(const auto role,
                   transaction.FindNamed(warehouse::kAccountId, "role", warehouse::kAccountAdmin));
  for (const std::string& name : databases) {
    STATEMENT_ASSIGN(const auto known,
                     transaction.FindNamed(warehouse::kAccountId, "database", name));
    if (known) continue;
    STATEMENT_TRY(transaction.Insert({.name = name, .owner = role->id}, warehouse::Database{}));
  }
  return {};
}

int Serve(const ServerOptions& options) {
  auto account = warehouse::Account::Open({.directory = options.directory,
                                           .allowed_locations = options.catalog.allowed_locations,
                                           .threads = 2,
                                           .scheduler = true});
  if (!account) {
    std::fprintf(stderr, "%s\n", account.error().message.c_str());
    return 1;
  }
  const auto prepared = (*account)->metastore().Commit(
      [&](warehouse::Transaction& transaction) -> warehouse::StatementResult<> {
        if (!options.password.empty()) STATEMENT_TRY(SetPassword(transaction, options.password));
        return MakeDatabases(transaction, options.databases);
      });
  if (!prepared) {
    std::fprintf(stderr, "%s\n", prepared.error().error.message.c_str());
    return 1;
  }
  CatalogOptions catalog_options = options.catalog;
  catalog_options.token_key_file = options.directory + "/rest.key";
  auto catalog = Catalog::Open(**account, catalog_options);
  if (!catalog) {
    std::fprintf(stderr, "%s\n", catalog.error().message.c_str());
    return 1;
  }
  ServeForever(
      options.port, [&](const Request& request) { return (*catalog)->Handle(request); },
      [](uint16_t port) {
        std::printf("%d\n", port);
        std::fflush(stdout);
      });
  return 0;
}

}  // namespace
}  // namespace tarn::rest

int main(int argc, char** argv) {
  tarn::rest::ServerOptions options;
  CLI::App app("The REST catalog of an account, for tests");
  app.add_option("directory", options.directory)->required();
  app.add_option("--port", options.port);
  app.add_option("--password", options.password, "of the user ADMIN");
  app.add_option("--database", options.databases, "made where it is missing");
  app.add_option("--allow-location", options.catalog.allowed_locations);
  app.add_option("--anonymous-user", options.catalog.anonymous_user);
  app.add_option("--bucket-endpoint", options.catalog.buckets.endpoint);
  CLI11_PARSE(app, argc, argv);
  return tarn::rest::Serve(options);
}
