// SPDX-License-Identifier: Apache-2.0
// Object storage as S3 offers it, and no more: streamed put published on close, put-if-absent,
// ranged get, head, delete, list. No rename, no append, no directories.
//
// Locations are URLs exactly as they stand in manifests: `file:///abs/path` or `s3://bucket/key`.
// They are compared byte for byte elsewhere; only this module maps them to places.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::storage {

/// What a put does when the object exists.
enum class PutMode : uint8_t {
  kIfAbsent,  ///< AlreadyExists; atomic among any number of processes
  kReplace,
};

struct ObjectInfo {
  std::string location;
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;  ///< since 1970, by the store's clock
};

/// An object being written. Nothing is visible, and nothing stays behind, unless Appear succeeds.
/// Owned and used by one thread at a time.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;  ///< without Appear: discards
  virtual Result<> Append(std::span<const uint8_t> bytes) = 0;
  virtual int64_t size_bytes() const = 0;

  // The steps to a published object, each once and in this order; a failure ends them.
  /// What was appended, which is all, becomes durable.
  virtual Result<> Stage() { return {}; }
  /// The object becomes visible, whole. After CommitStateUnknown it may be.
  virtual Result<> Appear() = 0;
  /// The object survives a crash of the machine. Fails with CommitStateUnknown.
  virtual Result<> Settle() { return {}; }

  /// All of them.
  Result<> Close();
};

/// An open object. Thread-safe: any number of concurrent reads.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual int64_t size_bytes() const = 0;
  /// Fills `out` from `offset`; Corruption if the object ends before.
  virtual Result<> ReadAt(int64_t offset, std::span<uint8_t> out) const = 0;
};

/// Thread-safe. Every error names the location. PermissionDenied for locations outside the allowed
/// ones, NotFound for absent objects, ResourceExhausted for a full disk.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) = 0;
  virtual Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) = 0;
  virtual Result<ObjectInfo> Head(std::string_view location) = 0;
  /// Deleting what is absent succeeds, as in S3.
  virtual Result<> Delete(std::string_view location) = 0;
  /// Deletes them in this order, all that can be deleted; the first failure is returned. Cheaper
  /// than one by one: they become durable together, at the end.
  virtual Result<> DeleteAll(std::span<const std::string> locations);
  /// Calls `visit` for every object whose location starts with `prefix` (which may end within a
  /// name), in no promised order. `visit` returning an error ends the listing with it.
  virtual Result<> List(std::string_view prefix,
                        const std::function<Result<>(const ObjectInfo&)>& visit) = 0;

  /// Removes what writers below `prefix` left behind when they died, where a store keeps such; what
  /// a living writer, of whatever process, still needs stays. A hint: what it can't tell it leaves.
  virtual Result<> RemoveUnfinished(std::string_view prefix);

  /// A whole small object at once.
  Result<> Put(std::string_view location, std::span<const uint8_t> bytes, PutMode mode);
  Result<> Put(std::string_view location, std::string_view text, PutMode mode);
  Result<std::string> Read(std::string_view location);
};

/// Where a local storage may go. A bucket is the directory `<buckets_directory>/<bucket>`.
struct LocalStorageOptions {
  std::string buckets_directory;
  /// Further allowed prefixes: `file:///…/` directories.
  std::vector<std::string> allowed_prefixes;
  /// The file that remembers which lake each directory holds (lake_marks.h); "" = none is marked.
  std::string lake_register;
  /// Off only for throw-away test data.
  bool durable = true;
};

/// `s3://` over bucket directories, `file://` beneath the allowed prefixes. A put is an unnamed
/// file (O_TMPFILE), fsynced, then linked; its new parent directories and its parent are fsynced.
/// Where the file system has no unnamed files, it has a name of its own (`.tarn-put-…`) and a lock
/// meanwhile; a process that dies leaves such names to RemoveUnfinished.
/// Everything is opened beneath its root (openat2 RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS): no `..`
/// and no symbolic link leads out. Unavailable for all of a directory that is not the marked lake
/// that it was.
Result<std::unique_ptr<Storage>> OpenLocalStorage(const LocalStorageOptions& options);

}  // namespace tarn::storage
