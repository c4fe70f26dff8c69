// SPDX-License-Identifier: Apache-2.0
// Objects as DuckDB reads them. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <string>

#include "storage/storage.h"

namespace tarn::engine {

/// Reads `file://` and `s3://` through a Storage, which decides what is allowed. Nothing is
/// written. Thread-safe.
class StorageFileSystem : public duckdb::FileSystem {
 public:
  /// `storage` outlives it.
  explicit StorageFileSystem(storage::Storage* storage) : storage_(storage) {}

  bool CanHandleFile(const duckdb::string& path) override;
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
            duckdb::idx_t location) override;
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
  bool FileExists(const duckdb::string& path,
                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  /// A location is itself, whatever characters it has.
  using duckdb::FileSystem::Glob;
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& path,
                                            duckdb::FileOpener* opener) override;
  bool IsPipe(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  duckdb::string CanonicalizePath(const duckdb::string& path,
                                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  std::string GetName() const override { return "tarn storage"; }

 private:
  storage::Storage* storage_;
};

}  // namespace tarn::engine
