// SPDX-License-Identifier: Apache-2.0
// What the lists of a storage integration say of places in buckets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::warehouse {

/// s3 for the names that it has elsewhere: s3a, s3n, s3gov and s3china are one store here.
std::string WithS3Scheme(std::string_view url);

/// "s3://bucket/path/", as NormalizeLocationPrefix makes it, which managed PostgreSQL servers ask,
/// too. InvalidArgument for what is no such prefix.
Result<std::string> NormalizeBucketLocation(std::string_view url);

/// Whether `url`, a file or a prefix, lies in what is allowed and not in what is blocked, by whole
/// components; "*" is everything. Nothing is allowed by an empty list, nor by an entry that
/// NormalizeBucketLocation refuses; a blocked entry of that kind blocks everything.
bool IsLocationAllowed(std::string_view url, const std::vector<std::string>& allowed,
                       const std::vector<std::string>& blocked);

}  // namespace tarn::warehouse
