// SPDX-License-Identifier: Apache-2.0
// Volumes of provider S3COMPAT: endpoint and credentials by SQL (Snowflake, "CREATE EXTERNAL
// VOLUME", S3-compatible storage parameters).
#pragma once

#include "base/result.h"
#include "warehouse/objects/integration.h"
#include "warehouse/session/account.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

inline constexpr std::string_view kCompatibleProvider = "S3COMPAT";

/// "s3://bucket/path/" of a location of that provider, with which its tables' locations begin.
/// 001008 for another scheme than s3compat.
StatementResult<std::string> CompatibleBase(const StorageLocation& location);

/// Whether the location can be used beside what the account's storage has: a bucket is one place,
/// whoever names it. 001008 where tarn.toml or a living volume, other than the one named
/// `replaced`, reaches the bucket otherwise, or where it is a directory with files; and for
/// endpoints and credentials that are none.
StatementResult<> CheckCompatible(Account& account, const StorageLocation& location,
                                  const std::string& replaced = "");

/// The account's storage reaches the buckets of all such volumes from now on: of dropped ones, too,
/// as long as they or their tables can be brought back, unless a living one says otherwise. A
/// volume that the storage cannot use is logged and left out. Thread-safe: the newest state wins.
Result<> UseCompatibleVolumes(Metastore& metastore, storage::Storage& storage);

}  // namespace tarn::warehouse
