// SPDX-License-Identifier: Apache-2.0
// Whether everything below a location is one table's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/storage.h"

namespace tarn::table {

/// PermissionDenied, naming the location.
std::unexpected<Error> SharedLocation(const std::string& location, std::string detail);

/// PermissionDenied where the location has an owner, lies in one of the other tables', or holds
/// one, or where one of its parent directories is a table's by the files there. `location` has no
/// slash at its end.
Result<> CheckAlone(storage::Storage& storage, const std::string& location,
                    const std::vector<std::string>& other_locations);

/// PermissionDenied where the object, by its name below the location, belongs to a table within.
Result<> CheckNotNested(const std::string& location, std::string_view name);

}  // namespace tarn::table
