// SPDX-License-Identifier: Apache-2.0
#include "base/testing/source_directory.h"

namespace tarn {

const char* SourceDirectory() { return TARN_SOURCE_DIR; }

}  // namespace tarn
