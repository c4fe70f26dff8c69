// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/uuid.h"

namespace tarn::storage {

/// The file in a lake directory that says which lake it is.
inline constexpr std::string_view kLakeMark = ".tarn-lake";

/// Tells a lake directory from whatever stands in its place while its file system is not mounted:
/// each directory is marked at its first use, and a file elsewhere (the register) remembers the
/// mark. Where the mark of a remembered directory is missing or another, nothing may be read or
/// written: an absent lake is no empty one. Thread-safe.
class LakeMarks {
 public:
  /// `register_path` "": nothing is remembered, and every directory passes.
  static Result<LakeMarks> Open(std::string register_path);
  LakeMarks(LakeMarks&& other) noexcept;

  bool Remembers(const std::string& directory) const;
  /// Unavailable unless the directory is the lake that it was. One stat, while it stays the same.
  Result<> Check(const std::string& directory);

 private:
  LakeMarks() = default;
  Result<> Examine(const std::string& directory);
  Result<> Remember(const std::string& directory, const Uuid& lake);

  std::string register_path_;
  mutable std::mutex mutex_;
  std::map<std::string, Uuid> lakes_;
  std::map<std::string, std::pair<dev_t, ino_t>> checked_;
};

}  // namespace tarn::storage
