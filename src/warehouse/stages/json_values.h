// SPDX-License-Identifier: Apache-2.0
// Files of type JSON: where one value ends and the next one begins.
#pragma once

#include <string_view>

namespace tarn::warehouse {

/// Values that stand one behind the other; with `strip`, those of arrays that hold them. Splits
/// only: what is no JSON is a value that its parser refuses. The text outlives it.
class JsonValues {
 public:
  JsonValues(std::string_view text, bool strip) : text_(text), outer_(strip ? 1 : 0) {}

  /// False: there is none any more.
  bool Next(std::string_view& value);

 private:
  bool Give(size_t end, std::string_view& value);

  std::string_view text_;
  int outer_;
  int depth_ = 0;
  size_t at_ = 0;
  size_t begin_ = std::string_view::npos;  ///< of the value that is being read
};

}  // namespace tarn::warehouse
