// SPDX-License-Identifier: Apache-2.0
#include "provision/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace tarn::provision {
namespace {

constexpr int kPort = 5432;
constexpr int kFirstHost = 2;
constexpr int kLastHost = 254;
constexpr int kLastPort = 5999;

}  // namespace

bool IsFree(const ListenAddress& address) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(address.port));
  if (inet_pton(AF_INET, address.host.c_str(), &name.sin_addr) != 1) return false;
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  // As the server does: connections that linger after a stop do not keep an address.
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool free = bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
                    listen(descriptor, 1) == 0;
  close(descriptor);
  return free;
}

Result<ListenAddress> ChooseAddress(const std::vector<ListenAddress>& taken) {
  const auto usable = [&](const ListenAddress& address) {
    return std::ranges::find(taken, address) == taken.end() && IsFree(address);
  };
  for (int host = kFirstHost; host <= kLastHost; ++host) {
    ListenAddress address{fmt::format("127.0.0.{}", host), kPort};
    if (usable(address)) return address;
  }
  for (int port = kPort + 1; port <= kLastPort; ++port) {
    ListenAddress address{fmt::format("127.0.0.{}", kFirstHost), port};
    if (usable(address)) return address;
  }
  return Fail(ErrorKind::kResourceExhausted, "no free loopback address for an instance");
}

}  // namespace tarn::provision
