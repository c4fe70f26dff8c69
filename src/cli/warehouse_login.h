// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/warehouse_service.h"

namespace tarn::cli {

/// Where the warehouse of a data directory listens, and how its first user gets in.
struct WarehouseLogin {
  WarehouseStatus status;
  std::string password;
};

/// `data` as it was asked for, "" = the usual one. Unavailable where the warehouse does not run.
Result<WarehouseLogin> FindLogin(const std::string& data);

/// What Snowflake's clients read from ~/.snowflake/connections.toml, without the password.
std::string ConnectionsToml(const WarehouseStatus& status);

}  // namespace tarn::cli
