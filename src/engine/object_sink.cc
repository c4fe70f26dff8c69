// SPDX-License-Identifier: Apache-2.0
#include "engine/object_sink.h"

#include <span>

#include "engine/duckdb_error.h"

namespace tarn::engine {

namespace {

class SinkHandle : public duckdb::FileHandle {
 public:
  using FileHandle::FileHandle;
  void Close() override {}  // publishing is not DuckDB's to do
};

}  // namespace

duckdb::unique_ptr<duckdb::FileHandle> ObjectSink::OpenFile(
    const duckdb::string& path, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener>) {
  return duckdb::make_uniq<SinkHandle>(*this, path, flags);
}

int64_t ObjectSink::Write(duckdb::FileHandle&, void* buffer, int64_t bytes) {
  const std::span data(static_cast<const uint8_t*>(buffer), static_cast<size_t>(bytes));
  if (holding_) {
    footer_.insert(footer_.end(), data.begin(), data.end());
  } else if (auto result = object_->Append(data); !result) {
    ThrowError(result.error());
  }
  return bytes;
}

int64_t ObjectSink::GetFileSize(duckdb::FileHandle&) { return object_->size_bytes(); }

}  // namespace tarn::engine
