// SPDX-License-Identifier: Apache-2.0
// The callbacks of the access method, by concern. Each file fills in its part of the routine.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

void FillScanCallbacks(TableAmRoutine& routine);
void FillFetchCallbacks(TableAmRoutine& routine);
void FillWriteCallbacks(TableAmRoutine& routine);
void FillDefinitionCallbacks(TableAmRoutine& routine);
void FillMaintenanceCallbacks(TableAmRoutine& routine);
void FillSampleCallbacks(TableAmRoutine& routine);
void FillIndexCallbacks(TableAmRoutine& routine);

}  // namespace tarn::extension
