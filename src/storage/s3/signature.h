// SPDX-License-Identifier: Apache-2.0
// AWS Signature Version 4 of requests to S3, in the Authorization header. Pure functions.
// Source: "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API Reference.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tarn::storage::s3 {

/// Whose requests they are. The token is empty but for temporary credentials.
struct Credentials {
  std::string access_key_id, secret_access_key, session_token;
  bool operator==(const Credentials&) const = default;
};

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// What of a request is signed.
struct SignedParts {
  std::string method;
  std::string path;          ///< as it is sent, percent-encoded
  NamedTexts query;          ///< not encoded
  NamedTexts headers;        ///< names in lower case, each once; all of them are signed
  std::string payload_hash;  ///< as x-amz-content-sha256 says
};

/// Percent-encodes all but letters, digits and "-._~"; `keep_slashes`: as in the path of an object.
std::string EncodeUri(std::string_view text, bool keep_slashes);

/// Sorted and encoded, as it is signed and sent; without "?".
std::string CanonicalQuery(const NamedTexts& query);

/// The value of the Authorization header. `timestamp` is that of x-amz-date, "20130524T000000Z".
std::string Authorization(const SignedParts& parts, const Credentials& credentials,
                          std::string_view region, std::string_view timestamp);

}  // namespace tarn::storage::s3
