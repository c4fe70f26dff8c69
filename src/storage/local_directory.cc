// SPDX-License-Identifier: Apache-2.0
#include "storage/local_directory.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "storage/os_error.h"

namespace tarn::storage {
namespace {

constexpr size_t kMaxKnownDirectories = 10'000;
constexpr unsigned kDirectoryMode = 0777;  // the umask decides

/// The components from the root down: the bucket, then those of the parent path.
std::vector<std::string> DirectoriesOf(const LocalPlace& place) {
  std::vector<std::string> names;
  if (!place.bucket.empty()) names.push_back(place.bucket);
  std::string_view rest = place.parent();
  while (!rest.empty()) {
    const size_t slash = rest.find('/');
    names.emplace_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return names;
}

std::string KeyOf(const LocalPlace& place, int directory) {
  struct stat info{};
  if (fstat(directory, &info) != 0) return {};
  return fmt::format("{}/{}/{} {}:{}", place.root, place.bucket, place.parent(), info.st_dev,
                     info.st_ino);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

FileDescriptor OpenBeneath(int directory, std::string_view path, int flags, unsigned mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  const std::string name(path.empty() ? "." : path);
  for (;;) {
    const long number = syscall(SYS_openat2, directory, name.c_str(), &how, sizeof how);
    // EAGAIN: something was renamed while the kernel proved that the path stays beneath.
    if (number < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    return FileDescriptor(static_cast<int>(number));
  }
}

FileDescriptor OpenTop(const LocalPlace& place) {
  FileDescriptor root(open(place.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open() || place.bucket.empty()) return root;
  return OpenBeneath(root.number(), place.bucket, O_PATH | O_DIRECTORY);
}

uint64_t DirectoryNames::Changed() {
  const std::lock_guard lock(mutex_);
  return ++changed_;
}

int DirectoryNames::Sync(int directory, uint64_t ticket) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (ticket > sound_ && ticket <= failed_) return error_number_;
    if (ticket <= durable_) return 0;
    if (syncing_) {
      ended_.wait(lock);
      continue;
    }
    syncing_ = true;
    const uint64_t end = changed_;
    lock.unlock();
    const int error_number = fsync(directory) == 0 ? 0 : errno;
    lock.lock();
    syncing_ = false;
    if (error_number == 0) {
      durable_ = end;
    } else {
      if (failed_ == 0) sound_ = durable_;
      failed_ = end;
      error_number_ = error_number;
    }
    ended_.notify_all();
  }
}

Result<FileDescriptor> DirectoryMaker::OpenParent(const LocalPlace& place,
                                                  std::string_view location) {
  const FileDescriptor top = OpenTop(place);
  if (top.is_open()) {
    FileDescriptor parent = OpenBeneath(top.number(), place.parent(), O_RDONLY | O_DIRECTORY);
    if (parent.is_open() && IsKnownDurable(place, parent.number())) return parent;
  }
  return MakeParent(place, location);
}

Result<FileDescriptor> DirectoryMaker::MakeParent(const LocalPlace& place,
                                                  std::string_view location) {
  constexpr std::string_view kAction = "make the directory of";
  FileDescriptor current(open(place.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!current.is_open()) return OsFailure(errno, kAction, location);
  for (const std::string& name : DirectoriesOf(place)) {
    if (mkdirat(current.number(), name.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
      return OsFailure(errno, kAction, location);
    }
    if (durable_ && fsync(current.number()) != 0) return OsFailure(errno, kAction, location);
    FileDescriptor next = OpenBeneath(current.number(), name, O_RDONLY | O_DIRECTORY);
    if (!next.is_open()) {
      const int error_number = errno;
      if (error_number == ENOTDIR) {
        return Fail(ErrorKind::kInvalidArgument, "could not put \"{}\": \"{}\" is a file", location,
                    name);
      }
      return OsFailure(error_number, kAction, location);
    }
    current = std::move(next);
  }
  std::string key = KeyOf(place, current.number());
  const std::lock_guard lock(mutex_);
  if (durable_directories_.size() >= kMaxKnownDirectories) durable_directories_.clear();
  durable_directories_.insert(std::move(key));
  return current;
}

std::shared_ptr<DirectoryNames> DirectoryMaker::NamesOf(int directory) {
  struct stat info{};
  // Without an identity nothing is shared.
  if (fstat(directory, &info) != 0) return std::make_shared<DirectoryNames>();
  const std::lock_guard lock(mutex_);
  if (names_.size() >= kMaxKnownDirectories) {
    std::erase_if(names_, [](const auto& item) { return item.second.expired(); });
  }
  std::weak_ptr<DirectoryNames>& known = names_[{info.st_dev, info.st_ino}];
  auto names = known.lock();
  if (names == nullptr) known = names = std::make_shared<DirectoryNames>();
  return names;
}

bool DirectoryMaker::IsKnownDurable(const LocalPlace& place, int directory) {
  const std::string key = KeyOf(place, directory);
  const std::lock_guard lock(mutex_);
  return durable_directories_.contains(key);
}

void DirectoryMaker::RemoveEmptyParents(const LocalPlace& place) {
  const FileDescriptor top = OpenTop(place);
  std::string_view path = place.parent();
  bool removed = false;
  while (top.is_open() && !path.empty()) {
    const size_t slash = path.rfind('/');
    const std::string name(path.substr(slash + 1));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const FileDescriptor parent = OpenBeneath(top.number(), path, O_PATH | O_DIRECTORY);
    if (!parent.is_open() || unlinkat(parent.number(), name.c_str(), AT_REMOVEDIR) != 0) break;
    removed = true;
  }
  if (!removed) return;
  const std::lock_guard lock(mutex_);
  durable_directories_.clear();
}

}  // namespace tarn::storage
