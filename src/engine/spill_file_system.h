// SPDX-License-Identifier: Apache-2.0
// All of the local disk that DuckDB sees. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <functional>
#include <string>

namespace tarn::engine {

/// What lies beneath the spill directory is DuckDB's own; everything else does not exist, and
/// opening it is refused with PermissionDenied. Thread-safe.
class SpillFileSystem : public duckdb::FileSystem {
 public:
  /// `directory`: absolute, without a trailing slash; "" = none.
  explicit SpillFileSystem(std::string directory);

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  bool FileExists(const duckdb::string& path,
                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
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
  bool IsPipe(const duckdb::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  duckdb::vector<duckdb::OpenFileInfo> Glob(const duckdb::string& path,
                                            duckdb::FileOpener* opener) override;
  duckdb::string CanonicalizePath(const duckdb::string& path,
                                  duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  std::string GetName() const override { return "tarn spill"; }

 private:
  bool IsBeneath(const duckdb::string& path) const;
  /// The local file system for a path beneath the directory; throws for all others.
  duckdb::FileSystem& Local(const duckdb::string& path);

  std::string directory_;
  duckdb::unique_ptr<duckdb::FileSystem> local_;
};

}  // namespace tarn::engine
