// SPDX-License-Identifier: Apache-2.0
#include "provision/data_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "provision/digest.h"
#include "provision/durable_file.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

// The nearest ancestor that exists: where the account would have to create the rest.
fs::path ExistingAncestor(fs::path path) {
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

// As its creator, hands a directory to the account. One that somebody filled before is not ours to
// give.
Result<> Give(const fs::path& path, const Account& account) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" is not a directory", path.string());
  }
  if (status.st_uid == account.uid) return {};
  if (geteuid() != 0 || status.st_uid != 0) {
    return Fail(ErrorKind::kPermissionDenied, "data directory \"{}\" belongs to another account",
                path.string());
  }
  if (lchown(path.c_str(), account.uid, account.gid) != 0) {
    return Fail(ErrorKind::kPermissionDenied, "could not change the owner of \"{}\": {}",
                path.string(), std::strerror(errno));
  }
  return {};
}

Result<> MakeOwned(const fs::path& path, unsigned mode, const Account& account) {
  TARN_TRY(MakeDirectory(path, mode));
  return Give(path, account);
}

Result<> MakeParents(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return Fail(ErrorKind::kPermissionDenied, "could not create directory \"{}\": {}",
                path.string(), error.message());
  }
  return {};
}

}  // namespace

fs::path RequestedDataDirectory(const std::string& option) {
  const char* variable = std::getenv("TARN_DATA");
  fs::path path = !option.empty()                            ? fs::path(option)
                  : variable != nullptr && *variable != '\0' ? fs::path(variable)
                                                             : fs::path("tarn-data");
  path = fs::absolute(path).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Result<OpenedDataDirectory> OpenDataDirectory(const fs::path& requested, const Account& account) {
  OpenedDataDirectory opened;
  for (const char byte : requested.native()) {
    if (static_cast<unsigned char>(byte) < 0x20) {
      return Fail(ErrorKind::kInvalidArgument, "the data directory's path has a control character");
    }
  }
  std::error_code error;
  fs::path root = fs::weakly_canonical(requested, error);
  if (error) root = requested;
  TARN_ASSIGN(const bool reached, Reaches(account, ExistingAncestor(root), X_OK));
  if (!reached && geteuid() != 0) {
    return Fail(ErrorKind::kPermissionDenied, "cannot reach data directory \"{}\"", root.string());
  }
  if (!reached) {
    root = fs::path(kSystemHome) / "data" /
           fmt::format("{}-{}", requested.filename().string(), HexDigest(requested.string(), 8));
    opened.note = fmt::format("account \"{}\" cannot reach \"{}\": the data is in \"{}\"",
                              account.name, requested.string(), root.string());
    TARN_TRY(MakeParents(requested.parent_path()));
    if (!fs::exists(fs::symlink_status(requested, error))) {
      fs::create_directory_symlink(root, requested, error);
    }
  }
  TARN_TRY(MakeParents(root.parent_path()));
  std::error_code existed_error;
  const bool existed = fs::exists(root, existed_error);
  if (!existed) TARN_TRY(MakeOwned(root, 0755, account));
  opened.directory.root = root;
  TARN_TRY(MakeOwned(opened.directory.instances(), 0755, account));
  TARN_TRY(MakeOwned(opened.directory.buckets(), 0700, account));
  TARN_TRY(MakeOwned(opened.directory.warehouse(), 0700, account));
  TARN_TRY(MakeOwned(opened.directory.run(), 0755, account));
  return opened;
}

}  // namespace tarn::provision
