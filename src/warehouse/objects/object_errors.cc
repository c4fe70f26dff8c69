// SPDX-License-Identifier: Apache-2.0
#include "warehouse/objects/object_errors.h"

#include <algorithm>
#include <cctype>

namespace tarn::warehouse {
namespace {

StatementFailure Failure(ErrorKind kind, std::string_view code, std::string_view sqlstate,
                         std::string message) {
  return std::unexpected(StatementError{.error = {kind, std::move(message), {}, {}},
                                        .code = std::string(code),
                                        .sqlstate = std::string(sqlstate)});
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

}  // namespace

StatementFailure CompilationError(std::string_view code, std::string_view sqlstate,
                                  std::string_view text) {
  return Failure(ErrorKind::kInvalidArgument, code, sqlstate,
                 fmt::format("SQL compilation error:\n{}", text));
}

StatementFailure DoesNotExist(ObjectKind kind, std::string_view name) {
  const bool relation = FactsOf(kind).family == NameFamily::kRelation;
  return Failure(ErrorKind::kNotFound, "002003", relation ? "42S02" : "02000",
                 fmt::format("SQL compilation error:\n{} '{}' does not exist or not authorized.",
                             FactsOf(kind).noun, name));
}

StatementFailure NoSuchObject(std::string_view name) {
  return Failure(
      ErrorKind::kNotFound, "002003", "42S02",
      fmt::format("SQL compilation error:\nObject '{}' does not exist or not authorized.", name));
}

StatementFailure AlreadyExists(std::string_view name) {
  return Failure(ErrorKind::kAlreadyExists, "002002", "42710",
                 fmt::format("SQL compilation error:\nObject '{}' already exists.", name));
}

StatementFailure InsufficientPrivileges(ObjectKind kind, std::string_view name) {
  std::string text = "SQL access control error:\nInsufficient privileges to operate on ";
  text += LowerCase(FactsOf(kind).sql);
  if (!name.empty()) text += fmt::format(" '{}'", name);
  return Failure(ErrorKind::kPermissionDenied, "003001", "42501", text + ".");
}

StatementFailure NoCurrentDatabase(std::string_view action) {
  return Failure(ErrorKind::kInvalidArgument, "090105", "22000",
                 fmt::format("Cannot perform {}. This session does not have a current database. "
                             "Call 'USE DATABASE', or use a qualified name.",
                             action));
}

StatementFailure NoCurrentSchema(std::string_view action) {
  return Failure(ErrorKind::kInvalidArgument, "090106", "22000",
                 fmt::format("Cannot perform {}. This session does not have a current schema. "
                             "Call 'USE SCHEMA', or use a qualified name.",
                             action));
}

StatementFailure InvalidParameterValue(std::string_view parameter, std::string_view value) {
  return CompilationError("001008", "22023",
                          fmt::format("invalid value [{}] for parameter '{}'", value, parameter));
}

StatementFailure InvalidParameterName(std::string_view parameter) {
  return Failure(ErrorKind::kNotFound, "001006", "22023",
                 fmt::format("SQL compilation error:\ninvalid parameter '{}'", parameter));
}

StatementFailure MissingOption(std::string_view option) {
  return CompilationError("002029", "42601", fmt::format("Missing option(s): [{}].", option));
}

StatementFailure UnsupportedFeature(std::string_view feature) {
  return Failure(ErrorKind::kUnsupported, "000002", "0A000",
                 fmt::format("Unsupported feature '{}'.", feature));
}

StatementFailure InUse(ObjectKind kind, std::string_view name, std::string_view by) {
  return CompilationError("003554", "2BP01",
                          fmt::format("{} '{}' cannot be dropped or replaced: it is used by {}.",
                                      FactsOf(kind).noun, name, by));
}

StatementFailure DependentObjects(ObjectKind kind, std::string_view name, std::string_view of) {
  return CompilationError(
      "003029", "2BP01",
      fmt::format("{} '{}' cannot be dropped: {} depends on it.", FactsOf(kind).noun, name, of));
}

}  // namespace tarn::warehouse
