// SPDX-License-Identifier: Apache-2.0
#include "engine/storage_file_system.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/duckdb_error.h"
#include "storage/remote_reader.h"

namespace tarn::engine {

namespace {

bool IsLocation(const std::string& path) {
  return path.starts_with("file:/") || path.starts_with("s3://") || path.starts_with("s3a://") ||
         path.starts_with("s3n://");
}

/// An open object with a position.
class ObjectHandle : public duckdb::FileHandle {
 public:
  ObjectHandle(duckdb::FileSystem& file_system, const std::string& path,
               duckdb::FileOpenFlags flags, std::unique_ptr<storage::ObjectReader> reader)
      : FileHandle(file_system, path, flags), reader(std::move(reader)) {}
  ~ObjectHandle() override = default;
  void Close() override {}

  std::unique_ptr<storage::ObjectReader> reader;
  int64_t position = 0;
};

ObjectHandle& AsObject(duckdb::FileHandle& handle) { return static_cast<ObjectHandle&>(handle); }

}  // namespace

bool StorageFileSystem::CanHandleFile(const duckdb::string& path) { return IsLocation(path); }

duckdb::unique_ptr<duckdb::FileHandle> StorageFileSystem::OpenFile(
    const duckdb::string& path, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener>) {
  if (flags.OpenForWriting()) {
    ThrowError(Error{ErrorKind::kPermissionDenied,
                     fmt::format("\"{}\" cannot be written by a query", path),
                     {},
                     {}});
  }
  auto reader = storage_->Open(path);
  if (!reader) {
    if (reader.error().kind == ErrorKind::kNotFound && flags.ReturnNullIfNotExists())
      return nullptr;
    ThrowError(reader.error());
  }
  return duckdb::make_uniq<ObjectHandle>(*this, path, flags, std::move(*reader));
}

void StorageFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
                             duckdb::idx_t location) {
  auto result = AsObject(handle).reader->ReadAt(
      static_cast<int64_t>(location),
      std::span(static_cast<uint8_t*>(buffer), static_cast<size_t>(bytes)));
  if (!result) ThrowError(result.error());
}

int64_t StorageFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) {
  auto& object = AsObject(handle);
  bytes = std::clamp<int64_t>(object.reader->size_bytes() - object.position, 0, bytes);
  Read(handle, buffer, bytes, static_cast<duckdb::idx_t>(object.position));
  object.position += bytes;
  return bytes;
}

int64_t StorageFileSystem::GetFileSize(duckdb::FileHandle& handle) {
  return AsObject(handle).reader->size_bytes();
}

duckdb::timestamp_t StorageFileSystem::GetLastModifiedTime(duckdb::FileHandle&) {
  // Objects never change; the size in the version tag tells a replaced one anyway.
  return duckdb::timestamp_t(0);
}

duckdb::string StorageFileSystem::GetVersionTag(duckdb::FileHandle& handle) {
  return std::to_string(AsObject(handle).reader->size_bytes());
}

duckdb::FileType StorageFileSystem::GetFileType(duckdb::FileHandle&) {
  return duckdb::FileType::FILE_TYPE_REGULAR;
}

void StorageFileSystem::Seek(duckdb::FileHandle& handle, duckdb::idx_t location) {
  AsObject(handle).position = static_cast<int64_t>(location);
}

void StorageFileSystem::Reset(duckdb::FileHandle& handle) { Seek(handle, 0); }

duckdb::idx_t StorageFileSystem::SeekPosition(duckdb::FileHandle& handle) {
  return static_cast<duckdb::idx_t>(AsObject(handle).position);
}

// Where it is not, DuckDB asks for what it will need of a row group at once.
bool StorageFileSystem::OnDiskFile(duckdb::FileHandle& handle) {
  return dynamic_cast<const storage::RemoteReader*>(AsObject(handle).reader.get()) == nullptr;
}

bool StorageFileSystem::FileExists(const duckdb::string& path,
                                   duckdb::optional_ptr<duckdb::FileOpener>) {
  auto info = storage_->Head(path);
  if (!info && info.error().kind != ErrorKind::kNotFound) ThrowError(info.error());
  return info.has_value();
}

duckdb::vector<duckdb::OpenFileInfo> StorageFileSystem::Glob(const duckdb::string& path,
                                                             duckdb::FileOpener*) {
  return {duckdb::OpenFileInfo(path)};
}

duckdb::string StorageFileSystem::CanonicalizePath(const duckdb::string& path,
                                                   duckdb::optional_ptr<duckdb::FileOpener>) {
  return path;  // locations are compared byte for byte
}

}  // namespace tarn::engine
