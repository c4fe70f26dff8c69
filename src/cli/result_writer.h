// SPDX-License-Identifier: Apache-2.0
// Results of statements on standard output, row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::cli {

/// How a column's text is read by programs.
enum class ValueKind : uint8_t { kText, kNumber, kBoolean, kJson };

struct ShownColumn {
  std::string name;
  ValueKind kind = ValueKind::kText;
};

/// Absent is NULL. Views into what the caller holds during the call.
using ShownRow = std::vector<std::optional<std::string_view>>;

/// Appends results to a text, which the caller writes out. Used by one thread.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void Begin(const std::vector<ShownColumn>& columns, std::string& out) = 0;
  virtual void Row(const ShownRow& row, std::string& out) = 0;
  virtual void End(std::string& out) = 0;
};

/// As psql draws it. Widths are those of the first rows; later ones may stand out.
std::unique_ptr<ResultWriter> MakeTableWriter();
/// RFC 4180 with a header. NULL is empty, empty text is "". An empty line parts results.
std::unique_ptr<ResultWriter> MakeCsvWriter();
/// One array for each result, one object a line for each row. Numbers and booleans are JSON's, and
/// values of JSON stand in it as they are.
std::unique_ptr<ResultWriter> MakeJsonWriter();

}  // namespace tarn::cli
