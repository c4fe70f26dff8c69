// SPDX-License-Identifier: Apache-2.0
#include "lake/scan_session.h"

namespace tarn::lake {
namespace {

std::vector<engine::ScanColumn> ColumnsOf(const std::vector<ScanColumnRequest>& requests) {
  std::vector<engine::ScanColumn> columns;
  for (const ScanColumnRequest& request : requests) {
    columns.push_back({request.field, request.default_batch});
  }
  return columns;
}

Result<std::unique_ptr<engine::RowStream>> OpenStream(
    LakeContext& lake, const ScanOpen& message,
    std::optional<Result<engine::PendingRows>> pending) {
  engine::ScanRequest request{.columns = ColumnsOf(message.columns),
                              .filter = message.filter,
                              .filter_columns = ColumnsOf(message.filter_columns),
                              .limit = message.limit,
                              .row_begin = message.row_begin,
                              .row_end = message.row_end,
                              .row_numbers = message.row_numbers};
  TARN_ASSIGN(request.plan, PlanOf(lake, message));
  if (pending) {
    TARN_ASSIGN(request.pending, std::move(*pending));
  }
  return lake.engine->OpenScan(std::move(request));
}

}  // namespace

Result<std::optional<iceberg::ScanPlan>> PlanOf(LakeContext& lake, const ScanOpen& message) {
  if (message.metadata_location.empty()) return std::nullopt;
  TARN_ASSIGN(const iceberg::LoadedTable table, lake.tables->Load(message.metadata_location));
  return iceberg::PlanScan(table::MakeCommitContext(lake, {}), table.metadata,
                           {.filter = message.filter ? &*message.filter : nullptr,
                            .row_begin = message.row_begin,
                            .row_end = message.row_end});
}

std::unique_ptr<OpenedScan> OpenedScan::Open(LakeContext& lake, const ScanOpen& message,
                                             std::optional<Result<engine::PendingRows>> pending) {
  auto scan = std::make_unique<OpenedScan>();
  auto stream = OpenStream(lake, message, std::move(pending));
  if (stream) {
    scan->stream_ = std::move(*stream);
  } else {
    scan->error_ = stream.error();
  }
  return scan;
}

Result<> OpenedScan::Next(std::vector<uint8_t>& out) {
  if (error_ || done_) out.clear();
  if (error_) return std::unexpected(*error_);
  if (done_) return {};
  const auto result = stream_->Next(out);
  if (!result) error_ = result.error();
  done_ = result && out.empty();
  return result;
}

void OpenedScan::Interrupt() {
  if (stream_ != nullptr) stream_->Interrupt();
}

ScanSession::~ScanSession() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (preparing_ != nullptr) preparing_->Interrupt();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ScanSession::Open(uint32_t scan, std::unique_ptr<OpenedScan> opened) {
  Close(scan);
  scans_[scan] = std::move(opened);
}

void ScanSession::AwaitIdle(std::unique_lock<std::mutex>& lock, const OpenedScan* scan) {
  changed_.wait(lock, [this, scan] { return preparing_ != scan; });
}

Result<> ScanSession::Next(uint32_t scan, std::vector<uint8_t>& out) {
  const auto found = scans_.find(scan);
  if (found == scans_.end()) {
    return Fail(ErrorKind::kInvalidArgument, "scan {} is not open", scan);
  }
  OpenedScan* const opened = found->second.get();
  // Also what the thread is at with this scan is part of the request now.
  request_.Watch(opened->stream());
  {
    std::unique_lock lock(mutex_);
    AwaitIdle(lock, opened);
    if (prepared_ == opened) {
      prepared_ = nullptr;
      request_.Watch(nullptr);
      out.swap(batch_);
      return std::exchange(result_, {});
    }
  }
  const auto result = opened->Next(out);
  request_.Watch(nullptr);
  return result;
}

void ScanSession::Prefetch(uint32_t scan, size_t expected_bytes) {
  const auto found = scans_.find(scan);
  if (found == scans_.end() || found->second->done()) return;
  {
    const std::lock_guard lock(mutex_);
    if (preparing_ != nullptr || prepared_ != nullptr) return;
    const auto more = static_cast<int64_t>(expected_bytes) - held_.bytes();
    if (more > 0 && !held_.TryGrow(more)) return;
    preparing_ = found->second.get();
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  changed_.notify_all();
}

void ScanSession::Close(uint32_t scan) {
  const auto found = scans_.find(scan);
  if (found == scans_.end()) return;
  OpenedScan* const opened = found->second.get();
  {
    std::unique_lock lock(mutex_);
    if (preparing_ == opened) opened->Interrupt();
    AwaitIdle(lock, opened);
    if (prepared_ == opened) prepared_ = nullptr;
  }
  scans_.erase(found);
  if (scans_.empty()) FreeMemory();
}

/// The memory of batches is kept between those of a scan, not by a connection that reads nothing.
void ScanSession::FreeMemory() {
  const std::lock_guard lock(mutex_);
  batch_ = {};
  held_.Release();
}

void ScanSession::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || preparing_ != nullptr; });
    if (stopping_) return;
    OpenedScan* const scan = preparing_;
    lock.unlock();
    Result<> result = scan->Next(batch_);
    lock.lock();
    result_ = std::move(result);
    prepared_ = scan;
    preparing_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace tarn::lake
