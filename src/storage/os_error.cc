// SPDX-License-Identifier: Apache-2.0
#include "storage/os_error.h"

#include <cerrno>
#include <system_error>

namespace tarn::storage {
namespace {

ErrorKind KindOf(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorKind::kNotFound;
    case EEXIST:
      return ErrorKind::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
    case EXDEV:  // openat2: the path leads out of its root
    case ELOOP:  // openat2: a symbolic link
      return ErrorKind::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorKind::kResourceExhausted;
    case ENAMETOOLONG:
    case EISDIR:
    case EINVAL:
      return ErrorKind::kInvalidArgument;
    default:
      return ErrorKind::kUnavailable;
  }
}

}  // namespace

std::unexpected<Error> OsFailure(int error_number, std::string_view action,
                                 std::string_view location) {
  const std::string reason =
      error_number == EXDEV || error_number == ELOOP
          ? "it is reached through a symbolic link, or outside its allowed location"
          : std::generic_category().message(error_number);
  return Fail(KindOf(error_number), "could not {} \"{}\": {}", action, location, reason);
}

}  // namespace tarn::storage
