// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/asset.h"

#include <algorithm>

#include "iceberg/json/gzip.h"

namespace tarn::server::dashboard {
namespace {

using tarn::http::Request;
using tarn::http::Response;

constexpr size_t kAssetBytesMax = size_t{64} << 20;

/// Whether one of the header's names is this one.
bool Names(std::optional<std::string_view> header, std::string_view name) {
  return header && header->find(name) != std::string_view::npos;
}

}  // namespace

std::optional<Asset> FindAsset(std::string_view path) {
  const auto assets = Assets();
  const auto found = std::ranges::lower_bound(assets, path, {}, &Asset::path);
  if (found == assets.end() || found->path != path) return std::nullopt;
  return *found;
}

void AddSecurityHeaders(Response& response) {
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

Response AssetResponse(const Asset& asset, const Request& request) {
  const bool immutable = asset.path.starts_with("assets/");
  Response response;
  response.headers.emplace_back("ETag", asset.etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Cache-Control",
                                immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (Names(request.Header("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("Content-Type", asset.content_type);
  if (Names(request.Header("accept-encoding"), "gzip")) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = asset.gzipped;
    return response;
  }
  auto plain = iceberg::Gunzip(asset.gzipped, kAssetBytesMax);
  if (!plain) return Response::Text(500, plain.error().message + "\n");
  response.body = *std::move(plain);
  return response;
}

}  // namespace tarn::server::dashboard
