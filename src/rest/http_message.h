// SPDX-License-Identifier: Apache-2.0
// One exchange of HTTP, apart from any library that reads or writes it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::rest {

/// A plain value.
struct Request {
  std::string method;  ///< "GET", upper case
  std::string path;    ///< as it came, still percent-encoded, from the first slash on: "/v1/config"
  std::string query;   ///< what stood behind "?", still encoded; "" = none
  std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
  std::string body;
  std::string remote_address = {};  ///< of the client

  /// "" where it is absent.
  std::string_view Header(std::string_view lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

/// A plain value. The listener adds length and connection; a response to HEAD has no body.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON where it is not empty
};

}  // namespace tarn::rest
