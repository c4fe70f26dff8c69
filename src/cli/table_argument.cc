// SPDX-License-Identifier: Apache-2.0
#include "cli/table_argument.h"

#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/workplace.h"
#include "provision/table_name.h"
#include "storage/bucket_location.h"
#include "storage/routed_storage.h"
#include "storage/s3/stores_file.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;

/// A table of an instance; `instance` empty: the only one.
struct TableOfInstance {
  std::string instance;
  provision::TableName table;
};

/// [INSTANCE/]DATABASE.SCHEMA.TABLE; nullopt for locations, and for files that are there.
std::optional<TableOfInstance> TableOf(const TableArgument& argument) {
  const std::string& what = argument.what;
  std::error_code ignored;
  if (what.find("://") != std::string::npos) return std::nullopt;
  if (argument.instance.empty() && fs::exists(what, ignored)) return std::nullopt;
  if (auto name = provision::ParseTableName(what)) {
    return TableOfInstance{argument.instance, std::move(*name)};
  }
  const size_t slash = what.find('/');
  if (slash == std::string::npos || !argument.instance.empty()) return std::nullopt;
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

std::string BucketsOf(const TableArgument& argument) {
  if (!argument.buckets.empty()) return fs::absolute(argument.buckets).lexically_normal();
  const fs::path data = provision::RequestedDataDirectory(argument.data);
  return (fs::absolute(data) / "buckets").lexically_normal();
}

/// Asks the instance; this process runs as the servers' account from then on.
Result<TableTarget> FindInInstance(const TableArgument& argument, const TableOfInstance& wanted) {
  const fs::path data = provision::RequestedDataDirectory(argument.data);
  if (!fs::is_directory(data)) {
    return std::unexpected(
        Error{ErrorKind::kNotFound,
              fmt::format("there is no data directory \"{}\"", fs::absolute(data).string()),
              fmt::format("No file is named \"{}\", so it was taken for a table of an instance.",
                          argument.what),
              "Name the data directory with --data."});
  }
  const std::string buckets =
      argument.buckets.empty() ? "" : fs::absolute(argument.buckets).lexically_normal().string();
  TARN_ASSIGN(const Workplace workplace, OpenWorkplace({.data = argument.data}));
  TARN_ASSIGN(const auto found, workplace.instances.FindTable(wanted.instance, wanted.table));
  return TableTarget{found.metadata_location,
                     buckets.empty() ? found.buckets.lexically_normal().string() : buckets};
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

}  // namespace

void AddTableArgument(CLI::App& command, TableArgument& argument) {
  command
      .add_option("table", argument.what,
                  "a table of a running instance: [instance/]database.schema.table; or a "
                  "metadata file or a table directory: s3://…, file:///… or a path")
      ->required();
  command.add_option("--instance", argument.instance,
                     "the instance whose table is meant, where there are several");
  command.add_option("--buckets", argument.buckets,
                     "the directory of bucket directories, for s3://");
  command.add_option("--data", argument.data, "the data directory whose buckets are meant");
}

bool IsTableOfInstance(const TableArgument& argument) {
  return !argument.instance.empty() || TableOf(argument).has_value();
}

Result<TableTarget> FindTable(const TableArgument& argument) {
  if (const auto table = TableOf(argument)) return FindInInstance(argument, *table);
  if (!argument.instance.empty()) {
    return std::unexpected(Error{ErrorKind::kInvalidArgument,
                                 fmt::format("\"{}\" does not name a table", argument.what),
                                 {},
                                 "With --instance, a table is named as database.schema.table."});
  }
  return TableTarget{LocationOf(argument.what), BucketsOf(argument)};
}

Result<std::unique_ptr<storage::Storage>> OpenStorage(const TableTarget& target) {
  storage::LocalStorageOptions options;
  const auto& [location, buckets] = target;
  TARN_ASSIGN(const auto stores, storage::ReadStoresFile(storage::StoresFileOf(buckets)));
  if (location.starts_with("s3://")) {
    const auto place = storage::InBucket(location);
    const bool is_remote = place && stores.contains(place->bucket);
    if (!fs::is_directory(buckets) && !is_remote) {
      return std::unexpected(Error{ErrorKind::kNotFound,
                                   fmt::format("there is no directory of buckets \"{}\"", buckets),
                                   {},
                                   "Name it with --buckets, or the data directory with --data."});
    }
    if (fs::is_directory(buckets)) options.buckets_directory = buckets;
  } else {
    options.allowed_prefixes.push_back("file://" +
                                       RootOf(location.substr(location.find("://") + 3)));
    if (fs::is_directory(buckets)) options.buckets_directory = buckets;
  }
  TARN_ASSIGN(std::unique_ptr<storage::Storage> opened,
              storage::OpenRoutedStorage(options, stores));
  return opened;
}

}  // namespace tarn::cli
