// SPDX-License-Identifier: Apache-2.0
// The only file system that DuckDB has. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <memory>
#include <string>

#include "storage/storage.h"

namespace tarn::engine {

/// Reads `file://` and `s3://` through a Storage; whatever lies beneath the spill directory is DuckDB's own; everything
/// else is refused with PermissionDenied. Thread-safe.
class StorageFileSystem : public duckdb::FileSystem {
 public:
  /// `storage` outlives it. `spill_directory`: absolute, without a trailing slash; "" = none.
  StorageFileSystem(storage::Storage* storage, std::string spill_directory);

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes, duckdb::idx_t location) override;
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override;
  duckdb::string GetVersionTag(duckdb::FileHandle& handle) override;
  duckdb::FileType GetFileType(duckdb::FileHandle& handle) override;
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override;
  void Reset(duckdb::FileHandle& handle) override;
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override;
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle& handle) override;

  bool FileExists(const duckdb::string& path, duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  bool DirectoryExists(const duckdb::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  void CreateDirectory(const duckdb::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  void RemoveDirectory(const duckdb::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  bool ListFiles(const duckdb::string& path,
                 const std::function<void(const duckdb::string&, bool)>& visit,
                 duckdb::FileOpener* opener) override;
  void RemoveFile(const duckdb::string& path,
                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  bool TryRemoveFile(const duckdb::string& path,
                     duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  bool IsPipe(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override { return false; }
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& path,
                                            duckdb::FileOpener* opener) override;
  duckdb::string CanonicalizePath(const duckdb::string& path,
                                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  std::string GetName() const override { return "tarn"; }

 private:
  /// The local file system for a path beneath the spill directory; throws for all others.
  duckdb::FileSystem& Spill(const duckdb::string& path);

  storage::Storage* storage_;
  std::string spill_directory_;
  duckdb::unique_ptr<duckdb::FileSystem> local_;
};

}  // namespace tarn::engine
