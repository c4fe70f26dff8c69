// SPDX-License-Identifier: Apache-2.0
// tarn fsck LOCATION | TABLE
#include <fmt/core.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/workplace.h"
#include "engine/engine.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/fsck/fsck_report.h"
#include "provision/table_name.h"
#include "storage/storage.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;

struct FsckCommand {
  std::string what;  ///< a location, a path, or a table
  std::string instance;
  std::string buckets;
  std::string data;
  bool metadata_only = false;
  bool json = false;
  iceberg::FsckOptions options;
};

/// A table of an instance; `instance` empty: the only one.
struct TableOfInstance {
  std::string instance;
  provision::TableName table;
};

/// What is checked, and what its s3:// locations mean.
struct Target {
  std::string location;
  std::string buckets;
};

/// [INSTANCE/]DATABASE.SCHEMA.TABLE; nullopt for locations, and for files that are there.
std::optional<TableOfInstance> TableOf(const FsckCommand& command) {
  const std::string& what = command.what;
  std::error_code ignored;
  if (what.find("://") != std::string::npos) return std::nullopt;
  if (command.instance.empty() && fs::exists(what, ignored)) return std::nullopt;
  if (auto name = provision::ParseTableName(what)) {
    return TableOfInstance{command.instance, std::move(*name)};
  }
  const size_t slash = what.find('/');
  if (slash == std::string::npos || !command.instance.empty()) return std::nullopt;
  const std::string instance = what.substr(0, slash);
  auto name = provision::ParseTableName(what.substr(slash + 1));
  if (!name || !provision::CheckInstanceName(instance)) return std::nullopt;
  return TableOfInstance{instance, std::move(*name)};
}

/// A path becomes a file location; locations stay as they are.
std::string LocationOf(const std::string& text) {
  if (text.find("://") != std::string::npos) return text;
  std::string path = fs::absolute(text).lexically_normal();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return "file://" + path;
}

std::string BucketsOf(const FsckCommand& command) {
  if (!command.buckets.empty()) return fs::absolute(command.buckets).lexically_normal();
  const fs::path data = provision::RequestedDataDirectory(command.data);
  return (fs::absolute(data) / "buckets").lexically_normal();
}

/// Asks the instance; this process runs as the servers' account from then on.
Result<Target> FindTable(const FsckCommand& command, const TableOfInstance& wanted) {
  const fs::path data = provision::RequestedDataDirectory(command.data);
  if (!fs::is_directory(data)) {
    return std::unexpected(
        Error{ErrorKind::kNotFound,
              fmt::format("there is no data directory \"{}\"", fs::absolute(data).string()),
              fmt::format("No file is named \"{}\", so it was taken for a table of an instance.",
                          command.what),
              "Name the data directory with --data."});
  }
  const std::string buckets =
      command.buckets.empty() ? "" : fs::absolute(command.buckets).lexically_normal().string();
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace({.data = command.data}));
  TARN_ASSIGN(const auto found, workplace.instances.FindTable(wanted.instance, wanted.table));
  return Target{found.metadata_location,
                buckets.empty() ? found.buckets.lexically_normal().string() : buckets};
}

Result<Target> FindTarget(const FsckCommand& command) {
  if (const auto table = TableOf(command)) return FindTable(command, *table);
  if (!command.instance.empty()) {
    return std::unexpected(Error{ErrorKind::kInvalidArgument,
                                 fmt::format("\"{}\" does not name a table", command.what),
                                 {},
                                 "With --instance, a table is named as database.schema.table."});
  }
  return Target{LocationOf(command.what), BucketsOf(command)};
}

/// The first component of a path, since a table's data may lie beside its directory; where links
/// are on the way, what the last one leads to: below its root a storage follows none.
std::string RootOf(const fs::path& path) {
  fs::path walked, root;
  std::error_code ignored;
  for (const fs::path& component : path) {
    walked /= component;
    if (walked == walked.root_path()) continue;
    if (root.empty() || fs::is_symlink(walked, ignored)) root = walked;
  }
  return root.string() + "/";
}

/// What is checked may be anywhere: it is only read, by the user who names it.
Result<std::unique_ptr<storage::Storage>> OpenStorage(const Target& target) {
  storage::LocalStorageOptions options;
  const auto& [location, buckets] = target;
  if (location.starts_with("s3://")) {
    if (!fs::is_directory(buckets)) {
      return std::unexpected(Error{ErrorKind::kNotFound,
                                   fmt::format("there is no directory of buckets \"{}\"", buckets),
                                   {},
                                   "Name it with --buckets, or the data directory with --data."});
    }
    options.buckets_directory = buckets;
  } else {
    options.allowed_prefixes.push_back("file://" +
                                       RootOf(location.substr(location.find("://") + 3)));
    if (fs::is_directory(buckets)) options.buckets_directory = buckets;
  }
  return storage::OpenLocalStorage(options);
}

Result<bool> Run(const FsckCommand& command) {
  TARN_ASSIGN(const Target target, FindTarget(command));
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
  command
      ->add_option("table", given->what,
                   "a table of a running instance: [instance/]database.schema.table; or a "
                   "metadata file or a table directory: s3://…, file:///… or a path")
      ->required();
  command->add_option("--instance", given->instance,
                      "the instance whose table is meant, where there are several");
  command->add_option("--buckets", given->buckets,
                      "the directory of bucket directories, for s3://");
  command->add_option("--data", given->data, "the data directory whose buckets are meant");
  command->add_flag("--strict", given->options.strict, "notes are errors");
  command->add_flag("--metadata-only", given->metadata_only, "leave the data files unread");
  command->add_flag("--json", given->json, "print the report as JSON");
  command->callback([given, &status] {
    const Result<bool> clean = Run(*given);
    status = !clean ? ReportError(clean.error()) : (*clean ? 0 : 1);
  });
}

}  // namespace tarn::cli
