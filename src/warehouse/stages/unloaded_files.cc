// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/unloaded_files.h"

#include <algorithm>
#include <utility>

#include "iceberg/json/gzip.h"

namespace tarn::warehouse {
namespace {

/// Of rows that are packed as one member of a file.
constexpr int64_t kChunkBytes = int64_t{4} << 20;

StatementFailure TooLarge(std::string message, std::string hint) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kResourceExhausted, std::move(message), {}, std::move(hint)},
      .code = {},
      .sqlstate = "53400"});
}

}  // namespace

StatementFailure AlreadyUnloaded(const std::string& location) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument,
                               fmt::format("Files already existing at the unload destination: {}. "
                                           "Use overwrite option to force unloading.",
                                           location),
                               {},
                               "Set OVERWRITE = TRUE, or remove them."},
                     .code = {},
                     .sqlstate = "42710"});
}

StatementResult<std::string> UnloadedFiles::NextLocation() {
  if (target_.single && named_ > 0) {
    return TooLarge(fmt::format("the rows are more than a single file of {} bytes holds",
                                target_.file_bytes_max),
                    "Set a larger MAX_FILE_SIZE, or SINGLE = FALSE.");
  }
  if (named_ == kUnloadedFilesMax) {
    return TooLarge(fmt::format("one statement unloads no more than {} files", kUnloadedFilesMax),
                    "Set a larger MAX_FILE_SIZE.");
  }
  const size_t number = named_++;
  if (target_.single) return target_.location;
  return fmt::format("{}0_0_{}{}", target_.location, number, target_.extension);
}

StatementResult<std::unique_ptr<storage::ObjectWriter>> UnloadedFiles::Create(
    const std::string& location) {
  auto object = storage_.Create(
      location, target_.overwrite ? storage::PutMode::kReplace : storage::PutMode::kIfAbsent);
  if (object) return *std::move(object);
  if (object.error().kind == ErrorKind::kAlreadyExists) return AlreadyUnloaded(target_.location);
  return std::unexpected(AsStatementError(std::move(object).error()));
}

StatementResult<> UnloadedFiles::Publish() {
  std::vector<std::string> appeared;
  const auto step = [&](Result<> (storage::ObjectWriter::*what)()) -> Result<> {
    for (UnloadedFile& file : files_) {
      TARN_TRY((*file.object.*what)());
      if (what == &storage::ObjectWriter::Appear) appeared.push_back(file.location);
    }
    return {};
  };
  Result<> done = step(&storage::ObjectWriter::Stage);
  if (done) done = step(&storage::ObjectWriter::Appear);
  if (done) done = step(&storage::ObjectWriter::Settle);
  if (done) return {};
  if (!target_.overwrite) (void)storage_.DeleteAll(appeared);
  if (done.error().kind == ErrorKind::kAlreadyExists) return AlreadyUnloaded(target_.location);
  return std::unexpected(AsStatementError(std::move(done).error()));
}

StatementResult<> TextUnload::Add(std::string_view row) {
  const auto bytes = static_cast<int64_t>(row.size());
  const int64_t most = files_.target().file_bytes_max;
  const auto waiting = static_cast<int64_t>(waiting_.size());
  if (file_.rows > 0 && file_.bytes + waiting + bytes > most) STATEMENT_TRY(End());
  if (file_.object == nullptr) {
    STATEMENT_ASSIGN(file_.location, files_.NextLocation());
    STATEMENT_ASSIGN(file_.object, files_.Create(file_.location));
    waiting_ = header_;
    text_bytes_ += static_cast<int64_t>(header_.size());
  }
  waiting_ += row;
  text_bytes_ += bytes;
  ++file_.rows;
  if (static_cast<int64_t>(waiting_.size()) >= kChunkBytes) return Flush();
  return {};
}

StatementResult<> TextUnload::Flush() {
  if (waiting_.empty()) return {};
  if (packed_) {
    STATEMENT_ASSIGN(waiting_, iceberg::Gzip(waiting_));
  }
  STATEMENT_TRY(
      file_.object->Append({reinterpret_cast<const uint8_t*>(waiting_.data()), waiting_.size()}));
  file_.bytes += static_cast<int64_t>(waiting_.size());
  waiting_.clear();
  return {};
}

StatementResult<> TextUnload::End() {
  STATEMENT_TRY(Flush());
  files_.Add(std::exchange(file_, {}));
  return {};
}

StatementResult<> TextUnload::Finish() {
  if (file_.object == nullptr) return {};
  return End();
}

}  // namespace tarn::warehouse
