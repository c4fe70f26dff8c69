// SPDX-License-Identifier: Apache-2.0
// The file that says which buckets are object stores (docs/operate/object-stores.md).
#pragma once

#include <string>

#include "base/result.h"
#include "storage/s3/object_store.h"

namespace tarn::storage {

/// The file that is about the buckets of a directory: `tarn.toml` beside it, which is in the data
/// directory; "" for no directory.
std::string StoresFileOf(const std::string& buckets_directory);

/// Its tables `[bucket.<name>]`. No buckets where there is no such file, or `path` is "".
/// InvalidArgument, naming file and key, for what it does not understand; PermissionDenied for
/// secrets that others than its owner can read.
Result<ObjectStores> ReadStoresFile(const std::string& path);

/// What `endpoint` must be: "http(s)://host[:port]"; without its trailing slash.
Result<std::string> CheckEndpoint(std::string_view endpoint);

}  // namespace tarn::storage
