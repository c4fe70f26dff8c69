// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/s3_storage.h"

#include <fmt/core.h>

#include <charconv>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "storage/bucket_location.h"
#include "storage/s3/answer_text.h"
#include "storage/s3/bucket_client.h"
#include "storage/s3/digest.h"
#include "storage/s3/failure_kinds.h"
#include "storage/s3/object_reader.h"
#include "storage/s3/object_writer.h"

namespace tarn::storage {
namespace {

using s3::BucketAnswer;
using s3::BucketRequest;

constexpr size_t kKeysAtOnce = 1000;
constexpr int64_t kForgottenMs = int64_t{7} * 24 * 3600 * 1000;

Result<std::string> KeyOf(std::string_view location) {
  const auto place = InBucket(location);
  if (!place || location.size() > kMaxLocationBytes || !AreComponents(place->key)) {
    return MalformedLocation(location);
  }
  return std::string(place->key);
}

/// "s3://bucket/" as the prefix spells it, and the start of keys, which may be empty or end in a
/// slash or within a name.
struct KeyPrefix {
  std::string before, key;
};
Result<KeyPrefix> PrefixOf(std::string_view prefix) {
  const auto place = InBucket(prefix);
  if (!place || prefix.size() > kMaxLocationBytes) return MalformedLocation(prefix);
  const std::string_view folder = place->key.substr(0, place->key.rfind('/') + 1);
  if (!folder.empty() && !AreComponents(folder.substr(0, folder.size() - 1))) {
    return MalformedLocation(prefix);
  }
  if (place->key.find('\0') != std::string_view::npos) return MalformedLocation(prefix);
  return KeyPrefix{std::string(prefix.substr(0, prefix.size() - place->key.size())),
                   std::string(place->key)};
}

bool IsProbe(std::string_view key) {
  return key.substr(key.rfind('/') + 1).starts_with(s3::kProbePrefix);
}

class S3Storage final : public Storage {
 public:
  S3Storage(std::string bucket, const ObjectStore& store) : client_(std::move(bucket), store) {}

  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    TARN_ASSIGN(std::string key, KeyOf(location));
    if (mode == PutMode::kIfAbsent) TARN_TRY(ProbeOnce(key, location));
    return s3::CreateObject(client_, std::move(key), location, mode);
  }

  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    TARN_ASSIGN(const std::string key, KeyOf(location));
    return s3::OpenObject(client_, key, location);
  }

  Result<ObjectInfo> Head(std::string_view location) override {
    TARN_ASSIGN(const std::string key, KeyOf(location));
    TARN_ASSIGN(const BucketAnswer answer, s3::HeadObject(client_, key, location));
    const std::string& length = answer.last.Header("content-length");
    int64_t size = -1;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (size < 0) return Fail(ErrorKind::kCorruption, "the size of \"{}\" is not told", location);
    return ObjectInfo{.location = std::string(location),
                      .size_bytes = size,
                      .modified_ms = s3::ReadHttpTime(answer.last.Header("last-modified"))};
  }

  Result<> Delete(std::string_view location) override {
    TARN_ASSIGN(const std::string key, KeyOf(location));
    const BucketAnswer answer = client_.Send({.method = "DELETE", .key = key});
    if (answer.ok() || answer.absent()) return {};
    return s3::FailureOf(answer, "delete", location);
  }

