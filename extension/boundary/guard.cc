// SPDX-License-Identifier: Apache-2.0
#include "boundary/guard.h"

#include <new>
#include <string>

namespace tarn::extension {
namespace {

/// Palloc may fail, and this runs inside a catch block: a longjmp out of it would leave the
/// exception alive. So memory comes without error, and the text is left out when there is none.
char* CopyText(const std::string& text) {
  if (text.empty()) return nullptr;
  auto* copy = static_cast<char*>(palloc_extended(text.size() + 1, MCXT_ALLOC_NO_OOM));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

CaughtError Describe(const Error& error) {
  CaughtError caught;
  caught.sqlstate = SqlState(error.kind);
  caught.message = CopyText(error.message);
  caught.detail = CopyText(error.detail);
  caught.hint = CopyText(error.hint);
  return caught;
}

}  // namespace

int SqlState(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return ERRCODE_UNDEFINED_FILE;
    case ErrorKind::kAlreadyExists:
      return ERRCODE_DUPLICATE_OBJECT;
    case ErrorKind::kInvalidArgument:
      return ERRCODE_INVALID_PARAMETER_VALUE;
    case ErrorKind::kUnsupported:
      return ERRCODE_FEATURE_NOT_SUPPORTED;
    case ErrorKind::kConflict:
      return ERRCODE_T_R_SERIALIZATION_FAILURE;
    case ErrorKind::kCommitStateUnknown:
      return ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;
    case ErrorKind::kCorruption:
      return ERRCODE_DATA_CORRUPTED;
    case ErrorKind::kUnavailable:
      return ERRCODE_SYSTEM_ERROR;
    case ErrorKind::kResourceExhausted:
      return ERRCODE_INSUFFICIENT_RESOURCES;
    case ErrorKind::kCancelled:
      return ERRCODE_QUERY_CANCELED;
    case ErrorKind::kPermissionDenied:
      return ERRCODE_INSUFFICIENT_PRIVILEGE;
    case ErrorKind::kInternal:
      break;
  }
  return ERRCODE_INTERNAL_ERROR;
}

void ReportError(int sqlstate, const char* message, const char* detail, const char* hint) {
  ereport(ERROR, (errcode(sqlstate), errmsg_internal("%s", message),
                  detail != nullptr && detail[0] != '\0' ? errdetail_internal("%s", detail) : 0,
                  hint != nullptr && hint[0] != '\0' ? errhint("%s", hint) : 0));
  pg_unreachable();
}

CaughtError DescribeCurrentException() {
  CaughtError caught;
  try {
    throw;
  } catch (const PostgresError& e) {
    caught.postgres = e.data();
  } catch (const LakeError& e) {
    caught = Describe(e.error());
  } catch (const std::bad_alloc&) {
    caught.sqlstate = ERRCODE_OUT_OF_MEMORY;
    caught.message = CopyText("out of memory");
  } catch (const std::exception& e) {
    caught = Describe(Error{ErrorKind::kInternal, e.what(), {}, {}});
  } catch (...) {
    caught =
        Describe(Error{ErrorKind::kInternal, "unknown exception in the lake extension", {}, {}});
  }
  return caught;
}

void Rethrow(const CaughtError& error) {
  if (error.postgres != nullptr) ReThrowError(error.postgres);
  ReportError(error.sqlstate, error.message != nullptr ? error.message : "out of memory",
              error.detail, error.hint);
}

}  // namespace tarn::extension
