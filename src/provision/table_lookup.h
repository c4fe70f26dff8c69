// SPDX-License-Identifier: Apache-2.0
// Asks a running server where one of its lake tables is.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "provision/instance_record.h"
#include "provision/runtime.h"
#include "provision/table_name.h"

namespace tarn::provision {

struct FoundTable {
  std::string metadata_location;  ///< as of the last commit
  std::filesystem::path buckets;  ///< absolute: what s3:// locations of this server mean
};

/// Over the server's local socket, as the superuser; blocks while it asks. NotFound for a database
/// or table that does not exist, InvalidArgument for one that is not a lake table. REQUIRES: the
/// process runs as the server's account.
Result<FoundTable> LookUpTable(const Runtime& runtime, const InstanceRecord& record,
                               const TableName& name);

}  // namespace tarn::provision
