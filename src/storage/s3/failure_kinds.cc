// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/failure_kinds.h"

#include <fmt/core.h>

namespace tarn::storage::s3 {
namespace {

using Failure = HttpAnswer::Failure;

/// By S3's names of errors where it gives one, else by the status.
ErrorKind KindOf(const BucketAnswer& answer) {
  const std::string& code = answer.code;
  if (answer.last.failure != Failure::kNone) return ErrorKind::kUnavailable;
  if (code == "NoSuchBucket") return ErrorKind::kUnavailable;
  if (code == "AuthorizationHeaderMalformed" || code == "PermanentRedirect") {
    return ErrorKind::kInvalidArgument;
  }
  switch (answer.last.status) {
    case 301:
    case 302:
    case 307:
    case 308:
      return ErrorKind::kInvalidArgument;
    case 400:
      return code == "ExpiredToken" || code == "InvalidToken" ? ErrorKind::kPermissionDenied
                                                              : ErrorKind::kInvalidArgument;
    case 401:
    case 403:
      return ErrorKind::kPermissionDenied;
    case 404:
      return ErrorKind::kNotFound;
    case 409:
      // A condition that was being decided, to the end of all attempts; or a key below an object,
      // where the store has directories.
      return code == "ConditionalRequestConflict" || code == "OperationAborted"
                 ? ErrorKind::kUnavailable
                 : ErrorKind::kInvalidArgument;
    case 429:
      return ErrorKind::kUnavailable;
    case 412:
      return ErrorKind::kConflict;
    case 413:
      return ErrorKind::kInvalidArgument;
    case 416:
      return ErrorKind::kCorruption;
    case 501:
      return ErrorKind::kUnsupported;
    case 507:
      return ErrorKind::kResourceExhausted;
    default:
      break;
  }
  if (code == "QuotaExceeded" || code == "XMinioStorageFull") return ErrorKind::kResourceExhausted;
  return answer.last.status / 100 == 4 ? ErrorKind::kInvalidArgument : ErrorKind::kUnavailable;
}

std::string ReasonOf(const BucketAnswer& answer) {
  if (answer.last.failure != Failure::kNone) return answer.last.failure_text;
  if (!answer.message.empty()) return fmt::format("{} ({})", answer.message, answer.code);
  if (!answer.code.empty()) return answer.code;
  return fmt::format("the object store answered {}", answer.last.status);
}

std::string HintOf(const BucketAnswer& answer) {
  const int status = answer.last.status;
  if (answer.last.failure == Failure::kUntrusted) {
    return "Credentials and certificates (ca_file) are named in the file of object stores.";
  }
  if (answer.last.failure == Failure::kNotSent) {
    return "Is the object store's endpoint reachable from this machine?";
  }
  if (answer.code == "NoSuchBucket") {
    return "Make the bucket, or correct its entry in the file of object stores.";
  }
  if (answer.code == "RequestTimeTooSkewed") return "Set this machine's clock.";
  if (!answer.region.empty() && (status / 100 == 3 || status == 400)) {
    return fmt::format("Set region = \"{}\", and the region's endpoint, for the bucket.",
                       answer.region);
  }
  if (status / 100 == 3) {
    return "Redirections are not followed: set the endpoint and region that the bucket has.";
  }
  if (status == 403) return "Are the bucket's credentials right, and do they allow this?";
  return {};
}

}  // namespace

std::unexpected<Error> FailureOf(const BucketAnswer& answer, std::string_view action,
                                 std::string_view location) {
  const ErrorKind kind = KindOf(answer);
  if (kind == ErrorKind::kNotFound) {
    return Fail(kind, "object \"{}\" does not exist", location);
  }
  return std::unexpected(
      Error{kind,
            fmt::format("could not {} \"{}\": {}", action, location, ReasonOf(answer)),
            {},
            HintOf(answer)});
}

}  // namespace tarn::storage::s3
