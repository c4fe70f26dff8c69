// SPDX-License-Identifier: Apache-2.0
// For tests: versitygw over a directory, a real S3 server (scripts/deps-interop.sh installs it).
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/source_directory.h"
#include "storage/s3/bucket_client.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::storage::s3 {

inline sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = LoopbackAddress(0);
  bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length);
  close(probe);
  return ntohs(address.sin_port);
}

class S3Server {
 public:
  /// Its buckets answer as names below it, too.
  static constexpr const char* kDomain = "s3.localhost";

  static std::string Program() { return std::string(SourceDirectory()) + "/.deps/gobin/versitygw"; }
  static bool IsInstalled() { return std::filesystem::exists(Program()); }

  /// `certificate`: where one is, with its key; "" = without TLS.
  explicit S3Server(std::string certificate = "", std::string key = "")
      : certificate_(std::move(certificate)), key_(std::move(key)), port_(FreePort()) {
    Start();
  }
  ~S3Server() { Kill(); }
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;

  void Start() {
    child_ = fork();
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int null = open("/dev/null", O_RDWR);
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
      const std::string program = Program(), address = "127.0.0.1:" + std::to_string(port_);
      setenv("ROOT_ACCESS_KEY", "tarn-tests", 1);
      setenv("ROOT_SECRET_KEY", "tarn-tests-secret", 1);
      std::vector<const char*> arguments{
          program.c_str(),    "-q",   "--keep-alive", "--port", address.c_str(),
          "--virtual-domain", kDomain};
      if (!certificate_.empty()) {
        arguments.insert(arguments.end(), {"--cert", certificate_.c_str(), "--key", key_.c_str()});
      }
      arguments.insert(arguments.end(), {"posix", scratch_.path().c_str(), nullptr});
      execv(program.c_str(), const_cast<char* const*>(arguments.data()));
      _exit(127);
    }
    for (int attempt = 0; attempt < 600 && !Answers(); ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  void Kill() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

  int port() const { return port_; }
  /// Where buckets are directories.
  const std::string& directory() const { return scratch_.path(); }

  /// How to reach it, or what stands at another port in front of it.
  ObjectStore Store(int port = 0) const {
    ObjectStore store;
    store.endpoint = "http://127.0.0.1:" + std::to_string(port == 0 ? port_ : port);
    store.region = "us-east-1";
    store.credentials = {"tarn-tests", "tarn-tests-secret", ""};
    return store;
  }

  /// Whether the bucket is there now.
  bool MakeBucket(const std::string& name) const {
    return BucketClient(name, Store()).Send({.method = "PUT", .key = ""}).ok();
  }

 private:
  bool Answers() const {
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = LoopbackAddress(port_);
    const bool connected =
        connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(probe);
    return connected;
  }

  ScratchDirectory scratch_;
  const std::string certificate_, key_;
  const int port_;
  pid_t child_ = -1;
};

}  // namespace tarn::storage::s3
