// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/s3/bucket_client.h"
#include "storage/storage.h"

namespace tarn::storage::s3 {

/// Size of the parts that an object is uploaded in, once it is larger than one; S3 takes 10,000 of
/// them, at least 5 MiB each.
inline constexpr size_t kPartBytes = 8 << 20;

/// The user metadata that tells whose put an object is: after a lost answer it is looked up.
inline constexpr const char* kPutMark = "x-amz-meta-tarn-put";

/// A put. What is appended is held up to the size of a part, and uploaded in parts beyond. Nothing
/// appears before Appear; a put that is given up takes its parts back. `client` outlives it.
std::unique_ptr<ObjectWriter> CreateObject(BucketClient& client, std::string key,
                                           std::string_view location, PutMode mode);

/// Whether the store does what puts rely on: refuses a put if absent, by one request and in parts,
/// where the object exists, and keeps user metadata. Puts and deletes an object beside `key`.
/// Unsupported, with what is missing, where it does not.
Result<> ProbeStore(BucketClient& client, std::string_view key, std::string_view location);

/// Last components of objects that ProbeStore made; they are no objects of anybody's.
inline constexpr std::string_view kProbePrefix = ".tarn-probe-";

}  // namespace tarn::storage::s3
