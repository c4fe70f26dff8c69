// SPDX-License-Identifier: Apache-2.0
#include "location.h"

#include <algorithm>
#include <cstdint>

namespace tarn::extension {
namespace {

constexpr std::string_view kTablesPath = "frompg/tables/";
constexpr size_t kMaxPrefixBytes = 512;
constexpr size_t kMaxBucketBytes = 63;

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsPathCharacter(char c) {
  return IsAlphanumeric(c) || std::string_view("_-.=+@,:~ ").find(c) != std::string_view::npos;
}

std::unexpected<Error> Malformed(std::string_view prefix, std::string_view why) {
  std::string shown;
  for (char c : prefix.substr(0, 200)) shown += c >= ' ' && c < 127 ? c : '?';
  auto failure = Fail(ErrorKind::kInvalidArgument, "invalid location prefix: \"{}\"", shown);
  failure.error().detail = why;
  failure.error().hint = "Use \"s3://bucket/path/\" or \"file:///directory/\".";
  return failure;
}

Result<> CheckComponents(std::string_view prefix, std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty()) return Malformed(prefix, "It has an empty path component.");
    if (component == "." || component == "..") {
      return Malformed(prefix, "It has a path component \".\" or \"..\".");
    }
    if (!std::ranges::all_of(component, IsPathCharacter)) {
      return Malformed(prefix, "It has a character that paths of tables may not have.");
    }
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return {};
}

/// Scheme, bucket and components are sound; the result ends with a slash.
Result<std::string> NormalizeDirectory(std::string_view prefix) {
  if (prefix.size() > kMaxPrefixBytes) return Malformed(prefix, "It is longer than 512 bytes.");
  std::string_view path;
  if (prefix.starts_with("s3://")) {
    path = prefix.substr(5);
    const std::string_view bucket = path.substr(0, path.find('/'));
    const bool sound =
        bucket.size() >= 3 && bucket.size() <= kMaxBucketBytes && IsAlphanumeric(bucket.front()) &&
        IsAlphanumeric(bucket.back()) && bucket.find("..") == std::string_view::npos &&
        std::ranges::all_of(bucket,
                            [](char c) { return IsAlphanumeric(c) || c == '-' || c == '.'; });
    if (!sound) return Malformed(prefix, "It does not name a bucket.");
  } else if (prefix.starts_with("file:///")) {
    path = prefix.substr(8);
    if (path.empty()) return Malformed(prefix, "It names the root directory.");
  } else {
    return Malformed(prefix, "Its scheme is neither s3 nor file.");
  }
  TARN_TRY(CheckComponents(prefix, path));
  std::string directory(prefix);
  if (!directory.ends_with('/')) directory += '/';
  return directory;
}

}  // namespace

Result<std::string> NormalizePrefix(std::string_view prefix) {
  TARN_ASSIGN(std::string directory, NormalizeDirectory(prefix));
  if (!directory.ends_with(std::string("/") + std::string(kTablesPath))) directory += kTablesPath;
  return directory;
}

Result<std::vector<std::string>> ParseAllowedLocations(std::string_view list) {
  std::vector<std::string> prefixes;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.empty()) continue;
    TARN_ASSIGN(std::string directory, NormalizeDirectory(item));
    prefixes.push_back(std::move(directory));
  }
  return prefixes;
}

bool IsAllowedLocation(std::string_view location, std::string_view allowed) {
  if (location.starts_with("s3://")) return true;
  const auto prefixes = ParseAllowedLocations(allowed);
  if (!prefixes) return false;
  return std::ranges::any_of(*prefixes,
                             [&](const std::string& p) { return location.starts_with(p); });
}

std::string SanitizeComponent(std::string_view name) {
  std::string component(name);
  for (char& c : component) {
    if (!IsAlphanumeric(c) && c != '_' && c != '-') c = '_';
  }
  return component.empty() ? "_" : component;
}

std::string TableLocation(std::string_view prefix, std::string_view database,
                          std::string_view schema, std::string_view table, uint32_t table_oid) {
  return fmt::format("{}{}/{}/{}/{}", prefix, SanitizeComponent(database),
                     SanitizeComponent(schema), SanitizeComponent(table), table_oid);
}

}  // namespace tarn::extension
