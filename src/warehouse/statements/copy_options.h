// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: where COPY INTO finds files, how they are written, and what it does with
// them (Snowflake, "COPY INTO <table>", "COPY INTO <location>").
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/syntax/statement_dml.h"
#include "warehouse/managed_tables/file_load.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {

/// 000002 (0A000), with what to do instead.
StatementFailure Unsupported(std::string_view feature, std::string hint);

enum class ColumnMatch : uint8_t { kNone, kCaseSensitive, kCaseInsensitive };

/// What a COPY INTO a table does beside reading.
struct CopyOptions {
  ErrorPolicy errors;
  std::optional<int64_t> size_limit;
  bool purge = false;
  bool force = false;
  bool truncate = false;
  bool load_uncertain_files = false;
  bool return_failed_only = false;
  ColumnMatch match = ColumnMatch::kNone;
};

/// Takes the copy options from `options`; Finish is the caller's. What is not written is as
/// `stage_options` say. 001008 for bad values; 000002, by name, for what nobody does.
StatementResult<CopyOptions> ReadCopyOptions(OptionReader& options, const Options& stage_options);

/// A stage, or a place outside with its STORAGE_INTEGRATION, which the caller must be allowed to
/// use. 002029 where that is not written.
StatementResult<OpenedStage> OpenFileLocation(const StatementContext& context,
                                              const Snapshot& snapshot, const Caller& caller,
                                              const sql::syntax::FileLocation& location,
                                              OptionReader& options, StageUse use);

/// FILE_FORMAT, else the stage's. `written`: the statement's options, which `options` reads.
StatementResult<FileFormat> ReadCopyFormat(const StatementContext& context,
                                           const Snapshot& snapshot, const Caller& caller,
                                           const std::vector<sql::syntax::Option>& written,
                                           OptionReader& options, const Stage& stage);

/// 000002, by name, for options of formats that nobody follows when rows are loaded.
StatementResult<> CheckLoadable(const FileFormat& format, ColumnMatch match);

}  // namespace tarn::warehouse
