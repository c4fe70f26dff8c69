// SPDX-License-Identifier: Apache-2.0
// tarn fsck LOCATION
#include <fmt/core.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "cli/report.h"
#include "engine/engine.h"
#include "iceberg/fsck.h"
#include "iceberg/fsck_report.h"
#include "storage/storage.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;

struct FsckCommand {
  std::string location;
  std::string buckets;
  std::string data;
  bool metadata_only = false;
  bool json = false;
  iceberg::FsckOptions options;
};

/// A path becomes a file location; locations stay as they are.
std::string LocationOf(const std::string& text) {
  if (text.find("://") != std::string::npos) return text;
  std::string path = fs::absolute(text).lexically_normal();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return "file://" + path;
}

std::string BucketsOf(const FsckCommand& command) {
  if (!command.buckets.empty()) return fs::absolute(command.buckets).lexically_normal();
  const char* from_environment = getenv("TARN_DATA");
  const std::string data = !command.data.empty()         ? command.data
                           : from_environment != nullptr ? from_environment
                                                         : "tarn-data";
  return (fs::absolute(data) / "buckets").lexically_normal();
}

/// What is checked may be anywhere: it is only read, by the user who names it.
Result<std::unique_ptr<storage::Storage>> OpenStorage(const FsckCommand& command,
                                                      const std::string& location) {
  storage::LocalStorageOptions options;
  const std::string buckets = BucketsOf(command);
  if (location.starts_with("s3://")) {
    if (!fs::is_directory(buckets)) {
      return std::unexpected(Error{ErrorKind::kNotFound,
                                   fmt::format("there is no directory of buckets \"{}\"", buckets),
                                   {},
                                   "Name it with --buckets, or the data directory with --data."});
    }
    options.buckets_directory = buckets;
  } else {
    // The first component is the root: a table's data may lie beside its directory.
    const std::string path = location.substr(location.find("://") + 3);
    options.allowed_prefixes.push_back("file://" + path.substr(0, path.find('/', 1)) + "/");
    if (fs::is_directory(buckets)) options.buckets_directory = buckets;
  }
  return storage::OpenLocalStorage(std::move(options));
}

Result<bool> Run(const FsckCommand& command) {
  const std::string location = LocationOf(command.location);
  TARN_ASSIGN(const auto storage, OpenStorage(command, location));
  std::unique_ptr<engine::Engine> engine;
  if (!command.metadata_only) {
    TARN_ASSIGN(engine, engine::Engine::Open({.storage = storage.get()}));
  }
  iceberg::FsckOptions options = command.options;
  options.read_data = !command.metadata_only;
  TARN_ASSIGN(
      const iceberg::FsckReport report,
      iceberg::Fsck(*storage, engine ? &engine->data_file_reader() : nullptr, location, options));
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
      ->add_option("location", given->location,
                   "a metadata file or a table directory: s3://…, file:///… or a path")
      ->required();
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
