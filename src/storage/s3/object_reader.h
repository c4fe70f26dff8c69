// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/s3/bucket_client.h"
#include "storage/storage.h"

namespace tarn::storage::s3 {

/// Opens an object by reading its end, which is all of a small one and the footer of a Parquet
/// file: one request. Reads that follow each other are answered from pieces that grow; large ones,
/// and those elsewhere, ask for what they want. An object that is replaced while it is open is
/// Unavailable, never a mixture. `client` outlives the reader.
Result<std::unique_ptr<ObjectReader>> OpenObject(BucketClient& client, const std::string& key,
                                                 std::string_view location);

/// NotFound for an absent object. `client.Send` of a HEAD, and what it leaves out: whether it was
/// the bucket that is absent.
Result<BucketAnswer> HeadObject(BucketClient& client, const std::string& key,
                                std::string_view location);

}  // namespace tarn::storage::s3
