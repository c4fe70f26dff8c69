// SPDX-License-Identifier: Apache-2.0
#include "rest/failure.h"

#include "iceberg/json/json_text.h"

namespace tarn::rest {
namespace {

struct Kind {
  int status;
  const char* type;
};

Kind KindOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return {404, "NotFoundException"};
    case ErrorKind::kAlreadyExists:
      return {409, "AlreadyExistsException"};
    case ErrorKind::kInvalidArgument:
      return {400, "IllegalArgumentException"};
    case ErrorKind::kUnsupported:
      return {406, "UnsupportedOperationException"};
    case ErrorKind::kConflict:
      return {409, "CommitFailedException"};
    case ErrorKind::kCommitStateUnknown:
      return {500, "CommitStateUnknownException"};
    case ErrorKind::kPermissionDenied:
      return {403, "ForbiddenException"};
    case ErrorKind::kUnavailable:
    case ErrorKind::kResourceExhausted:
    case ErrorKind::kCancelled:
      return {503, "ServiceUnavailableException"};
    case ErrorKind::kCorruption:
    case ErrorKind::kInternal:
      break;
  }
  return {500, "InternalServerError"};
}

std::unexpected<Failure> Failed(int status, const char* type, std::string message) {
  return std::unexpected(Failure{status, type, std::move(message)});
}

}  // namespace

std::unexpected<Failure> BadRequest(std::string message) {
  return Failed(400, "BadRequestException", std::move(message));
}
std::unexpected<Failure> NotAuthorized(std::string message) {
  return Failed(401, "NotAuthorizedException", std::move(message));
}
std::unexpected<Failure> Forbidden(std::string message) {
  return Failed(403, "ForbiddenException", std::move(message));
}
std::unexpected<Failure> NoSuchNamespace(std::string_view name_space) {
  return Failed(404, "NoSuchNamespaceException",
                fmt::format("Namespace does not exist: {}", name_space));
}
std::unexpected<Failure> NoSuchTable(std::string_view name) {
  return Failed(404, "NoSuchTableException", fmt::format("Table does not exist: {}", name));
}
std::unexpected<Failure> NoSuchView(std::string_view name) {
  return Failed(404, "NoSuchViewException", fmt::format("View does not exist: {}", name));
}
std::unexpected<Failure> AlreadyExists(std::string message) {
  return Failed(409, "AlreadyExistsException", std::move(message));
}
std::unexpected<Failure> CommitFailed(std::string message) {
  return Failed(409, "CommitFailedException", std::move(message));
}

Failure AsFailure(Error error) {
  const Kind kind = KindOf(error.kind);
  std::string message = std::move(error.message);
  if (!error.detail.empty()) message += ". " + error.detail;
  return {kind.status, kind.type, std::move(message)};
}

Failure AsFailure(warehouse::StatementError error) { return AsFailure(std::move(error.error)); }

Response ErrorResponse(const Failure& failure) {
  Response response{.status = failure.status};
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Key("error");
  json.BeginObject();
  json.Member("message", failure.message);
  json.Member("type", failure.type);
  json.Member("code", int64_t{failure.status});
  json.EndObject();
  json.EndObject();
  return response;
}

}  // namespace tarn::rest
