// SPDX-License-Identifier: Apache-2.0
// The directory table of a stage: which files it lists, and how that changed, for streams on it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// What a refresh did about one file: a row of ALTER STAGE … REFRESH.
struct DirectoryRefresh {
  std::string file;
  std::string status;  ///< "REGISTERED_NEW", "REGISTERED_UPDATE", "UNREGISTERED"
  std::string description;
};

/// One row of a stream on the stage. An update is a delete and an insert of one path.
struct DirectoryChange {
  DirectoryEntry entry;
  bool insert = true;
  bool update = false;
};

/// By path.
Result<std::vector<DirectoryEntry>> DirectoryOf(const Snapshot& snapshot, ObjectId stage);

/// Makes the directory say what `listed` does, under the prefix `subpath` of paths. Nothing is
/// written where nothing changed but the time of the refresh. A file changed if its size, ETag, MD5
/// or time did. NotFound if the stage is gone.
Result<std::vector<DirectoryRefresh>> RefreshDirectory(Transaction& transaction, ObjectId stage,
                                                       const std::vector<DirectoryEntry>& listed,
                                                       std::string_view subpath = "");

/// What differs between the directory after `version` and now, by path; deletes before inserts.
/// What came and went in between does not show.
Result<std::vector<DirectoryChange>> DirectoryChanges(const Snapshot& snapshot, ObjectId stage,
                                                      int64_t version);

/// Forgets entries that went before every stream on the stage stands.
Result<> PruneDirectory(Transaction& transaction, ObjectId stage);

}  // namespace tarn::warehouse
