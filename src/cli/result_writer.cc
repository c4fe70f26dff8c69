// SPDX-License-Identifier: Apache-2.0
#include "cli/result_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tarn::cli {
namespace {

class CsvWriter final : public ResultWriter {
 public:
  void Begin(const std::vector<ShownColumn>& columns, std::string& out) override {
    if (!first_) out += "\r\n";
    first_ = false;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += ',';
      Append(columns[i].name, out);
    }
    out += "\r\n";
  }
  void Row(const ShownRow& row, std::string& out) override {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      if (row[i]) Append(*row[i], out);
    }
    out += "\r\n";
  }
  void End(std::string&) override {}

 private:
  static void Append(std::string_view text, std::string& out) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
      out += text;
      return;
    }
    out += '"';
    for (const char c : text) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }

  bool first_ = true;
};

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What JSON has no number for (NaN, Infinity) is text.
bool IsJsonNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         nlohmann::json::accept(text);
}

class JsonWriter final : public ResultWriter {
 public:
  void Begin(const std::vector<ShownColumn>& columns, std::string& out) override {
    columns_ = columns;
    names_.clear();
    for (const ShownColumn& column : columns) names_.push_back(Quoted(column.name));
    rows_ = 0;
    out += '[';
  }
  void Row(const ShownRow& row, std::string& out) override {
    out += rows_++ == 0 ? "\n{" : ",\n{";
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ", ";
      out += names_[i] + ": ";
      AppendValue(columns_[i].kind, row[i], out);
    }
    out += '}';
  }
  void End(std::string& out) override { out += rows_ == 0 ? "]\n" : "\n]\n"; }

 private:
  static void AppendValue(ValueKind kind, const std::optional<std::string_view>& value,
                          std::string& out) {
    if (!value) {
      out += "null";
    } else if (kind == ValueKind::kBoolean) {
      out += *value == "t" ? "true" : "false";
    } else if ((kind == ValueKind::kNumber && IsJsonNumber(*value)) ||
               (kind == ValueKind::kJson && nlohmann::json::accept(*value))) {
      out += *value;
    } else {
      out += Quoted(*value);
    }
  }

  std::vector<ShownColumn> columns_;
  std::vector<std::string> names_;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeCsvWriter() { return std::make_unique<CsvWriter>(); }
std::unique_ptr<ResultWriter> MakeJsonWriter() { return std::make_unique<JsonWriter>(); }

}  // namespace tarn::cli
