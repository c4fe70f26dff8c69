// SPDX-License-Identifier: Apache-2.0
#include "lake/data_file_roller.h"

namespace tarn::lake {

Result<> DataFileRoller::Append(const BatchView& batch) {
  TARN_TRY(request_.Check());
  if (writer_ == nullptr) {
    TARN_ASSIGN(std::string location, new_data_file_());
    TARN_ASSIGN(writer_, engine_.CreateDataFile(std::move(location), fields_, {}));
  }
  TARN_TRY(writer_->Append(batch));
  return writer_->size_bytes() >= limits_.target_file_bytes ? EndFile() : Result<>();
}

Result<> DataFileRoller::AppendScan(engine::ScanRequest scan) {
  std::vector<Type> types;
  for (const Field& field : fields_) types.push_back(field.type);
  TARN_ASSIGN(const auto stream, engine_.OpenScan(std::move(scan)));
  request_.Watch(stream.get());
  std::vector<uint8_t> bytes;
  Result<> result;
  while (result && (result = stream->Next(bytes)) && !bytes.empty()) {
    const auto batch = DecodeBatch(bytes, types);
    result = batch ? Append(*batch) : Result<>(std::unexpected(batch.error()));
  }
  request_.Watch(nullptr);
  return result;
}

Result<> DataFileRoller::EndFile() {
  if (writer_ == nullptr) return {};
  const std::unique_ptr<engine::DataFileWriter> writer = std::move(writer_);
  TARN_ASSIGN(engine::UnpublishedFile finished, writer->Finish());
  publication_.Add(finished.file.file_path, std::move(finished.object));
  files_.push_back(std::move(finished.file));
  return {};
}

Result<> DataFileRoller::AddFile(iceberg::DataFile file) {
  TARN_TRY(EndFile());
  files_.push_back(std::move(file));
  return {};
}

Result<std::vector<iceberg::DataFile>> DataFileRoller::Finish() {
  TARN_TRY(EndFile());
  return std::move(files_);
}

}  // namespace tarn::lake
