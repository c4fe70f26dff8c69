// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/statistics_members.h"

#include "iceberg/json/metadata_fields.h"

namespace tarn::iceberg {

Result<StatisticsFile> ParseStatisticsFileTree(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, std::move(place)));
  StatisticsFile file;
  TARN_ASSIGN(const int64_t snapshot, in.Int64(field::kSnapshotId));
  file.snapshot_id = SnapshotId(snapshot);
  TARN_ASSIGN(file.path, in.String(field::kStatisticsPath));
  file.json = DumpJson(value);
  return file;
}

Result<std::vector<StatisticsFile>> ParseStatisticsFiles(const JsonMembers& in,
                                                         std::string_view name) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(name));
  std::vector<StatisticsFile> files;
  for (size_t i = 0; array != nullptr && i < array->size(); ++i) {
    TARN_ASSIGN(StatisticsFile file, ParseStatisticsFileTree((*array)[i], in.PlaceOf(name, i)));
    files.push_back(std::move(file));
  }
  return files;
}

void WriteStatisticsFile(const StatisticsFile& file, JsonText& out) {
  if (!file.json.empty()) {
    out.Raw(file.json);
    return;
  }
  out.BeginObject();
  out.Member(field::kSnapshotId, file.snapshot_id.value());
  out.Member(field::kStatisticsPath, file.path);
  out.EndObject();
}

void WriteStatisticsFiles(std::string_view name, const std::vector<StatisticsFile>& files,
                          JsonText& out) {
  if (files.empty()) return;
  out.Key(name);
  out.BeginArray();
  for (const StatisticsFile& file : files) WriteStatisticsFile(file, out);
  out.EndArray();
}

std::vector<std::string> StatisticsFiles(const TableMetadata& metadata) {
  std::vector<std::string> paths;
  for (const auto* files : {&metadata.statistics, &metadata.partition_statistics}) {
    for (const StatisticsFile& file : *files) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace tarn::iceberg
