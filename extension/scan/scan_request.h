// SPDX-License-Identifier: Apache-2.0
// A custom scan's plan, with the values that its parameters have now, as a request to the engine.
#pragma once

#include "scan/custom_scan_node.h"
#include "scan/lake_scan.h"

namespace tarn::extension {

/// Evaluates the parameters of the pushed clauses and of LIMIT and OFFSET. Sets `filters_here`:
/// then the scan gives rows that the pushed clauses do not let through, with the columns to see it.
LakeScanOptions BuildScanOptions(IcebergScanState* state);

}  // namespace tarn::extension
