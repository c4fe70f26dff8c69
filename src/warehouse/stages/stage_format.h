// SPDX-License-Identifier: Apache-2.0
// How the files of a stage are to be read.
#pragma once

#include <string>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The file format of the name, which the caller may use. 002003 where there is none.
StatementResult<FileFormat> FormatNamed(const Snapshot& snapshot, const Caller& caller,
                                        const std::string& name);

/// What the stage says of its files: a format's name, options, or nothing, which is CSV.
StatementResult<FileFormat> FormatOf(const Snapshot& snapshot, const Caller& caller,
                                     const Stage& stage);

}  // namespace tarn::warehouse
