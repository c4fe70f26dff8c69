// SPDX-License-Identifier: Apache-2.0
// tarn maintain LOCATION | TABLE
#include <fmt/core.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/logging.h"
#include "cli/commands.h"
#include "cli/maintained_table.h"
#include "cli/moment.h"
#include "cli/progress_line.h"
#include "cli/report.h"

namespace tarn::cli {
namespace {

using Json = nlohmann::ordered_json;
using table::MaintenanceResult;

constexpr const char* kDefaultOrphanAge = "3d";
// Java refuses less, too: files of a write that runs look like orphans.
constexpr int64_t kLeastOrphanAgeMs = int64_t{24} * 60 * 60 * 1000;

struct MaintainCommand {
  TableArgument table;
  MaintainedTableOptions options;
  bool rewrite_data_files = false;
  bool rewrite_position_deletes = false;
  bool rewrite_manifests = false;
  bool expire_snapshots = false;
  bool remove_orphans = false;
  bool dry_run = false;
  bool json = false;
  std::string older_than;
  std::optional<int32_t> retain_last;
  table::RewriteDataFilesOptions rewrite;
};

std::atomic<bool> interrupted = false;

void Interrupt(int /*signal*/) { interrupted = true; }

/// One run of the command. Results are printed as they come, or collected as JSON.
class Maintenance {
 public:
  Maintenance(const MaintainCommand& command, MaintainedTable& table)
      : command_(command), table_(table) {
    run_.cancelled = &interrupted;
    run_.on_progress = [this](const table::Progress& progress) { line_.Show(progress); };
    json_["table"] = table.location();
    json_["catalog"] = table.catalog_location();
  }

  Result<> Run() {
    const MaintainCommand& c = command_;
    const bool chosen = c.rewrite_data_files || c.rewrite_position_deletes || c.rewrite_manifests ||
                        c.expire_snapshots || c.remove_orphans;
    const Result<> done = [&]() -> Result<> {
      // What an earlier run left when it died.
      TARN_TRY(table::CollectLeftovers(table_.target(), 0, run_));
      if (c.rewrite_data_files || !chosen) TARN_TRY(RewriteData());
      if (c.rewrite_position_deletes || !chosen) TARN_TRY(RewriteDeletes());
      if (c.rewrite_manifests || !chosen) TARN_TRY(RewriteManifests());
      if (c.expire_snapshots || !chosen) TARN_TRY(Expire());
      if (c.remove_orphans) TARN_TRY(RemoveOrphans());
      TARN_TRY(table::CollectLeftovers(table_.target(), 0, run_));
      return {};
    }();
    line_.Clear();
    if (c.json) fmt::print("{}\n", json_.dump(2));
    return done;
  }

 private:
  void Say(const std::string& text) {
    line_.Clear();
    if (!command_.json) fmt::print("{}\n", text);
  }

  Result<> RewriteData() {
    TARN_ASSIGN(const MaintenanceResult result,
                table::RewriteDataFiles(table_.target(), command_.rewrite, run_));
    json_["rewrite_data_files"] = {{"rewritten_files", result.rewritten_files},
                                   {"added_files", result.added_files},
                                   {"rewritten_bytes", result.rewritten_bytes},
                                   {"added_bytes", result.added_bytes},
                                   {"conflicts", result.conflicts}};
    Say(result.rewritten_files == 0
            ? "data files: nothing to rewrite"
            : fmt::format("data files: rewrote {} ({}) as {} ({})", result.rewritten_files,
                          SizeText(result.rewritten_bytes), result.added_files,
                          SizeText(result.added_bytes)));
    if (result.conflicts > 0) {
      Say(
          fmt::format("data files: {} groups were changed by others meanwhile and are left as "
                      "they are",
                      result.conflicts));
    }
    return {};
  }

  Result<> RewriteDeletes() {
    TARN_ASSIGN(const MaintenanceResult result,
                table::RewritePositionDeletes(table_.target(), run_));
    json_["rewrite_position_deletes"] = {{"rewritten_files", result.rewritten_files},
                                         {"added_files", result.added_files},
                                         {"conflicts", result.conflicts}};
    if (result.conflicts > 0) {
      Say("deletes: rows of the same files were deleted meanwhile, they are left as they are");
    } else {
      Say(result.rewritten_files == 0 ? "deletes: nothing to rewrite"
                                      : fmt::format("deletes: rewrote {} files as {}",
                                                    result.rewritten_files, result.added_files));
    }
    return {};
  }

  Result<> RewriteManifests() {
    TARN_ASSIGN(const MaintenanceResult result, table::RewriteManifests(table_.target(), run_));
    json_["rewrite_manifests"] = {{"rewritten_manifests", result.rewritten_files},
                                  {"added_manifests", result.added_files}};
    Say(result.rewritten_files == 0 ? "manifests: nothing to merge"
                                    : fmt::format("manifests: merged {} into {}",
                                                  result.rewritten_files, result.added_files));
    return {};
  }

