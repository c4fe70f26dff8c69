// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/allowed_locations.h"

#include <algorithm>

#include "base/location_prefix.h"

namespace tarn::warehouse {
namespace {

constexpr std::string_view kS3 = "s3://";
constexpr std::string_view kNamesOfS3[] = {"s3a://", "s3n://", "s3gov://", "s3china://"};

bool Covers(const std::string& prefix, const std::string& place, bool if_unsound) {
  if (prefix == "*") return true;
  const auto normal = NormalizeBucketLocation(prefix);
  return normal ? place.starts_with(*normal) : if_unsound;
}

}  // namespace

std::string WithS3Scheme(std::string_view url) {
  for (const std::string_view scheme : kNamesOfS3) {
    if (url.starts_with(scheme)) return std::string(kS3) + std::string(url.substr(scheme.size()));
  }
  return std::string(url);
}

Result<std::string> NormalizeBucketLocation(std::string_view url) {
  TARN_ASSIGN(std::string normal, NormalizeLocationPrefix(WithS3Scheme(url)));
  if (normal.starts_with(kS3)) return normal;
  auto failure = Fail(ErrorKind::kInvalidArgument, "invalid location: \"{}\"", normal);
  failure.error().detail = "Locations are in buckets: s3://bucket/path/.";
  return failure;
}

bool IsLocationAllowed(std::string_view url, const std::vector<std::string>& allowed,
                       const std::vector<std::string>& blocked) {
  std::string place = WithS3Scheme(url);
  if (!place.ends_with('/')) place += '/';
  return std::ranges::any_of(allowed, [&](const auto& p) { return Covers(p, place, false); }) &&
         std::ranges::none_of(blocked, [&](const auto& p) { return Covers(p, place, true); });
}

}  // namespace tarn::warehouse
