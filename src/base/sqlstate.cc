// SPDX-License-Identifier: Apache-2.0
#include "base/sqlstate.h"

namespace tarn {

ErrorKind KindOfSqlstate(std::string_view sqlstate) {
  if (sqlstate == "42501") return ErrorKind::kPermissionDenied;
  if (sqlstate == "0A000") return ErrorKind::kUnsupported;
  if (sqlstate == "57014") return ErrorKind::kCancelled;
  if (sqlstate == "3D000" || sqlstate == "42P01" || sqlstate == "3F000" || sqlstate == "42704") {
    return ErrorKind::kNotFound;
  }
  if (sqlstate == "42710") return ErrorKind::kAlreadyExists;
  const std::string_view category = sqlstate.substr(0, 2);
  if (category == "40" || sqlstate == "55P03" || sqlstate == "55006") return ErrorKind::kConflict;
  if (category == "22" || category == "23" || category == "55") return ErrorKind::kInvalidArgument;
  if (category == "28") return ErrorKind::kPermissionDenied;
  if (category == "53") return ErrorKind::kResourceExhausted;
  if (category == "08" || category == "57") return ErrorKind::kUnavailable;
  return ErrorKind::kInternal;
}

}  // namespace tarn
