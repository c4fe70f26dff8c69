// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/object_writer.h"

#include <fmt/core.h>

#include <vector>

#include "base/uuid.h"
#include "storage/s3/answer_text.h"
#include "storage/s3/digest.h"
#include "storage/s3/failure_kinds.h"
#include "storage/s3/object_reader.h"

namespace tarn::storage::s3 {
namespace {

constexpr size_t kPartsMax = 10'000;

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(BucketClient& client, std::string key, std::string_view location, PutMode mode)
      : client_(client),
        key_(std::move(key)),
        location_(location),
        mode_(mode),
        mark_(Uuid::Random().ToString()) {}

  ~S3Writer() override {
    if (upload_id_.empty()) return;
    // What is not reached is left to RemoveUnfinished.
    (void)client_.Send({.method = "DELETE", .key = key_, .query = {{"uploadId", upload_id_}}});
  }

  Result<> Append(std::span<const uint8_t> bytes) override {
    TARN_TRY(failed_);
    while (!bytes.empty()) {
      if (buffer_.size() == kPartBytes) TARN_TRY(failed_ = UploadPart());
      const size_t count = std::min(bytes.size(), kPartBytes - buffer_.size());
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      size_bytes_ += static_cast<int64_t>(count);
    }
    return {};
  }

  int64_t size_bytes() const override { return size_bytes_; }

  Result<> Stage() override {
    TARN_TRY(failed_);
    if (!upload_id_.empty()) failed_ = UploadPart();
    return failed_;
  }

  Result<> Appear() override {
    TARN_TRY(failed_);
    failed_ = Fail(ErrorKind::kInternal, "object \"{}\" is closed", location_);
    BucketRequest request = upload_id_.empty() ? WholeObject() : Completion();
    const std::string text = CompletionText(etags_);
    if (!upload_id_.empty()) {
      request.body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    }
    if (mode_ == PutMode::kIfAbsent) request.headers.emplace_back("if-none-match", "*");
    const BucketAnswer answer = client_.Send(request);
    if (answer.ok()) {
      upload_id_.clear();
      return {};
    }
    return Outcome(answer);
  }

 private:
  BucketRequest WholeObject() const {
    return {.method = "PUT",
            .key = key_,
            .headers = {{kPutMark, mark_}, {"x-amz-checksum-sha256", Base64(Sha256(buffer_))}},
            .body = buffer_};
  }

  BucketRequest Completion() const {
    return {.method = "POST", .key = key_, .query = {{"uploadId", upload_id_}}};
  }

  /// What a failed publication means. An attempt before the last may have been the one that won,
  /// and the last one then met its own object.
  Result<> Outcome(const BucketAnswer& answer) {
    const bool exists = answer.last.status == 412;
    const bool upload_gone = !upload_id_.empty() && answer.code == "NoSuchUpload";
    if (!exists && !upload_gone && !answer.doubtful) {
      return FailureOf(answer, "write", location_);
    }
    const auto found = HeadObject(client_, key_, location_);
    if (found && found->last.Header(kPutMark) == mark_) {
      upload_id_.clear();
      return {};
    }
    if (exists && found) {
      return Fail(ErrorKind::kAlreadyExists, "object \"{}\" exists", location_);
    }
    if (exists && !answer.doubtful) {
      // Somebody else's was there when it counted.
      if (found.error().kind != ErrorKind::kNotFound) return std::unexpected(found.error());
      return Fail(ErrorKind::kAlreadyExists, "object \"{}\" existed", location_);
    }
    return Fail(ErrorKind::kCommitStateUnknown, "could not find out whether \"{}\" was written: {}",
                location_, FailureOf(answer, "write", location_).error().message);
  }

