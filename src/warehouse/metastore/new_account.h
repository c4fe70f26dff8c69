// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// Names of what every account has from the start.
inline constexpr const char* kAccountAdmin = "ACCOUNTADMIN";
inline constexpr const char* kSecurityAdmin = "SECURITYADMIN";
inline constexpr const char* kUserAdmin = "USERADMIN";
inline constexpr const char* kSysAdmin = "SYSADMIN";
inline constexpr const char* kPublicRole = "PUBLIC";
inline constexpr const char* kFirstUser = "ADMIN";
inline constexpr const char* kFirstWarehouse = "COMPUTE_WH";

/// Fills an empty metastore: the five system roles, their hierarchy and their privileges on the
/// account (Snowflake, "Overview of Access Control"), a first user without a password, and a
/// warehouse that everybody may use.
Result<> MakeAccount(Transaction& transaction);

}  // namespace tarn::warehouse
