// SPDX-License-Identifier: Apache-2.0
#include "lake/data_file_roller.h"

namespace tarn::lake {

Result<> DataFileRoller::Append(const BatchView& batch) {
  TARN_TRY(request_.Check());
  return roller_.Append(batch);
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
  TARN_TRY(roller_.EndFile());
  for (iceberg::DataFile& file : roller_.TakeFiles()) files_.push_back(std::move(file));
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
