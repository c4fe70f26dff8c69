// SPDX-License-Identifier: Apache-2.0
#include "storage/lake_marks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/file_content.h"
#include "base/logging.h"
#include "storage/os_error.h"

namespace tarn::storage {
namespace {

namespace fs = std::filesystem;

constexpr size_t kUuidDigits = 36;

/// A new file of that content, durable. EEXIST if `replace` is off and it is there; else an error
/// number, or 0.
int PutFile(const std::string& path, const std::string& content, bool replace) {
  const std::string unfinished = path + "." + Uuid::Random().ToString();
  const int file = open(unfinished.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (file < 0) return errno;
  int error_number = 0;
  errno = ENOSPC;
  if (write(file, content.data(), content.size()) != static_cast<ssize_t>(content.size()) ||
      fsync(file) != 0) {
    error_number = errno;
  }
  close(file);
  if (error_number == 0 && replace && rename(unfinished.c_str(), path.c_str()) != 0) {
    error_number = errno;
  }
  if (error_number == 0 && !replace && link(unfinished.c_str(), path.c_str()) != 0) {
    error_number = errno;
  }
  unlink(unfinished.c_str());
  if (error_number != 0) return error_number;
  const int parent = open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0) return errno;
  if (fsync(parent) != 0) error_number = errno;
  close(parent);
  return error_number;
}

Result<std::optional<Uuid>> ReadMark(const std::string& directory) {
  const std::string path = directory + "/" + std::string(kLakeMark);
  TARN_ASSIGN(const auto content, ReadFileIfPresent(path));
  if (!content) return std::nullopt;
  const auto lake = Uuid::Parse(std::string_view(*content).substr(0, kUuidDigits));
  if (!lake) return Fail(ErrorKind::kCorruption, "malformed mark of a lake, \"{}\"", path);
  return *lake;
}

std::unexpected<Error> Absent(const std::string& directory, const std::string& found,
                              const std::string& register_path) {
  auto error = Fail(ErrorKind::kUnavailable, "the lake in \"{}\" is not there", directory);
  error.error().detail = found;
  error.error().hint = fmt::format(
      "Mount its file system. If that lake is gone for good, take its line out of \"{}\" and "
      "restart the server.",
      register_path);
  return error;
}

}  // namespace

LakeMarks::LakeMarks(LakeMarks&& other) noexcept
    : register_path_(std::move(other.register_path_)),
      lakes_(std::move(other.lakes_)),
      checked_(std::move(other.checked_)) {}

Result<LakeMarks> LakeMarks::Open(std::string register_path) {
  LakeMarks marks;
  marks.register_path_ = std::move(register_path);
  if (marks.register_path_.empty()) return marks;
  TARN_ASSIGN(const auto content, ReadFileIfPresent(marks.register_path_));
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto lake = Uuid::Parse(line.substr(0, kUuidDigits));
    if (!lake || line.size() <= kUuidDigits + 1) {
      return Fail(ErrorKind::kCorruption, "malformed line \"{}\" in \"{}\"", line,
                  marks.register_path_);
    }
    marks.lakes_[std::string(line.substr(kUuidDigits + 1))] = *lake;
  }
  return marks;
}

bool LakeMarks::Remembers(const std::string& directory) const {
  const std::lock_guard lock(mutex_);
  return lakes_.contains(directory);
}

Result<> LakeMarks::Check(const std::string& directory) {
  if (register_path_.empty()) return {};
  const std::lock_guard lock(mutex_);
  struct stat info{};
  if (stat(directory.c_str(), &info) != 0) {
    const int error_number = errno;
    if (error_number == ENOENT && lakes_.contains(directory)) {
      return Absent(directory, "The directory does not exist.", register_path_);
    }
    return OsFailure(error_number, "examine", directory);
  }
  const std::pair self(info.st_dev, info.st_ino);
  const auto known = checked_.find(directory);
  if (known != checked_.end() && known->second == self) return {};
  TARN_TRY(Examine(directory));
  checked_[directory] = self;
  return {};
}

Result<> LakeMarks::Examine(const std::string& directory) {
  TARN_ASSIGN(auto mark, ReadMark(directory));
  const auto known = lakes_.find(directory);
  if (known != lakes_.end() && !mark) {
    return Absent(directory,
                  fmt::format("The directory does not have the mark \"{}\" of lake {}.", kLakeMark,
                              known->second.ToString()),
                  register_path_);
  }
  if (known != lakes_.end() && *mark != known->second) {
    return Absent(directory,
                  fmt::format("The directory has the mark of lake {}, and it was lake {}.",
                              mark->ToString(), known->second.ToString()),
                  register_path_);
  }
  if (known != lakes_.end()) return {};
  if (!mark) {
    const Uuid lake = Uuid::Random();
    const int error_number =
        PutFile(directory + "/" + std::string(kLakeMark), lake.ToString() + "\n", false);
    if (error_number != 0 && error_number != EEXIST) {
      // Who may only read it can lose nothing there.
      if (error_number == EROFS || error_number == EACCES) return {};
      return OsFailure(error_number, "mark", directory);
    }
    TARN_ASSIGN(mark, ReadMark(directory));
    if (!mark) return OsFailure(ENOENT, "mark", directory);
  }
  return Remember(directory, *mark);
}

Result<> LakeMarks::Remember(const std::string& directory, const Uuid& lake) {
  if (directory.contains('\n')) return {};  // the register's lines could not tell it
  auto lakes = lakes_;
  lakes[directory] = lake;
  std::string content;
  for (const auto& [path, id] : lakes) content += fmt::format("{} {}\n", id.ToString(), path);
  const int error_number = PutFile(register_path_, content, true);
  if (error_number != 0) return OsFailure(error_number, "write", register_path_);
  lakes_ = std::move(lakes);
  return {};
}

}  // namespace tarn::storage
