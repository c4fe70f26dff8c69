// SPDX-License-Identifier: Apache-2.0
// The directory tables of stages: refreshing them, and their rows in queries.
#pragma once

#include <string>
#include <vector>

#include "warehouse/metastore/stage_directory.h"
#include "warehouse/session/account.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/stages/opened_stage.h"

namespace tarn::warehouse {

std::vector<DirectoryEntry> EntriesOf(const std::vector<StageFile>& files);

/// ALTER STAGE … REFRESH: makes the directory say what lies there now, below the folder `subpath`
/// ("": all). 093523 where the stage has no directory table.
StatementResult<std::vector<DirectoryRefresh>> RefreshStage(Account& account, const Caller& caller,
                                                            const ObjectName& name,
                                                            const std::string& subpath);

/// RELATIVE_PATH, SIZE, LAST_MODIFIED, MD5, ETAG, FILE_URL.
const std::vector<MadeColumn>& DirectoryColumns();
/// Values of these, of one entry.
std::vector<Value> DirectoryRow(const OpenedStage& stage, const DirectoryEntry& entry);

/// DIRECTORY(@location).
StatementResult<MadeRows> DirectoryOfStage(const Snapshot& snapshot, const OpenedStage& stage);

}  // namespace tarn::warehouse
