// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {

Options TableParameters(OptionReader& options) {
  Options parameters =
      options.Parameters({"DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS"});
  if (const auto compacted = options.Bool(kDataCompactionParameter)) {
    parameters[std::string(kDataCompactionParameter)] = *compacted ? "true" : "false";
  }
  return parameters;
}

}  // namespace tarn::warehouse
