// SPDX-License-Identifier: Apache-2.0
// Parameters that are set on objects (the account is one), each of which its contents inherit:
// DATA_RETENTION_TIME_IN_DAYS, EXTERNAL_VOLUME, CATALOG, session parameters of users …
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

struct ParameterValue {
  std::string name;
  std::string value;
  ObjectId set_on;  ///< kAccountId: on the account
};

/// As it holds for the object: its own, or that of the nearest container that has one. Absent: the
/// default.
Result<std::optional<ParameterValue>> FindParameter(const Snapshot& snapshot, ObjectId object,
                                                    std::string_view name);
/// Set on the object itself, by name.
Result<std::vector<ParameterValue>> ParametersOf(const Snapshot& snapshot, ObjectId object);

/// The values of one parameter, by the objects on which it is set.
Result<std::unordered_map<ObjectId, std::string>> ValuesOf(const Snapshot& snapshot,
                                                           std::string_view name);

/// Values are checked by whoever knows the parameter.
Result<> SetParameter(Transaction& transaction, ObjectId object, std::string_view name,
                      std::string_view value);
Result<> UnsetParameter(Transaction& transaction, ObjectId object, std::string_view name);

/// For how long a dropped object of this place can be undropped.
Result<int64_t> RetentionMs(const Snapshot& snapshot, ObjectId object);

inline constexpr const char* kRetentionParameter = "DATA_RETENTION_TIME_IN_DAYS";
inline constexpr int64_t kRetentionDaysDefault = 1;

}  // namespace tarn::warehouse
