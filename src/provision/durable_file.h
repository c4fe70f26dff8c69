// SPDX-License-Identifier: Apache-2.0
// File operations that survive a crash of the machine: when a call returns, its effect is on disk.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::provision {

Result<std::string> ReadFile(const std::filesystem::path& path);

/// Replaces or creates a file at once: readers see the old or the new content, never a part.
Result<> WriteFile(const std::filesystem::path& path, std::string_view content, unsigned mode);

/// Creates a directory with exactly `mode`; one that exists is left as it is.
Result<> MakeDirectory(const std::filesystem::path& path, unsigned mode);

/// Renames within one file system. AlreadyExists when `to` is a directory with content.
Result<> RenameDirectory(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a directory tree; files that somebody else removes meanwhile are no error, nor is a
/// missing tree. Never follows symbolic links.
Result<> RemoveTree(const std::filesystem::path& path);

/// An exclusive lock between processes, held until the object goes or the process dies.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  /// Waits for the lock, or fails with Conflict at once when `wait` is false.
  static Result<FileLock> Acquire(const std::filesystem::path& path, bool wait);

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace tarn::provision
