// SPDX-License-Identifier: Apache-2.0
#include "lake/server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/logging.h"
#include "lake/session.h"

namespace tarn::lake {
namespace {

constexpr int kBacklog = 256;
constexpr int kSocketBufferBytes = 1 << 20;

std::unexpected<Error> Failed(const char* action, const std::string& path) {
  return Fail(ErrorKind::kUnavailable, "could not {} \"{}\": {}", action, path,
              std::generic_category().message(errno));
}

bool IsSameUser(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

Result<> MakePrivateDirectory(const std::filesystem::path& directory) {
  if (directory.empty()) return {};
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure || chmod(directory.c_str(), 0700) != 0) return Failed("prepare", directory.string());
  return {};
}

}  // namespace

Server::Server(LakeContext& lake)
    : lake_(lake), maintenance_(std::make_unique<Maintenance>(lake, fates_)) {
  lake_.fates = &fates_;
  lake_.maintenance = maintenance_.get();
  lake_.compaction = &compaction_;
}

Result<> Server::Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Fail(ErrorKind::kInvalidArgument, "socket path \"{}\" is longer than {} bytes", path,
                sizeof address.sun_path - 1);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  TARN_TRY(MakePrivateDirectory(std::filesystem::path(path).parent_path()));
  unlink(path.c_str());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) return Failed("create", path);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(listener_, kBacklog) != 0) {
    return Failed("listen at", path);
  }
  path_ = path;
  accepting_ = std::thread([this] { AcceptLoop(); });
  return {};
}

void Server::AcceptLoop() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EINVAL || errno == EBADF) return;  // Stop shut the listener down
      spdlog::warn("could not accept a connection: {}", std::generic_category().message(errno));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (!IsSameUser(socket)) {
      spdlog::warn("refused a connection of another user");
      close(socket);
      continue;
    }
    Serve(socket);
  }
}

void Server::Serve(int socket) {
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
  setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
  {
    const std::lock_guard lock(mutex_);
    ++connections_;
  }
  try {
    std::thread([this, socket] {
      {
        Session(lake_, registry_, socket).Run();
      }
      ConnectionEnded();
    }).detach();
  } catch (const std::system_error& error) {
    spdlog::warn("could not serve a connection: {}", error.what());
    close(socket);
    ConnectionEnded();
  }
}

void Server::ConnectionEnded() {
  const std::lock_guard lock(mutex_);
  --connections_;
  ended_.notify_all();
}

void Server::Refuse() {
  {
    const std::lock_guard lock(listener_mutex_);
    if (listener_ >= 0) shutdown(listener_, SHUT_RDWR);
  }
  registry_.Refuse();
}

void Server::Stop(std::chrono::milliseconds patience) {
  if (listener_ >= 0) {
    shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    unlink(path_.c_str());
    const std::lock_guard lock(listener_mutex_);
    close(listener_);
    listener_ = -1;
  }
  registry_.ShutDown(patience);
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return connections_ == 0; });
  maintenance_.reset();
}

}  // namespace tarn::lake
