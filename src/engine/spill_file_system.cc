// SPDX-License-Identifier: Apache-2.0
#include "engine/spill_file_system.h"

#include <utility>

#include "engine/duckdb_error.h"

namespace tarn::engine {

using OpenerPtr = duckdb::optional_ptr<duckdb::FileOpener>;

SpillFileSystem::SpillFileSystem(std::string directory)
    : directory_(std::move(directory)), local_(duckdb::FileSystem::CreateLocal()) {}

bool SpillFileSystem::IsBeneath(const duckdb::string& path) const {
  return !directory_.empty() && path.starts_with(directory_) &&
         (path.size() == directory_.size() || path[directory_.size()] == '/') &&
         path.find("..") == std::string::npos;
}

duckdb::FileSystem& SpillFileSystem::Local(const duckdb::string& path) {
  if (!IsBeneath(path)) {
    ThrowError(Error{ErrorKind::kPermissionDenied,
                     fmt::format("\"{}\" is outside of what the engine may open", path),
                     {},
                     {}});
  }
  return *local_;
}

// Files that are open belong to the local file system: their handles know it.
duckdb::unique_ptr<duckdb::FileHandle> SpillFileSystem::OpenFile(const duckdb::string& path,
                                                                 duckdb::FileOpenFlags flags,
                                                                 OpenerPtr opener) {
  return Local(path).OpenFile(path, flags, opener);
}

bool SpillFileSystem::FileExists(const duckdb::string& path, OpenerPtr opener) {
  return IsBeneath(path) && local_->FileExists(path, opener);
}

bool SpillFileSystem::DirectoryExists(const duckdb::string& path, OpenerPtr opener) {
  return IsBeneath(path) && local_->DirectoryExists(path, opener);
}

void SpillFileSystem::CreateDirectory(const duckdb::string& path, OpenerPtr opener) {
  Local(path).CreateDirectory(path, opener);
}

void SpillFileSystem::RemoveDirectory(const duckdb::string& path, OpenerPtr opener) {
  Local(path).RemoveDirectory(path, opener);
}

bool SpillFileSystem::ListFiles(const duckdb::string& path,
                                const std::function<void(const duckdb::string&, bool)>& visit,
                                duckdb::FileOpener* opener) {
  return Local(path).ListFiles(path, visit, opener);
}

void SpillFileSystem::RemoveFile(const duckdb::string& path, OpenerPtr opener) {
  Local(path).RemoveFile(path, opener);
}

bool SpillFileSystem::TryRemoveFile(const duckdb::string& path, OpenerPtr opener) {
  return IsBeneath(path) && local_->TryRemoveFile(path, opener);
}

duckdb::vector<duckdb::OpenFileInfo> SpillFileSystem::Glob(const duckdb::string& path,
                                                           duckdb::FileOpener* opener) {
  return Local(path).Glob(path, opener);
}

duckdb::string SpillFileSystem::CanonicalizePath(const duckdb::string& path, OpenerPtr) {
  return path;  // `..` is refused, and nothing beneath the directory is a link
}

}  // namespace tarn::engine
