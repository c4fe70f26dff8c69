// SPDX-License-Identifier: Apache-2.0
#include "rest/authentication.h"

#include <thread>

#include "rest/testing/catalog_fixture.h"
#include "warehouse/catalogue/grant.h"

namespace tarn::rest {
namespace {

using warehouse::StatementResult;
using warehouse::Transaction;

class AuthenticationTest : public CatalogTest {
 protected:
  AuthenticationTest() {
    MakeSchema();
    MakeTable("t");
    MakeUser();
    Open({});
  }

  /// User SPARK with role LOADER, which may use the schema but nothing in it.
  void MakeUser() {
    const auto made =
        account_->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
          STATEMENT_ASSIGN(const auto admin,
                           transaction.FindNamed(warehouse::kAccountId, "role", "ACCOUNTADMIN"));
          warehouse::User user{.default_role = "LOADER"};
          TakeVerifier(*provision::ScramVerifier(kPassword), user);
          user.default_secondary_roles = {};
          STATEMENT_ASSIGN(user_, transaction.Insert({.name = "SPARK", .owner = admin->id}, user));
          STATEMENT_ASSIGN(
              role_, transaction.Insert({.name = "LOADER", .owner = admin->id}, warehouse::Role{}));
          admin_ = {.role = admin->id};
          STATEMENT_TRY(GrantRole(transaction, admin_,
                                  {.role = "LOADER", .grantee = "SPARK", .to_user = true}));
          STATEMENT_TRY(Grant(transaction, "USAGE", warehouse::ObjectKind::kDatabase,
                              {.database = {}, .schema = {}, .name = "DB"}));
          return Grant(transaction, "USAGE", warehouse::ObjectKind::kSchema,
                       {.database = "DB", .schema = {}, .name = "s"});
        });
    ASSERT_TRUE(made) << made.error().error.message;
  }
  StatementResult<> Grant(Transaction& transaction, const std::string& privilege,
                          warehouse::ObjectKind kind, warehouse::ObjectName name) {
    return GrantPrivileges(transaction, admin_,
                           {.privileges = {privilege},
                            .target = warehouse::OnObject{kind, std::move(name)},
                            .role = "LOADER"});
  }
  void GrantOnTable(const std::string& privilege) {
    const auto granted = account_->metastore().Commit([&](Transaction& transaction) {
      return Grant(transaction, privilege, warehouse::ObjectKind::kTable,
                   {.database = "DB", .schema = "s", .name = "t"});
    });
    ASSERT_TRUE(granted) << granted.error().error.message;
  }
  static void TakeVerifier(const std::string& verifier, warehouse::User& user) {
    const size_t salt = verifier.find(':') + 1;
    const size_t stored = verifier.find('$', salt) + 1;
    const size_t server = verifier.find(':', stored) + 1;
    user.scram_iterations = 4096;
    user.scram_salt.bytes = DecodeBase64(verifier.substr(salt, stored - 1 - salt)).value();
    user.scram_stored_key.bytes =
        DecodeBase64(verifier.substr(stored, server - 1 - stored)).value();
    user.scram_server_key.bytes = DecodeBase64(verifier.substr(server)).value();
  }

  Response LogIn(const std::string& form) { return Send("POST", "/v1/oauth/tokens", form); }
  std::string TokenOf(const std::string& form) {
    const Response response = LogIn(form);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body)["access_token"];
  }
  Response Load(const std::string& token) {
    return Send("GET", "/v1/DB/namespaces/s/tables/t", nullptr,
                {{"authorization", "Bearer " + token}});
  }

  static constexpr const char* kForm =
      "grant_type=client_credentials&client_id=spark&client_secret=open+sesame&scope=catalog";
  warehouse::Caller admin_;
  warehouse::ObjectId user_, role_;
};

TEST_F(AuthenticationTest, NothingIsAnsweredWithoutAToken) {
  EXPECT_EQ(Told(Send("GET", "/v1/config")),
            "401 NotAuthorizedException: A bearer token is needed");
  EXPECT_EQ(Load("tarn1.1.2.3").status, 401);
}

