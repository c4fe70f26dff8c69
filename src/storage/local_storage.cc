// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "storage/lake_marks.h"
#include "storage/local_directory.h"
#include "storage/local_place.h"
#include "storage/local_writer.h"
#include "storage/os_error.h"
#include "storage/storage.h"

namespace tarn::storage {
namespace {

// A named pipe must not block us before it is refused.
constexpr int kReadFlags = O_RDONLY | O_NONBLOCK;

int64_t ModifiedMs(const struct stat& info) {
  return int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000;
}

std::unexpected<Error> Absent(std::string_view location) {
  return Fail(ErrorKind::kNotFound, "object \"{}\" does not exist", location);
}

/// The file of a place, opened with `flags`, and what fstat tells. NotFound unless it is a regular
/// file.
Result<FileDescriptor> OpenFile(const LocalPlace& place, std::string_view location, int flags,
                                struct stat& info) {
  const FileDescriptor top = OpenTop(place);
  FileDescriptor file;
  if (top.is_open()) file = OpenBeneath(top.number(), place.path, flags);
  if (!file.is_open()) {
    const int error_number = errno;
    if (error_number == ENOENT || error_number == ENOTDIR) return Absent(location);
    return OsFailure(error_number, "open", location);
  }
  if (fstat(file.number(), &info) != 0) return OsFailure(errno, "examine", location);
  if (!S_ISREG(info.st_mode)) return Absent(location);
  return file;
}

class LocalReader final : public ObjectReader {
 public:
  LocalReader(FileDescriptor file, int64_t size_bytes, std::string_view location)
      : file_(std::move(file)), size_bytes_(size_bytes), location_(location) {}

  int64_t size_bytes() const override { return size_bytes_; }

  Result<> ReadAt(int64_t offset, std::span<uint8_t> out) const override {
    while (!out.empty()) {
      const ssize_t got = pread(file_.number(), out.data(), out.size(), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return OsFailure(errno, "read", location_);
      if (got == 0) {
        return Fail(ErrorKind::kCorruption, "object \"{}\" ends before byte {}", location_,
                    offset + static_cast<int64_t>(out.size()));
      }
      out = out.subspan(static_cast<size_t>(got));
      offset += got;
    }
    return {};
  }

 private:
  const FileDescriptor file_;
  const int64_t size_bytes_;
  const std::string location_;
};

/// The objects of one directory, and its directories to go on with.
Result<> ListDirectory(FileDescriptor directory, const std::string& path,
                       std::string_view name_prefix, const std::string& location_before,
                       const std::function<Result<>(const ObjectInfo&)>& visit,
                       std::vector<std::string>& directories) {
  DIR* stream = fdopendir(dup(directory.number()));
  if (stream == nullptr) return OsFailure(errno, "list", location_before + path);
  const std::unique_ptr<DIR, int (*)(DIR*)> owner(stream, closedir);
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(stream);
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || !name.starts_with(name_prefix)) continue;
    struct stat info{};
    if (fstatat(directory.number(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed meanwhile
      return OsFailure(errno, "examine", location_before + path + std::string(name));
    }
    const std::string child = path + std::string(name);
    if (S_ISDIR(info.st_mode)) directories.push_back(child + "/");
    if (!S_ISREG(info.st_mode) || name.starts_with(kUnfinishedPrefix) || name == kLakeMark)
      continue;
    TARN_TRY(visit({location_before + child, info.st_size, ModifiedMs(info)}));
  }
  if (errno != 0) return OsFailure(errno, "list", location_before + path);
  return {};
}

/// Removes the leftovers of one directory, and adds its directories to go on with.
void RemoveLeftovers(const FileDescriptor& directory, const std::string& path,
                     std::vector<std::string>& directories) {
  DIR* stream = fdopendir(dup(directory.number()));
  if (stream == nullptr) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> owner(stream, closedir);
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info{};
    if (fstatat(directory.number(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(info.st_mode)) directories.push_back(path + name + "/");
    if (!S_ISREG(info.st_mode) || !name.starts_with(kUnfinishedPrefix)) continue;
    const FileDescriptor file = OpenBeneath(directory.number(), name, kReadFlags);
    // Whoever writes holds the lock as long as it lives (local_writer.cc).
    if (file.is_open() && flock(file.number(), LOCK_EX | LOCK_NB) == 0) {
      unlinkat(directory.number(), name.c_str(), 0);
    }
  }
}

class LocalStorage final : public Storage {
 public:
  LocalStorage(LocalPlaces places, LakeMarks marks, bool durable)
      : places_(std::move(places)),
        marks_(std::move(marks)),
        durable_(durable),
        directories_(durable) {}

  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    TARN_ASSIGN(LocalPlace place, Locate(location));
    return CreateLocalObject(directories_, std::move(place), location, mode, durable_);
  }

  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    TARN_ASSIGN(const LocalPlace place, Locate(location));
    struct stat info{};
    TARN_ASSIGN(FileDescriptor file, OpenFile(place, location, kReadFlags, info));
    return std::make_unique<LocalReader>(std::move(file), info.st_size, location);
  }

