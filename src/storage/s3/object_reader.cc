// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/object_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/remote_reader.h"
#include "storage/s3/failure_kinds.h"

namespace tarn::storage::s3 {
namespace {

constexpr int64_t kTailBytes = 128 << 10;
constexpr int64_t kFirstPieceBytes = 64 << 10;
constexpr int64_t kPieceBytesMax = 4 << 20;
constexpr size_t kPieces = 4;
constexpr size_t kMargin = 1 << 20;

std::optional<int64_t> Number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// Of "bytes 0-9/443": where the piece begins, and how large the object is.
struct ContentRange {
  int64_t begin = 0, object_size = 0;
};
std::optional<ContentRange> ParseContentRange(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const size_t dash = text.find('-'), slash = text.find('/');
  if (!text.starts_with(kUnit) || dash == std::string_view::npos ||
      slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto begin = Number(text.substr(kUnit.size(), dash - kUnit.size()));
  const auto size = Number(text.substr(slash + 1));
  if (!begin || !size) return std::nullopt;
  return ContentRange{*begin, *size};
}

/// Bytes of the object from an offset on. Immutable.
struct Piece {
  int64_t begin = 0;
  std::string bytes;

  int64_t end() const { return begin + static_cast<int64_t>(bytes.size()); }
  bool Has(int64_t from, int64_t to) const { return begin <= from && to <= end(); }
};
using SharedPiece = std::shared_ptr<const Piece>;

class S3Reader final : public RemoteReader {
 public:
  S3Reader(BucketClient& client, std::string key, std::string_view location, std::string etag,
           int64_t size_bytes, SharedPiece tail)
      : client_(client),
        key_(std::move(key)),
        location_(location),
        etag_(std::move(etag)),
        size_bytes_(size_bytes),
        tail_(std::move(tail)) {}

  int64_t size_bytes() const override { return size_bytes_; }

  Result<> ReadAt(int64_t offset, std::span<uint8_t> out) const override {
    if (out.empty()) return {};
    const int64_t end = offset + static_cast<int64_t>(out.size());
    if (offset < 0 || end > size_bytes_) {
      return Fail(ErrorKind::kCorruption, "object \"{}\" ends before byte {}", location_, end);
    }
    SharedPiece piece = Known(offset, end);
    if (piece == nullptr) {
      const int64_t wanted = std::max<int64_t>(end - offset, PieceBytes(offset));
      TARN_ASSIGN(piece, Fetch(offset, std::min(size_bytes_, offset + wanted)));
      // What somebody asked for whole is theirs to keep.
      if (piece->end() > end || end - offset < kFirstPieceBytes) Keep(piece);
    }
    std::memcpy(out.data(), piece->bytes.data() + (offset - piece->begin), out.size());
    return {};
  }

 private:
  SharedPiece Known(int64_t offset, int64_t end) const {
    if (tail_->Has(offset, end)) return tail_;
    const std::lock_guard lock(mutex_);
    for (const SharedPiece& piece : pieces_) {
      if (piece->Has(offset, end)) return piece;
    }
    return nullptr;
  }

  /// How much to ask for at an offset where the wish is small: twice as much as last time where
  /// the reads go on there.
  int64_t PieceBytes(int64_t offset) const {
    const std::lock_guard lock(mutex_);
    for (const SharedPiece& piece : pieces_) {
      if (piece->begin < offset && offset <= piece->end()) {
        return std::min(kPieceBytesMax, 2 * static_cast<int64_t>(piece->bytes.size()));
      }
    }
    return kFirstPieceBytes;
  }

  void Keep(SharedPiece piece) const {
    const std::lock_guard lock(mutex_);
    if (pieces_.size() >= kPieces) pieces_.erase(pieces_.begin());
    pieces_.push_back(std::move(piece));
  }

  Result<SharedPiece> Fetch(int64_t begin, int64_t end) const {
    BucketRequest request{
        .method = "GET",
        .key = key_,
        .headers = {{"range", fmt::format("bytes={}-{}", begin, end - 1)}, {"if-match", etag_}},
        .answer_bytes_max = static_cast<size_t>(end - begin) + kMargin};
    BucketAnswer answer = client_.Send(request);
    if (answer.last.status == 412 || answer.absent()) {
      return Fail(ErrorKind::kUnavailable, "object \"{}\" was {} while it was read", location_,
                  answer.absent() ? "deleted" : "replaced");
    }
    if (!answer.ok()) return FailureOf(answer, "read", location_);
    const auto range = ParseContentRange(answer.last.Header("content-range"));
    const auto got = static_cast<int64_t>(answer.last.body.size());
    if (answer.last.status != 206 || !range || range->begin != begin || got != end - begin) {
      return Fail(ErrorKind::kCorruption,
                  "the object store answered with other bytes of \"{}\" than {} to {}", location_,
                  begin, end);
    }
    return std::make_shared<const Piece>(Piece{begin, std::move(answer.last.body)});
  }

  BucketClient& client_;
  const std::string key_, location_, etag_;
  const int64_t size_bytes_;
  const SharedPiece tail_;
  mutable std::mutex mutex_;
  mutable std::vector<SharedPiece> pieces_;  ///< the newest last
};

}  // namespace

Result<BucketAnswer> HeadObject(BucketClient& client, const std::string& key,
                                std::string_view location) {
  BucketAnswer answer = client.Send({.method = "HEAD", .key = key});
  if (answer.ok()) return answer;
  if (answer.last.status != 404) return FailureOf(answer, "examine", location);
  // The same question with a text for an answer, which tells an absent object from an absent
  // bucket.
  answer = client.Send({.method = "GET", .key = key, .headers = {{"range", "bytes=0-0"}}});
  if (!answer.ok()) return FailureOf(answer, "examine", location);
  // It was made between the two.
  answer = client.Send({.method = "HEAD", .key = key});
  if (!answer.ok()) return FailureOf(answer, "examine", location);
  return answer;
}

Result<std::unique_ptr<ObjectReader>> OpenObject(BucketClient& client, const std::string& key,
                                                 std::string_view location) {
  BucketAnswer answer =
      client.Send({.method = "GET",
                   .key = key,
                   .headers = {{"range", fmt::format("bytes=-{}", kTailBytes)}},
                   .answer_bytes_max = static_cast<size_t>(kTailBytes) + kMargin});
  if (answer.last.status == 416) {  // an empty object has no last bytes
    TARN_ASSIGN(answer, HeadObject(client, key, location));
    if (Number(answer.last.Header("content-length")) != 0) {
      return Fail(ErrorKind::kCorruption, "could not read the end of \"{}\"", location);
    }
  }
  if (!answer.ok()) return FailureOf(answer, "open", location);
  auto size = static_cast<int64_t>(answer.last.body.size());
  int64_t begin = 0;
  if (answer.last.status == 206) {
    const auto range = ParseContentRange(answer.last.Header("content-range"));
    if (!range || range->begin + size != range->object_size) {
      return Fail(ErrorKind::kCorruption, "the object store answered with no end of \"{}\"",
                  location);
    }
    begin = range->begin;
    size = range->object_size;
  }
  auto tail = std::make_shared<const Piece>(Piece{begin, std::move(answer.last.body)});
  return std::make_unique<S3Reader>(client, key, location, answer.last.Header("etag"), size,
                                    std::move(tail));
}

}  // namespace tarn::storage::s3