  Result<> UploadPart() {
    if (upload_id_.empty()) TARN_TRY(Begin());
    if (etags_.size() == kPartsMax) {
      return Fail(ErrorKind::kInvalidArgument, "object \"{}\" is larger than {} bytes", location_,
                  kPartsMax * kPartBytes);
    }
    const BucketAnswer answer = client_.Send(
        {.method = "PUT",
         .key = key_,
         .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}},
         .body = buffer_});
    if (answer.code == "NoSuchUpload") {
      return Fail(ErrorKind::kUnavailable, "the upload of \"{}\" was ended by somebody else",
                  location_);
    }
    if (!answer.ok()) return FailureOf(answer, "write", location_);
    etags_.push_back(answer.last.Header("etag"));
    buffer_.clear();
    return {};
  }

  Result<> Begin() {
    const BucketAnswer answer = client_.Send({.method = "POST",
                                              .key = key_,
                                              .query = {{"uploads", ""}},
                                              .headers = {{kPutMark, mark_}}});
    if (!answer.ok()) return FailureOf(answer, "write", location_);
    TARN_ASSIGN(upload_id_, ReadUploadId(answer.last.body));
    return {};
  }

  BucketClient& client_;
  const std::string key_, location_;
  const PutMode mode_;
  const std::string mark_;
  Result<> failed_;
  std::vector<uint8_t> buffer_;
  int64_t size_bytes_ = 0;
  std::string upload_id_;  ///< "" = no part was uploaded yet
  std::vector<std::string> etags_;
};

std::unexpected<Error> Unfit(std::string_view bucket, std::string_view lacks) {
  return std::unexpected(
      Error{ErrorKind::kUnsupported,
            fmt::format("the object store of bucket \"{}\" {}", bucket, lacks),
            {},
            "Tables need a store that has conditional writes (If-None-Match) and keeps user "
            "metadata, as Amazon S3 does."});
}

Result<> ProbeParts(BucketClient& client, const std::string& key, std::string_view location) {
  const BucketAnswer begun =
      client.Send({.method = "POST", .key = key, .query = {{"uploads", ""}}});
  if (!begun.ok()) return FailureOf(begun, "probe", location);
  TARN_ASSIGN(const std::string upload, ReadUploadId(begun.last.body));
  const uint8_t byte = 'x';
  const BucketAnswer part = client.Send({.method = "PUT",
                                         .key = key,
                                         .query = {{"partNumber", "1"}, {"uploadId", upload}},
                                         .body = {&byte, 1}});
  const std::string text = CompletionText({part.last.Header("etag")});
  BucketAnswer completed = part;
  if (part.ok()) {
    completed = client.Send({.method = "POST",
                             .key = key,
                             .query = {{"uploadId", upload}},
                             .headers = {{"if-none-match", "*"}},
                             .body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
  }
  if (!completed.ok()) {
    (void)client.Send({.method = "DELETE", .key = key, .query = {{"uploadId", upload}}});
  }
  if (completed.last.status == 412) return {};
  if (completed.ok()) {
    return Unfit(client.bucket(), "overwrites objects that a put in parts was to leave");
  }
  return FailureOf(completed, "probe", location);
}

Result<> ProbeObject(BucketClient& client, const std::string& key, std::string_view location) {
  const std::string mark = Uuid::Random().ToString();
  BucketRequest put{
      .method = "PUT", .key = key, .headers = {{kPutMark, mark}, {"if-none-match", "*"}}};
  const BucketAnswer first = client.Send(put);
  // The first of its attempts may have been answered with nothing.
  if (!first.ok() && first.last.status != 412) return FailureOf(first, "probe", location);
  put.headers.front().second = Uuid::Random().ToString();
  const BucketAnswer second = client.Send(put);
  if (second.ok()) {
    return Unfit(client.bucket(), "overwrites objects that a put was to leave (If-None-Match)");
  }
  if (second.last.status != 412) return FailureOf(second, "probe", location);
  TARN_ASSIGN(const BucketAnswer found, HeadObject(client, key, location));
  if (found.last.Header(kPutMark) != mark) {
    return Unfit(client.bucket(), "does not keep user metadata");
  }
  return ProbeParts(client, key, location);
}

}  // namespace

std::unique_ptr<ObjectWriter> CreateObject(BucketClient& client, std::string key,
                                           std::string_view location, PutMode mode) {
  return std::make_unique<S3Writer>(client, std::move(key), location, mode);
}

Result<> ProbeStore(BucketClient& client, std::string_view key, std::string_view location) {
  const size_t slash = key.rfind('/');
  const std::string probe =
      std::string(slash == std::string_view::npos ? std::string_view() : key.substr(0, slash + 1)) +
      std::string(kProbePrefix) + Uuid::Random().ToString();
  const Result<> probed = ProbeObject(client, probe, location);
  (void)client.Send({.method = "DELETE", .key = probe});
  return probed;
}

}  // namespace tarn::storage::s3
