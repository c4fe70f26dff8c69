// SPDX-License-Identifier: Apache-2.0
// Arrow's IPC streaming format (Arrow columnar format, "Serialization and Interprocess
// Communication"), written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tarn::server::snowflake {

enum class ArrowKind : uint8_t {
  kInt32,
  kInt64,
  kDouble,
  kBoolean,
  kUtf8,
  kBinary,
  kDate,  ///< days
  kDecimal,
  kStruct,
};

/// A plain value.
struct ArrowField {
  std::string name;
  ArrowKind kind = ArrowKind::kInt64;
  int32_t precision = 0, scale = 0;  ///< kDecimal
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<ArrowField> children;  ///< kStruct
};

/// One column of a batch: views of somebody else's buffers, as its kind wants them (offsets before
/// bytes).
struct ArrowArray {
  int64_t rows = 0;
  int64_t nulls = 0;
  std::span<const uint8_t> validity;  ///< empty where there are no nulls
  std::vector<std::span<const uint8_t>> buffers;
  std::vector<ArrowArray> children;
};

/// Appends the message to `out`. A stream is the schema, batches of its fields, the end.
void WriteArrowSchema(std::span<const ArrowField> fields, std::string& out);
void WriteArrowBatch(int64_t rows, std::span<const ArrowArray> columns, std::string& out);
void WriteArrowEnd(std::string& out);

}  // namespace tarn::server::snowflake
