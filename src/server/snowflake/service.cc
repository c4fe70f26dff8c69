// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "iceberg/json/gzip.h"
#include "iceberg/json/json_text.h"
#include "server/snowflake/query_request.h"
#include "server/snowflake/query_status.h"
#include "server/snowflake/request_text.h"

namespace tarn::server::snowflake {
namespace {

using iceberg::JsonText;
using nlohmann::json;

constexpr int64_t kShelfAgeMs = int64_t{6} * 60 * 60 * 1000;
constexpr int64_t kShelfBytesMax = int64_t{8} << 30;
constexpr auto kStopPiece = std::chrono::milliseconds(20);
constexpr auto kWaitPiece = std::chrono::milliseconds(500);
/// Of clients on other machines only: on this one compressing costs more than sending.
constexpr size_t kCompressedFrom = 16 * 1024;
/// Dotted numbers, which tools compare.
constexpr const char* kServerVersion = "9.30.0";
constexpr const char* kGone = "Session no longer exists. New login required to access the service.";

bool IsLocal(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

tarn::http::Response Compressed(const tarn::http::Request& request, tarn::http::Response response) {
  const auto accepted = request.Header("accept-encoding");
  if (!accepted || accepted->find("gzip") == std::string_view::npos ||
      response.body.size() < kCompressedFrom || IsLocal(request.remote_address)) {
    return response;
  }
  if (auto smaller = iceberg::Gzip(response.body)) {
    response.body = *std::move(smaller);
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

/// As the client names us, so that what we name leads back.
std::string BaseUrlOf(const tarn::http::Request& request) {
  const std::string host(request.Header("host").value_or(""));
  const bool clean = !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == ':' || c == '-' || c == '[' || c == ']';
  });
  return fmt::format("{}://{}", request.secure ? "https" : "http", clean ? host : "127.0.0.1");
}

void WriteNameOrNull(const char* member, const std::string& text, JsonText& out) {
  out.Key(member);
  if (text.empty()) {
    out.Raw("null");
  } else {
    out.String(text);
  }
}

tarn::http::Response LoginAnswer(ClientSession& session, const TokenPair& tokens,
                                 const TokenLifetimes& lifetimes) {
  const SessionFacts facts = session.Facts();
  std::string body;
  JsonText out(&body);
  out.BeginObject();
  out.Key("data");
  out.BeginObject();
  out.Member("token", tokens.session);
  out.Member("masterToken", tokens.master);
  out.Member("validityInSeconds", static_cast<int64_t>(lifetimes.session.count()));
  out.Member("masterValidityInSeconds", static_cast<int64_t>(lifetimes.master.count()));
  out.Member("sessionId", session.id());
  out.Member("serverVersion", kServerVersion);
  out.Key("firstLogin");
  out.Bool(false);
  out.Key("parameters");
  out.Raw(facts.parameters);
  out.Key("sessionInfo");
  out.BeginObject();
  WriteNameOrNull("databaseName", facts.database, out);
  WriteNameOrNull("schemaName", facts.schema, out);
  WriteNameOrNull("warehouseName", facts.warehouse, out);
  WriteNameOrNull("roleName", facts.role, out);
  out.EndObject();
  out.EndObject();
  out.Key("code");
  out.Raw("null");
  out.Key("message");
  out.Raw("null");
  out.Key("success");
  out.Bool(true);
  out.EndObject();
  return tarn::http::Response::Json(200, std::move(body));
}

}  // namespace

Result<std::shared_ptr<Service>> Service::Make(ServiceOptions options,
                                               warehouse::SessionFactory& sessions,
                                               warehouse::Metastore* metastore) {
  std::error_code error;
  std::filesystem::create_directories(options.results_directory, error);
  if (error) {
    return Fail(ErrorKind::kUnavailable, "could not make directory \"{}\": {}",
                options.results_directory, error.message());
  }
  TARN_ASSIGN(auto stage_files, StageFiles::Make(options.uploads_directory));
  std::shared_ptr<Service> made(new Service(std::move(options), sessions, metastore));
  made->stage_files_ = std::move(stage_files);
  return made;
}

Service::Service(ServiceOptions options, warehouse::SessionFactory& sessions,
                 warehouse::Metastore* metastore)
    : options_(std::move(options)),
      login_(&sessions, metastore, options_.guesses),
      shelf_(kShelfAgeMs, kShelfBytesMax),
      registry_(options_.lifetimes, &clock_),
      workers_(options_.statements_max) {
  limits_.directory = options_.results_directory;
  limits_.inline_bytes = options_.inline_bytes;
}

Service::~Service() { Stop(std::chrono::milliseconds(0)); }

void Service::Stop(std::chrono::milliseconds grace) {
  refusing_ = true;
  const auto until = std::chrono::steady_clock::now() + grace;
  const auto is_busy = [](const Session& session) { return session->is_busy(); };
  while (std::ranges::any_of(registry_.All(), is_busy) &&
         std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kStopPiece);
  }
  stopping_ = true;
  for (const Session& session : registry_.All()) {
    registry_.Remove(session);
    session->Close();
  }
}

std::vector<std::string> Service::Prefixes() {
  return {"/session", "/queries", "/monitoring/queries", "/telemetry"};
}

tarn::http::Response Service::Handle(const tarn::http::Request& request) {
  const std::vector<std::string> path = SegmentsOf(request.path);
  if (refusing_) return FailureResponse({code::kSessionGone, kGone, {}});
  if (request.method == "POST") return Compressed(request, Post(request, path));
  if (request.method == "GET") return Compressed(request, Get(request, path));
  return tarn::http::Response::Json(405, R"({"success":false,"code":"390400","data":null})");
}

tarn::http::Response Service::Post(const tarn::http::Request& request,
                                   const std::vector<std::string>& path) {
  // What clients tell of their own use is dropped unread.
  if (path.size() == 2 && path[0] == "telemetry") return EmptySuccess();
  const auto body = ObjectOf(request);
  if (!body) return Malformed(body.error().message);
  return path[0] == "session" ? PostSession(request, path, *body) : PostQuery(request, path, *body);
}

tarn::http::Response Service::PostSession(const tarn::http::Request& request,
                                          const std::vector<std::string>& path, const json& body) {
  const std::string call = path.back();
  if (call == "login-request") return LogIn(request, body);
  if (call == "token-request") return Renew(request);
  if (call == "authenticator-request") {
    return FailureResponse({code::kNoSuchAuthenticator,
                            "Single sign-on is not supported. Log in with a password, or with a "
                            "key pair (authenticator SNOWFLAKE_JWT).",
                            {}});
  }
  const auto session = registry_.Find(TokenOf(request));
  if (!session) return FailureResponse(session.error());
  if (call == "heartbeat") return EmptySuccess();
  if (path.size() == 1 && request.Parameter("delete") == "true") {
    registry_.Remove(*session);
    (*session)->Close();
    return EmptySuccess();
  }
  return tarn::http::Response::Json(404, R"({"success":false,"code":"390400","data":null})");
}

tarn::http::Response Service::LogIn(const tarn::http::Request& request, const json& body) {
  auto made = login_.LogIn(request, body);
  if (!made) return FailureResponse(made.error());
  const auto session = std::make_shared<ClientSession>(
      registry_.NextId(), std::move(made->session), std::move(made->client), &workers_, &limits_);
  const TokenPair tokens = registry_.Add(session);
  return LoginAnswer(*session, tokens, options_.lifetimes);
}

tarn::http::Response Service::Renew(const tarn::http::Request& request) {
  const auto renewed = registry_.Renew(TokenOf(request));
  if (!renewed) return FailureResponse(renewed.error());
  const auto& [session, tokens] = *renewed;
  std::string body;
  JsonText out(&body);
  out.BeginObject();
  out.Key("data");
  out.BeginObject();
  out.Member("sessionToken", tokens.session);
  out.Member("masterToken", tokens.master);
  out.Member("validityInSecondsST", static_cast<int64_t>(options_.lifetimes.session.count()));
  out.Member("validityInSecondsMT", static_cast<int64_t>(options_.lifetimes.master.count()));
  out.Member("sessionId", session->id());
  out.EndObject();
  out.Key("code");
  out.Raw("null");
  out.Key("message");
  out.Raw("null");
  out.Key("success");
  out.Bool(true);
  out.EndObject();
  return tarn::http::Response::Json(200, std::move(body));
}

tarn::http::Response Service::PostQuery(const tarn::http::Request& request,
                                        const std::vector<std::string>& path, const json& body) {
  const auto session = registry_.Find(TokenOf(request));
  if (!session) return FailureResponse(session.error());
  const std::string& call = path.back();
  if (call == "query-request") return RunQuery(request, *session, body);
  if (call != "abort-request" || path.size() < 3) {
    return tarn::http::Response::Json(404, R"({"success":false,"code":"390400","data":null})");
  }
  const auto id = Uuid::Parse(path[1]);
  const auto submission =
      id ? (*session)->FindQuery(*id) : (*session)->FindRequest(TextMember(body, "requestId"));
  if (submission != nullptr && (*session)->Abort(*submission)) return EmptySuccess();
  return FailureResponse(
      {code::kNothingToAbort, "Identified SQL statement is not currently executing.", "02000"});
}

tarn::http::Response Service::RunQuery(const tarn::http::Request& request, Session session,
                                       const json& body) {
  auto made = ReadQueryRequest(request, body);
  if (!made) return StatementFailureResponse(made.error(), Uuid::Random(), "");
  const auto submission = session->Submit(*std::move(made));
  if (submission == nullptr) return FailureResponse({code::kSessionGone, kGone, {}});
  if (submission->request().asynchronous) return InProgress(*submission);
  return Answer(request, *submission);
}

tarn::http::Response Service::Answer(const tarn::http::Request& request,
                                     const Submission& submission) {
  const auto until = std::chrono::steady_clock::now() + options_.answer_within;
  auto outcome = submission.outcome();
  while (outcome == nullptr && !stopping_ && std::chrono::steady_clock::now() < until) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    outcome = submission.Wait(std::min<std::chrono::milliseconds>(kWaitPiece, left));
  }
  if (outcome == nullptr) return InProgress(submission);
  return ReplyOf(submission, *outcome,
                 {.shelf = &shelf_,
                  .files = stage_files_.get(),
                  .base_url = BaseUrlOf(request),
                  .now_ms = clock_.NowMs()});
}

