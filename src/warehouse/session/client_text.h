// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/session.h"

namespace tarn::warehouse {

/// A client's text as Snowflake's grammar reads it: where the dialect says so, backslashes in
/// strings stand for themselves, and `$1` is a parameter. A plain value.
class ClientText {
 public:
  ClientText(std::string_view written, const Dialect& dialect);

  const std::string& text() const { return text_; }
  /// Where a byte of text() stands in what was written.
  int64_t WrittenOffset(int64_t offset) const;
  /// The highest number of a `$n` that became a parameter, 0 = none.
  int32_t parameters() const { return parameters_; }

 private:
  void CopyUntil(std::string_view written, size_t end);
  void CopyString(std::string_view written, bool doubles_backslashes);
  void CopyQuoted(std::string_view written);
  void CopyDollar(std::string_view written, bool is_parameter);

  std::string text_;
  size_t at_ = 0;                  ///< in what was written
  std::vector<int64_t> inserted_;  ///< where in text_ a byte stands that nobody wrote
  int32_t parameters_ = 0;
};

}  // namespace tarn::warehouse
