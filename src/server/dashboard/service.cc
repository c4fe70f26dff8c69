// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/service.h"

#include <nlohmann/json.hpp>

#include "iceberg/json/json_text.h"
#include "rest/token.h"
#include "server/dashboard/answers.h"
#include "server/dashboard/asset.h"
#include "server/dashboard/event_stream.h"
#include "server/dashboard/summary.h"
#include "sql/syntax/name.h"
#include "warehouse/statement_error.h"

namespace tarn::server::dashboard {
namespace {

using nlohmann::json;
using tarn::http::Request;
using tarn::http::Response;
using warehouse::StatementError;
using warehouse::StatementResult;

constexpr std::string_view kApi = "/api/";
constexpr int kCustomersShown = 50;
/// No user's name is longer.
constexpr size_t kNameBytesMax = 1024;
constexpr size_t kBodyBytesMax = size_t{64} * 1024;

/// Of the user's password as it is now.
std::string MarkOf(const warehouse::PasswordVerifier& verifier) {
  return rest::Sha256Hex(verifier.salt + verifier.stored_key);
}

std::string TextMember(const json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What the browser says it wants to know: the table and the filters.
StatementResult<std::string> Told(TableReader& reader, const Request& request, const json& body,
                                  std::string_view call) {
  if (call == "customers") {
    const std::string begins(request.Parameter("begins").value_or(""));
    STATEMENT_ASSIGN(const auto rows,
                     reader.Ask(CustomersQuestion(reader.table(), begins, kCustomersShown)));
    return CustomersJson(rows);
  }
  STATEMENT_ASSIGN(const Filters filters, ReadFilters(body));
  if (call == "summary") {
    STATEMENT_ASSIGN(const auto rows, reader.Ask(SummaryQuestion(reader.table(), filters)));
    return SummaryJson(reader, filters, rows);
  }
  STATEMENT_ASSIGN(const PageRequest page, ReadPage(body));
  STATEMENT_ASSIGN(const Question question, PageQuestion(reader.table(), filters, page));
  STATEMENT_ASSIGN(const auto rows, reader.Ask(question));
  return PageJson(reader, rows);
}

}  // namespace

Result<std::shared_ptr<Service>> Service::Make(std::filesystem::path sign_ins_file,
                                               warehouse::SessionFactory& sessions,
                                               warehouse::Metastore& metastore,
                                               warehouse::GuessLimit* guesses) {
  TARN_ASSIGN(auto sign_ins, SignIns::Open(std::move(sign_ins_file), &metastore.clock()));
  return std::shared_ptr<Service>(new Service(std::move(sign_ins), sessions, metastore, guesses));
}

Service::Service(std::unique_ptr<SignIns> sign_ins, warehouse::SessionFactory& sessions,
                 warehouse::Metastore& metastore, warehouse::GuessLimit* guesses)
    : sign_ins_(std::move(sign_ins)),
      sessions_(sessions),
      metastore_(metastore),
      passwords_(&sessions, guesses),
      watch_(&metastore) {}

Response Service::Handle(const Request& request) {
  Response response = Answer(request);
  AddSecurityHeaders(response);
  return response;
}

Response Service::Answer(const Request& request) {
  std::string_view path = request.path;
  path.remove_prefix(std::min(path.size(), std::string_view(kPath).size()));
  if (!path.starts_with(kApi)) return ShowPage(request, path);
  const std::string_view call = path.substr(kApi.size());
  if (request.method == "POST") {
    if (!IsOurPage(request)) {
      return Refusal(403, "refused", "the request comes from another page");
    }
    if (request.body.size() > kBodyBytesMax) {
      return Refusal(413, "refused", "the request is too large");
    }
    if (call == "sign-in") return LogIn(request);
    if (call == "sign-out") return LogOut(request);
  }
  return Serve(request, call);
}

Response Service::ShowPage(const Request& request, std::string_view path) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response = Response::Text(405, "only GET and HEAD are allowed here\n");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto asset = FindAsset(path.empty() ? "index.html" : path);
  return asset ? AssetResponse(*asset, request) : Response::Text(404, "there is nothing here\n");
}

Response Service::LogIn(const Request& request) {
  const json body = json::parse(request.body, nullptr, false);
  const std::string user = TextMember(body, "user"), password = TextMember(body, "password");
  const std::string& address = request.remote_address;
  if (user.size() > kNameBytesMax) {
    return Refusal(401, "wrong_password", "incorrect username or password");
  }
  const auto checked = passwords_.Check(user, password, address);
  if (!checked) return Refusal(503, "unavailable", checked.error().message);
  if (checked->locked_ms > 0) {
    return Refusal(
        429, "locked",
        "too many wrong passwords: try again in " + warehouse::MinutesText(checked->locked_ms));
  }
  if (!checked->verifier) {
    return Refusal(401, "wrong_password", "incorrect username or password");
  }
  SignIn made{
      .user = user, .role = TextMember(body, "role"), .password_mark = MarkOf(*checked->verifier)};
  Response answer = Whoami(made, address);
  if (answer.status != 200) return answer;
  const auto token = sign_ins_->Add(std::move(made));
  if (!token) return Refusal(503, "unavailable", token.error().message);
  SetCookie(request, *token, SignIns::kLastsMs / 1000, answer);
  return answer;
}

Response Service::LogOut(const Request& request) {
  if (const auto token = CookieOf(request)) {
    if (const auto removed = sign_ins_->Remove(*token); !removed) {
      return Refusal(503, "unavailable", removed.error().message);
    }
  }
  Response answer = JsonAnswer(200, "{}");
  SetCookie(request, "", 0, answer);
  return answer;
}

std::optional<SignIn> Service::SignedIn(const Request& request) {
  const auto token = CookieOf(request);
  if (!token) return std::nullopt;
  auto found = sign_ins_->Find(*token);
  if (!found) return std::nullopt;
  const auto verifier = sessions_.Verifier(found->user);
  if (!verifier || !*verifier || MarkOf(**verifier) != found->password_mark) return std::nullopt;
  return found;
}

Response Service::Serve(const Request& request, std::string_view call) {
  const auto signed_in = SignedIn(request);
  if (!signed_in) return Refusal(401, "signed_out", "nobody is signed in");
  const bool posted = request.method == "POST", got = request.method == "GET";
  if (got && call == "session") return Whoami(*signed_in, request.remote_address);
  if (got && call == "events") return Events(request, *signed_in);
  if ((posted && (call == "summary" || call == "rows")) || (got && call == "customers")) {
    return Read(request, *signed_in, call);
  }
  return Refusal(404, "refused", "there is nothing here");
}

Response Service::Whoami(const SignIn& signed_in, const std::string& address) {
  const auto session = sessions_.Open({.user = signed_in.user,
                                       .role = signed_in.role,
                                       .client = "Tarn dashboard",
                                       .address = address});
  if (!session) return FailureAnswer(session.error());
  std::string text;
  iceberg::JsonText out(&text);
  out.BeginObject();
  out.Member("user", signed_in.user);
  out.Member("role", (*session)->current_role());
  out.Member("table", kDefaultTable);
  out.EndObject();
  return JsonAnswer(200, std::move(text));
}

Response Service::Read(const Request& request, const SignIn& signed_in, std::string_view call) {
  json body = json::object();
  if (request.method == "POST") body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return Refusal(400, "refused", "the request is no JSON object");
  const std::string table = request.method == "POST"
                                ? TextMember(body, "table")
                                : std::string(request.Parameter("table").value_or(""));
  auto reader = TableReader::Open({.sessions = &sessions_, .metastore = &metastore_}, signed_in,
                                  request.remote_address, table.empty() ? kDefaultTable : table);
  if (!reader) return FailureAnswer(reader.error());
  auto told = Told(*reader, request, body, call);
  if (!told) return FailureAnswer(told.error());
  return JsonAnswer(200, *std::move(told));
}

Response Service::Events(const Request& request, const SignIn& signed_in) {
  const std::string table(request.Parameter("table").value_or(kDefaultTable));
  const auto reader = TableReader::Open({.sessions = &sessions_, .metastore = &metastore_},
                                        signed_in, request.remote_address, table);
  if (!reader) return FailureAnswer(reader.error());
  return EventStream(watch_.Add(reader->version()),
                     [this, request] { return SignedIn(request).has_value(); });
}

}  // namespace tarn::server::dashboard