tarn::http::Response Service::Get(const tarn::http::Request& request,
                                  const std::vector<std::string>& path) {
  if (path.size() == 4 && path[0] == "queries" && path[1] == "chunks") {
    return Part(path[2], path[3]);
  }
  const auto session = registry_.Find(TokenOf(request));
  if (!session) return FailureResponse(session.error());
  if (path[0] == "monitoring") return Statuses(*session, path);
  if (path.size() == 3 && path[0] == "queries" && path[2] == "result") {
    const auto id = Uuid::Parse(path[1]);
    const auto submission = id ? (*session)->FindQuery(*id) : nullptr;
    if (submission != nullptr) return Answer(request, *submission);
    return FailureResponse({code::kNoSuchResult, "Result not found", "02000"});
  }
  return tarn::http::Response::Json(404, R"({"success":false,"code":"390400","data":null})");
}

tarn::http::Response Service::Part(const std::string& name, const std::string& part) {
  const auto result = shelf_.Find(name);
  size_t number = 0;
  const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
  if (result == nullptr || read.ec != std::errc() || number == 0) {
    return tarn::http::Response::Text(404, "there is no such result\n");
  }
  auto body = PartBody(*result, number);
  if (!body && body.error().kind == ErrorKind::kNotFound) {
    return tarn::http::Response::Text(404, "there is no such part\n");
  }
  if (!body) {
    spdlog::error("a part of a result could not be read: {}", body.error().message);
    return tarn::http::Response::Text(500, "the part could not be read\n");
  }
  tarn::http::Response response{
      .status = 200, .headers = {}, .body = *std::move(body), .pieces = {}};
  response.headers.emplace_back("Content-Type", "application/octet-stream");
  return response;
}

tarn::http::Response Service::Statuses(const Session& session,
                                       const std::vector<std::string>& path) {
  std::vector<std::shared_ptr<Submission>> shown;
  if (path.size() < 3) {
    shown = session->Submissions();
  } else if (const auto id = Uuid::Parse(path[2])) {
    if (auto one = session->FindQuery(*id)) shown.push_back(std::move(one));
  }
  return StatusesOf(shown, session->id());
}

}  // namespace tarn::server::snowflake