  Result<> Expire() {
    table::ExpireOptions options{.retain_last = command_.retain_last};
    if (!command_.older_than.empty()) {
      TARN_ASSIGN(options.older_than_ms, ParseMoment(command_.older_than, NowMs()));
    }
    TARN_ASSIGN(const MaintenanceResult result,
                table::ExpireSnapshots(table_.expiring_target(), options, run_));
    json_["expire_snapshots"] = {{"expired_snapshots", result.expired_snapshots},
                                 {"removed_files", result.removed_files}};
    Say(result.expired_snapshots == 0 && result.removed_files == 0
            ? "snapshots: nothing expires"
            : fmt::format("snapshots: {} expired, {} files removed", result.expired_snapshots,
                          result.removed_files));
    return {};
  }

  Result<> RemoveOrphans() {
    const int64_t now_ms = NowMs();
    table::OrphanOptions options{.dry_run = command_.dry_run};
    TARN_ASSIGN(
        options.older_than_ms,
        ParseMoment(command_.older_than.empty() ? kDefaultOrphanAge : command_.older_than, now_ms));
    if (!options.dry_run && options.older_than_ms > now_ms - kLeastOrphanAgeMs) {
      return std::unexpected(Error{ErrorKind::kInvalidArgument,
                                   "orphans younger than a day are not removed",
                                   "Files of a write that is still running look like orphans.",
                                   "Use --dry-run to see them."});
    }
    TARN_ASSIGN(options.other_locations, table_.OtherLocations());
    TARN_ASSIGN(const std::vector<std::string> files,
                table::RemoveOrphanFiles(table_.target(), options, run_));
    json_["remove_orphans"] = {{"dry_run", options.dry_run}, {"files", files}};
    if (options.dry_run) {
      for (const std::string& file : files) Say(file);
    }
    Say(files.empty() ? "orphans: none"
                      : fmt::format("orphans: {} {}", files.size(),
                                    options.dry_run ? "would be removed" : "removed"));
    return {};
  }

  const MaintainCommand& command_;
  MaintainedTable& table_;
  ProgressLine line_;
  table::MaintenanceRun run_;
  Json json_;
};

Result<> Run(const MaintainCommand& command) {
  if (command.dry_run && !command.remove_orphans) {
    return Fail(ErrorKind::kInvalidArgument, "--dry-run is only of --remove-orphans");
  }
  // Before anything is done.
  if (!command.older_than.empty()) TARN_TRY(ParseMoment(command.older_than, NowMs()));
  TARN_TRY(StartLogging("tarn", "warn"));
  std::signal(SIGINT, Interrupt);
  std::signal(SIGTERM, Interrupt);
  TARN_ASSIGN(const auto table, MaintainedTable::Open(command.table, command.options));
  return Maintenance(command, *table).Run();
}

}  // namespace

void AddMaintainCommand(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand(
      "maintain", "rewrites small files and expires snapshots of a directory catalog's table");
  const auto given = std::make_shared<MaintainCommand>();
  AddTableArgument(*command, given->table);
  command->add_option("--catalog", given->options.catalog,
                      "the directory catalog that names the table; looked for above it by default");
  command->add_option("--state", given->options.state,
                      "where to remember what a run that dies leaves; by default in "
                      "$XDG_STATE_HOME or ~/.local/state");
  command->add_flag("--rewrite-data-files", given->rewrite_data_files,
                    "small files, and files with many deleted rows, become few");
  command->add_flag("--rewrite-position-deletes", given->rewrite_position_deletes,
                    "deletes by position become one vector or file for each data file");
  command->add_flag("--rewrite-manifests", given->rewrite_manifests, "small manifests become few");
  command->add_flag("--expire-snapshots", given->expire_snapshots,
                    "old snapshots go, with the files that only they need");
  command->add_flag("--remove-orphans", given->remove_orphans,
                    "files go that no metadata of the table knows");
  command->add_option("--older-than", given->older_than,
                      "of snapshots and orphans: an age (7d, 12h) or a date");
  command->add_option("--retain-last", given->retain_last, "snapshots that stay anyway");
  command->add_flag("--dry-run", given->dry_run, "only print the orphans");
  command->add_flag("--sort", given->rewrite.sort, "rewrite by the table's sort order");
  command->add_flag("--rewrite-all", given->rewrite.rewrite_all, "rewrite data files of any size");
  command->add_option("--target-file-size", given->rewrite.target_file_size_bytes,
                      "in bytes; write.target-file-size-bytes by default");
  command->add_flag("--json", given->json, "print what was done as JSON");
  command->callback([given, &status] {
    const Result<> done = Run(*given);
    status = done ? 0 : ReportError(done.error());
  });
}

}  // namespace tarn::cli