  Result<> DeleteAll(std::span<const std::string> locations) override {
    Result<> first;
    const auto note = [&first](const Result<>& result) {
      if (!result && first) first = result;
    };
    std::vector<std::string> keys;
    for (const std::string& location : locations) {
      auto key = KeyOf(location);
      if (!key) {
        note(std::unexpected(key.error()));
        continue;
      }
      keys.push_back(*std::move(key));
      if (keys.size() < kKeysAtOnce) continue;
      note(DeleteKeys(keys));
      keys.clear();
    }
    if (!keys.empty()) note(DeleteKeys(keys));
    return first;
  }

  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    TARN_ASSIGN(const KeyPrefix wanted, PrefixOf(prefix));
    std::string continuation;
    do {
      BucketRequest request{
          .method = "GET",
          .key = "",
          .query = {{"list-type", "2"}, {"prefix", wanted.key}, {"encoding-type", "url"}}};
      if (!continuation.empty()) request.query.emplace_back("continuation-token", continuation);
      const BucketAnswer answer = client_.Send(request);
      if (!answer.ok()) return s3::FailureOf(answer, "list", prefix);
      TARN_ASSIGN(s3::ObjectPage page, s3::ReadObjectPage(answer.last.body));
      for (const auto& entry : page.entries) {
        if (!AreComponents(entry.key) || IsProbe(entry.key)) continue;
        TARN_TRY(visit({wanted.before + entry.key, entry.size_bytes, entry.modified_ms}));
      }
      continuation = std::move(page.continuation);
    } while (!continuation.empty());
    return {};
  }

  Result<> RemoveUnfinished(std::string_view prefix) override {
    TARN_ASSIGN(const KeyPrefix wanted, PrefixOf(prefix));
    s3::UploadPage page;
    do {
      BucketRequest request{
          .method = "GET",
          .key = "",
          .query = {{"uploads", ""}, {"prefix", wanted.key}, {"encoding-type", "url"}}};
      if (!page.next_key.empty()) request.query.emplace_back("key-marker", page.next_key);
      if (!page.next_upload_id.empty()) {
        request.query.emplace_back("upload-id-marker", page.next_upload_id);
      }
      const BucketAnswer answer = client_.Send(request);
      if (!answer.ok()) return s3::FailureOf(answer, "list", prefix);
      TARN_ASSIGN(page, s3::ReadUploadPage(answer.last.body));
      for (const auto& upload : page.entries) {
        if (!upload.key.starts_with(wanted.key) || upload.initiated_ms == 0 ||
            upload.initiated_ms > NowMs() - kForgottenMs) {
          continue;
        }
        (void)client_.Send(
            {.method = "DELETE", .key = upload.key, .query = {{"uploadId", upload.upload_id}}});
      }
    } while (!page.next_key.empty());
    return {};
  }

 private:
  Result<> ProbeOnce(const std::string& key, std::string_view location) {
    const std::lock_guard lock(probing_);
    if (probed_) return {};
    TARN_TRY(s3::ProbeStore(client_, key, location));
    probed_ = true;
    return {};
  }

  Result<> DeleteKeys(const std::vector<std::string>& keys) {
    const std::string text = s3::DeletionText(keys);
    const BucketAnswer answer =
        client_.Send({.method = "POST",
                      .key = "",
                      .query = {{"delete", ""}},
                      .headers = {{"content-md5", s3::Base64Md5(text)},
                                  {"x-amz-checksum-sha256", s3::Base64(s3::Sha256(text))}},
                      .body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
    const std::string bucket = "s3://" + client_.bucket() + "/";
    if (!answer.ok()) return s3::FailureOf(answer, "delete", bucket + keys.front());
    TARN_ASSIGN(const auto undeleted, s3::ReadUndeletedKeys(answer.last.body));
    for (const auto& [key, code, message] : undeleted) {
      if (code == "NoSuchKey") continue;
      BucketAnswer failure;
      failure.last.status = code == "AccessDenied" ? 403 : 500;
      failure.code = code;
      failure.message = message;
      return s3::FailureOf(failure, "delete", bucket + key);
    }
    return {};
  }

  s3::BucketClient client_;
  std::mutex probing_;
  bool probed_ = false;
};

}  // namespace

std::unique_ptr<Storage> OpenBucket(std::string bucket, const ObjectStore& store) {
  return std::make_unique<S3Storage>(std::move(bucket), store);
}

}  // namespace tarn::storage
