// SPDX-License-Identifier: Apache-2.0
// Records of type CSV, as delimited_text.h reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "warehouse/stages/delimited_text.h"

namespace tarn::warehouse {

class DelimitedWriting {
 public:
  /// The first of the format's NULL_IF stands for NULL, nothing where there is none.
  explicit DelimitedWriting(DelimitedFormat format) : format_(std::move(format)) {}

  /// Appends a field; absent: NULL. `enclosed`: texts, which the format may enclose.
  void AddField(const std::optional<std::string_view>& field, bool enclosed, std::string& record);
  void EndRecord(std::string& record);

 private:
  void AddPlain(std::string_view field, std::string& record) const;
  void AddEnclosed(std::string_view field, std::string& record) const;

  DelimitedFormat format_;
  bool begun_ = false;
};

}  // namespace tarn::warehouse
