// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format, version 0.0.4.
#pragma once

#include <fmt/core.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tarn::server {

/// Families one after the other, each with its samples.
class MetricsText {
 public:
  void Family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <typename Number>
  void Sample(Number value, std::string_view labels = "") {
    text_ += fmt::format("{}{} {}\n", name_, labels, value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_, name_;
};

/// "{a=\"…\",b=\"…\"}", with what may not stand in values escaped.
inline std::string MetricLabels(
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels) {
  std::string text = "{";
  for (const auto& [name, value] : labels) {
    text += fmt::format("{}{}=\"", text.size() > 1 ? "," : "", name);
    for (const char c : value) {
      if (c == '\\' || c == '"') text += '\\';
      if (c == '\n') {
        text += "\\n";
      } else {
        text += c;
      }
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace tarn::server
