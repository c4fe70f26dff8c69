// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Removes the files of an internal stage that is gone, and of no other.
Result<> RemoveFilesOfStage(Account& account, ObjectId stage);

/// Deletes files of internal stages that are gone for ever: stages cannot be undropped, and ids are
/// never given again.
Result<> RemoveFilesOfDroppedStages(Account& account);

}  // namespace tarn::warehouse
