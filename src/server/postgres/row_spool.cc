// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/row_spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

constexpr int64_t kMemoryBytesMax = 8 * 1024 * 1024;

std::unexpected<warehouse::StatementError> FileError(const char* doing) {
  return FailState("58030", "could not {} the temporary file of a cursor: {}", doing,
                   std::strerror(errno));
}

const char* TemporaryFolder() {
  const char* const folder = std::getenv("TMPDIR");
  return folder != nullptr && folder[0] != '\0' ? folder : "/tmp";
}

}  // namespace

RowSpool::~RowSpool() {
  if (file_ >= 0) close(file_);
}

StatementResult<> RowSpool::Append(const RowRange& range) {
  if (range.rows() == 0) return {};
  Segment segment{.first_row = rows_, .rows = range.rows(), .skipped = range.begin};
  // What comes behind the range comes again, in the next one.
  BatchView kept = *range.batch;
  TruncateBatch(kept, range.end);
  EncodeBatch(kept, segment.bytes);
  segment.size = static_cast<int64_t>(segment.bytes.size());
  if (!reservation_.TryGrow(segment.size)) {
    auto failed = FailState(sqlstate::kLimitExceeded, "the rows that cursors keep take too much");
    failed.error().error.hint = "Use a cursor without SCROLL and WITH HOLD, or fewer rows.";
    return failed;
  }
  if (memory_bytes_ + segment.size > kMemoryBytesMax) {
    TARN_STATEMENT_TRY(ToFile(segment));
  } else {
    memory_bytes_ += segment.size;
  }
  rows_ += segment.rows;
  segments_.push_back(std::move(segment));
  return {};
}

StatementResult<> RowSpool::ToFile(Segment& segment) {
  if (file_ < 0) file_ = open(TemporaryFolder(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file_ < 0) return FileError("create");
  segment.offset = file_bytes_;
  for (int64_t done = 0; done < segment.size;) {
    const ssize_t wrote = pwrite(file_, segment.bytes.data() + done,
                                 static_cast<size_t>(segment.size - done), segment.offset + done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return FileError("write");
    done += wrote;
  }
  file_bytes_ += segment.size;
  segment.bytes = {};
  return {};
}

StatementResult<RowRange> RowSpool::Read(int64_t row, int64_t limit) {
  const auto next = std::ranges::upper_bound(segments_, row, {}, &Segment::first_row);
  const auto index = static_cast<size_t>(next - segments_.begin()) - 1;
  const Segment& segment = segments_[index];
  if (loaded_ != index) {
    loaded_ = SIZE_MAX;
    loaded_bytes_ = segment.bytes;
    if (loaded_bytes_.empty()) {
      loaded_bytes_.resize(static_cast<size_t>(segment.size));
      for (int64_t done = 0; done < segment.size;) {
        const ssize_t got = pread(file_, loaded_bytes_.data() + done,
                                  static_cast<size_t>(segment.size - done), segment.offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return FileError("read");
        done += got;
      }
    }
    auto decoded = DecodeBatch(loaded_bytes_, carriers_);
    if (!decoded) return std::unexpected(AsStatementError(std::move(decoded).error()));
    loaded_batch_ = std::move(*decoded);
    loaded_ = index;
  }
  const int64_t within = row - segment.first_row;
  const int64_t rows = std::min(limit, segment.rows - within);
  const int64_t begin = segment.skipped + within;
  return RowRange{&loaded_batch_, begin, begin + rows};
}

}  // namespace tarn::server::postgres
