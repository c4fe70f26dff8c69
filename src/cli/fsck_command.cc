// SPDX-License-Identifier: Apache-2.0
// tarn fsck LOCATION | TABLE
#include <fmt/core.h>

#include <memory>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/table_argument.h"
#include "engine/engine.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/fsck/fsck_report.h"

namespace tarn::cli {
namespace {

struct FsckCommand {
  TableArgument table;
  bool metadata_only = false;
  bool json = false;
  iceberg::FsckOptions options;
};

Result<bool> Run(const FsckCommand& command) {
  TARN_ASSIGN(const TableTarget target, FindTable(command.table));
  TARN_ASSIGN(const auto storage, OpenStorage(target));
  std::unique_ptr<engine::Engine> engine;
  if (!command.metadata_only) {
    TARN_ASSIGN(engine, engine::Engine::Open({.storage = storage.get()}));
  }
  iceberg::FsckOptions options = command.options;
  options.read_data = !command.metadata_only;
  TARN_ASSIGN(const iceberg::FsckReport report,
              iceberg::Fsck(*storage, engine ? &engine->data_file_reader() : nullptr,
                            target.location, options));
  if (command.json) {
    fmt::print("{}\n", iceberg::FsckReportJson(report, options.strict));
  } else {
    fmt::print("{}", iceberg::FsckReportText(report, options.strict));
  }
  return report.clean(options.strict);
}

}  // namespace

void AddFsckCommand(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("fsck", "checks an Iceberg table against the specification");
  const auto given = std::make_shared<FsckCommand>();
  AddTableArgument(*command, given->table);
  command->add_flag("--strict", given->options.strict, "notes are errors");
  command->add_flag("--metadata-only", given->metadata_only, "leave the data files unread");
  command->add_flag("--json", given->json, "print the report as JSON");
  command->callback([given, &status] {
    const Result<bool> clean = Run(*given);
    status = !clean ? ReportError(clean.error()) : (*clean ? 0 : 1);
  });
}

}  // namespace tarn::cli
