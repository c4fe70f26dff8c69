// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "storage/local_directory.h"
#include "storage/local_place.h"
#include "storage/storage.h"

namespace tarn::storage {

/// Last components that start so are puts in progress on file systems without unnamed files, and
/// replacements about to be renamed; they are no objects.
inline constexpr std::string_view kUnfinishedPrefix = ".tarn-put-";

/// A put into a local place. `directories` outlives the writer.
Result<std::unique_ptr<ObjectWriter>> CreateLocalObject(DirectoryMaker& directories,
                                                        LocalPlace place, std::string_view location,
                                                        PutMode mode, bool durable);

}  // namespace tarn::storage
