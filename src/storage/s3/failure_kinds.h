// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.h"
#include "storage/s3/bucket_client.h"

namespace tarn::storage::s3 {

/// The one table of what answers mean to callers: "could not <action> "<location>": <reason>".
/// NotFound is of objects alone: an absent bucket is Unavailable, since an absent lake is no empty
/// one.
std::unexpected<Error> FailureOf(const BucketAnswer& answer, std::string_view action,
                                 std::string_view location);

}  // namespace tarn::storage::s3