// RFC 6749, 4.4.2 and 5.2.
TEST_F(AuthenticationTest, PasswordGivesAToken) {
  const Json token = Json::parse(LogIn(kForm).body);
  EXPECT_EQ(token["token_type"], "bearer");
  EXPECT_EQ(token["expires_in"], 3600);
  EXPECT_EQ(token["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
  const Response wrong = LogIn("grant_type=client_credentials&client_id=spark&client_secret=wrong");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(Json::parse(wrong.body)["error"], "invalid_client");
  EXPECT_EQ(LogIn("grant_type=client_credentials&client_id=nobody&client_secret=x").status, 401);
  EXPECT_EQ(Json::parse(LogIn("grant_type=password").body)["error"], "unsupported_grant_type");
  EXPECT_EQ(Json::parse(LogIn(std::string(kForm) + "+session:role:ACCOUNTADMIN").body)["error"],
            "invalid_scope");
}

TEST_F(AuthenticationTest, TokenIsExchangedForANewerOne) {
  const std::string token = TokenOf(kForm);
  const std::string newer = TokenOf(
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=" +
      token);
  GrantOnTable("SELECT");
  EXPECT_EQ(Load(newer).status, 200);
}

TEST_F(AuthenticationTest, TokenOutlivesTheServerButNotItsUser) {
  Open({.token_key_file = directory_.path() + "/rest.key"});
  GrantOnTable("SELECT");
  const std::string token = TokenOf(kForm);
  Open({.token_key_file = directory_.path() + "/rest.key"});
  EXPECT_EQ(Load(token).status, 200);
  std::string forged = token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(Load(forged).status, 401);
  ASSERT_TRUE(account_->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(auto user, transaction.Find<warehouse::User>(user_));
    user->disabled = true;
    STATEMENT_TRY(transaction.Update(user_, *user));
    return {};
  }));
  EXPECT_EQ(Load(token).status, 401);
}

TEST_F(AuthenticationTest, TokenEndsWithThePassword) {
  GrantOnTable("SELECT");
  const auto session = account_->sessions().Open({.user = "ADMIN"});
  ASSERT_TRUE(session);
  const auto run = [&](const std::string& text) {
    const auto prepared = (*session)->Prepare(text, {}, {});
    ASSERT_TRUE(prepared);
    ASSERT_TRUE((*session)->Execute(**prepared, {}));
  };
  for (const std::string change : {"SET PASSWORD = 'open sesame'", "UNSET PASSWORD"}) {
    const std::string token = TokenOf(kForm);
    EXPECT_EQ(Load(token).status, 200);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run("ALTER USER spark " + change);
    EXPECT_EQ(Load(token).status, 401) << change;
  }
}

TEST_F(AuthenticationTest, PrivilegesAreTheWarehouses) {
  const std::string token = TokenOf(kForm);
  const std::map<std::string, std::string, std::less<>> header = {
      {"authorization", "Bearer " + token}};
  // What one may not see is not there.
  EXPECT_EQ(Load(token).status, 404);
  EXPECT_EQ(Json::parse(Send("GET", "/v1/DB/namespaces/s/tables", nullptr, header).body),
            (Json{{"identifiers", Json::array()}}));
  EXPECT_EQ(
      Send("POST", "/v1/DB/namespaces/s/tables", {{"name", "u"}, {"schema", TwoColumns()}}, header)
          .status,
      403);
  EXPECT_EQ(Send("POST", "/v1/namespaces", {{"namespace", {"X"}}}, header).status, 403);
  GrantOnTable("SELECT");
  EXPECT_EQ(Load(token).status, 200);
  const Json set = {{{"action", "set-properties"}, {"updates", {{"k", "v"}}}}};
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", set}}, header).status, 403);
  EXPECT_EQ(Send("DELETE", "/v1/DB/namespaces/s/tables/t", nullptr, header).status, 403);
  const Json add = {{{"action", "add-snapshot"},
                     {"snapshot",
                      {{"snapshot-id", 1},
                       {"sequence-number", 1},
                       {"timestamp-ms", 1'900'000'000'000},
                       {"manifest-list", "file:///nowhere"},
                       {"summary", {{"operation", "append"}}},
                       {"schema-id", 0}}}}};
  EXPECT_EQ(
      Told(Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", add}}, header)).substr(0, 23),
      "403 ForbiddenException:");
}

}  // namespace
}  // namespace tarn::rest
