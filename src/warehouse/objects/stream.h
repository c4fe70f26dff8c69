// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

enum class StreamSource : uint8_t { kTable, kExternalTable, kView, kStage, kDynamicTable };

template <>
struct EnumNames<StreamSource> {
  using N = EnumName<StreamSource>;
  static constexpr std::array kAll = {
      N{StreamSource::kTable, "Table"}, N{StreamSource::kExternalTable, "External Table"},
      N{StreamSource::kView, "View"}, N{StreamSource::kStage, "Stage"},
      N{StreamSource::kDynamicTable, "Dynamic Table"}};
};

enum class StreamMode : uint8_t { kDefault, kAppendOnly, kInsertOnly };

template <>
struct EnumNames<StreamMode> {
  using N = EnumName<StreamMode>;
  static constexpr std::array kAll = {N{StreamMode::kDefault, "DEFAULT"},
                                      N{StreamMode::kAppendOnly, "APPEND_ONLY"},
                                      N{StreamMode::kInsertOnly, "INSERT_ONLY"}};
};

/// Up to where a stream was consumed, for one object that it reads.
struct StreamOffset {
  ObjectId object;
  Uuid table_uuid;                     ///< of a table
  std::optional<int64_t> snapshot_id;  ///< of a table; absent: before its first snapshot
  int64_t directory_version = 0;       ///< of a stage
  int64_t at_ms = 0;
  bool operator==(const StreamOffset&) const = default;
};

template <>
struct Fields<StreamOffset> {
  static constexpr auto kAll = std::tuple{
      Field{"object_id", &StreamOffset::object}, Field{"table_uuid", &StreamOffset::table_uuid},
      Field{"snapshot_id", &StreamOffset::snapshot_id},
      Field{"directory_version", &StreamOffset::directory_version},
      Field{"at_ms", &StreamOffset::at_ms}};
};

struct Stream {
  static constexpr ObjectKind kKind = ObjectKind::kStream;
  StreamSource source_kind = StreamSource::kTable;
  ObjectId source;
  std::string source_name;  ///< fully qualified, as it was when the stream was made
  StreamMode mode = StreamMode::kDefault;
  std::vector<StreamOffset> offsets;  ///< one per base table
  bool show_initial_rows = false;     ///< until it is consumed for the first time
  std::string invalid_reason;         ///< "" = valid
  bool operator==(const Stream&) const = default;
};

template <>
struct Fields<Stream> {
  static constexpr auto kAll = std::tuple{Field{"source_kind", &Stream::source_kind},
                                          Field{"source_id", &Stream::source},
                                          Field{"source_name", &Stream::source_name},
                                          Field{"mode", &Stream::mode},
                                          Field{"offsets", &Stream::offsets},
                                          Field{"show_initial_rows", &Stream::show_initial_rows},
                                          Field{"invalid_reason", &Stream::invalid_reason}};
};

}  // namespace tarn::warehouse
