// SPDX-License-Identifier: Apache-2.0
#include "storage/local_writer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/uuid.h"
#include "storage/os_error.h"

namespace tarn::storage {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;
/// The kernel is asked to write back after so many bytes, so that Close has little left to wait
/// for.
constexpr int64_t kWriteBackBytes = 8 * 1024 * 1024;
constexpr unsigned kFileMode = 0666;  // the umask decides
constexpr int kAttempts = 40;

/// A directory that is being removed is in the way until that is done, which takes as long as the
/// file system's log.
void PauseBefore(int attempt) {
  if (attempt > 0) std::this_thread::sleep_for(std::chrono::microseconds(100) * attempt);
}

std::string UnfinishedName() {
  return fmt::format("{}{}", kUnfinishedPrefix, Uuid::Random().ToString());
}

bool IsRemoved(int file) {
  struct stat info{};
  return fstat(file, &info) == 0 && info.st_nlink == 0;
}

/// Tells RemoveUnfinished, of any process, that somebody writes. Goes with the file or the process.
void LockUnfinished(int file) {
  while (flock(file, LOCK_EX) != 0 && errno == EINTR) {
  }
}

class LocalWriter final : public ObjectWriter {
 public:
  LocalWriter(DirectoryMaker& directories, LocalPlace place, std::string_view location,
              PutMode mode, bool durable)
      : directories_(directories),
        place_(std::move(place)),
        location_(location),
        mode_(mode),
        durable_(durable) {}

  ~LocalWriter() override {
    if (!unfinished_name_.empty()) unlinkat(parent_.number(), unfinished_name_.c_str(), 0);
  }

  Result<> Open() {
    int error_number = ENOENT;
    // A concurrent deletion may remove a directory when it becomes empty, here and in Publish.
    for (int attempt = 0; error_number == ENOENT && attempt < kAttempts; ++attempt) {
      PauseBefore(attempt);
      auto parent = directories_.OpenParent(place_, location_);
      if (!parent && parent.error().kind == ErrorKind::kNotFound && attempt + 1 < kAttempts)
        continue;
      TARN_ASSIGN(parent_, std::move(parent));
      error_number = OpenUnnamed();
    }
    if (error_number != 0) return OsFailure(error_number, "create", location_);
    return {};
  }

  Result<> Append(std::span<const uint8_t> bytes) override {
    if (closed_) return Fail(ErrorKind::kInternal, "append to closed object \"{}\"", location_);
    size_bytes_ += static_cast<int64_t>(bytes.size());
    if (buffer_.size() + bytes.size() <= kBufferBytes) {
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
      return {};
    }
    TARN_TRY(Flush());
    if (bytes.size() >= kBufferBytes) return Write(bytes);
    buffer_.assign(bytes.begin(), bytes.end());
    return {};
  }

  int64_t size_bytes() const override { return size_bytes_; }

  Result<> Stage() override {
    if (closed_) return Fail(ErrorKind::kInternal, "object \"{}\" closed twice", location_);
    closed_ = true;
    TARN_TRY(Flush());
    if (durable_ && fsync(file_.number()) != 0) return OsFailure(errno, "sync", location_);
    return {};
  }

  Result<> Appear() override {
    TARN_TRY(Publish());
    if (!durable_) return {};
    names_ = directories_.NamesOf(parent_.number());
    ticket_ = names_->Changed();
    return {};
  }

  Result<> Settle() override {
    if (!durable_) return {};
    const int error_number = names_->Sync(parent_.number(), ticket_);
    if (error_number == 0) return {};
    std::unexpected<Error> error = OsFailure(error_number, "sync the directory of", location_);
    error.error().kind = ErrorKind::kCommitStateUnknown;
    return error;
  }

 private:
  Result<> Flush() {
    TARN_TRY(Write(buffer_));
    buffer_.clear();
    return {};
  }

  Result<> Write(std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(file_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return OsFailure(errno, "write", location_);
      bytes = bytes.subspan(static_cast<size_t>(written));
      written_bytes_ += written;
    }
    if (durable_ && written_bytes_ - written_back_bytes_ >= kWriteBackBytes) {
      sync_file_range(file_.number(), written_back_bytes_, written_bytes_ - written_back_bytes_,
                      SYNC_FILE_RANGE_WRITE);
      written_back_bytes_ = written_bytes_;
    }
    return {};
  }

