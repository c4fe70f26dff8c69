// SPDX-License-Identifier: Apache-2.0
#include "provision/runtime.h"

#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "provision/digest.h"
#include "provision/durable_file.h"
#include "provision/process.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPostgresFolder = "postgresql-17";
constexpr std::string_view kPostgresVersion = "PostgreSQL 17";

struct Parts {
  fs::path pg_config;
  fs::path postgres_root;
  fs::path tarn_executable;
  fs::path duckdb_library;  // empty when the executable needs none
};

// Relocatable trees keep everything below one folder; others (Debian's) are never staged.
bool IsTree(const fs::path& root) { return fs::exists(root / "bin" / "postgres"); }

Result<fs::path> PgConfigOf(const RuntimeOptions& options, const fs::path& executable) {
  if (!options.pg_config.empty()) return fs::absolute(options.pg_config);
  if (const char* root = std::getenv("TARN_POSTGRES"); root != nullptr && *root != '\0') {
    return fs::absolute(root) / "bin" / "pg_config";
  }
  for (fs::path folder = executable.parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    for (const fs::path& root : {folder / ".deps" / kPostgresFolder, folder / "postgresql"}) {
      if (IsTree(root)) return root / "bin" / "pg_config";
    }
  }
  return std::unexpected(Error{ErrorKind::kNotFound,
                               "no PostgreSQL to run instances with",
                               {},
                               "Run \"make deps\" in the checkout, set TARN_POSTGRES, or use "
                               "--pg-config."});
}

Result<std::string> Ask(const fs::path& pg_config, const char* option) {
  TARN_ASSIGN(std::string text, RunForText({.argv = {pg_config, option}}, "pg_config"));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

fs::path LoadedDuckdb() {
  fs::path found;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        const fs::path path = info->dlpi_name;
        if (path.filename() == "libduckdb.so") *static_cast<fs::path*>(out) = path;
        return 0;
      },
      &found);
  return found;
}

std::string Stamp(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return {};
  const auto time = fs::last_write_time(file, error).time_since_epoch().count();
  return fmt::format("{} {} {}\n", file.filename().string(), size, time);
}

// Changes whenever a file that we build changes; the rest of PostgreSQL is told by its server
// program.
std::string ContentName(const Parts& parts) {
  std::vector<std::string> stamps = {parts.postgres_root.string(), Stamp(parts.tarn_executable),
                                     Stamp(parts.duckdb_library),
                                     Stamp(parts.postgres_root / "bin" / "postgres")};
  std::error_code ignored;
  fs::recursive_directory_iterator entries(parts.postgres_root, ignored), end;
  for (; entries != end; entries.increment(ignored)) {
    const std::string name = entries->path().filename();
    if (name.starts_with("tarn") || name.starts_with("pg_lake"))
      stamps.push_back(Stamp(entries->path()));
  }
  std::ranges::sort(stamps);
  std::string all;
  for (const std::string& stamp : stamps) all += stamp;
  return HexDigest(all, 16);
}

Result<> Copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  if (!error) {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  }
  if (error) {
    return Fail(ErrorKind::kResourceExhausted, "could not copy \"{}\" to \"{}\": {}", from.string(),
                to.string(), error.message());
  }
  return {};
}

void RemoveUnused(const fs::path& folder, const fs::path& keep) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_directory() && entry.path() != keep && !RunsFrom(entry.path())) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

struct StagedPrograms {
  fs::path folder;
  bool copied = false;  ///< now, not by an earlier call
};

Result<StagedPrograms> Stage(const Parts& parts) {
  const fs::path folder = fs::path(kSystemHome) / "runtime";
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return Fail(ErrorKind::kPermissionDenied, "could not create \"{}\": {}", folder.string(),
                error.message());
  }
  TARN_ASSIGN(const FileLock lock, FileLock::Acquire(folder / ".lock", true));
  const fs::path staged = folder / ContentName(parts);
  if (fs::exists(staged)) return StagedPrograms{.folder = staged};
  const fs::path temporary = folder / ".new";
  TARN_TRY(RemoveTree(temporary));
  TARN_TRY(Copy(parts.postgres_root, temporary / "postgresql"));
  TARN_TRY(Copy(parts.tarn_executable, temporary / "bin" / "tarn"));
  if (!parts.duckdb_library.empty()) {
    TARN_TRY(Copy(parts.duckdb_library, temporary / "lib" / "libduckdb.so"));
  }
  TARN_TRY(RenameDirectory(temporary, staged));
  RemoveUnused(folder, staged);
  return StagedPrograms{.folder = staged, .copied = true};
}

Result<bool> ReachesAll(const Account& account, const Parts& parts) {
  std::vector<std::pair<fs::path, int>> needed = {
      {parts.postgres_root / "bin" / "postgres", R_OK | X_OK},
      {parts.postgres_root / "share", R_OK | X_OK},
      {parts.tarn_executable, R_OK | X_OK}};
  if (!IsTree(parts.postgres_root)) needed = {{parts.tarn_executable, R_OK | X_OK}};
  if (!parts.duckdb_library.empty()) needed.emplace_back(parts.duckdb_library, R_OK);
  for (const auto& [path, mode] : needed) {
    TARN_ASSIGN(const bool reached, Reaches(account, path, mode));
    if (!reached) return false;
  }
  return true;
}

Result<Runtime> Describe(const fs::path& pg_config, const fs::path& executable) {
  TARN_ASSIGN(const std::string version, Ask(pg_config, "--version"));
  if (!version.starts_with(kPostgresVersion)) {
    return std::unexpected(Error{ErrorKind::kUnsupported,
                                 fmt::format("\"{}\" is {}", pg_config.string(), version),
                                 {},
                                 "Instances need PostgreSQL 17."});
  }
  Runtime runtime;
  TARN_ASSIGN(runtime.postgres_bin, Ask(pg_config, "--bindir"));
  TARN_ASSIGN(const std::string library_folder, Ask(pg_config, "--pkglibdir"));
  runtime.tarn_executable = executable;
  runtime.has_extension = fs::exists(fs::path(library_folder) / "tarn.so");
  return runtime;
}

}  // namespace

Result<Runtime> FindRuntime(const RuntimeOptions& options, const Account& account) {
  std::error_code error;
  Parts parts;
  parts.tarn_executable = fs::read_symlink("/proc/self/exe", error);
  if (error) return Fail(ErrorKind::kInternal, "could not find the path of this executable");
  TARN_ASSIGN(parts.pg_config, PgConfigOf(options, parts.tarn_executable));
  parts.postgres_root = parts.pg_config.parent_path().parent_path();
  parts.duckdb_library = LoadedDuckdb();
  TARN_ASSIGN(const bool reached, ReachesAll(account, parts));
  if (reached) return Describe(parts.pg_config, parts.tarn_executable);
  if (geteuid() != 0 || !IsTree(parts.postgres_root)) {
    return Fail(ErrorKind::kPermissionDenied, "account \"{}\" cannot run the programs in \"{}\"",
                account.name, parts.postgres_root.string());
  }
  TARN_ASSIGN(const StagedPrograms staged, Stage(parts));
  TARN_ASSIGN(Runtime runtime, Describe(staged.folder / "postgresql" / "bin" / "pg_config",
                                        staged.folder / "bin" / "tarn"));
  if (staged.copied) {
    runtime.note =
        fmt::format("account \"{}\" cannot reach \"{}\": the programs are in \"{}\"", account.name,
                    parts.tarn_executable.parent_path().string(), staged.folder.string());
  }
  return runtime;
}

}  // namespace tarn::provision
