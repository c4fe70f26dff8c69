// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Deletes files of internal stages that are gone for ever: stages cannot be undropped, and ids are
/// never given again.
Result<> RemoveFilesOfDroppedStages(Account& account);

}  // namespace tarn::warehouse
