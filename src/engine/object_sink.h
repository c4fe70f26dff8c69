// SPDX-License-Identifier: Apache-2.0
// An object being written, as DuckDB's Parquet writer sees it. Only for sources of this folder: it
// includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <cstdint>
#include <memory>
#include <vector>

#include "storage/storage.h"

namespace tarn::engine {

/// A file system of one file that takes bytes in sequence. They go to the object, and after
/// HoldFooter into memory. Used by one thread at a time.
class ObjectSink : public duckdb::FileSystem {
 public:
  explicit ObjectSink(std::unique_ptr<storage::ObjectWriter> object) : object_(std::move(object)) {}

  storage::ObjectWriter& object() { return *object_; }
  /// When DuckDB is done with the file.
  std::unique_ptr<storage::ObjectWriter> TakeObject() { return std::move(object_); }
  void HoldFooter() { holding_ = true; }
  const std::vector<uint8_t>& footer() const { return footer_; }

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const duckdb::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;
  int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  std::string GetName() const override { return "tarn object"; }

 private:
  std::unique_ptr<storage::ObjectWriter> object_;
  bool holding_ = false;
  std::vector<uint8_t> footer_;
};

}  // namespace tarn::engine
