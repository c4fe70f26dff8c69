// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "storage/s3/object_store.h"
#include "storage/storage.h"

namespace tarn::storage {

/// One bucket of an object store that speaks S3's protocol. Nothing is sent before the first use;
/// the first put if absent finds out whether the store can do it (s3/object_writer.h).
///
/// Listings leave out keys that are no locations (with empty, "." or ".." components: nobody could
/// open them). DeleteAll sends many keys at once: those of one request go in no order.
/// RemoveUnfinished ends uploads that began a week ago.
std::unique_ptr<Storage> OpenBucket(std::string bucket, const ObjectStore& store);

}  // namespace tarn::storage
