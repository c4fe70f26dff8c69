// SPDX-License-Identifier: Apache-2.0
// For tests: a catalog over an account in a scratch directory, and requests whose bodies are JSON.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/base64.h"
#include "provision/scram.h"
#include "rest/catalog.h"
#include "storage/testing/scratch_directory.h"
#include "warehouse/session/account.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::rest {

using Json = nlohmann::json;

class CatalogTest : public testing::Test {
 protected:
  static constexpr const char* kPassword = "open sesame";

  CatalogTest() { Open({.anonymous_user = "ADMIN"}); }

  void Open(CatalogOptions options) {
    catalog_.reset();
    account_.reset();
    account_ = Must(warehouse::Account::Open({.directory = directory_.path(), .threads = 1}));
    catalog_ = Must(Catalog::Open(*account_, std::move(options)));
  }

  Response Send(const std::string& method, const std::string& target, const Json& body = nullptr,
                std::map<std::string, std::string, std::less<>> headers = {}) {
    const size_t question = target.find('?');
    Request request{.method = method, .path = target.substr(0, question), .headers = {}};
    if (question != std::string::npos) request.query = target.substr(question + 1);
    request.headers = std::move(headers);
    if (!body.is_null()) request.body = body.is_string() ? std::string(body) : body.dump();
    return catalog_->Handle(request);
  }
  /// The body, of an answer that is no failure.
  Json Must200(const std::string& method, const std::string& target, const Json& body = nullptr) {
    const Response response = Send(method, target, body);
    EXPECT_EQ(response.status, 200) << method << " " << target << ": " << response.body;
    return Json::parse(response.body, nullptr, false);
  }
  void Must204(const std::string& method, const std::string& target, const Json& body = nullptr) {
    const Response response = Send(method, target, body);
    EXPECT_EQ(response.status, 204) << method << " " << target << ": " << response.body;
    EXPECT_EQ(response.body, "");
  }
  /// "404 NoSuchTableException: Table does not exist: a.b"
  static std::string Told(const Response& response) {
    const Json error = Json::parse(response.body, nullptr, false)["error"];
    EXPECT_EQ(error["code"], response.status);
    return fmt::format("{} {}: {}", response.status, std::string(error["type"]),
                       std::string(error["message"]));
  }
  static std::string HeaderOf(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  template <typename T>
  static T Must(Result<T> result) {
    EXPECT_TRUE(result) << result.error().message;
    return *std::move(result);
  }

  /// Database DB with schema s, by its own prefix.
  void MakeSchema() {
    Must200("POST", "/v1/namespaces", {{"namespace", {"DB"}}});
    Must200("POST", "/v1/DB/namespaces", {{"namespace", {"s"}}});
  }
  Json MakeTable(const std::string& name) {
    return Must200("POST", "/v1/DB/namespaces/s/tables",
                   {{"name", name}, {"schema", TwoColumns()}});
  }
  static Json TwoColumns() {
    return {{"type", "struct"},
            {"schema-id", 0},
            {"fields",
             {{{"id", 7}, {"name", "id"}, {"required", true}, {"type", "long"}},
              {{"id", 9}, {"name", "Data"}, {"required", false}, {"type", "string"}}}}};
  }

  storage::ScratchDirectory directory_;
  std::unique_ptr<warehouse::Account> account_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace tarn::rest
