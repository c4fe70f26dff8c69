// SPDX-License-Identifier: Apache-2.0
#include "lake/write_buffer.h"

namespace tarn::lake {

Result<> WriteBuffer::SetFields(std::vector<Field> fields) {
  if (fields_ != nullptr && *fields_ == fields) return {};
  TARN_TRY(CloseStream());
  types_.clear();
  for (const Field& field : fields) types_.push_back(field.type);
  fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
  return {};
}

Result<> WriteBuffer::Append(int64_t first_ordinal,
                             std::shared_ptr<const std::vector<uint8_t>> owner,
                             std::span<const uint8_t> batch) {
  if (fields_ == nullptr) return Fail(ErrorKind::kInvalidArgument, "rows without columns");
  // Rows below the first that comes were rolled back with an engine that is gone.
  if (batches_.empty() && files_.empty() && next_ordinal_ == 0 && first_ordinal > 0) {
    next_ordinal_ = first_unwritten_ = first_ordinal;
  }
  if (first_ordinal != next_ordinal_) {
    return Fail(ErrorKind::kInvalidArgument, "rows from ordinal {}, expected {}", first_ordinal,
                next_ordinal_);
  }
  TARN_ASSIGN(BatchView view, DecodeBatch(batch, types_));
  if (view.rows == 0) return {};
  const auto bytes = static_cast<int64_t>(owner->size());
  next_ordinal_ += view.rows;
  engine::PendingRows::Batch pending{.owner = std::move(owner),
                                     .view = std::move(view),
                                     .fields = fields_,
                                     .first_ordinal = first_ordinal};
  if (stream_ != nullptr) {
    crowded_ = false;
    // A stream that failed is closed to learn why.
    const bool taken = stream_->Push(std::move(pending));
    if (!taken || stream_->size_bytes() >= limits_.target_file_bytes) return CloseStream();
    return {};
  }
  crowded_ = !held_.TryGrow(bytes);
  if (crowded_) held_.Grow(bytes);
  batches_.push_back(std::move(pending));
  return held_.bytes() >= limits_.stream_start_bytes ? StartStream() : Result<>();
}

/// Batches of different columns never share a file: all but the last columns' batches get closed
/// files.
Result<> WriteBuffer::StartStream() {
  std::vector<engine::PendingRows::Batch> batches = std::exchange(batches_, {});
  SharedFields streamed;
  for (engine::PendingRows::Batch& batch : batches) {
    if (batch.fields != streamed) {
      TARN_TRY(CloseStream());
      streamed = batch.fields;
      TARN_ASSIGN(std::string location, new_data_file_());
      stream_ = std::make_unique<FileStream>(engine_, std::move(location), streamed,
                                             limits_.queue_bytes, memory_);
      first_unwritten_ = batch.first_ordinal;
    }
    const auto bytes = static_cast<int64_t>(batch.owner->size());
    const bool taken = stream_->Push(std::move(batch));
    held_.Shrink(bytes);
    if (!taken) {
      held_.Release();
      return CloseStream();
    }
  }
  return {};
}

Result<> WriteBuffer::CloseStream() {
  if (stream_ == nullptr) return {};
  const std::unique_ptr<FileStream> stream = std::move(stream_);
  TARN_ASSIGN(iceberg::DataFile file, stream->Finish());
  const int64_t first_ordinal = first_unwritten_;
  first_unwritten_ += file.record_count;
  files_.push_back({std::move(file), first_ordinal, stream->fields()});
  return {};
}

Result<> WriteBuffer::FlushToFile() {
  if (!batches_.empty()) TARN_TRY(StartStream());
  return CloseStream();
}

Result<engine::PendingRows> WriteBuffer::RowsForScan(const std::vector<RowRange>& visible) {
  TARN_TRY(CloseStream());
  engine::PendingRows rows;
  rows.batches = batches_;
  for (const EarlyFile& file : files_) rows.files.push_back({file.file, file.first_ordinal});
  for (const RowRange& range : visible) {
    if (range.begin < 0 || range.end > next_ordinal_ || range.begin > range.end) {
      return Fail(ErrorKind::kInvalidArgument, "rows {} to {} of {} are not there", range.begin,
                  range.end, next_ordinal_);
    }
    rows.visible.push_back({range.begin, range.end});
  }
  return rows;
}

}  // namespace tarn::lake
