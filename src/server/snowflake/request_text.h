// SPDX-License-Identifier: Apache-2.0
// Reading clients' requests.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_exchange.h"
#include "base/result.h"

namespace tarn::server::snowflake {

/// The body, as it was before its content coding. InvalidArgument for one that is too large or
/// damaged.
Result<std::string> BodyOf(const tarn::http::Request& request);
/// An object; an empty body is an empty one. InvalidArgument for everything else.
Result<nlohmann::json> ObjectOf(const tarn::http::Request& request);

/// "" where there is no such text.
std::string TextMember(const nlohmann::json& object, const char* name);
/// Numbers, booleans and texts as a text; absent for everything else.
std::optional<std::string> ScalarText(const nlohmann::json& value);

/// The token of `Authorization: Snowflake Token="…"`; "" where there is none.
std::string TokenOf(const tarn::http::Request& request);

/// Decoded, without empty ones: clients double slashes.
std::vector<std::string> SegmentsOf(std::string_view path);

}  // namespace tarn::server::snowflake
