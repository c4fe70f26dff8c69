// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/spooled_result.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/value.h"

namespace tarn::server::snowflake {
namespace {

constexpr mode_t kFileMode = 0600;

/// A file that nobody else can open, and that is gone when it is closed.
int OpenNameless(const std::string& directory) {
  const int file = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, kFileMode);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return file;
  std::string name = directory + "/result-XXXXXX";
  const int made = mkostemp(name.data(), O_CLOEXEC);
  if (made >= 0) unlink(name.c_str());
  return made;
}

bool FitsLong(const ColumnView& column) {
  for (int64_t row = 0; row < column.rows; ++row) {
    if (column.is_null(row)) continue;
    Int128 value = 0;
    std::memcpy(&value, column.values + static_cast<size_t>(row) * sizeof(value), sizeof(value));
    if (value != static_cast<int64_t>(value)) return false;
  }
  return true;
}

std::unexpected<Error> FileFailed(const char* action) {
  const ErrorKind kind = errno == ENOSPC ? ErrorKind::kResourceExhausted : ErrorKind::kUnavailable;
  return Fail(kind, "could not {} the file of a result: {}", action, std::strerror(errno));
}

}  // namespace

SpooledResult::SpooledResult(std::vector<warehouse::ResultColumn> columns, SpoolLimits* limits)
    : columns_(std::move(columns)), limits_(limits), fits_long_(columns_.size(), true) {
  for (const auto& column : columns_) carriers_.push_back(column.carrier);
}

SpooledResult::~SpooledResult() {
  if (file_ < 0) {
    limits_->memory -= bytes_;
  } else {
    limits_->files -= bytes_;
    close(file_);
  }
}

Result<> SpooledResult::Write(const uint8_t* bytes, size_t count) {
  while (count > 0) {
    const ssize_t written = write(file_, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileFailed("write");
    bytes += written;
    count -= static_cast<size_t>(written);
  }
  return {};
}

Result<> SpooledResult::MoveToFile() {
  file_ = OpenNameless(limits_->directory);
  if (file_ < 0) return FileFailed("make");
  limits_->memory -= bytes_;
  limits_->files += bytes_;
  for (const auto& batch : held_) TARN_TRY(Write(batch.data(), batch.size()));
  held_.clear();
  return {};
}

Result<> SpooledResult::Append(const std::vector<uint8_t>& batch) {
  TARN_ASSIGN(const BatchView view, DecodeBatch(batch, carriers_));
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (carriers_[i].kind == TypeKind::kDecimal && fits_long_[i]) {
      fits_long_[i] = FitsLong(view.columns[i]);
    }
  }
  const auto bytes = static_cast<int64_t>(batch.size());
  const bool holds = file_ < 0 && bytes_ + bytes <= limits_->result_memory_max &&
                     limits_->memory + bytes <= limits_->memory_max;
  if (!holds && file_ < 0) TARN_TRY(MoveToFile());
  if (!holds && limits_->files + bytes > limits_->files_max) {
    return Fail(ErrorKind::kResourceExhausted, "results that are kept take more than {} bytes",
                limits_->files_max);
  }
  (holds ? limits_->memory : limits_->files) += bytes;
  places_.push_back({.offset = bytes_, .bytes = bytes, .rows = view.rows});
  bytes_ += bytes;
  rows_ += view.rows;
  if (!holds) return Write(batch.data(), batch.size());
  held_.push_back(batch);
  return {};
}

void SpooledResult::Finish() {
  parts_.assign(1, ResultPart{});
  for (size_t i = 0; i < places_.size(); ++i) {
    const int64_t bytes_max = parts_.size() == 1 ? limits_->inline_bytes : limits_->part_bytes;
    const bool first = parts_.size() == 1;
    if (parts_.back().bytes + places_[i].bytes > bytes_max && (first || parts_.back().rows > 0)) {
      parts_.push_back({.begin = i, .end = i});
    }
    parts_.back().end = i + 1;
    parts_.back().rows += places_[i].rows;
    parts_.back().bytes += places_[i].bytes;
  }
}

Result<> SpooledResult::ForEachBatch(const ResultPart& part,
                                     const std::function<void(const BatchView&)>& visit) const {
  std::vector<uint8_t> read;
  for (size_t i = part.begin; i < part.end; ++i) {
    if (file_ >= 0) {
      read.resize(static_cast<size_t>(places_[i].bytes));
      size_t done = 0;
      while (done < read.size()) {
        const ssize_t count = pread(file_, read.data() + done, read.size() - done,
                                    places_[i].offset + static_cast<int64_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return FileFailed("read");
        done += static_cast<size_t>(count);
      }
    }
    TARN_ASSIGN(const BatchView view, DecodeBatch(file_ >= 0 ? read : held_[i], carriers_));
    visit(view);
  }
  return {};
}

}  // namespace tarn::server::snowflake
