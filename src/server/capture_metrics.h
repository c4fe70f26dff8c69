// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/metrics_text.h"
#include "warehouse/session/account.h"

namespace tarn::server {

/// How far captures are behind, by data source and by table. Of those that run.
void AddCaptureMetrics(warehouse::Account& account, MetricsText& text);

}  // namespace tarn::server
