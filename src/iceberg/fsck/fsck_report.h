// SPDX-License-Identifier: Apache-2.0
// How people and programs read the result of a verification.
#pragma once

#include <string>

#include "iceberg/fsck/fsck.h"

namespace tarn::iceberg {

/// One line per finding, errors first, then one line that sums up.
std::string FsckReportText(const FsckReport& report, bool strict);

/// One JSON object in one line: {"metadata_location", "clean", "snapshots", "manifests",
/// "data_files", "rows", "files_checked", "errors", "notes", "findings": [{"severity", "code",
/// "location", "message"}]}.
std::string FsckReportJson(const FsckReport& report, bool strict);

}  // namespace tarn::iceberg
