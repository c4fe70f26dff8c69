// SPDX-License-Identifier: Apache-2.0
#include "provision/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

ErrorKind KindOf(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorKind::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorKind::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
      return ErrorKind::kResourceExhausted;
    default:
      return ErrorKind::kInternal;
  }
}

std::unexpected<Error> FailFile(std::string_view action, const fs::path& path, int error) {
  return Fail(KindOf(error), "could not {} \"{}\": {}", action, path.string(),
              std::strerror(error));
}

Result<> SyncDirectory(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return FailFile("open", path, errno);
  const int status = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  if (status != 0) return FailFile("sync", path, error);
  return {};
}

int WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) content.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

Result<std::string> ReadFile(const fs::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return FailFile("open", path, errno != 0 ? errno : ENOENT);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return FailFile("read", path, EIO);
  return content;
}

Result<> WriteFile(const fs::path& path, std::string_view content, unsigned mode) {
  const fs::path temporary = path.string() + ".tmp";
  const int descriptor =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) return FailFile("create", temporary, errno);
  int error = WriteAll(descriptor, content);
  if (error == 0 && fchmod(descriptor, mode) != 0) error = errno;
  if (error == 0 && fsync(descriptor) != 0) error = errno;
  close(descriptor);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return FailFile("write", path, error);
  }
  return SyncDirectory(path.parent_path());
}

Result<> MakeDirectory(const fs::path& path, unsigned mode) {
  if (mkdir(path.c_str(), mode) != 0) {
    const int error = errno;
    if (error == EEXIST && fs::is_directory(path)) return {};
    return FailFile("create directory", path, error);
  }
  if (chmod(path.c_str(), mode) != 0) return FailFile("set the mode of", path, errno);
  return SyncDirectory(path.parent_path());
}

Result<> RenameDirectory(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return FailFile("rename", from, errno);
  return SyncDirectory(to.parent_path());
}

Result<> RemoveTree(const fs::path& path) {
  constexpr int kAttemptsMax = 5;
  std::error_code error;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    error.clear();
    fs::remove_all(path, error);
    if (!error) return {};
  }
  return FailFile("remove", path, error.value());
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<FileLock> FileLock::Acquire(const fs::path& path, bool wait) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return FailFile("open", path, errno);
  FileLock lock(descriptor);
  while (flock(descriptor, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
    if (errno == EWOULDBLOCK) {
      return Fail(ErrorKind::kConflict, "\"{}\" is locked by another process", path.string());
    }
    if (errno != EINTR) return FailFile("lock", path, errno);
  }
  return lock;
}

}  // namespace tarn::provision
