// SPDX-License-Identifier: Apache-2.0
#include "table/node_identity.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file_content.h"

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

/// What a node file says.
struct NodeFile {
  Uuid node;
  FileSelf self;
  Surroundings surroundings;
};

Result<NodeFile> Parse(const std::string& text, const std::string& path) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto malformed = [&] {
    return Fail(ErrorKind::kCorruption, "malformed node file \"{}\"", path);
  };
  if (!json.is_object()) return malformed();
  try {
    const auto node = Uuid::Parse(json.at("node").get<std::string>());
    if (!node) return malformed();
    return NodeFile{.node = *node,
                    .self = {.inode = json.at("inode").get<uint64_t>(),
                             .birth_seconds = json.at("birth-seconds").get<int64_t>(),
                             .birth_nanoseconds = json.at("birth-nanoseconds").get<int64_t>()},
                    // Files of earlier versions do without.
                    .surroundings = {.machine = json.value("machine", ""),
                                     .file_system = json.value("file-system", ""),
                                     .directory = json.value("directory", "")}};
  } catch (const nlohmann::json::exception&) {
    return malformed();
  }
}

Result<> WriteIdentity(const std::string& directory, const std::string& path, const Uuid& node,
                       const Surroundings& surroundings) {
  const std::string unfinished = path + ".new";
  const int file = open(unfinished.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", unfinished);
  const auto self = Examine(unfinished);
  std::string text;
  if (self) {
    const nlohmann::json json = {{"node", node.ToString()},
                                 {"inode", self->inode},
                                 {"birth-seconds", self->birth_seconds},
                                 {"birth-nanoseconds", self->birth_nanoseconds},
                                 {"machine", surroundings.machine},
                                 {"file-system", surroundings.file_system},
                                 {"directory", surroundings.directory}};
    // A path is bytes, and need not be UTF-8.
    text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
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

/// The id stands for this purpose only: a machine's own is not to be spread (machine-id(5)).
std::string MachineDigest() {
  constexpr const char* kMachineId = "/etc/machine-id";
  struct statfs info{};
  // In memory it is one that the machine made up for this boot (machine-id(5)).
  if (statfs(kMachineId, &info) != 0 || info.f_type == TMPFS_MAGIC) return {};
  const auto id = ReadFileIfPresent(kMachineId);
  constexpr size_t kIdDigits = 32;
  // Containers and images that were never booted have an empty one, or a word.
  if (!id || !*id || (*id)->find_first_of(" \n") != kIdDigits) return {};
  uint64_t digest = 0xcbf29ce484222325;  // FNV-1a
  for (const char byte : "tarn node " + **id) {
    digest = (digest ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", digest);
}

/// Of file systems whose id is made of what is written on them; others number their devices, and
/// may number them otherwise after a restart.
std::string FileSystemId(const std::string& directory) {
  constexpr std::array<uint32_t, 3> kStable = {0xef53 /* ext4 */, 0x9123683e /* btrfs */,
                                               0x2fc12fc1 /* zfs */};
  struct statfs info{};
  if (statfs(directory.c_str(), &info) != 0 ||
      std::ranges::find(kStable, static_cast<uint32_t>(info.f_type)) == kStable.end()) {
    return {};
  }
  uint64_t id = 0;
  static_assert(sizeof info.f_fsid == sizeof id);
  std::memcpy(&id, &info.f_fsid, sizeof id);
  return id == 0 ? std::string() : fmt::format("{:016x}", id);
}

/// What is not known now, as it was.
Surroundings Complete(Surroundings present, const Surroundings& recorded) {
  if (present.machine.empty()) present.machine = recorded.machine;
  if (present.file_system.empty()) present.file_system = recorded.file_system;
  if (present.directory.empty()) present.directory = recorded.directory;
  return present;
}

bool BothKnownAndDiffer(const std::string& recorded, const std::string& present) {
  return !recorded.empty() && !present.empty() && recorded != present;
}

/// True if the directory that was written down still holds the node, in a file of its own. What
/// can't be looked at may.
bool OriginalIsStillThere(const NodeFile& file, const std::string& path) {
  const std::string original = file.surroundings.directory + "/node";
  const auto text = ReadFileIfPresent(original);
  if (text && !*text) return false;
  struct stat here{}, there{};
  const bool same = stat(path.c_str(), &here) == 0 && stat(original.c_str(), &there) == 0 &&
                    here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  if (!text || same) return !same;
  const auto other = Parse(**text, original);
  return !other || other->node == file.node;
}

Result<bool> IsCopy(const NodeFile& file, const std::string& path, const Surroundings& present) {
  TARN_ASSIGN(const FileSelf self, Examine(path));
  const Surroundings& recorded = file.surroundings;
  return self != file.self || BothKnownAndDiffer(recorded.machine, present.machine) ||
         BothKnownAndDiffer(recorded.file_system, present.file_system) ||
         (BothKnownAndDiffer(recorded.directory, present.directory) &&
          OriginalIsStillThere(file, path));
}

}  // namespace

Surroundings ExamineSurroundings(const std::string& directory) {
  std::error_code failure;
  return {.machine = MachineDigest(),
          .file_system = FileSystemId(directory),
          .directory = std::filesystem::canonical(directory, failure).string()};
}

Result<NodeIdentity> LoadNodeIdentity(const std::string& directory,
                                      const Surroundings& surroundings) {
  const std::string path = directory + "/node";
  TARN_ASSIGN(const auto text, ReadFileIfPresent(path));
  NodeIdentity identity;
  if (text) {
    TARN_ASSIGN(const NodeFile file, Parse(*text, path));
    TARN_ASSIGN(const bool copied, IsCopy(file, path, surroundings));
    if (!copied) {
      const Surroundings known = Complete(surroundings, file.surroundings);
      if (known != file.surroundings) {
        TARN_TRY(WriteIdentity(directory, path, file.node, known));
      }
      return NodeIdentity{.node = file.node};
    }
    identity.previous = file.node;
  }
  identity.node = Uuid::Random();
  identity.is_new = true;
  TARN_TRY(WriteIdentity(directory, path, identity.node, surroundings));
  return identity;
}

}  // namespace tarn::table
