// SPDX-License-Identifier: Apache-2.0
// PUT and GET (Snowflake, "PUT", "GET"): what is to be transferred is told to the client, by its
// protocol.
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/file_transfer.h"
#include "warehouse/stages/opened_stage.h"
#include "warehouse/statements/copy_options.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr std::string_view kFileScheme = "file://";
constexpr int64_t kParallelMax = 99;

StatementResult<std::string> LocalPath(std::string_view written) {
  if (!written.starts_with(kFileScheme)) {
    return CompilationError("001003", "42000",
                            fmt::format("'{}' is no local file: it begins with file://", written));
  }
  return std::string(written.substr(kFileScheme.size()));
}

/// What stands behind the "@".
StatementResult<std::string> StageLocation(const StatementContext& context,
                                           const syntax::FileTransfer& statement) {
  if (!statement.bound_stage) return statement.stage.location;
  STATEMENT_ASSIGN(const std::string text, ConstantText(context, *statement.bound_stage));
  if (text.size() > 1 && text.front() == '@') return text.substr(1);
  return CompilationError("001003", "42000", fmt::format("'{}' is no stage", text));
}

StatementResult<> ReadUploadOptions(OptionReader& options, FileTransfer& transfer) {
  transfer.auto_compress = options.Bool("AUTO_COMPRESS").value_or(true);
  transfer.overwrite = options.Bool("OVERWRITE").value_or(false);
  const auto compression = options.Word(
      "SOURCE_COMPRESSION",
      {"AUTO_DETECT", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "NONE"});
  if (compression) {
    transfer.source_compression.clear();
    for (const char c : *compression) {
      transfer.source_compression += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
  }
  return options.Finish();
}

/// Files below the folder that the path lies in.
StatementResult<> FindFiles(const StatementContext& context, const OpenedStage& stage,
                            const std::optional<std::string>& pattern, FileTransfer& transfer) {
  const table::TableContext& tables = context.account->tables();
  STATEMENT_ASSIGN(auto files, ListFiles(*tables.storage, stage.area, stage.path));
  if (pattern) {
    STATEMENT_ASSIGN(files, Matching(*tables.engine, std::move(files), *pattern));
  }
  const size_t folder = stage.path.rfind('/') + 1;  // npos becomes 0
  transfer.location = stage.area.base + stage.path.substr(0, folder);
  for (const StageFile& file : files) {
    transfer.files.push_back({.name = file.path.substr(folder), .size_bytes = file.size});
  }
  return {};
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::FileTransfer& statement) {
  const char* const command = statement.upload ? "PUT" : "GET";
  if (!context.session->transfers_files) {
    return Unsupported(fmt::format("{} by a client that transfers no files", command),
                       "Use one of Snowflake's clients, whose protocol is on the HTTP port.");
  }
  auto transfer = std::make_shared<FileTransfer>();
  transfer->upload = statement.upload;
  transfer->storage = context.account->tables().storage;
  STATEMENT_ASSIGN(transfer->local, LocalPath(statement.local));
  OptionReader options(context, command, statement.options);
  transfer->parallel = options.Integer("PARALLEL", 1, kParallelMax).value_or(transfer->parallel);
  const auto pattern = statement.upload ? std::nullopt : options.Text("PATTERN");
  STATEMENT_TRY(statement.upload ? ReadUploadOptions(options, *transfer) : options.Finish());
  STATEMENT_ASSIGN(const std::string location, StageLocation(context, statement));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const OpenedStage stage,
                   OpenStage(*moment.snapshot, moment.caller, location,
                             statement.upload ? StageUse::kWrite : StageUse::kRead,
                             context.account->stages_location()));
  if (!stage.is_internal()) {
    return Unsupported(fmt::format("{} with an external stage", command),
                       "Use the tools of the store that the stage is in.");
  }
  if (statement.upload) {
    transfer->location = stage.area.base + stage.path;
    if (!transfer->location.ends_with('/')) transfer->location += '/';
  } else {
    STATEMENT_TRY(FindFiles(context, stage, pattern, *transfer));
  }
  StatementOutcome outcome;
  outcome.transfer = std::move(transfer);
  return outcome;
}

}  // namespace tarn::warehouse
