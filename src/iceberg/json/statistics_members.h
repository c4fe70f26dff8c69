// SPDX-License-Identifier: Apache-2.0
// Statistics files that metadata names. Their entries are kept as JSON text, whole, so that blob
// types of other writers survive (spec, "Table Statistics", "Partition Statistics").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/statistics_file.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// One entry, of either kind. Corruption without a snapshot or a path.
Result<StatisticsFile> ParseStatisticsFileTree(const Json& value, std::string place);
void WriteStatisticsFile(const StatisticsFile& file, JsonText& out);

/// The array of that name; empty if absent, and then not written.
Result<std::vector<StatisticsFile>> ParseStatisticsFiles(const JsonMembers& in,
                                                         std::string_view name);
void WriteStatisticsFiles(std::string_view name, const std::vector<StatisticsFile>& files,
                          JsonText& out);

/// Locations of all statistics files, of the table and of its partitions.
std::vector<std::string> StatisticsFiles(const TableMetadata& metadata);

}  // namespace tarn::iceberg