  Result<ObjectInfo> Head(std::string_view location) override {
    TARN_ASSIGN(const LocalPlace place, Locate(location));
    struct stat info{};
    TARN_TRY(OpenFile(place, location, O_PATH, info));
    return ObjectInfo{std::string(location), info.st_size, ModifiedMs(info)};
  }

  Result<> Delete(std::string_view location) override {
    const std::string one(location);
    return DeleteAll({&one, 1});
  }

  Result<> DeleteAll(std::span<const std::string> locations) override {
    std::map<std::string, ShrunkDirectory> shrunk;
    Result<> first;
    const auto note = [&first](const Result<>& result) {
      if (!result && first) first = result;
    };
    for (const std::string& location : locations) note(Unlink(location, shrunk));
    for (const auto& [path, directory] : shrunk) {
      if (durable_ && fsync(directory.descriptor.number()) != 0) {
        note(OsFailure(errno, "delete", directory.last));
        continue;
      }
      directories_.RemoveEmptyParents(directory.place);
    }
    return first;
  }

  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    TARN_ASSIGN(const LocalPlace place, places_.FindPrefix(prefix));
    TARN_TRY(marks_.Check(place.root));
    const std::string location_before(prefix.substr(0, prefix.size() - place.path.size()));
    const FileDescriptor top = OpenTop(place);
    if (!top.is_open()) {
      if (errno == ENOENT || errno == ENOTDIR) return {};
      return OsFailure(errno, "list", prefix);
    }
    const std::string start(place.parent());
    std::vector<std::string> directories{start.empty() ? start : start + "/"};
    std::string_view name_prefix = place.name();
    while (!directories.empty()) {
      const std::string path = std::move(directories.back());
      directories.pop_back();
      FileDescriptor directory = OpenBeneath(top.number(), path, O_RDONLY | O_DIRECTORY);
      if (directory.is_open()) {
        TARN_TRY(ListDirectory(std::move(directory), path, name_prefix, location_before, visit,
                               directories));
      } else if (errno != ENOENT && errno != ENOTDIR) {
        return OsFailure(errno, "list", location_before + path);
      }
      name_prefix = {};
    }
    return {};
  }

  Result<> RemoveUnfinished(std::string_view prefix) override {
    TARN_ASSIGN(const LocalPlace place, places_.FindPrefix(prefix));
    TARN_TRY(marks_.Check(place.root));
    const FileDescriptor top = OpenTop(place);
    const std::string start(place.parent());
    std::vector<std::string> directories{start.empty() ? start : start + "/"};
    while (top.is_open() && !directories.empty()) {
      const std::string path = std::move(directories.back());
      directories.pop_back();
      const FileDescriptor directory = OpenBeneath(top.number(), path, O_RDONLY | O_DIRECTORY);
      if (directory.is_open()) RemoveLeftovers(directory, path, directories);
    }
    return {};
  }

 private:
  /// A directory that lost names which are not durable yet.
  struct ShrunkDirectory {
    LocalPlace place;  ///< of one of them
    FileDescriptor descriptor;
    std::string last;
  };

  Result<> Unlink(const std::string& location, std::map<std::string, ShrunkDirectory>& shrunk) {
    TARN_ASSIGN(const LocalPlace place, Locate(location));
    const std::string folder = location.substr(0, location.size() - place.name().size());
    auto found = shrunk.find(folder);
    if (found == shrunk.end()) {
      const FileDescriptor top = OpenTop(place);
      FileDescriptor parent;
      if (top.is_open()) parent = OpenBeneath(top.number(), place.parent(), O_RDONLY | O_DIRECTORY);
      if (!parent.is_open()) {
        if (errno == ENOENT || errno == ENOTDIR) return {};
        return OsFailure(errno, "delete", location);
      }
      found = shrunk.emplace(folder, ShrunkDirectory{place, std::move(parent), location}).first;
    }
    const std::string name(place.name());
    // A directory is no object: unlinkat says EISDIR and leaves it.
    if (unlinkat(found->second.descriptor.number(), name.c_str(), 0) == 0) return {};
    if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) return {};
    return OsFailure(errno, "delete", location);
  }

  Result<LocalPlace> Locate(std::string_view location) {
    TARN_ASSIGN(LocalPlace place, places_.Find(location));
    TARN_TRY(marks_.Check(place.root));
    return place;
  }

  const LocalPlaces places_;
  LakeMarks marks_;
  const bool durable_;
  DirectoryMaker directories_;
};

}  // namespace

Result<std::unique_ptr<Storage>> OpenLocalStorage(const LocalStorageOptions& options) {
  TARN_ASSIGN(LocalPlaces places, LocalPlaces::Make(options));
  std::error_code failure;
  TARN_ASSIGN(LakeMarks marks, LakeMarks::Open(options.lake_register));
  if (!options.buckets_directory.empty() && !marks.Remembers(options.buckets_directory)) {
    std::filesystem::create_directories(options.buckets_directory, failure);
    if (failure) return OsFailure(failure.value(), "create", options.buckets_directory);
  }
  return std::make_unique<LocalStorage>(std::move(places), std::move(marks), options.durable);
}

}  // namespace tarn::storage