  /// 0 or an error number.
  int OpenUnnamed() {
    file_ = OpenBeneath(parent_.number(), ".", O_TMPFILE | O_WRONLY, kFileMode);
    if (file_.is_open()) return 0;
    // ext4 says EPERM for a directory that was removed.
    if (errno == EPERM) return IsRemoved(parent_.number()) ? ENOENT : EPERM;
    if (errno != EOPNOTSUPP && errno != EISDIR) return errno;
    do {
      std::string name = UnfinishedName();
      file_ = OpenBeneath(parent_.number(), name, O_CREAT | O_EXCL | O_WRONLY, kFileMode);
      if (!file_.is_open()) return errno;
      LockUnfinished(file_.number());
      unfinished_name_ = std::move(name);
      // Somebody may have taken it for a leftover before it was locked.
    } while (IsRemoved(file_.number()));
    return 0;
  }

  Result<> Publish() {
    const std::string name(place_.name());
    int error_number = mode_ == PutMode::kReplace ? Replace(name) : Link(name);
    for (int attempt = 1; error_number == ENOENT && attempt < kAttempts && unfinished_name_.empty();
         ++attempt) {
      PauseBefore(attempt);
      auto parent = directories_.OpenParent(place_, location_);
      if (!parent && parent.error().kind == ErrorKind::kNotFound) continue;
      TARN_ASSIGN(parent_, std::move(parent));
      error_number = mode_ == PutMode::kReplace ? Replace(name) : Link(name);
    }
    if (error_number == 0) return {};
    if (error_number == EEXIST) {
      return Fail(ErrorKind::kAlreadyExists, "object \"{}\" already exists", location_);
    }
    return OsFailure(error_number, "create", location_);
  }

  /// 0 or an error number; EEXIST if the name is taken.
  int Link(const std::string& name) {
    if (!unfinished_name_.empty()) {
      const int result =
          linkat(parent_.number(), unfinished_name_.c_str(), parent_.number(), name.c_str(), 0);
      return result == 0 ? 0 : errno;
    }
    const std::string self = fmt::format("/proc/self/fd/{}", file_.number());
    if (linkat(AT_FDCWD, self.c_str(), parent_.number(), name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      return 0;
    }
    if (errno != ENOENT) return errno;
    // No /proc, or no parent any more; this way needs a privilege on older kernels.
    if (linkat(file_.number(), "", parent_.number(), name.c_str(), AT_EMPTY_PATH) == 0) return 0;
    return errno;
  }

  int Replace(const std::string& name) {
    if (unfinished_name_.empty()) {
      const int error_number = Link(name);
      if (error_number != EEXIST) return error_number;
      LockUnfinished(file_.number());
      std::string unfinished = UnfinishedName();
      if (const int failure = Link(unfinished); failure != 0) return failure;
      unfinished_name_ = std::move(unfinished);
    }
    if (renameat(parent_.number(), unfinished_name_.c_str(), parent_.number(), name.c_str()) != 0) {
      return errno;
    }
    unfinished_name_.clear();
    return 0;
  }

  DirectoryMaker& directories_;
  const LocalPlace place_;
  const std::string location_;
  const PutMode mode_;
  const bool durable_;
  FileDescriptor parent_;
  FileDescriptor file_;
  std::shared_ptr<DirectoryNames> names_;  ///< of the parent, once the object is there
  uint64_t ticket_ = 0;
  std::string unfinished_name_;  ///< the name to remove; empty for an unnamed file
  std::vector<uint8_t> buffer_;
  int64_t size_bytes_ = 0;
  int64_t written_bytes_ = 0;
  int64_t written_back_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace

Result<std::unique_ptr<ObjectWriter>> CreateLocalObject(DirectoryMaker& directories,
                                                        LocalPlace place, std::string_view location,
                                                        PutMode mode, bool durable) {
  auto writer =
      std::make_unique<LocalWriter>(directories, std::move(place), location, mode, durable);
  TARN_TRY(writer->Open());
  return writer;
}

}  // namespace tarn::storage
