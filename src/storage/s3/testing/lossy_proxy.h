// SPDX-License-Identifier: Apache-2.0
// For tests: stands in front of a server, and loses answers to requests that the server has
// executed.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/s3/testing/s3_server.h"

namespace tarn::storage::s3 {

/// Asked once for each request, with its first line ("PUT /bucket/key HTTP/1.1"), whether its
/// answer is to be lost. From any thread.
using LosesAnswer = std::function<bool(std::string_view request_line)>;

class LossyProxy {
 public:
  LossyProxy(int server_port, LosesAnswer loses)
      : server_port_(server_port), loses_(std::move(loses)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = LoopbackAddress(0);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t length = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    listen(listener_, 64);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~LossyProxy() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (std::thread& thread : connections_) thread.join();
  }
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  int port() const { return port_; }
  int lost() const { return lost_; }

 private:
  void Accept() {
    while (!stopping_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) break;
      connections_.emplace_back([this, client] { Carry(client); });
    }
  }

  void Carry(int client) {
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = LoopbackAddress(server_port_);
    bool open = connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    bool answered = true, losing = false;
    std::vector<char> bytes(1 << 16);
    while (open && !stopping_) {
      std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      if (poll(ends.data(), ends.size(), 20) <= 0) continue;
      if (ends[0].revents != 0) {
        const ssize_t got = recv(client, bytes.data(), bytes.size(), 0);
        if (got > 0 && answered) {
          const std::string_view text(bytes.data(), static_cast<size_t>(got));
          losing = loses_(text.substr(0, text.find("\r\n")));
          answered = false;
        }
        open = got > 0 && SendAll(server, bytes.data(), got);
      }
      if (open && ends[1].revents != 0) {
        const ssize_t got = recv(server, bytes.data(), bytes.size(), 0);
        answered = true;
        if (losing) ++lost_;
        open = got > 0 && !losing && SendAll(client, bytes.data(), got);
      }
    }
    close(server);
    close(client);
  }

  static bool SendAll(int to, const char* bytes, ssize_t count) {
    while (count > 0) {
      const ssize_t sent = send(to, bytes, static_cast<size_t>(count), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes += sent;
      count -= sent;
    }
    return true;
  }

  const int server_port_;
  const LosesAnswer loses_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> lost_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> connections_;
};

}  // namespace tarn::storage::s3
