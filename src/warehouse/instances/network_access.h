// SPDX-License-Identifier: Apache-2.0
// What a network policy and a storage integration mean for a PostgreSQL server.
#pragma once

#include <string>
#include <string_view>

#include "provision/instances.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/postgres_instance.h"

namespace tarn::warehouse {

/// "10.0.0.0/8", "192.0.2.1": an address, with or without the number of bits that count.
bool IsAddressRange(std::string_view text, bool version_6);

/// Rules of mode POSTGRES_INGRESS and an address type count, all else does not (Snowflake,
/// "Snowflake Postgres network security"). No policy: nobody.
Result<provision::NetworkAccess> AccessOf(const Snapshot& snapshot,
                                          const PostgresInstance& instance);

/// Where its tables may lie; empty: wherever the server allows, which only an instance without an
/// integration has, or one that allows "*". An integration that is gone, not enabled, empty, or
/// with an entry that the server would refuse, allows nothing: a location that there is not.
Result<std::vector<std::string>> TableLocationsOf(const Snapshot& snapshot,
                                                  const PostgresInstance& instance);

}  // namespace tarn::warehouse
