// SPDX-License-Identifier: Apache-2.0
// Directories and files opened beneath a root, so that no path and no symbolic link leads out of
// it.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "storage/local_place.h"

namespace tarn::storage {

/// Owns an open file. Movable.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor();

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// openat2 beneath `directory`, through no symbolic link; on failure not open, errno tells.
FileDescriptor OpenBeneath(int directory, std::string_view path, int flags, unsigned mode = 0);

/// The directory that a place's path starts from: its root, or its bucket; on failure not open,
/// errno tells.
FileDescriptor OpenTop(const LocalPlace& place);

/// Makes the names in one directory durable: one sync serves all who made theirs before it began.
/// Thread-safe.
class DirectoryNames {
 public:
  /// A name was made. The ticket to wait with.
  uint64_t Changed();
  /// The names up to the ticket's are durable, or an error number. `directory` is open.
  int Sync(int directory, uint64_t ticket);

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  uint64_t changed_ = 0;
  uint64_t durable_ = 0;
  // Syncs failed for names after the first of these and up to the second: nothing is known of them,
  // and a later success proves nothing.
  uint64_t sound_ = 0;
  uint64_t failed_ = 0;
  int error_number_ = 0;
  bool syncing_ = false;
};

/// Makes directories on the way to objects, and makes them durable. Thread-safe.
class DirectoryMaker {
 public:
  explicit DirectoryMaker(bool durable) : durable_(durable) {}

  /// The open parent directory of a place, made where it is missing. A directory that this process
  /// has not put into before is synced up to its root, since whoever made it may not have done so
  /// yet.
  Result<FileDescriptor> OpenParent(const LocalPlace& place, std::string_view location);

  /// What those who put into the open directory at the same time share.
  std::shared_ptr<DirectoryNames> NamesOf(int directory);

  /// Object stores have no directories: what a deletion leaves empty goes, up to the bucket or
  /// root.
  void RemoveEmptyParents(const LocalPlace& place);

 private:
  Result<FileDescriptor> MakeParent(const LocalPlace& place, std::string_view location);
  bool IsKnownDurable(const LocalPlace& place, int directory);

  const bool durable_;
  std::mutex mutex_;
  /// By device and inode: a directory that is open keeps its inode, and whoever keeps its names
  /// keeps it open.
  std::map<std::pair<dev_t, ino_t>, std::weak_ptr<DirectoryNames>> names_;
  std::set<std::string> durable_directories_;  ///< path and inode; cleared when it grows large
};

}  // namespace tarn::storage
