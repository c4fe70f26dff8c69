// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

std::string_view SqlStateOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return sqlstate::kUndefinedObject;
    case ErrorKind::kAlreadyExists:
      return "42710";  // duplicate_object
    case ErrorKind::kInvalidArgument:
      return sqlstate::kInvalidParameter;
    case ErrorKind::kUnsupported:
      return sqlstate::kNotSupported;
    case ErrorKind::kConflict:
      return "40001";  // serialization_failure
    case ErrorKind::kCommitStateUnknown:
      return "08007";  // transaction_resolution_unknown
    case ErrorKind::kCorruption:
      return "XX001";  // data_corrupted
    case ErrorKind::kUnavailable:
      return "58000";  // system_error
    case ErrorKind::kResourceExhausted:
      return "53000";  // insufficient_resources
    case ErrorKind::kCancelled:
      return sqlstate::kCancelled;
    case ErrorKind::kPermissionDenied:
      return "42501";  // insufficient_privilege
    case ErrorKind::kInternal:
      break;
  }
  return "XX000";  // internal_error
}

warehouse::StatementError AsStatementError(Error error) {
  warehouse::StatementError made{.error = std::move(error)};
  made.sqlstate = SqlStateOf(made.error.kind);
  return made;
}

}  // namespace tarn::server::postgres
