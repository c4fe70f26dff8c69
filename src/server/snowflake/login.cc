// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/login.h"

#include "server/snowflake/key_pair_token.h"
#include "server/snowflake/request_text.h"
#include "sql/syntax/name.h"

namespace tarn::server::snowflake {
namespace {

using nlohmann::json;

/// The parameter that decides between Arrow and JSON.
std::string FormatParameterOf(std::string_view application) {
  if (application == "Go") return "GO_QUERY_RESULT_FORMAT";
  if (application == "JDBC") return "JDBC_QUERY_RESULT_FORMAT";
  if (application == "ODBC") return "ODBC_QUERY_RESULT_FORMAT";
  if (application.starts_with("Python") || application == "SnowflakeSQLAlchemy") {
    return "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT";
  }
  return {};
}

Reply<> SetParameters(const json& data, warehouse::Session& session) {
  const auto parameters = data.find("SESSION_PARAMETERS");
  if (parameters == data.end() || !parameters->is_object()) return {};
  for (const auto& [name, value] : parameters->items()) {
    const std::string upper = sql::syntax::UpperCase(name);
    const auto text = ScalarText(value);
    // Clients send settings of their own beside those of sessions.
    if (!text || !session.Parameter(upper)) continue;
    if (const auto set = session.SetParameter(upper, *text); !set) {
      return std::unexpected(
          Failure{CodeOf(set.error()), set.error().error.message, SqlStateOf(set.error())});
    }
  }
  return {};
}

std::unexpected<Failure> NoSuchAuthenticator(std::string_view name) {
  return Refuse(code::kNoSuchAuthenticator,
                "Authenticator {} is not supported. Log in with a password, or with a key pair "
                "(authenticator SNOWFLAKE_JWT).",
                name);
}

}  // namespace

Reply<> Login::CheckPassword(const std::string& user, const std::string& password,
                             const std::string& address) const {
  const auto checked = passwords_.Check(user, password, address);
  if (!checked) return Refuse("390189", "{}", checked.error().message);
  if (checked->verifier) return {};
  if (checked->locked_ms > 0) {
    return Refuse(code::kUserLocked,
                  "User {} is locked after too many wrong passwords. Try again in {}.", user,
                  warehouse::MinutesText(checked->locked_ms));
  }
  return Refuse(code::kWrongPassword, "Incorrect username or password was specified.");
}

Reply<std::string> Login::Authenticate(const json& data, const std::string& address) const {
  const std::string authenticator = sql::syntax::UpperCase(TextMember(data, "AUTHENTICATOR"));
  std::string user = TextMember(data, "LOGIN_NAME");
  if (authenticator == "SNOWFLAKE_JWT") {
    return UserOfKeyPairToken(metastore_, TextMember(data, "TOKEN"));
  }
  const bool password = authenticator.empty() || authenticator == "SNOWFLAKE" ||
                        authenticator == "USERNAME_PASSWORD_MFA";
  if (!password) return NoSuchAuthenticator(authenticator);
  if (const auto ok = CheckPassword(user, TextMember(data, "PASSWORD"), address); !ok) {
    return std::unexpected(ok.error());
  }
  return user;
}

Reply<LoggedIn> Login::LogIn(const tarn::http::Request& request, const json& body) const {
  const auto found = body.find("data");
  const json data = found != body.end() && found->is_object() ? *found : json::object();
  auto user = Authenticate(data, request.remote_address);
  if (!user) return std::unexpected(std::move(user).error());
  LoggedIn made;
  made.client.application = TextMember(data, "CLIENT_APP_ID");
  made.client.format_parameter = FormatParameterOf(made.client.application);
  // Of Snowflake's newer clients, which have one core: it makes the URLs of staged files itself.
  if (data.contains("CLIENT_CAPABILITIES")) made.client.transfer_style = TransferStyle::kToken;
  const auto parameter = [&request](const char* name) {
    return std::string(request.Parameter(name).value_or(""));
  };
  auto session = sessions_->Open({.user = *std::move(user),
                                  .role = parameter("roleName"),
                                  .warehouse = parameter("warehouse"),
                                  .database = parameter("databaseName"),
                                  .schema = parameter("schemaName"),
                                  .client = made.client.application,
                                  .address = request.remote_address});
  if (!session) {
    return std::unexpected(Failure{CodeOf(session.error()), session.error().error.message,
                                   SqlStateOf(session.error())});
  }
  made.session = *std::move(session);
  made.session->TransferFiles();
  if (auto set = SetParameters(data, *made.session); !set) return std::unexpected(set.error());
  return made;
}

}  // namespace tarn::server::snowflake
