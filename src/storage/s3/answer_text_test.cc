// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/answer_text.h"

#include <gtest/gtest.h>

#include "storage/s3/failure_kinds.h"

namespace tarn::storage::s3 {
namespace {

// Texts as the Amazon S3 API Reference shows them, shortened.
constexpr const char* kListing = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>quotes</Name><Prefix/><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>
  <EncodingType>url</EncodingType>
  <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
  <Contents><Key>my+image%26%2B.jpg</Key><LastModified>2009-10-12T17:50:30.500Z</LastModified>
    <ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size></Contents>
  <Contents><Key>b</Key><LastModified>2009-10-12T17:50:30Z</LastModified><Size>0</Size></Contents>
</ListBucketResult>)";

TEST(S3AnswerTextTest, Listings) {
  const auto page = ReadObjectPage(kListing);
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->entries.size(), 2);
  EXPECT_EQ(page->entries[0].key, "my image&+.jpg");
  EXPECT_EQ(page->entries[0].size_bytes, 434234);
  EXPECT_EQ(page->entries[0].modified_ms, 1255369830999);
  EXPECT_EQ(page->entries[1].size_bytes, 0);
  EXPECT_EQ(page->continuation, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(S3AnswerTextTest, WhatIsNoListingIsCorrupt) {
  for (const char* text :
       {"", "nonsense", "<html><body>login</body></html>", "<ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    const auto page = ReadObjectPage(text);
    ASSERT_FALSE(page) << text;
    EXPECT_EQ(page.error().kind, ErrorKind::kCorruption);
  }
}

TEST(S3AnswerTextTest, UploadsAndDeletions) {
  EXPECT_EQ(ReadUploadId("<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key>"
                         "<UploadId>VXBsb2FkIElE</UploadId></InitiateMultipartUploadResult>")
                .value(),
            "VXBsb2FkIElE");
  const auto undeleted = ReadUndeletedKeys(
      "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code>"
      "<Message>Access Denied</Message></Error></DeleteResult>");
  ASSERT_TRUE(undeleted);
  ASSERT_EQ(undeleted->size(), 1);
  EXPECT_EQ(undeleted->front().key, "b");
  EXPECT_EQ(undeleted->front().code, "AccessDenied");
  EXPECT_NE(DeletionText({"a<&>b"}).find("<Key>a&lt;&amp;&gt;b</Key>"), std::string::npos);
}

TEST(S3AnswerTextTest, Times) {
  EXPECT_EQ(ReadHttpTime("Wed, 28 Oct 2009 22:32:00 GMT"), 1256769120999);
  EXPECT_EQ(ReadIsoTime("2009-10-28T22:32:00.000Z"), 1256769120999);
  EXPECT_EQ(ReadIsoTime("soon"), 0);
}

BucketAnswer AnswerOf(int status, const std::string& body, const char* region = nullptr) {
  BucketAnswer answer;
  answer.last.status = status;
  answer.last.body = body;
  answer.last.headers["content-type"] = "application/xml";
  if (region != nullptr) answer.last.headers["x-amz-bucket-region"] = region;
  ReadErrorText(answer);
  return answer;
}

std::string ErrorText(const char* code) {
  return fmt::format("<Error><Code>{}</Code><Message>why</Message></Error>", code);
}

TEST(S3FailureKindsTest, EachKindOnce) {
  const std::tuple<int, const char*, ErrorKind> cases[] = {
      {404, "NoSuchKey", ErrorKind::kNotFound},
      {404, "NoSuchBucket", ErrorKind::kUnavailable},
      {403, "AccessDenied", ErrorKind::kPermissionDenied},
      {403, "SignatureDoesNotMatch", ErrorKind::kPermissionDenied},
      {400, "ExpiredToken", ErrorKind::kPermissionDenied},
      {409, "ConditionalRequestConflict", ErrorKind::kUnavailable},
      {409, "ObjectParentIsFile", ErrorKind::kInvalidArgument},
      {412, "PreconditionFailed", ErrorKind::kConflict},
      {416, "InvalidRange", ErrorKind::kCorruption},
      {429, "TooManyRequests", ErrorKind::kUnavailable},
      {500, "InternalError", ErrorKind::kUnavailable},
      {501, "NotImplemented", ErrorKind::kUnsupported},
      {503, "SlowDown", ErrorKind::kUnavailable},
      {507, "XMinioStorageFull", ErrorKind::kResourceExhausted},
      {400, "KeyTooLongError", ErrorKind::kInvalidArgument},
  };
  for (const auto& [status, code, kind] : cases) {
    const auto failure = FailureOf(AnswerOf(status, ErrorText(code)), "write", "s3://b/k").error();
    EXPECT_EQ(failure.kind, kind) << code;
    EXPECT_NE(failure.message.find("s3://b/k"), std::string::npos) << failure.message;
  }
}

TEST(S3FailureKindsTest, RedirectionsNameTheRegion) {
  const std::string wrong =
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong</Message>"
      "<Region>eu-west-1</Region></Error>";
  for (const BucketAnswer& answer : {AnswerOf(301, "", "eu-west-1"), AnswerOf(400, wrong)}) {
    const auto failure = FailureOf(answer, "open", "s3://b/k").error();
    EXPECT_EQ(failure.kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(failure.hint.find("region = \"eu-west-1\""), std::string::npos) << failure.hint;
  }
}

// CompleteMultipartUpload begins its answer before it knows.
TEST(S3FailureKindsTest, AnErrorUnderAStatusOfSuccess) {
  const BucketAnswer answer = AnswerOf(200, ErrorText("InternalError"));
  EXPECT_FALSE(answer.ok());
  EXPECT_EQ(answer.code, "InternalError");
}

}  // namespace
}  // namespace tarn::storage::s3
