// SPDX-License-Identifier: Apache-2.0
// The options that describe files, of FILE FORMAT, STAGE and COPY INTO (Snowflake, "CREATE FILE
// FORMAT").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/objects/stage.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {

/// Takes TYPE and what it knows from `options`; Finish is the caller's. `type`: of the format that
/// is altered, which TYPE cannot change. 001008 for another type or an option's bad value.
StatementResult<FileFormat> ReadFileFormat(OptionReader& options,
                                           const std::optional<std::string>& type);

/// FILE_FORMAT = (TYPE = …), with its TYPE as an option, or (FORMAT_NAME = …) alone.
StatementResult<Options> ReadFormatOptions(const StatementContext& context,
                                           const std::vector<sql::syntax::Option>& group);

}  // namespace tarn::warehouse
