// SPDX-License-Identifier: Apache-2.0
#include "lake/file_stream.h"

#include <exception>
#include <utility>

namespace tarn::lake {

FileStream::FileStream(engine::Engine& engine, std::string location,
                       std::shared_ptr<const std::vector<Field>> fields, int64_t queue_bytes,
                       MemoryBudget& memory)
    : engine_(engine),
      location_(std::move(location)),
      fields_(std::move(fields)),
      queue_bytes_(queue_bytes),
      queued_(Open(memory, kFileQueues)),
      thread_([this] { Run(); }) {}

FileStream::~FileStream() {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_) abandoned_ = true;
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool FileStream::Push(engine::PendingRows::Batch batch) {
  const auto bytes = static_cast<int64_t>(batch.owner->size());
  std::unique_lock lock(mutex_);
  bool counted = false;
  changed_.wait(lock, [&] {
    if (failed_) return true;
    counted = queued_.bytes() - encoding_bytes_ < queue_bytes_ && queued_.TryGrow(bytes);
    return counted || queue_.empty();
  });
  if (failed_) return false;
  if (!counted) queued_.Grow(bytes);
  queue_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

Result<iceberg::DataFile> FileStream::Finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
  return std::move(*result_);
}

std::optional<engine::PendingRows::Batch> FileStream::Pop() {
  std::unique_lock lock(mutex_);
  queued_.Shrink(std::exchange(encoding_bytes_, 0));
  changed_.wait(lock, [this] { return ended_ || !queue_.empty(); });
  if (queue_.empty() || abandoned_) return std::nullopt;
  engine::PendingRows::Batch batch = std::move(queue_.front());
  queue_.pop_front();
  encoding_bytes_ = static_cast<int64_t>(batch.owner->size());
  lock.unlock();
  changed_.notify_all();
  return batch;
}

Result<iceberg::DataFile> FileStream::Encode() {
  TARN_ASSIGN(const auto writer, engine_.CreateDataFile(location_, *fields_, {}));
  while (const auto batch = Pop()) {
    TARN_TRY(writer->Append(batch->view));
    size_bytes_.store(writer->size_bytes(), std::memory_order_relaxed);
  }
  {
    const std::lock_guard lock(mutex_);
    if (abandoned_) return Fail(ErrorKind::kCancelled, "file \"{}\" was abandoned", location_);
  }
  return writer->Close();
}

void FileStream::Run() {
  try {
    result_ = Encode();
  } catch (const std::exception& exception) {
    result_ = Fail(ErrorKind::kResourceExhausted, "could not write \"{}\": {}", location_,
                   exception.what());
  }
  const std::lock_guard lock(mutex_);
  failed_ = !result_->has_value();
  queue_.clear();
  encoding_bytes_ = 0;
  queued_.Release();
  changed_.notify_all();
}

}  // namespace tarn::lake
