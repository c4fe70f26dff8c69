// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::warehouse {

/// Where the account's first user has no password and never had one: makes one, keeps it in `file`
/// (mode 0600, for the owner's clients), and its verifier in the metastore. One that is in the file
/// already, of a start that was cut short, is taken.
Result<> EnsureFirstPassword(Metastore& metastore, const std::filesystem::path& file);

}  // namespace tarn::warehouse
