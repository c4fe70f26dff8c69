// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "base/http_exchange.h"

namespace tarn::server::http {

/// A message as handlers see it. InvalidArgument for a target that is no path, or not well formed.
Result<tarn::http::Request> ReadRequest(
    boost::beast::http::request<boost::beast::http::string_body> message,
    const std::string& remote_address);

}  // namespace tarn::server::http
