// SPDX-License-Identifier: Apache-2.0
#include "engine/data_file_reader.h"

namespace tarn::engine {

Result<iceberg::DataFileFacts> ParquetExaminer::Examine(std::string_view location, bool) {
  return Fail(ErrorKind::kUnsupported, "file \"{}\" cannot be examined yet", location);
}

}  // namespace tarn::engine
