// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace tarn {

std::string_view ToString(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kAlreadyExists:
      return "already exists";
    case ErrorKind::kInvalidArgument:
      return "invalid argument";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kCommitStateUnknown:
      return "commit state unknown";
    case ErrorKind::kCorruption:
      return "corruption";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kResourceExhausted:
      return "resource exhausted";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kPermissionDenied:
      return "permission denied";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "unknown";
}

}  // namespace tarn
