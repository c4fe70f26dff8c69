// SPDX-License-Identifier: Apache-2.0
// The texts (XML) of S3's answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/s3/bucket_client.h"

namespace tarn::storage::s3 {

/// Sets code, message and region where the body is an error's, also under a status of success
/// (which CompleteMultipartUpload sends before it knows).
void ReadErrorText(BucketAnswer& answer);

/// One page of ListObjectsV2.
struct ObjectPage {
  struct Entry {
    std::string key;
    int64_t size_bytes = 0;
    int64_t modified_ms = 0;
  };
  std::vector<Entry> entries;
  std::string continuation;  ///< "" = this was the last page
};
/// Corruption where the text is none, or lacks what every page has.
Result<ObjectPage> ReadObjectPage(const std::string& text);

/// One page of ListMultipartUploads.
struct UploadPage {
  struct Entry {
    std::string key, upload_id;
    int64_t initiated_ms = 0;
  };
  std::vector<Entry> entries;
  std::string next_key, next_upload_id;  ///< "" = this was the last page
};
Result<UploadPage> ReadUploadPage(const std::string& text);

/// The upload id that CreateMultipartUpload answers with.
Result<std::string> ReadUploadId(const std::string& text);

/// Of DeleteObjects: the first key that was not deleted, and why; nothing of those that are.
struct UndeletedKey {
  std::string key, code, message;
};
Result<std::vector<UndeletedKey>> ReadUndeletedKeys(const std::string& text);

/// Bodies of DeleteObjects and CompleteMultipartUpload; part numbers begin at 1.
std::string DeletionText(const std::vector<std::string>& keys);
std::string CompletionText(const std::vector<std::string>& etags);

/// "2026-11-30T09:00:00.000Z" and "Mon, 30 Nov 2026 09:00:00 GMT", as the last millisecond of their
/// second: that is all that headers say, and nothing counts as older than it is. 0 for texts that
/// are no times.
int64_t ReadIsoTime(const std::string& text);
int64_t ReadHttpTime(const std::string& text);

}  // namespace tarn::storage::s3
