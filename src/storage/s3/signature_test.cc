// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/signature.h"

#include <gtest/gtest.h>

#include "storage/s3/digest.h"

namespace tarn::storage::s3 {
namespace {

// Requests and signatures are those of the Amazon S3 API Reference, "Signature Calculations for the
// Authorization Header: Transferring Payload in a Single Chunk", examples.
const Credentials kCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               ""};
constexpr const char* kTimestamp = "20130524T000000Z";
constexpr const char* kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kHost = "examplebucket.s3.amazonaws.com";

std::string SignatureOf(SignedParts parts) {
  parts.headers.emplace_back("host", kHost);
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload_hash);
  parts.headers.emplace_back("x-amz-date", kTimestamp);
  const std::string header = Authorization(parts, kCredentials, "us-east-1", kTimestamp);
  return header.substr(header.rfind('=') + 1);
}

TEST(S3SignatureTest, GetObjectWithRange) {
  EXPECT_EQ(SignatureOf({.method = "GET",
                         .path = "/test.txt",
                         .query = {},
                         .headers = {{"range", "bytes=0-9"}},
                         .payload_hash = kEmptyHash}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3SignatureTest, PutObject) {
  const std::string body = "Welcome to Amazon S3.";
  EXPECT_EQ(Hex(Sha256(body)), "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
  EXPECT_EQ(SignatureOf({.method = "PUT",
                         .path = "/" + EncodeUri("test$file.text", true),
                         .query = {},
                         .headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         .payload_hash = Hex(Sha256(body))}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(S3SignatureTest, QueryWithoutValue) {
  EXPECT_EQ(SignatureOf({.method = "GET",
                         .path = "/",
                         .query = {{"lifecycle", ""}},
                         .headers = {},
                         .payload_hash = kEmptyHash}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(S3SignatureTest, QueryIsSorted) {
  EXPECT_EQ(SignatureOf({.method = "GET",
                         .path = "/",
                         .query = {{"prefix", "J"}, {"max-keys", "2"}},
                         .headers = {},
                         .payload_hash = kEmptyHash}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3SignatureTest, HeaderNamesKeyAndScope) {
  const std::string header = Authorization({.method = "GET",
                                            .path = "/",
                                            .query = {},
                                            .headers = {{"host", kHost}, {"a", "  b   c "}},
                                            .payload_hash = kEmptyHash},
                                           kCredentials, "eu-west-3", kTimestamp);
  EXPECT_TRUE(header.starts_with(
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/eu-west-3/s3/aws4_request,"
      "SignedHeaders=a;host,Signature="))
      << header;
}

TEST(S3SignatureTest, EncodesAsS3Does) {
  EXPECT_EQ(EncodeUri("a b/c+d=é~_.-", true), "a%20b/c%2Bd%3D%C3%A9~_.-");
  EXPECT_EQ(EncodeUri("a/b", false), "a%2Fb");
  EXPECT_EQ(CanonicalQuery({{"uploads", ""}, {"b c", "d&e"}}), "b%20c=d%26e&uploads=");
}

}  // namespace
}  // namespace tarn::storage::s3
