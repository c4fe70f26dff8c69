// SPDX-License-Identifier: Apache-2.0
#include "server/http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace tarn::server::http {
namespace {

using tarn::http::Request;
using tarn::http::Response;

class FunctionHandler final : public tarn::http::Handler {
 public:
  explicit FunctionHandler(std::function<Response(const Request&)> answer)
      : answer_(std::move(answer)) {}
  Response Handle(const Request& request) override { return answer_(request); }

 private:
  std::function<Response(const Request&)> answer_;
};

Response InPieces(int pieces, bool fails) {
  Response response;
  response.pieces = [given = 0, pieces, fails]() mutable -> Result<std::optional<std::string>> {
    if (given++ < pieces) return std::string(static_cast<size_t>(given), 'x');
    if (fails) return Fail(ErrorKind::kInternal, "no more");
    return std::nullopt;
  };
  return response;
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    Add("/echo", [](const Request& request) {
      return Response::Text(
          200, request.method + " " + request.path + " " + request.query_text + " " + request.body);
    });
    Add("/echo/deeper", [](const Request&) { return Response::Text(200, "deeper"); });
    Add("/pieces", [](const Request&) { return InPieces(3, false); });
    Add("/cut", [](const Request&) { return InPieces(2, true); });
    Add("/throws", [](const Request&) -> Response { throw std::runtime_error("oops"); });
    Add("/nothing", [](const Request&) { return Response{.status = 204}; });
    auto server = HttpServer::Start({.port = 0, .body_bytes_max = 1000}, router_);
    EXPECT_TRUE(server.has_value());
    server_ = std::move(*server);
  }

  void Add(std::string prefix, std::function<Response(const Request&)> answer) {
    router_.Add(std::move(prefix), std::make_shared<FunctionHandler>(std::move(answer)));
  }

  /// All that comes back until the server closes.
  std::string Send(const std::string& text) const {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(client, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t count = 0; (count = recv(client, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(count));
    }
    close(client);
    return answer;
  }
  std::string Get(const std::string& path, const std::string& version = "1.1") const {
    return Send("GET " + path + " HTTP/" + version + "\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  Router router_;
  std::unique_ptr<HttpServer> server_;
};

std::string BodyOf(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

TEST_F(HttpServerTest, LongestPrefixAnswers) {
  EXPECT_EQ(BodyOf(Get("/echo/a%2Fb?c=%20")), "GET /echo/a%2Fb c=%20 ");
  EXPECT_EQ(BodyOf(Get("/echo/deeper/still")), "deeper");
  EXPECT_EQ(BodyOf(Get("/echo/deepest")), "GET /echo/deepest  ");
  EXPECT_TRUE(Get("/echoes").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(Get("/").starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(BodyOf(Get("http://somewhere:1/echo")), "GET /echo  ");
}

TEST_F(HttpServerTest, BodiesComeWholeFromChunks) {
  EXPECT_EQ(BodyOf(Send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: "
                        "close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
            "POST /echo  abcde");
  EXPECT_TRUE(Send("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'))
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(Send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                   std::string(1001, 'x') + "\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, PiecesAreChunks) {
  const std::string answer = Get("/pieces");
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << answer;
  EXPECT_EQ(BodyOf(answer), "1\r\nx\r\n2\r\nxx\r\n3\r\nxxx\r\n0\r\n\r\n");
  EXPECT_EQ(BodyOf(Get("/pieces", "1.0")), "xxxxxx");
}

TEST_F(HttpServerTest, PiecesThatAreLongInComingHoldNoThread) {
  // More clients than threads wait for a piece, and each gets it once it is there.
  std::mutex mutex;
  std::vector<std::function<void()>> waiting;
  Add("/later", [&](const Request&) {
    Response response = InPieces(2, false);
    response.when_more = [&](std::function<void()> more) {
      const std::lock_guard lock(mutex);
      waiting.push_back(std::move(more));
    };
    return response;
  });
  auto server = HttpServer::Start({.port = 0, .threads_max = 1}, router_);
  ASSERT_TRUE(server.has_value());
  server_ = std::move(*server);
  constexpr size_t kClients = 5;
  std::vector<std::future<std::string>> answers;
  for (size_t i = 0; i < kClients; ++i) {
    answers.push_back(std::async(std::launch::async, [this] { return BodyOf(Get("/later")); }));
  }
  const auto wake = [&] {
    while (true) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::lock_guard lock(mutex);
      if (waiting.size() < kClients) continue;
      for (const auto& more : std::exchange(waiting, {})) more();
      return;
    }
  };
  wake();
  wake();
  for (auto& answer : answers) EXPECT_EQ(answer.get(), "1\r\nx\r\n2\r\nxx\r\n0\r\n\r\n");
}

TEST_F(HttpServerTest, StopsWithClientsThatWaitForAPiece) {
  Add("/never", [](const Request&) {
    Response response = InPieces(2, false);
    response.when_more = [](const std::function<void()>&) {};
    return response;
  });
  auto server = HttpServer::Start({.port = 0}, router_);
  ASSERT_TRUE(server.has_value());
  server_ = std::move(*server);
  auto answer = std::async(std::launch::async, [this] { return BodyOf(Get("/never")); });
  while (server_->requests() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->Stop();
  EXPECT_THAT(answer.get(), testing::AnyOf("", "1\r\nx\r\n"));
}

TEST_F(HttpServerTest, APieceThatFailsCutsTheAnswer) {
  EXPECT_EQ(BodyOf(Get("/cut")), "1\r\nx\r\n2\r\nxx\r\n");
}

TEST_F(HttpServerTest, TheConnectionGoesOnAfterPieces) {
  const std::string one = "GET /pieces HTTP/1.1\r\n\r\n";
  const std::string answer = Send(one + "GET /nothing HTTP/1.1\r\n\r\n" +
                                  "HEAD /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("HTTP/1.1 204 "), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
  EXPECT_NE(answer.find("Content-Length: 12\r\n"), std::string::npos) << answer;  // "HEAD /echo  "
}

TEST_F(HttpServerTest, AHandlerThatThrowsIsAnError) {
  EXPECT_TRUE(Get("/throws").starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(Get("/echo").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, StopsWithClientsThatSayNothing) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(server_->port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(Get("/echo").starts_with("HTTP/1.1 200 "));  // the other one was accepted before
  server_->Stop();
  char byte = 0;
  EXPECT_EQ(recv(client, &byte, 1, 0), 0);
  close(client);
}

}  // namespace
}  // namespace tarn::server::http
