// SPDX-License-Identifier: Apache-2.0
#include "table/data_file_roller.h"

#include <algorithm>
#include <numeric>

#include "base/batch_selection.h"

namespace tarn::table {
namespace {

/// A batch may make a file larger than its target by one part of it, or by what is not worth
/// cutting.
constexpr int64_t kPartsOfTarget = 8;
constexpr int64_t kLeastPartBytes = 64 * 1024;

}  // namespace

Result<> DataFileRoller::Append(const BatchView& batch) {
  const int64_t part_bytes = std::max(target_.file_size_bytes / kPartsOfTarget, kLeastPartBytes);
  const int64_t parts = std::min(BatchBytes(batch) / part_bytes + 1, batch.rows);
  if (parts <= 1) return AppendPart(batch);
  std::vector<Type> types;
  for (const Field& field : target_.fields) types.push_back(field.type);
  const int64_t part_rows = (batch.rows + parts - 1) / parts;
  for (int64_t begin = 0; begin < batch.rows; begin += part_rows) {
    std::vector<int32_t> rows(static_cast<size_t>(std::min(part_rows, batch.rows - begin)));
    std::iota(rows.begin(), rows.end(), static_cast<int32_t>(begin));
    TARN_TRY(AppendPart(BatchSelection(batch, types, rows).view()));
  }
  return {};
}

Result<> DataFileRoller::AppendPart(const BatchView& batch) {
  if (batch.rows == 0) return {};
  if (writer_ == nullptr) {
    TARN_ASSIGN(std::string location, new_data_file_());
    TARN_ASSIGN(writer_, target_.engine.CreateDataFile(std::move(location), target_.fields,
                                                       target_.options));
  }
  TARN_TRY(writer_->Append(batch));
  return writer_->size_bytes() >= target_.file_size_bytes ? EndFile() : Result<>();
}

Result<> DataFileRoller::EndFile() {
  if (writer_ == nullptr) return {};
  const std::unique_ptr<engine::DataFileWriter> writer = std::move(writer_);
  TARN_ASSIGN(engine::UnpublishedFile finished, writer->Finish());
  target_.publication.Add(finished.file.file_path, std::move(finished.object));
  files_.push_back(std::move(finished.file));
  return {};
}

}  // namespace tarn::table
