// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/file_texts.h"

#include "iceberg/json/gzip.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

StatementFailure TooMuch(std::string message) {
  return std::unexpected(
      StatementError{.error = {ErrorKind::kResourceExhausted,
                               std::move(message),
                               {},
                               "Read fewer of them at once, by their path or PATTERN."},
                     .code = {},
                     .sqlstate = "53200"});
}

StatementResult<std::string> Unpacked(const FileFormat& format, const StageFile& file,
                                      std::string bytes, int64_t bytes_max) {
  const auto written = format.options.find("COMPRESSION");
  std::string how = written == format.options.end() ? "AUTO" : written->second;
  how = sql::syntax::UpperCase(how);
  if (how == "NONE") return bytes;
  if (how == "GZIP" || (how == "AUTO" && iceberg::IsGzip(bytes))) {
    auto text = iceberg::Gunzip(bytes, static_cast<size_t>(bytes_max));
    if (text) return *std::move(text);
    if (text.error().kind == ErrorKind::kResourceExhausted) return MoreThanAQueryMayRead();
    return std::unexpected(AsStatementError(std::move(text).error()));
  }
  if (how == "AUTO") return bytes;
  return UnsupportedFeature(fmt::format("COMPRESSION = {} of file {}", how, file.path));
}

}  // namespace

StatementFailure MoreThanAQueryMayRead() {
  return TooMuch("the staged files of this query take more than 256 MiB");
}

StatementResult<> CheckValueSize(size_t bytes) {
  if (bytes <= kStagedValueBytesMax) return {};
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument,
                               fmt::format("Max LOB size ({}) exceeded, actual size of parsed "
                                           "column is {}",
                                           kStagedValueBytesMax, bytes),
                               {},
                               {}},
                     .code = "100082",
                     .sqlstate = "22000"});
}

HeldMemory::HeldMemory(const table::TableContext& tables) {
  if (tables.memory == nullptr) return;
  reservation_ = std::make_shared<MemoryReservation>(tables.memory->Open("staged files"));
}

StatementResult<> HeldMemory::Set(int64_t bytes) {
  if (reservation_ == nullptr) return {};
  const int64_t more = bytes - reservation_->bytes();
  if (more < 0) reservation_->Shrink(-more);
  if (more <= 0 || reservation_->TryGrow(more)) return {};
  return TooMuch("the memory for staged files is used up by other queries");
}

StatementResult<std::string> FileTexts::Read(const StageFile& file) {
  if (bytes_ + file.size > kStagedBytesMax) return MoreThanAQueryMayRead();
  STATEMENT_TRY(held_.Set(held_.bytes() + file.size));
  STATEMENT_ASSIGN(std::string bytes, storage_.Read(area_.base + file.path));
  STATEMENT_ASSIGN(std::string text,
                   Unpacked(format_, file, std::move(bytes), kStagedBytesMax - bytes_));
  const auto size = static_cast<int64_t>(text.size());
  bytes_ += size;
  if (bytes_ > kStagedBytesMax) return MoreThanAQueryMayRead();  // it has grown since
  STATEMENT_TRY(held_.Set(held_.bytes() + size - file.size));
  return text;
}

}  // namespace tarn::warehouse
