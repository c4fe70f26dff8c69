// SPDX-License-Identifier: Apache-2.0
#include "provision/address_holder.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListening = "0A";

/// The address part of a line of /proc/net/tcp or tcp6: words of four bytes as the machine has
/// them.
std::string HexOf(const std::string& host) {
  in_addr binary{};
  if (inet_pton(AF_INET, host.c_str(), &binary) != 1) return {};
  return fmt::format("{:08X}", binary.s_addr);
}

bool Covers(const std::string& local, const std::string& wanted) {
  constexpr std::string_view kMapped = "0000000000000000FFFF0000";  // ::ffff:a.b.c.d
  return local == wanted || local == std::string(kMapped) + wanted ||
         local.find_first_not_of('0') == std::string::npos;
}

struct Sockets {
  std::vector<std::string> inodes;
  std::string uid;  ///< of the first one's owner
};

/// Those that listen at the address, or at all addresses of the machine.
Sockets ListeningSockets(const ListenAddress& address) {
  Sockets sockets;
  const std::string wanted = HexOf(address.host);
  const std::string port = fmt::format("{:04X}", address.port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the header
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
          timeout >> inode;
      const size_t colon = local.find(':');
      if (state != kListening || colon == std::string::npos || local.substr(colon + 1) != port) {
        continue;
      }
      if (!Covers(local.substr(0, colon), wanted)) continue;
      if (sockets.inodes.empty()) sockets.uid = uid;
      sockets.inodes.push_back(inode);
    }
  }
  return sockets;
}

bool HasSocket(const fs::path& process, const std::vector<std::string>& inodes) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(process / "fd", error)) {
    const std::string target = fs::read_symlink(entry.path(), error);
    if (std::ranges::any_of(inodes, [&](const std::string& inode) {
          return target == fmt::format("socket:[{}]", inode);
        })) {
      return true;
    }
  }
  return false;
}

std::string NameOf(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::string AccountName(const std::string& uid) {
  uid_t number = 0;
  if (std::from_chars(uid.data(), uid.data() + uid.size(), number).ec != std::errc()) return uid;
  const passwd* entry = getpwuid(number);
  return entry != nullptr ? entry->pw_name : uid;
}

}  // namespace

std::string DescribeHolder(const ListenAddress& address) {
  const Sockets sockets = ListeningSockets(address);
  if (sockets.inodes.empty()) return "nobody";
  std::error_code ignored;
  int holder = 0;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string number = entry.path().filename();
    int pid = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), pid);
    if (error != std::errc() || end != number.data() + number.size()) continue;
    // Children inherit their server's sockets: the oldest process has it.
    if (HasSocket(entry.path(), sockets.inodes) && (holder == 0 || pid < holder)) holder = pid;
  }
  if (holder == 0) return "a process of the account " + AccountName(sockets.uid);
  return fmt::format("process {} ({})", holder, NameOf(fmt::format("/proc/{}", holder)));
}

}  // namespace tarn::provision
