// SPDX-License-Identifier: Apache-2.0
// The files that COPY INTO a location makes: named, rolled by size, and seen together at the end.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/storage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Files that are open at once: all of one statement, until they appear.
inline constexpr size_t kUnloadedFilesMax = 500;

struct UnloadTarget {
  std::string location;   ///< of a single file, or what the names of all begin with
  std::string extension;  ///< with its dot, or ""
  bool single = false;
  bool overwrite = false;
  int64_t file_bytes_max = int64_t{16} << 20;  ///< MAX_FILE_SIZE
};

/// InvalidArgument: the location has a file that must not be overwritten.
StatementFailure AlreadyUnloaded(const std::string& location);

/// A file whose bytes are complete.
struct UnloadedFile {
  std::string location;
  int64_t bytes = 0, rows = 0;
  std::unique_ptr<storage::ObjectWriter> object;
};

/// Nothing is seen before Publish; without it nothing remains. Used by one thread.
class UnloadedFiles {
 public:
  UnloadedFiles(storage::Storage& storage, UnloadTarget target)
      : storage_(storage), target_(std::move(target)) {}

  const UnloadTarget& target() const { return target_; }
  /// Of the file that comes next. ResourceExhausted (53400) where there are too many, or a single
  /// file does not hold all rows.
  StatementResult<std::string> NextLocation();
  StatementResult<std::unique_ptr<storage::ObjectWriter>> Create(const std::string& location);
  void Add(UnloadedFile file) { files_.push_back(std::move(file)); }
  const std::vector<UnloadedFile>& files() const { return files_; }

  /// All of them appear, each whole. After a failure none does, but for those that took the place
  /// of others. InvalidArgument where a file exists that must not be overwritten.
  StatementResult<> Publish();

 private:
  storage::Storage& storage_;
  const UnloadTarget target_;
  std::vector<UnloadedFile> files_;
  size_t named_ = 0;
};

/// Texts, packed on request, into files of about the target's size.
class TextUnload {
 public:
  /// `header` begins every file.
  TextUnload(UnloadedFiles& files, std::string header, bool packed)
      : files_(files), header_(std::move(header)), packed_(packed) {}

  /// One row, with its delimiter.
  StatementResult<> Add(std::string_view row);
  StatementResult<> Finish();
  int64_t text_bytes() const { return text_bytes_; }  ///< before they were packed

 private:
  StatementResult<> Flush();
  StatementResult<> End();

  UnloadedFiles& files_;
  const std::string header_;
  const bool packed_;
  UnloadedFile file_;
  std::string waiting_;
  int64_t text_bytes_ = 0;
};

}  // namespace tarn::warehouse
