// SPDX-License-Identifier: Apache-2.0
// The files of the page, which are in the program (built from console/ by cmake/TarnConsole.cmake).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/http_exchange.h"

namespace tarn::server::dashboard {

/// One file as the build left it. A plain value; what it views lives as long as the program.
struct Asset {
  std::string_view path;  ///< "index.html", "assets/index-3fa9.js"
  std::string_view content_type;
  std::string_view etag;     ///< with its quotes
  std::string_view gzipped;  ///< the content, compressed
};

/// Sorted by path.
std::span<const Asset> Assets();
/// Absent: there is none of the path.
std::optional<Asset> FindAsset(std::string_view path);

/// Answers GET and HEAD of the asset: 304 where the client has it. What lies in assets/ has its
/// content's hash in its name and never changes; the page itself is asked for again each time.
tarn::http::Response AssetResponse(const Asset& asset, const tarn::http::Request& request);

/// No script, style, picture or connection but our own, and nobody may frame the page.
inline constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What every answer of the dashboard carries beside its own headers.
void AddSecurityHeaders(tarn::http::Response& response);

}  // namespace tarn::server::dashboard
