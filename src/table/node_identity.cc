// SPDX-License-Identifier: Apache-2.0
#include "table/node_identity.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

namespace tarn::table {
namespace {

/// What a copy of a file does not have in common with it.
struct FileSelf {
  uint64_t inode = 0;
  int64_t birth_seconds = 0;
  int64_t birth_nanoseconds = 0;
  bool operator==(const FileSelf&) const = default;
};

std::unexpected<Error> Failed(const char* action, const std::string& path) {
  return Fail(ErrorKind::kUnavailable, "could not {} \"{}\": {}", action, path,
              std::generic_category().message(errno));
}

Result<FileSelf> Examine(const std::string& path) {
  struct statx info{};
  if (statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &info) != 0) {
    return Failed("examine", path);
  }
  FileSelf self{.inode = info.stx_ino};
  if ((info.stx_mask & STATX_BTIME) != 0) {
    self.birth_seconds = info.stx_btime.tv_sec;
    self.birth_nanoseconds = info.stx_btime.tv_nsec;
  }
  return self;
}

Result<> WriteIdentity(const std::string& directory, const std::string& path, const Uuid& node) {
  const std::string unfinished = path + ".new";
  const int file = open(unfinished.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", unfinished);
  const auto self = Examine(unfinished);
  std::string text;
  if (self) {
    const nlohmann::json json = {{"node", node.ToString()},
                                 {"inode", self->inode},
                                 {"birth-seconds", self->birth_seconds},
                                 {"birth-nanoseconds", self->birth_nanoseconds}};
    text = json.dump() + "\n";
  }
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  close(file);
  TARN_TRY(self);
  if (!written || rename(unfinished.c_str(), path.c_str()) != 0) return Failed("write", path);
  const int parent = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = parent >= 0 && fsync(parent) == 0;
  if (parent >= 0) close(parent);
  if (!synced) return Failed("sync", directory);
  return {};
}

}  // namespace

Result<NodeIdentity> LoadNodeIdentity(const std::string& directory) {
  const std::string path = directory + "/node";
  NodeIdentity identity;
  std::ifstream file(path);
  if (file) {
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const auto node = Uuid::Parse(json.is_object() ? json.value("node", "") : "");
    if (!node) return Fail(ErrorKind::kCorruption, "malformed node file \"{}\"", path);
    const FileSelf recorded{json.value("inode", uint64_t{0}),
                            json.value("birth-seconds", int64_t{0}),
                            json.value("birth-nanoseconds", int64_t{0})};
    TARN_ASSIGN(const FileSelf found, Examine(path));
    if (recorded == found) return NodeIdentity{.node = *node};
    identity.previous = *node;
  }
  identity.node = Uuid::Random();
  identity.is_new = true;
  TARN_TRY(WriteIdentity(directory, path, identity.node));
  return identity;
}

}  // namespace tarn::table
