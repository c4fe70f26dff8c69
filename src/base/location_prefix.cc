// SPDX-License-Identifier: Apache-2.0
#include "base/location_prefix.h"

#include <algorithm>

namespace tarn {
namespace {

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

}  // namespace

Result<std::string> NormalizeLocationPrefix(std::string_view prefix) {
  if (prefix.size() > kMaxPrefixBytes) return Malformed(prefix, "It is longer than 512 bytes.");
  if (prefix.find_first_of("?#") != std::string_view::npos) {
    return Malformed(prefix, "It has a \"?\" or a \"#\": locations take no parameters.");
  }
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

}  // namespace tarn
